import numpy as np
import pytest

from daq.analysis.critical_field import (
    FieldTable,
    field_of_vanishing,
    film_field,
    parabolic_field,
)
from daq.analysis.result import NoResult
from daq.physics.critical_field import parallel_gl, perpendicular_gl

FIELD = np.linspace(0.0, 2.25, 10)
SEEDS = 300


def checked(found, truth):
    """Assert that values are right and their errors are their scatter."""
    values = np.array([one.value for one in found])
    errors = np.array([one.error for one in found])
    assert np.mean(values) == pytest.approx(truth, abs=4.0 * np.mean(errors) / 15.0)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.2)
    assert 0.58 < np.mean(np.abs(values - truth) < errors) < 0.78


def test_transitions_in_fields_give_the_critical_field_at_base_temperature():
    true = 4.5 * np.sqrt(1.0 - FIELD / 3.042)
    error = np.full(10, 0.03)
    fits = []
    for seed in range(SEEDS):
        noise = 0.03 * np.random.default_rng(seed).standard_normal(10)
        fits.append(parabolic_field(FIELD, true + noise, error))
    checked([fit.critical_temperature for fit in fits], 4.5)
    checked([fit.zero_field for fit in fits], 3.042)
    at_base = [fit.at(1.9) for fit in fits]
    checked(at_base, 3.042 * (1.0 - (1.9 / 4.5) ** 2))
    assert np.mean([2.4 < one.value < 2.6 for one in at_base]) > 0.95
    assert np.mean([fit.chi_square for fit in fits]) == pytest.approx(1.0, abs=0.15)


def test_fields_without_a_transition_are_left_out_and_too_few_are_no_result():
    error = np.full(10, 0.03)
    tc = np.where(FIELD < 1.6, 4.5 * np.sqrt(1.0 - FIELD / 3.042), np.nan)
    assert parabolic_field(FIELD, tc, error).zero_field.value == pytest.approx(3.042)
    assert "in 2 fields" in str(parabolic_field(FIELD[:2], tc[:2], error[:2]))
    assert "does not lower" in str(parabolic_field(FIELD, np.full(10, 4.5), error))


def test_a_peak_that_falls_linearly_is_gone_at_its_critical_field():
    field = np.linspace(0.0, 3.5, 15)
    true, error = 0.2 * np.clip(1.0 - field / 3.0, 0.0, None), np.full(15, 0.004)
    found = []
    for seed in range(SEEDS):
        noise = 0.004 * np.random.default_rng(seed).standard_normal(15)
        found.append(field_of_vanishing(field, true + noise, error))
    values = np.array([one.value for one in found])
    assert np.mean(np.abs(values - 3.0) < 0.1) > 0.95
    assert np.std(values) == pytest.approx(np.mean([one.error for one in found]), rel=0.2)


def test_a_signal_that_is_not_there_or_does_not_fall_has_no_critical_field():
    field, error = np.linspace(0.0, 3.5, 15), np.full(15, 0.004)
    assert "significant in 0 fields" in str(field_of_vanishing(field, np.zeros(15), error))
    assert "does not fall" in str(field_of_vanishing(field, np.full(15, 0.2), error))


def test_both_directions_give_coherence_length_and_thickness_of_a_film():
    warm = np.linspace(10.7, 12.2, 8)
    normal, along = (
        perpendicular_gl(warm, 12.4, 2.2e-9),
        parallel_gl(warm, 12.4, 2.2e-9, 10.4e-9),
    )
    fits = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        fits.append(
            film_field(
                FieldTable(warm, normal + 0.1 * rng.standard_normal(8), np.full(8, 0.1)),
                FieldTable(warm, along + 0.1 * rng.standard_normal(8), np.full(8, 0.1)),
            )
        )
    checked([fit.critical_temperature for fit in fits], 12.4)
    checked([fit.coherence_length for fit in fits], 2.2e-9)
    checked([fit.thickness for fit in fits], 10.4e-9)
    assert all(abs(fit.coherence_length.value - 2.2e-9) < 0.1e-9 for fit in fits)
    one = FieldTable(warm[:1], normal[:1], np.ones(1))
    assert isinstance(film_field(one, one), NoResult)
