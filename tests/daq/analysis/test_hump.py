import numpy as np
import pytest

from daq.analysis.hump import hump
from daq.analysis.result import NoResult

TEMPERATURE = np.linspace(15.0, 200.0, 370)


def curve(seed, sigma=1e-3):
    x = TEMPERATURE / 60.0
    noise = sigma * np.random.default_rng(seed).standard_normal(len(TEMPERATURE))
    return 500.0 * (1.0 + 0.3 * x * np.exp(1.0 - x) + noise)


def test_the_hump_of_a_film_is_found_within_three_kelvin_and_its_error_is_its_scatter():
    found = [hump(TEMPERATURE, curve(seed), 25.0) for seed in range(200)]
    for name, truth, tolerance in (("position", 60.0, 1.0), ("height", 650.0, 1.0)):
        values = np.array([getattr(one, name).value for one in found])
        errors = np.array([getattr(one, name).error for one in found])
        assert np.mean(values) == pytest.approx(truth, abs=tolerance)
        assert np.std(values) == pytest.approx(np.mean(errors), rel=0.3)
        assert 0.58 < np.mean(np.abs(values - np.mean(values)) < errors) < 0.78
    assert all(abs(one.position.value - 60.0) < 3.0 for one in found)


@pytest.mark.parametrize(
    ("y", "width", "reason"),
    [
        (TEMPERATURE, 25.0, "at an end"),
        (curve(1), 0.5, "holds 1 points"),
        (np.full(370, np.nan), 25.0, "0 finite points"),
    ],
)
def test_a_curve_without_a_maximum_says_why(y, width, reason):
    found = hump(TEMPERATURE, y, width)
    assert isinstance(found, NoResult)
    assert reason in str(found)
