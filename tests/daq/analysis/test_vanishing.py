import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.analysis.transition import resistive_transition
from daq.analysis.vanishing import vanishing_temperature

TC = 4.7


def ramp(seed, power, *, rounded=0.0):
    """Return a slow ramp over a transition, with the noise of thermometer and resistance."""
    random = np.random.default_rng(seed)
    temperature = np.arange(2.0, 7.5, 0.017)
    below = np.clip(1.0 - (temperature / TC) ** power, 0.0, None)
    away = np.maximum(TC - temperature, 1e-9)
    below *= away**6 / (away**6 + rounded**6)
    resistance = 115.0 - 16.0 * below + 0.03 * random.standard_normal(len(temperature))
    return temperature + 4e-3 * random.standard_normal(len(temperature)), resistance


@pytest.mark.parametrize(("power", "rounded"), [(1, 0.0), (2, 0.0), (4, 0.0), (2, 0.08)])
def test_the_place_where_a_transition_vanishes_is_found_with_an_honest_error(power, rounded):
    found = [
        vanishing_temperature(*ramp(seed, power, rounded=rounded), TC + 0.03) for seed in range(25)
    ]
    values, errors = np.array([(one.value, one.error) for one in found]).T
    pulls = (values - TC) / errors
    assert abs(np.mean(values) - TC) < 0.003
    assert np.mean(errors) < 0.01
    assert 0.5 < np.sqrt(np.mean(pulls**2)) < 1.6


def test_the_tangent_of_a_rounded_corner_is_too_low_where_the_curves_meet_at_the_truth():
    data = [ramp(seed, 2, rounded=0.08) for seed in range(10)]
    tangents = [resistive_transition(*one).onset_tangent.value for one in data]
    places = [vanishing_temperature(*one, TC).value for one in data]
    assert np.mean(tangents) < TC - 0.015
    assert np.mean(places) == pytest.approx(TC, abs=0.005)


def test_curves_that_do_not_meet_and_few_points_have_no_such_place():
    temperature, _ = ramp(1, 2)
    noise = np.random.default_rng(2).standard_normal(len(temperature))
    assert isinstance(vanishing_temperature(temperature[:9], noise[:9], TC), NoResult)
    falling = 100.0 - 5.0 * temperature + 0.01 * noise
    falling[temperature > TC] += 20.0
    assert "no smooth curves meet" in str(vanishing_temperature(temperature, falling, TC))
