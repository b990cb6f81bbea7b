import numpy as np
import pytest

from daq.analysis.smoothing import robust_sigma


@pytest.mark.parametrize("step", [0.0, 0.5, 1.0, 1.5])
def test_the_scatter_of_readings_that_come_in_steps_is_known(step):
    noise = np.random.default_rng(4).standard_normal((300, 100))
    read = noise if step == 0.0 else step * np.round(noise / step)
    found = np.array([robust_sigma(one) for one in read])
    true = np.hypot(1.0, step / np.sqrt(12.0))
    assert np.mean(found) == pytest.approx(true, rel=0.2)
    assert np.std(found) < 0.2 * true


def test_a_fifth_of_wild_points_does_not_decide_the_scatter():
    residuals = np.random.default_rng(5).standard_normal(500)
    residuals[::5] += 100.0
    assert 0.9 < robust_sigma(residuals) < 2.0
