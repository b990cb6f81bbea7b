"""What a film is at its lowest temperatures: a superconductor, a metal, or an insulator.

By the resistance that remains and by its slope: zero resistance is that of a superconductor, else
the resistance of a metal falls on cooling and that of an insulator rises.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

Kind: TypeAlias = Literal["superconducting", "metallic", "insulating", "not decided"]
LEAST_POINTS = 5
ZERO = 0.01
"""Fraction of the largest resistance below which a film counts as superconducting."""
SIGNIFICANT = 3.0
COLDEST = 3
"""Points that the remaining resistance is averaged over."""


@dataclass(frozen=True, slots=True)
class GroundState:
    """What the lowest temperatures say of a film.

    Parameters
    ----------
    kind
        "not decided" where the slope is within three sigma of zero.
    remaining
        Resistance of the coldest points over the largest one.
    slope
        dR/dT at the lowest temperatures over the largest resistance in 1/K.
    """

    kind: Kind
    remaining: Estimate
    slope: Estimate


def ground_state(
    temperature: FloatArray, resistance: FloatArray, width: float = 1.2
) -> GroundState | NoResult:
    """Tell a superconductor, a metal and an insulator by their lowest temperatures.

    Parameters
    ----------
    temperature
        In K, shape (n,), in any order.
    resistance
        In ohm, shape (n,).
    width
        Range of temperature in K, from the lowest one, that a straight line is fitted to.

    Returns
    -------
    GroundState or NoResult
        No result with too few points in that range, or without a positive resistance.
    """
    try:
        t, r = finite_pairs(temperature, resistance, LEAST_POINTS)
    except ValueError as problem:
        return NoResult(str(problem))
    cold = t <= t[0] + width
    top = float(np.max(r))
    count = int(np.count_nonzero(cold))
    if count < LEAST_POINTS or float(np.ptp(t[cold])) == 0.0:
        return NoResult(
            f"there are {count} points in the lowest {width:g} K; {LEAST_POINTS} are needed"
        )
    if top <= 0.0:
        return NoResult("the resistance is nowhere above zero")
    middle = float(np.mean(t[cold]))
    line, covariance = np.polyfit(t[cold] - middle, r[cold], 1, cov=True)
    error = float(np.sqrt(covariance[0, 0]))
    coldest = r[:COLDEST]
    scatter = float(np.std(coldest, ddof=1)) / np.sqrt(COLDEST)
    words = f"R of the {COLDEST} coldest points over the largest one"
    remaining = Estimate(float(np.mean(coldest)) / top, float(scatter) / top, words)
    name = f"dR/dT over the largest R in 1/K, over the lowest {width:g} K"
    relative = Estimate(float(line[0]) / top, error / top, name)
    return GroundState(_kind(remaining, relative), remaining, relative)


def _kind(remaining: Estimate, slope: Estimate) -> Kind:
    if remaining.value < ZERO:
        return "superconducting"
    if slope.significance < SIGNIFICANT:
        return "not decided"
    return "metallic" if slope.value > 0.0 else "insulating"
