import numpy as np
import pytest

from daq.analysis.erasing import Cycles, erasing_law
from daq.analysis.result import Estimate, NoResult
from daq.physics import kinetics
from daq.physics.erasure import left_after_cycles

MAXIMA = np.array([50.0, 100.0, 150.0, 200.0, 250.0, 300.0])
SLOW = 0.05
LOWEST = 1.9
TRUTH = {"barrier": 0.55, "spread": 0.13, "attempt_time": 1e-13}


def written(seed, sigma=0.01):
    noise = np.random.default_rng([seed, 1]).standard_normal()
    return Estimate(4.5 + sigma * noise, sigma, "Tc in K")


def cycled(seed, maxima=MAXIMA, rate=SLOW, sigma=0.01, **changed):
    """Transitions as they would be measured; those below 1.9 K are not seen."""
    rates = np.broadcast_to(np.asarray(rate, dtype=float), maxima.shape)
    left = left_after_cycles(maxima, rates, **(TRUTH | changed))
    tc = 4.5 * left**0.25 + sigma * np.random.default_rng([seed, 2]).standard_normal(len(maxima))
    tc = np.where(tc > LOWEST, tc, np.nan)
    return Cycles(maxima, rates, tc, np.where(np.isfinite(tc), sigma, np.nan), LOWEST)


def test_the_closed_form_of_the_cycles_agrees_with_the_steps_of_the_sample():
    state, stepped = kinetics.filled(1.0), []
    for top in MAXIMA:
        for start, stop in ((LOWEST, top), (top, LOWEST)):
            state = kinetics.erase(state, start, (top - LOWEST) / SLOW, stop)
        stepped.append(kinetics.fraction(state))
    left = left_after_cycles(MAXIMA, np.full(6, SLOW), **TRUTH)
    assert left == pytest.approx(stepped, abs=1e-4)


def test_barriers_come_out_of_cycles_at_one_rate_for_a_stated_attempt_time_only():
    found = erasing_law(written(1), cycled(1))
    assert found.barrier.value == pytest.approx(0.55, abs=4 * found.barrier.error)
    assert found.spread.value == pytest.approx(0.13, abs=4 * found.spread.error)
    assert "for an attempt time of 1e-13 s" in found.barrier.definition
    assert "one rate" in str(found.attempt_time)
    assert found.half.value == pytest.approx(178.6, abs=4 * found.half.error)


def test_cycles_at_different_rates_tell_the_attempt_time():
    maxima = np.repeat([100.0, 150.0, 200.0, 250.0], 2)
    cycles = cycled(2, maxima, np.tile([0.2, 0.005], 4), 0.003, attempt_time=1e-11, barrier=0.5)
    time = erasing_law(written(2, 0.003), cycles).attempt_time
    assert abs(np.log(time.value / 1e-11)) < 4 * time.error / time.value
    assert time.error < time.value


@pytest.mark.parametrize(
    ("cycles", "words"),
    [
        (cycled(3, MAXIMA[:3]), "4 are needed"),
        (cycled(3, np.array([20.0, 30.0, 40.0, 45.0])), "warm it further"),
        (cycled(3, spread=0.004), "nearer to each other"),
    ],
)
def test_cycles_that_cannot_tell_say_why(cycles, words):
    answer = erasing_law(written(3), cycles)
    assert isinstance(answer, NoResult)
    assert words in str(answer)


@pytest.mark.soak
def test_the_errors_of_the_barriers_cover_the_truth():
    found = [erasing_law(written(seed), cycled(seed)) for seed in range(150)]
    for name in ("barrier", "spread"):
        inside = [abs(getattr(f, name).value - TRUTH[name]) < getattr(f, name).error for f in found]
        assert 0.58 < np.mean(inside) < 0.78, name
