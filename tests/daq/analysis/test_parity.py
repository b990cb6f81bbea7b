import numpy as np
import pytest

from daq.analysis.parity import even_and_odd
from daq.analysis.result import NoResult

V = np.linspace(-10e-3, 12e-3, 221)


def test_both_parts_are_those_that_were_put_in_and_their_sum_is_the_spectrum():
    odd, even = 3.0 * V, 1.0 - 0.4 * np.exp(-((V / 1e-3) ** 2))
    found = even_and_odd(V[::-1], (even + odd)[::-1])
    assert found.voltage[-1] == pytest.approx(10e-3)
    assert found.odd == pytest.approx(3.0 * found.voltage, abs=1e-12)
    assert found.even == pytest.approx(1.0 - 0.4 * np.exp(-((found.voltage / 1e-3) ** 2)))
    right = np.interp(found.voltage, V, even + odd)
    assert found.even + found.odd == pytest.approx(right, abs=1e-12)


def test_the_error_of_the_asymmetry_is_its_scatter_and_an_even_background_has_none():
    for slope in (0.0, 1.5):
        found = []
        for seed in range(200):
            noise = 2e-3 * np.random.default_rng(seed).standard_normal(len(V))
            found.append(even_and_odd(V, 0.02 * (1.0 + slope * V + 30.0 * V**2 + noise)).asymmetry)
        values, errors = np.array([(one.value, one.error) for one in found]).T
        assert np.mean(values) == pytest.approx(slope * 12e-3, abs=4 * np.std(values) / 14)
        assert np.std(values) == pytest.approx(np.mean(errors), rel=0.2)


def test_one_side_of_zero_bias_has_no_parity():
    assert "both sides" in str(even_and_odd(V[V > 0], V[V > 0]))
    assert isinstance(even_and_odd(V, np.sin(1e3 * V)), NoResult)
