import numpy as np
import pytest

from daq.analysis.normalising import over_high_bias, over_set_point
from daq.physics.tunnelling import dynes_conductance

V = np.linspace(-8e-3, 8e-3, 161)
CLEAN = dynes_conductance(V, 0.3e-3, 4e-5, 0.32)


@pytest.mark.parametrize(("order", "slope"), [(0, 0.0), (1, 8.0), (2, -5.0)])
def test_a_sloped_background_is_taken_off_at_high_bias(order, slope):
    errors, levels = [], []
    for seed in range(100):
        noise = 1e-9 * np.random.default_rng(seed).standard_normal(len(V))
        found = over_high_bias(V, 1e-7 * CLEAN * (1.0 + slope * V) + noise, 6e-3, order)
        levels.append(found.level.value)
        errors.append(found.level.error)
        assert found.normal == pytest.approx(1e-7 * (1.0 + slope * V), rel=0.06)
        assert found.conductance * found.normal == pytest.approx(
            1e-7 * CLEAN * (1.0 + slope * V) + noise
        )
    assert np.mean(levels) == pytest.approx(1e-7, rel=0.03)
    assert np.std(levels) == pytest.approx(np.mean(errors), rel=0.25)


def test_the_set_point_is_its_current_over_its_voltage():
    found = over_set_point(V, 1e-7 * CLEAN, 10e-3, 1e-9)
    assert found.level.value == pytest.approx(1e-7, rel=1e-12)
    assert found.conductance == pytest.approx(CLEAN)
    assert "-0.01 V" in str(over_set_point(V, CLEAN, -10e-3, 1e-9))
    assert "no set-point" in str(over_set_point(V, CLEAN, 0.0, 0.0))


def test_what_has_no_normal_conductance_says_why():
    assert "beyond 9 mV" in str(over_high_bias(V, CLEAN, 9e-3))
    assert "not above zero" in str(over_high_bias(V, -CLEAN, 6e-3))
    assert "not above zero" in str(over_high_bias(V, 0.0 * CLEAN, 6e-3))
