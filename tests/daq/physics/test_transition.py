import math

import numpy as np
import pytest

from daq.physics.transition import (
    halperin_nelson,
    hopping,
    hump,
    sheet_transition,
    surface_and_bulk,
)


@pytest.mark.parametrize(
    ("onset", "zero", "centre", "stiffness", "amplitude"),
    [
        (9.6, 2.9, 2.813, 0.5359, 2.111),
        (12.4, 10.0, 9.7, 0.8866, 15.545),
        (12.2, 2.0, 1.94, 0.4244, 1.114),
        (12.4, 11.4, 11.229, 0.6752, 23.908),
    ],
)
def test_a_transition_is_found_from_its_onset_and_its_zero(
    onset, zero, centre, stiffness, amplitude
):
    found = sheet_transition(onset, zero, centre)
    assert found.stiffness == pytest.approx(stiffness, abs=5e-5)
    assert found.amplitude == pytest.approx(amplitude, abs=1e-3)
    curve = halperin_nelson([zero, onset], found.temperature, found.stiffness, found.amplitude)
    assert curve == pytest.approx([0.01, 0.9], rel=1e-9)


def test_the_resistance_is_the_formula_and_rises_from_nothing_to_one():
    t = np.linspace(9.8, 14.0, 50)
    x = 0.8866 / np.sqrt(t / 9.7 - 1)
    expected = 1 / (1 + (2 / 15.545) ** 2 * np.sinh(x) ** 2)
    assert halperin_nelson(t, 9.7, 0.8866, 15.545) == pytest.approx(expected, rel=1e-12)
    assert halperin_nelson([0.0, 5.0, 9.7], 9.7, 0.8866, 15.545).tolist() == [0.0, 0.0, 0.0]
    assert halperin_nelson(9.7 * (1 + 1e-15), 9.7, 0.8866, 15.545) == 0.0
    assert halperin_nelson(1e9, 9.7, 0.8866, 15.545) == pytest.approx(1.0, abs=1e-6)
    fine = halperin_nelson(np.linspace(9.7, 9.9, 2001), 9.7, 0.8866, 15.545)
    assert (np.diff(fine) >= 0).all()


def test_a_transition_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="ascending"):
        sheet_transition(9.0, 10.0, 8.0)
    with pytest.raises(ValueError, match="ascending"):
        sheet_transition(12.0, 10.0, 9.0, onset_fraction=0.01, zero_fraction=0.9)
    with pytest.raises(ValueError, match="lower T_BKT"):
        sheet_transition(12.4, 10.0, 9.9999)


def test_a_hump_has_its_maximum_where_it_is_put():
    t = np.linspace(1, 300, 2991)
    found = hump(t, 500.0, 0.4, 60.0)
    assert t[np.argmax(found)] == pytest.approx(60.0, abs=0.05)
    assert found.max() == pytest.approx(700.0)
    assert hump(0.0, 500.0, 0.4, 60.0) == 500.0


def test_a_parallel_surface_stops_the_upturn_in_the_cold():
    found = surface_and_bulk([0.0, 1.9, 40.0, 1e9], 10.0, 5.0, 0.02)
    assert found == pytest.approx(
        [10.0, 10.0, 10.0 / (1 + 2 * math.exp(-2.9011)), 10 / 3], rel=1e-3
    )
    assert found[0] == found[1] == 10.0
    assert surface_and_bulk(0.0, 10.0, 10.0, 0.0) == 5.0


def test_hopping_rises_to_its_cap():
    found = hopping([0.0, 1e-3, 10.0, 1e12], 100.0, 50.0, 5000.0)
    assert (np.diff(found) < 0).all()
    assert found[0] == 5000.0
    assert found[-1] == pytest.approx(1 / (1 / 100 + 1 / 5000), rel=1e-3)
    assert math.isfinite(float(hopping(0.0, 100.0, 0.0, 5000.0)))


@pytest.mark.parametrize(
    ("function", "arguments", "named"),
    [
        (halperin_nelson, (-1.0, 9.7, 1.0, 1.0), "temperature"),
        (halperin_nelson, (1.0, 9.7, math.nan, 1.0), "stiffness"),
        (hump, (1.0, 1.0, 0.1, 0.0), "peak_temperature"),
        (surface_and_bulk, (1.0, 0.0, 1.0, 0.1), "surface"),
        (hopping, (1.0, 1.0, -1.0, 1.0), "characteristic_temperature"),
    ],
)
def test_what_means_nothing_is_refused(function, arguments, named):
    with pytest.raises(ValueError, match=named):
        function(*arguments)
