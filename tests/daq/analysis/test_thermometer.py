import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.analysis.thermometer import Ramp, at_reading, lag_between, lagging

RATE = 0.05


def recorded(true, time, *, poll=2.0, sigma=0.0, seed=0):
    """Columns value and age as a poller gives them for a quantity true(time)."""
    rng = np.random.default_rng(seed)
    taken = np.floor(time / poll) * poll
    samples = {moment: true(moment) + sigma * rng.standard_normal() for moment in np.unique(taken)}
    return np.array([samples[moment] for moment in taken]), time - taken


def sweep(start, rate, *, lag=0.0, seconds=180.0, seed=0, sigma=1e-3):
    """A ramp over a step of the resistance at 5 K, whose sample lags behind the thermometer."""
    time = np.arange(0.0, seconds, 0.5)
    block = start + rate * time
    own = block - lag * rate
    rng = np.random.default_rng(seed)
    resistance = np.tanh((own - 5.0) / 0.4) + sigma * rng.standard_normal(len(time))
    return Ramp(time, block, resistance)


def test_readings_between_the_samples_of_the_cryostat_get_the_temperature_of_their_own_time():
    time = np.arange(0.0, 200.0, 0.3)
    value, age = recorded(lambda t: 4.0 + RATE * t, time)
    assert np.max(np.abs(value - (4.0 + RATE * time))) > 0.09
    found = at_reading(time, value, age)
    np.testing.assert_allclose(found.value, 4.0 + RATE * time, atol=1e-9)
    assert found.samples == 100


def test_the_scatter_of_the_samples_is_their_error():
    time = np.arange(0.0, 400.0, 0.3)
    errors = []
    for seed in range(30):
        value, age = recorded(lambda t: 4.0 + RATE * t, time, sigma=0.004, seed=seed)
        errors.append(at_reading(time, value, age).error)
    assert np.mean(errors) == pytest.approx(0.004, rel=0.1)


def test_records_that_are_written_a_moment_apart_share_their_sample():
    time = np.arange(0.0, 100.0, 0.3)
    value, age = recorded(lambda t: 4.0 + RATE * t, time)
    jitter = 1e-3 * np.random.default_rng(1).random(len(time))
    found = at_reading(time, value, age + jitter)
    assert found.samples == 50
    np.testing.assert_allclose(found.value, 4.0 + RATE * time, atol=1e-4)


def test_too_few_samples_are_no_result():
    time = np.arange(0.0, 3.0, 0.3)
    value, age = recorded(lambda t: 4.0 + 0.0 * t, time)
    assert "2 distinct samples" in str(at_reading(time, value, age))
    assert isinstance(at_reading(time, value, np.full(len(time), np.nan)), NoResult)


@pytest.mark.parametrize("lag", [0.0, 3.0, 8.0])
def test_the_lag_is_found_from_a_ramp_up_and_a_ramp_down_with_its_error(lag):
    values, errors = [], []
    for seed in range(100):
        up = sweep(1.0, RATE, lag=lag, seed=seed, sigma=0.02)
        down = sweep(10.0, -RATE, lag=lag, seed=seed + 1000, sigma=0.02)
        found = lag_between(up, down)
        values.append(found.value)
        errors.append(found.error)
    assert np.mean(values) == pytest.approx(lag, abs=4.0 * np.mean(errors) / 10.0 + 0.02)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.25)
    covered = np.mean(np.abs(np.array(values) - lag) < errors)
    assert 0.58 < covered < 0.78


def test_ramps_of_different_rates_tell_the_same_lag():
    found = lag_between(sweep(1.0, RATE, lag=4.0), sweep(10.0, -0.02, lag=4.0, seconds=450.0))
    assert found.value == pytest.approx(4.0, abs=4.0 * found.error)


def moved(time, *, at, seconds):
    """Return for how long a ramp from 10 K has moved by then, if it stood still at `at` K."""
    before = (10.0 - at) / RATE
    return np.minimum(time, before) + np.maximum(0.0, time - before - seconds)


def stopping(lag, *, seed=0, at=5.2, seconds=400.0, sigma=1e-2):
    """A ramp down that stands still on the step of the resistance while a pot fills."""
    time = np.arange(0.0, seconds + 9.0 / RATE, 0.5)
    block = 10.0 - RATE * moved(time, at=at, seconds=seconds)
    own = lagging(time, block, lag)
    rng = np.random.default_rng(seed)
    resistance = np.tanh((own - 5.0) / 0.4) + sigma * rng.standard_normal(len(time))
    return Ramp(time, block + 2e-3 * rng.standard_normal(len(time)), resistance)


@pytest.mark.parametrize("at", [4.6, 5.0, 5.4])
@pytest.mark.parametrize("lag", [0.0, 3.0, 8.0])
def test_a_stop_of_the_ramp_on_the_feature_does_not_bias_the_lag(lag, at):
    found = [
        lag_between(
            sweep(1.0, RATE, lag=lag, seed=seed, sigma=1e-2),
            stopping(lag, seed=seed + 50, at=at),
        )
        for seed in range(10)
    ]
    mean = np.mean([one.value for one in found])
    assert mean == pytest.approx(lag, abs=0.05 + 0.03 * lag)
    near = [abs(one.value - lag) < 2.5 * one.error + 0.03 * lag for one in found]
    assert np.mean(near) >= 0.8


def test_a_bend_in_the_gap_that_a_stop_leaves_does_not_bias_the_lag():
    lag = 6.0
    up = sweep(1.0, RATE, lag=lag)
    down = stopping(lag, at=4.9)
    own = lagging(down.time, 10.0 - RATE * moved(down.time, at=4.9, seconds=400.0), lag)
    warming = Ramp(up.time, up.temperature, -root(up.temperature - lag * RATE))
    cooling = Ramp(down.time, down.temperature, -root(own))
    assert lag_between(warming, cooling).value == pytest.approx(lag, abs=0.03)


def root(own):
    """The resistance that a flake loses below 5 K: it bends most where it begins."""
    return np.sqrt(np.clip(5.0 - own, 0.0, None))


def test_the_moving_part_of_a_ramp_is_without_its_stops():
    ramp = stopping(3.0)
    moving = ramp.moving()
    stop = (ramp.time > 96.0) & (ramp.time < 496.0)
    assert not np.any(np.isin(ramp.time[stop][20:-20], moving.time))
    assert len(moving.time) == pytest.approx(np.count_nonzero(~stop), abs=40)
    assert moving.rate == pytest.approx(-RATE, rel=0.01)
    steady = sweep(1.0, RATE)
    assert len(steady.moving().time) == len(steady.time)


def test_curves_without_a_feature_or_a_direction_tell_no_lag():
    rng = np.random.default_rng(2)
    flat = [
        Ramp(w.time, w.temperature, rng.standard_normal(360))
        for w in (sweep(1.0, RATE), sweep(10.0, -RATE))
    ]
    assert "no feature" in str(lag_between(*flat))
    assert "ramp down" in str(lag_between(sweep(1.0, RATE), sweep(1.0, RATE)))


def test_the_corrected_curves_of_both_directions_agree():
    up, down = sweep(1.0, RATE, lag=4.0, sigma=0.0), sweep(10.0, -RATE, lag=4.0, sigma=0.0)
    for ramp in (up, down):
        own = lagging(ramp.time, ramp.temperature, 4.0)
        np.testing.assert_allclose(np.tanh((own - 5.0) / 0.4), ramp.resistance, atol=1e-9)


def test_a_sample_follows_a_step_of_the_ramp_exponentially():
    time = np.linspace(0.0, 60.0, 601)
    block = 4.0 + RATE * np.minimum(time, 30.0)
    own = lagging(time, block, 5.0)
    behind = (block - own)[time >= 30.0]
    np.testing.assert_allclose(behind, 5.0 * RATE * np.exp(-(time[time >= 30.0] - 30.0) / 5.0))
    np.testing.assert_array_equal(lagging(time, block, 0.0), block)
