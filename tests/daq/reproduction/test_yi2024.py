"""The figures of Yi et al.: one of them from end to end, and what their analysis rests on.

All of them are measured with twenty seeds in test_many_seeds.py.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from daq.analysis.critical_field import FieldTable, film_field
from daq.analysis.hall import hall_loop
from daq.analysis.thermometer import lagging
from daq.physics.critical_field import parallel_gl, perpendicular_gl
from daq.reproduction.measure import Task, carry_out
from daq.reproduction.papers import find_recipe
from daq.reproduction.rows import load_rows
from daq.reproduction.yi2024_field import anisotropy, half_way, two_fold
from daq.reproduction.yi2024_films import of_sample
from daq.reproduction.yi2024_loops import light_of

ROWS = [row for row in load_rows() if row.paper == "yi2024" and row.status == "test"]


def test_the_method_that_is_not_the_one_of_the_paper_is_named_in_the_report():
    assert "not in pulsed fields" in find_recipe("yi2024", "fig4_angle").note
    assert "not the paper's method" in next(row.why for row in ROWS if row.id == "Y11.a")


def test_the_gaps_of_the_films_fall_with_their_thickness_from_end_to_end(tmp_path, not_passed):
    assert not_passed(carry_out(Task("yi2024", "fig3_m", 2, tmp_path))) == []


@pytest.mark.parametrize("phase", [0.3, np.pi / 2, 2.9, -np.pi / 2])
def test_light_is_turned_to_its_own_phase_and_follows_the_field(phase):
    field = np.concatenate([np.linspace(0.15, -0.15, 80), np.linspace(-0.15, 0.15, 80)])
    falling = np.arange(160) < 80
    signal = np.tanh((field + np.where(falling, 0.06, -0.06)) / 0.01)
    noise = np.random.default_rng(1).standard_normal((2, 160))
    turned = (signal * 1e-3 + 2e-4) * np.exp(1j * phase) + 1e-6 * (noise[0] + 1j * noise[1])
    time = 2.0 * np.arange(160)
    columns = {
        "Time (s)": time,
        "Lag (s)": 0.5,
        "Cryostat age (s)": 0.5,
        "Field (T)": field,
        "X_yx (V)": turned.real,
        "Y_yx (V)": turned.imag,
        "Excitation (A)": 1e-6,
    }
    run = SimpleNamespace(data=pd.DataFrame(columns), path=None)
    found = light_of(run)
    assert np.mean(found.value * field) > 0.0
    assert hall_loop(found.field, found.value).coercive_field.value == pytest.approx(0.06, abs=1e-3)


def test_the_critical_field_is_where_half_of_the_normal_resistance_is():
    field = np.arange(41.0, 49.0, 0.25)
    rows = pd.DataFrame(
        {
            "Field (T)": field[::-1],
            "Resistance (ohm)": (300.0 / (1.0 + np.exp(-(field - 44.3) / 0.2)))[::-1],
        }
    )
    found = half_way(rows)
    assert found.value == pytest.approx(44.3, abs=0.05)
    assert found.error == pytest.approx(0.25 / np.sqrt(12.0))


def sweep(field, middle, width=0.4):
    resistance = 300.0 / (1.0 + np.exp(-(field - middle) / width))
    return pd.DataFrame({"Field (T)": field, "Resistance (ohm)": resistance})


def directions(field, widths):
    """Sweeps in ten directions whose critical fields differ by next to nothing."""
    angle = np.linspace(0.0, 90.0, 10)
    middle = 44.5 + 1e-5 * np.random.default_rng(1).standard_normal(10)
    return {a: sweep(field, m, w) for a, m, w in zip(angle, middle, widths(angle), strict=True)}


def test_the_two_fold_part_has_an_error_even_where_nothing_scatters():
    found = two_fold(directions(np.arange(40.0, 50.0, 0.5), lambda angle: 0.0 * angle + 0.4))
    assert found.value < 1e-3
    assert found.error > 0.99 * 0.5 / np.sqrt(12.0) * np.sqrt(2.0 / 10.0)


def test_the_two_fold_part_is_less_certain_where_its_definition_matters():
    field = np.arange(35.0, 55.0, 0.25)
    alike, unlike = (
        two_fold(directions(field, lambda a, w=w: 0.5 + w * np.cos(np.radians(a)) ** 2))
        for w in (0.0, 0.8)
    )
    assert unlike.error > alike.error + 0.1


def test_the_anisotropy_has_an_error_of_magnet_and_angle_beside_the_scatter():
    t = np.array([11.0, 11.5, 12.0])
    laws = (perpendicular_gl(t, 12.4, 2.2e-9), parallel_gl(t, 12.4, 2.2e-9, 10.4e-9))
    tables = [FieldTable(t, law, np.full(3, 1e-6)) for law in laws]
    found = anisotropy(tables, film_field(*tables))
    assert found.value == pytest.approx(laws[1][0] / laws[0][0], rel=1e-3)
    assert found.error / found.value > 0.5 * np.radians(0.5) * found.value


def test_a_sample_that_turns_with_its_ramp_still_follows_the_way_before():
    time = np.arange(0.0, 400.0, 2.0)
    thermometer = 2.0 + 0.05 * np.abs(time - 200.0)
    lag = 3.0
    truth = lagging(time, thermometer, lag)
    rows = pd.DataFrame(
        {
            "Time (s)": time,
            "Lag (s)": 0.0,
            "Cryostat age (s)": 0.0,
            "Temperature (K)": thermometer,
            "Resistance (ohm)": 1.0,
            "Branch": np.where(time < 200.0, -1, 1),
        }
    )
    run = SimpleNamespace(data=rows, path=None)
    found = of_sample(run, 1, lag)
    assert found.temperature == pytest.approx(truth[100:], abs=1e-9)
    alone = of_sample(SimpleNamespace(data=rows[100:], path=None), 1, lag)
    assert abs(alone.temperature[0] - truth[100]) > 0.1
