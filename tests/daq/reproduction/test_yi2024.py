"""The figures of Yi et al.: one of them here from end to end, all of them in the soak."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from daq.analysis.hall import hall_loop
from daq.reproduction.measure import Task, carry_out
from daq.reproduction.papers import find_recipe
from daq.reproduction.rows import load_rows
from daq.reproduction.yi2024 import RECIPES
from daq.reproduction.yi2024_field import half_way
from daq.reproduction.yi2024_loops import light_of

ROWS = [row for row in load_rows() if row.paper == "yi2024" and row.status == "test"]


def passes(done):
    """Return the rows of a figure that do not pass, with what was found."""
    assert not done.error, done.error
    wanted = {row.id: row for row in ROWS if row.recipe == done.task.recipe}
    assert {found.row for found in done.recovered} == set(wanted)
    assert done.picture.stat().st_size > 10_000
    return [
        found for found in done.recovered if not wanted[found.row].accepts(found.value, found.error)
    ]


def test_every_row_of_yi_has_a_recipe_and_every_recipe_a_row():
    assert [row.id for row in ROWS if find_recipe("yi2024", row.recipe) is None] == []
    assert {recipe.name for recipe in RECIPES} == {row.recipe for row in ROWS}


def test_the_method_that_is_not_the_one_of_the_paper_is_named_in_the_report():
    assert "not in pulsed fields" in find_recipe("yi2024", "fig4_angle").note
    assert "not the paper's method" in next(row.why for row in ROWS if row.id == "Y11.a")


def test_the_gaps_of_the_films_fall_with_their_thickness_from_end_to_end(tmp_path):
    assert passes(carry_out(Task("yi2024", "fig3_m", 2, tmp_path))) == []


@pytest.mark.soak
@pytest.mark.parametrize("recipe", [recipe.name for recipe in RECIPES])
def test_a_figure_of_yi_passes_with_a_seed_that_nobody_chose(tmp_path, recipe):
    assert passes(carry_out(Task("yi2024", recipe, 11, tmp_path))) == []


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
