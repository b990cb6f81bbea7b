"""What the spectra of a contact say, from rows whose truth is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from daq.analysis.result import NoResult
from daq.physics.thermal_contact import maxwell_voltage
from daq.reproduction.le2020_contact import in_fields
from daq.reproduction.le2020_spectra import missing_resistance, normal_resistance, width_over

NORMAL, PART, SIGMA = 96.0, 20.0, 0.05
"""Resistances in ohm: of the whole contact, of what becomes superconducting; and the noise."""
COLUMNS = ("Current (A)", "Bias voltage (V)", "dV/dI (ohm)", "dV/dI error (ohm)")


def taken(strength, critical, *, seed=None, points=121, reach=40e-6, field=0.0):
    """Return a spectrum of a contact of a strength and a critical current, as a run."""
    fine = np.linspace(-1.1 * reach, 1.1 * reach, 40_001)
    part = maxwell_voltage(fine, critical, PART, 0.2 * critical) - PART * fine
    voltage = NORMAL * fine + strength * part
    current = np.linspace(-reach, reach, points)
    slope = np.interp(current, fine, np.gradient(voltage, fine))
    if seed is not None:
        slope = slope + SIGMA * np.random.default_rng(seed).standard_normal(points)
    rows = dict(
        zip(COLUMNS, (current, np.interp(current, fine, voltage), slope, SIGMA), strict=True)
    )
    rows |= {"Temperature (K)": 1.9, "Field (T)": field, "Current leak (A)": 0.0, "Status": 0}
    data = pd.DataFrame(rows)
    return SimpleNamespace(data=data, path=None)


@pytest.mark.parametrize("critical", [2.5e-6, 5e-6, 12e-6])
def test_a_peak_that_is_hardly_wider_than_the_points_are_apart_keeps_its_width(critical):
    normal = taken(0.0, critical)
    true = width_over(taken(0.1, critical, points=8001), taken(0.0, critical, points=8001))
    found = width_over(taken(0.1, critical), normal)
    assert found.value == pytest.approx(true.value, rel=0.04)
    noisy = [
        width_over(taken(0.1, critical, seed=seed), taken(0.0, critical, seed=100 + seed)).value
        for seed in range(30)
    ]
    assert np.mean(noisy) == pytest.approx(true.value, rel=0.06)


def test_a_spectrum_without_a_peak_has_no_width():
    found = width_over(taken(0.0, 5e-6, seed=1), taken(0.0, 5e-6, seed=2))
    assert isinstance(found, NoResult)


def test_the_normal_resistance_is_better_known_than_a_point():
    found = [normal_resistance(taken(0.0, 5e-6, seed=seed)) for seed in range(40)]
    values = np.array([one.value for one in found])
    assert np.std(values) == pytest.approx(np.mean([one.error for one in found]), rel=0.4)
    assert np.mean(values) == pytest.approx(NORMAL, abs=0.01)
    assert found[0].error < 0.5 * SIGMA


def test_what_is_gone_is_told_with_its_own_error_and_the_common_one():
    gone, error, common = missing_resistance(
        [taken(0.5, 30e-6), taken(0.0, 30e-6)], [taken(0.0, 30e-6, seed=seed) for seed in (1, 2)]
    )
    assert gone == pytest.approx([0.5 * PART / NORMAL * (1.0 - 0.2 / 1.04**0.5), 0.0], abs=1e-3)
    assert error == pytest.approx([SIGMA / NORMAL] * 2, rel=0.01)
    assert 0.0 < common < 0.5 * SIGMA / NORMAL


@pytest.mark.parametrize("highest", [4.0, 3.0])
def test_a_peak_above_the_critical_field_is_asked_for_where_there_is_such_a_field(highest):
    fields = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, *([3.25, highest] if highest > 3.0 else [3.0])]
    runs = [
        taken(max(0.0, 1.0 - at / 3.0), 30e-6, seed=int(10 * at), reach=80e-6, field=at)
        for at in fields
    ]
    figured = in_fields(SimpleNamespace(runs=lambda _: runs))
    found = {one.row: one for one in figured.recovered}
    assert found["L5.a"].value == pytest.approx(3.0, abs=0.05)
    assert np.isfinite(found["L5.c"].value) == (highest > 3.0)
    assert highest > 3.0 or "no field is above" in found["L5.c"].note
