"""Intervals that need no straight line: from the profile of chi square, or from copies."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from daq.analysis.fit_problem import Problem
from daq.analysis.fit_result import GIVEN, Fit
from daq.analysis.fitting import fit
from daq.analysis.result import FloatArray, NoResult

ONE_SIGMA = (0.158655, 0.841345)
_HALVINGS = 12
_FARTHEST = 40.0  # of the linear error: where a side is called open


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval that holds the truth in 68 of 100 cases.

    Parameters
    ----------
    low, high
        Its ends, in the unit of the parameter; infinite where the data set no end.
    definition
        How it was found.
    """

    low: float
    high: float
    definition: str


def profile_interval(problem: Problem, found: Fit, name: str) -> Interval | NoResult:
    """Move one parameter until the least chi square over all others has risen by one.

    Parameters
    ----------
    problem
        What was fitted.
    found
        Its fit.
    name
        Of a fitted parameter.

    Returns
    -------
    Interval or NoResult
        No result for a parameter that was not fitted.
    """
    if name not in found.names:
        return NoResult(f"{name} was not fitted: it is {found[name].state}")
    (parameter,) = (p for p in problem.parameters if p.name == name)
    best = found[name]
    unit = 1.0 if found.noise == GIVEN else found.reduced
    warm = problem.starting(found.values)

    def rise(value: float) -> float:
        answer = fit(warm.holding({name: value}))
        return math.inf if isinstance(answer, NoResult) else _rise(answer, found, unit)

    ends = []
    for side in (-1.0, 1.0):
        step = _first_beyond(rise, best.value, side * best.error, (parameter.low, parameter.high))
        ends.append(side * math.inf if step is None else _between(rise, best.value, step))
    return Interval(min(ends), max(ends), "profile: least chi square higher by one")


def _rise(answer: Fit, found: Fit, unit: float) -> float:
    return (answer.chi_square - found.chi_square) / unit


def _first_beyond(
    rise: Callable[[float], float], centre: float, step: float, bounds: tuple[float, float]
) -> float | None:
    """Return a place where chi square has risen by more than one, or None."""
    factor = 1.0
    while factor < _FARTHEST:
        place = centre + factor * step
        if not bounds[0] < place < bounds[1]:
            return None
        if rise(place) > 1.0:
            return place
        factor *= 1.6
    return None


def _between(rise: Callable[[float], float], inside: float, outside: float) -> float:
    for _ in range(_HALVINGS):
        middle = 0.5 * (inside + outside)
        inside, outside = (inside, middle) if rise(middle) > 1.0 else (middle, outside)
    return 0.5 * (inside + outside)


def bootstrap_intervals(
    problem: Problem, found: Fit, copies: int = 100, seed: int = 0
) -> Mapping[str, Interval] | NoResult:
    """Fit copies of the data with new noise and return where the middle 68 % of them lie.

    The noise is normal where the errors of the points are given; else the residuals are drawn
    again.

    Parameters
    ----------
    problem
        What was fitted.
    found
        Its fit.
    copies
        How many.
    seed
        Of the noise; the same seed gives the same intervals.

    Returns
    -------
    Mapping or NoResult
        By the names of the fitted parameters; no result where a tenth of the copies fail.
    """
    rng = np.random.default_rng(seed)
    warm = problem.starting(found.values)
    rows = []
    for _ in range(copies):
        answer = fit(warm.measuring(found.curve + _noise(found, rng)))
        if isinstance(answer, Fit):
            rows.append([answer[name].value for name in found.names])
    if len(rows) < 0.9 * copies:
        return NoResult(f"{copies - len(rows)} of {copies} copies of the data have no result")
    ends = np.quantile(np.array(rows), ONE_SIGMA, axis=0)
    definition = f"bootstrap: middle 68 % of {len(rows)} copies"
    return MappingProxyType(
        {
            name: Interval(float(low), float(high), definition)
            for name, low, high in zip(found.names, *ends, strict=True)
        }
    )


def _noise(found: Fit, rng: np.random.Generator) -> FloatArray:
    if found.noise == GIVEN:
        return np.asarray(found.sigma * rng.standard_normal(found.points))
    left = found.residuals * math.sqrt(found.points / found.freedom)
    return np.asarray(rng.choice(left, size=found.points))
