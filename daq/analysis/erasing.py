"""The law by which warming erases a transition: Tc against the maximum of thermal cycles.

What stands behind Tc is a fraction of filled traps, Tc = Tc(written) fraction^p, p = 1/4 unless
given (assumed, Le et al. do not say). The traps have a Gaussian of barriers. At one rate of warming
the attempt time and the barrier cannot be told apart: a longer time with a lower barrier does the
same. Then the barrier is given for a stated attempt time; cycles at different rates tell both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.physics.constants import BOLTZMANN
from daq.physics.erasure import left_after_cycles

ATTEMPT_TIME = 1e-13
"""In s, where the cycles do not tell it (assumed)."""
POWER = 0.25
"""Of the fraction of filled traps in Tc (assumed)."""
LEAST_CYCLES, LEAST_LOWERED = 4, 2
SIGNIFICANT = 3.0
KNOWN = 2.0
"""Error of ln(attempt time) up to which it is a result."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Cycles:
    """Transitions after successive thermal cycles.

    Parameters
    ----------
    maximum
        Of each cycle in K, shape (n,).
    rate
        Of its ramps in K/s, shape (n,).
    critical_temperature, error
        After the cycle in K; not a number where there was none, shape (n,).
    lowest
        Temperature in K below which no transition would have been seen.
    """

    maximum: FloatArray
    rate: FloatArray
    critical_temperature: FloatArray
    error: FloatArray
    lowest: float


@dataclass(frozen=True, slots=True)
class ErasingLaw:
    """How warming erases.

    Parameters
    ----------
    barrier, spread
        Mean and standard deviation of the barriers in eV.
    attempt_time
        In s, or why the cycles do not tell it.
    half
        Maximum of a single cycle, at the rate of the first, that leaves half of the traps, in K.
    fit
        Of Tc over the maxima.
    """

    barrier: Estimate
    spread: Estimate
    attempt_time: Estimate | NoResult
    half: Estimate
    fit: Fit


def erasing_law(
    written: Estimate, cycles: Cycles, *, power: float = POWER
) -> ErasingLaw | NoResult:
    """Fit the law of erasing to transitions after thermal cycles.

    Parameters
    ----------
    written
        Tc in K before the first cycle.
    cycles
        In their order; a cycle without a transition says that it is below the lowest temperature.
    power
        Of the fraction of filled traps in Tc.

    Returns
    -------
    ErasingLaw or NoResult
        No result with fewer than four cycles, where no cycle lowers Tc by more than three sigma,
        or where none leaves a part of it.
    """
    count = len(cycles.maximum)
    if count < LEAST_CYCLES:
        return NoResult(f"there are {count} cycles; {LEAST_CYCLES} are needed")
    if not (np.isfinite(cycles.maximum).all() and np.isfinite(cycles.rate).all()):
        return NoResult("maximum or rate of a cycle is not known; leave that cycle out")
    tc, error = cycles.critical_temperature, cycles.error
    seen = np.isfinite(tc) & np.isfinite(error) & (error > 0.0)
    lowered = seen & (written.value - tc > SIGNIFICANT * np.hypot(error, written.error))
    if not lowered.any() and seen.all():
        return NoResult(
            f"no cycle up to {np.max(cycles.maximum):.3g} K lowers Tc by more than three sigma:"
            " warm it further"
        )
    if np.count_nonzero(lowered) < LEAST_LOWERED:
        return NoResult(
            f"{np.count_nonzero(lowered)} of the cycles leave a lowered Tc;"
            f" {LEAST_LOWERED} are needed: take maxima nearer to each other where it falls"
        )
    return _fitted(_problem(written, cycles, seen, power), cycles)


def _fitted(problem: Problem, cycles: Cycles) -> ErasingLaw | NoResult:
    """Fit with the attempt time held, and free where the rates may tell it."""
    rate = float(cycles.rate[0])
    held = best_fit(problem.holding({"attempt time": ATTEMPT_TIME}), _starts(problem, cycles))
    if isinstance(held, NoResult):
        return held
    unknown = _unknown(cycles)
    if unknown is not None:
        return _law(held, unknown, rate)
    free = best_fit(problem, [held.values])
    attempt = _told(free)
    if isinstance(free, NoResult) or isinstance(attempt, NoResult):
        return _law(held, attempt, rate)
    return _law(free, attempt, rate)


def _unknown(cycles: Cycles) -> NoResult | None:
    if np.ptp(np.log(cycles.rate)) > math.log(2.0):
        return None
    return NoResult(
        "all cycles are at one rate, at which a longer attempt time and a lower barrier do the"
        " same: add cycles at a rate that is several times higher or lower"
    )


def _told(free: Fit | NoResult) -> Estimate | NoResult:
    if isinstance(free, NoResult):
        return free
    time = free["attempt time"]
    if time.state != "fitted" or time.error > KNOWN * time.value:
        return NoResult(
            f"the rates of the cycles do not tell it: {time.value:.1g} s within a factor of"
            f" {math.exp(min(time.error / time.value, 50.0)):.1g}"
        )
    return time


def _problem(written: Estimate, cycles: Cycles, seen: NDArray[np.bool_], power: float) -> Problem:
    lowest = cycles.lowest
    x = np.concatenate(([0.0], cycles.maximum))
    y = np.concatenate(([written.value], np.where(seen, cycles.critical_temperature, lowest)))
    usual = float(np.median(cycles.error[seen]))
    sigma = np.concatenate(([written.error], np.where(seen, cycles.error, usual)))
    parameters = (
        Parameter("Tc", "K", "Tc of the written state", written.value, lowest, 3 * written.value),
        Parameter("barrier", "eV", "mean barrier", 0.5, 0.01, 5.0),
        Parameter(
            "spread", "eV", "standard deviation of the barriers", 0.1, 1e-3, 2.0, logarithmic=True
        ),
        Parameter("attempt time", "s", "attempt time", ATTEMPT_TIME, 1e-22, 1.0, logarithmic=True),
    )

    def curve(p: FloatArray) -> FloatArray:
        left = left_after_cycles(cycles.maximum, cycles.rate, p[1], p[2], p[3])
        after = p[0] * left**power
        # a transition below the lowest temperature is as good as none
        after = np.where(seen, after, np.maximum(after, lowest))
        return np.concatenate(([p[0]], after))

    return Problem.of_curve("erasing", parameters, (x, y, sigma), curve)


def _starts(problem: Problem, cycles: Cycles) -> list[dict[str, float]]:
    """Return the best of barriers that empty at each of the maxima, narrow and wide."""
    rate = float(cycles.rate[0])
    tried = [
        {"barrier": barrier, "spread": share * barrier}
        for t in np.unique(cycles.maximum)
        for barrier in (BOLTZMANN * t * math.log(t / rate / ATTEMPT_TIME / 20.0),)
        for share in (0.05, 0.15, 0.3)
    ]

    def misfit(start: dict[str, float]) -> float:
        left = problem.y - problem.evaluate(problem.starting(start).starts)[0]
        return float(np.sum(left**2))

    return sorted(tried, key=misfit)[:2]


def _law(found: Fit, attempt: Estimate | NoResult, rate: float) -> ErasingLaw | NoResult:
    given = "" if isinstance(attempt, Estimate) else f" for an attempt time of {ATTEMPT_TIME:g} s"
    for name in ("barrier", "spread"):
        if found[name].state != "fitted" or found[name].significance < SIGNIFICANT:
            return NoResult(f"the cycles do not determine the {name} of the barriers")
    barrier, spread = (
        Estimate(found[name].value, found[name].error, f"{words} of the barriers in eV{given}")
        for name, words in (("barrier", "mean"), ("spread", "standard deviation"))
    )
    half = found.derived(
        lambda p: _leaves_half(p["barrier"], p["spread"], p["attempt time"], rate),
        f"maximum in K of a cycle at {60.0 * rate:g} K/min that leaves half of the traps",
    )
    return ErasingLaw(barrier, spread, attempt, half, found)


def _leaves_half(barrier: float, spread: float, attempt_time: float, rate: float) -> float:
    low, high = 1.0, 3000.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        left = left_after_cycles(
            np.array([middle]), np.array([rate]), barrier, spread, attempt_time
        )
        low, high = (middle, high) if left[0] > _HALF else (low, middle)
    return 0.5 * (low + high)
