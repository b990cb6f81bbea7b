import numpy as np
import pytest

from daq.analysis.heating import heating

LEVELS = np.repeat([0.5, 1.0, 2.0], 4)


def test_the_change_is_that_of_a_resistance_linear_in_the_power():
    resistance = 100.0 * (1.0 + 1e-3 * LEVELS**2)
    result = heating(LEVELS, resistance, np.full(12, 0.01))
    assert result.change.value == pytest.approx(3.75e-3, rel=1e-6)
    assert result.change.significance == pytest.approx(3.75e-3 / result.change.error)
    assert not result.independent


def test_false_alarms_are_as_rare_as_three_errors_say():
    generator = np.random.default_rng(7)
    error = np.full(12, 0.02)
    results = [
        heating(LEVELS, 50.0 + error * generator.standard_normal(12), error) for _ in range(2000)
    ]
    changes = np.array([result.change.value / result.change.error for result in results])
    assert np.std(changes) == pytest.approx(0.93, abs=0.08)  # the errors are enlarged at times
    assert np.mean([not result.independent for result in results]) < 0.008


def test_readings_that_scatter_more_than_they_say_enlarge_the_error():
    jumping = 100.0 + np.tile([0.1, -0.1, 0.1, -0.1], 3)
    calm = heating(LEVELS, np.full(12, 100.0), np.full(12, 0.01))
    wild = heating(LEVELS, jumping, np.full(12, 0.01))
    assert wild.change.error > 8.0 * calm.change.error


def test_a_resistance_that_is_not_monotonic_in_the_power_is_found_too():
    resistance = np.repeat([100.0, 100.5, 100.12], 4)
    result = heating(LEVELS, resistance, np.full(12, 0.02))
    assert result.probability < 1e-6
    assert not result.independent


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        (([1.0, 2.0], [1.0, 1.0], [0.1, 0.1]), "at least 3"),
        (([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [0.1, 0.0, 0.1]), "above zero"),
        (([1.0, 2.0, 3.0], [1.0, 1.0], [0.1, 0.1, 0.1]), "one length"),
    ],
)
def test_what_cannot_be_judged_is_refused(arrays, text):
    with pytest.raises(ValueError, match=text):
        heating(*(np.array(values) for values in arrays))
