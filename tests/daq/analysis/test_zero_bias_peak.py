import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.analysis.zero_bias_peak import zero_bias_peak

V = np.linspace(-10e-3, 10e-3, 201)
BACKGROUND = 0.01 * (1.0 + 3.0 * V + 200.0 * V**2)


def spectrum(rng, height=0.0, dips=0.0, sigma=4e-4):
    peak = height * np.exp(-((V / 1.5e-3) ** 2))
    for centre in (-4e-3, 4e-3):
        peak = peak - dips * np.exp(-(((V - centre) / 0.8e-3) ** 2))
    return BACKGROUND * (1.0 + peak + sigma * rng.standard_normal(len(V)))


def test_a_peak_with_dips_is_found_with_its_height_and_places():
    peak = zero_bias_peak(V, spectrum(np.random.default_rng(1), 0.1, 0.03))
    assert peak.found
    assert peak.count == 1
    assert peak.height.value == pytest.approx(0.1, abs=0.003 + 3 * peak.height.error)
    assert peak.normal_conductance == pytest.approx(0.01, rel=1e-3)
    assert [dip.voltage for dip in peak.dips] == pytest.approx([-4e-3, 4e-3], abs=3e-4)
    assert 1.5e-3 < peak.width < 3.5e-3


def test_the_error_of_the_height_is_the_scatter_over_many_spectra():
    heights, errors = [], []
    for seed in range(200):
        peak = zero_bias_peak(V, spectrum(np.random.default_rng(seed)))
        heights.append(peak.height.value)
        errors.append(peak.height.error)
    assert np.std(heights) == pytest.approx(np.mean(errors), rel=0.2)
    assert abs(np.mean(heights)) < 4.0 * np.mean(errors) / np.sqrt(200)


def test_a_bare_background_has_no_peak_and_no_dips():
    for seed in range(20):
        peak = zero_bias_peak(V, spectrum(np.random.default_rng(seed)))
        assert not peak.found
        assert peak.dips == ()
        assert np.isnan(peak.width)


@pytest.mark.parametrize(
    ("voltage", "conductance", "reason"),
    [
        (V[:10], BACKGROUND[:10], "10 finite points"),
        (V, np.full(201, np.nan), "0 finite points"),
        (np.abs(V) + 1e-3, BACKGROUND, "both sides"),
        (V[60:141], BACKGROUND[60:140], "one length"),
    ],
)
def test_a_spectrum_that_cannot_answer_says_why(voltage, conductance, reason):
    result = zero_bias_peak(voltage, conductance)
    assert isinstance(result, NoResult)
    assert not result
    assert reason in str(result)
