import numpy as np
import pytest

from daq.analysis.peak_width import unmodulated, width_over_normal
from daq.analysis.result import NoResult

CURRENT = np.linspace(-40e-6, 40e-6, 121)
AMPLITUDE = 0.7e-6


def dip(current):
    return 100.0 - 3.0 * np.exp(-((current / 2.5e-6) ** 2))


def test_what_a_modulation_does_to_a_narrow_dip_is_taken_off():
    phase = np.pi * (np.arange(200) + 0.5) / 200
    swing = CURRENT[:, None] + AMPLITUDE * np.cos(phase)
    read = np.mean(2.0 * np.sin(phase) ** 2 * dip(swing), axis=1)
    before = np.max(np.abs(read - dip(CURRENT)))
    after = np.max(np.abs(unmodulated(CURRENT, read, AMPLITUDE) - dip(CURRENT)))
    assert after < 0.25 * before


def test_the_error_of_a_width_is_its_scatter():
    voltage = 100.0 * CURRENT
    clean = 0.03 * np.exp(-((CURRENT / 3e-6) ** 2))
    found = [
        width_over_normal(voltage, clean + 1e-3 * np.random.default_rng(s).standard_normal(121))
        for s in range(100)
    ]
    values, errors = np.array([(one.value, one.error) for one in found]).T
    assert np.mean(values) == pytest.approx(2.0 * 3e-4 * np.log(2.0) ** 0.5, rel=0.03)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.3)
    assert isinstance(width_over_normal(voltage, clean - clean), NoResult)
    wide = 0.03 * np.exp(-((CURRENT / 1e-4) ** 2))
    assert "inside the spectrum" in str(width_over_normal(voltage, wide))
