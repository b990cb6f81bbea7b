import math

import numpy as np
import pytest

from daq.physics.hall import PreisachLoop, coercive_scale, hall_resistance, saturation

UP = np.linspace(-0.2, 0.2, 801)


def film():
    return PreisachLoop.log_normal(0.061, 0.11)


def test_a_major_loop_closes_and_crosses_zero_at_the_coercive_field():
    down, after = film().trace(UP[::-1])
    up, closed = after.trace(UP)
    assert down == pytest.approx(-up, abs=1e-12)
    assert down[0] == up[-1] == 1.0
    assert closed == film()
    assert np.interp(0.0, up, UP) == pytest.approx(0.061, abs=2e-4)


def test_reversal_begins_and_ends_where_the_microscope_sees_it():
    path, _ = film().trace([0.0, -0.047, -0.061, -0.090])
    switched = (1 - path) / 2
    assert switched[0] == 0.0
    assert 0.005 < switched[1] < 0.015
    assert switched[2] == pytest.approx(0.5, abs=1e-3)
    assert switched[3] > 0.999


def test_one_field_at_a_time_is_the_same_as_a_path():
    path = [0.0, -0.065, 0.03, 0.062, -0.05, -0.07, 0.0]
    traced, after = film().trace(path)
    loop, steps = film(), []
    for field in path:
        loop = loop.applied(field)
        steps.append(loop.magnetisation)
    assert steps == pytest.approx(traced, abs=1e-12)
    assert loop == after


def test_a_path_of_no_fields_leaves_the_loop_as_it_is():
    traced, after = film().trace([])
    assert traced.shape == (0,)
    assert after == film()


def test_a_long_path_does_not_depend_on_how_it_is_cut():
    path = 0.09 * np.sin(np.linspace(0, 40, 3001)) * np.linspace(1, 0.3, 3001)
    whole, after = film().trace(path)
    first, middle = film().trace(path[:1234])
    second, last = middle.trace(path[1234:])
    assert np.concatenate((first, second)) == pytest.approx(whole, abs=1e-12)
    assert last == after


def test_a_minor_loop_returns_to_where_it_left():
    before = film().applied(-0.062)
    turned = before.applied(0.05)
    again = turned.applied(-0.062)
    assert -0.5 < before.magnetisation < 0.5
    assert turned.magnetisation > before.magnetisation
    assert again == before
    assert before.applied(-0.0619).applied(0.0) == before


def test_a_field_that_is_swept_finely_or_coarsely_does_the_same():
    fine = film().trace(np.linspace(0, -0.064, 1000))[1]
    assert fine == film().applied(-0.064)


def test_a_warm_film_switches_in_a_smaller_field():
    assert film().applied(-0.04).magnetisation == 1.0
    assert film().applied(-0.04, scale=0.4).magnetisation == -1.0
    at_curie, _ = film().trace([0.0, 1e-6, -1e-6, 0.0], scale=0.0)
    assert at_curie.tolist() == [1.0, 1.0, -1.0, -1.0]


def test_the_state_can_be_saved_and_restored():
    loop = film().applied(-0.0612)
    assert PreisachLoop(loop.thresholds, loop.states) == loop


def test_the_laws_of_temperature_end_at_the_curie_temperature():
    assert coercive_scale([0.0, 10.0, 20.0, 30.0], 20.0).tolist() == [1.0, 0.5, 0.0, 0.0]
    assert coercive_scale(10.0, 20.0, 2.0) == 0.25
    found = saturation([0.0, 14.0, 20.0, 30.0], 20.0)
    assert found == pytest.approx([1.0, math.sqrt(1 - 0.7**1.5), 0.0, 0.0])


def test_a_zero_resistance_shows_no_hall_effect():
    found = hall_resistance(
        UP, 1.0, ordinary=2.0, anomalous=50.0, shunting=0.0, exponent=2.0, mixed=0.0
    )
    assert found.tolist() == [0.0] * 801
    assert hall_resistance(0.1, -1.0, ordinary=2.0, anomalous=50.0) == pytest.approx(-49.8)


def test_the_loop_survives_only_if_branches_are_compared():
    down, after = film().trace(UP[::-1])
    up, _ = after.trace(UP)
    constants = {"ordinary": 2.0, "anomalous": 50.0, "mixed": 3.0 + UP**2}
    rising = hall_resistance(UP, up, **constants)
    falling = hall_resistance(UP, down[::-1], **constants)
    odd = (rising - falling[::-1]) / 2
    assert odd == pytest.approx(2.0 * UP + 50.0 * up, abs=1e-9)
    wrong = (rising - rising[::-1]) / 2
    assert abs(wrong[400]) < 1e-9  # the remanence is gone
    assert odd[400] == pytest.approx(-50.0)


def test_what_means_nothing_is_refused():
    with pytest.raises(ValueError, match="median"):
        PreisachLoop.log_normal(0.0, 0.1)
    with pytest.raises(ValueError, match="relays"):
        PreisachLoop.log_normal(0.06, 0.1, relays=0)
    with pytest.raises(ValueError, match="ascending"):
        PreisachLoop((0.2, 0.1), (1, 1))
    with pytest.raises(ValueError, match="states"):
        PreisachLoop((0.1, 0.2), (1, 0))
    with pytest.raises(ValueError, match="fields"):
        film().applied(math.nan)
    with pytest.raises(ValueError, match="scale"):
        film().applied(0.1, scale=-1.0)
    with pytest.raises(ValueError, match="shunting"):
        hall_resistance(0.1, 1.0, ordinary=1.0, anomalous=1.0, shunting=-0.1)
