"""Where the curves of a transition cross their levels: the definitions, on many curves at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from daq.analysis.result import FloatArray

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "onset_tangent": "onset in K: tangent at the steepest point meets the normal state",
        "onset_fraction": "onset in K: R = {levels.onset:.0%} of the extrapolated normal state",
        "onset_departure": "onset in K: leaves the normal state by {levels.departure:g} sigma",
        "zero_fraction": "zero in K: R = {levels.zero:.0%} of the extrapolated normal state",
        "zero_noise": "zero in K: R = {levels.floor:g} sigma",
        "zero_tangent": "zero in K: tangent at {levels.foot:.0%} of the normal state meets zero",
        "midpoint": "midpoint in K: half of the drop to the lowest temperatures",
        "width": "width in K: from 10 % to 90 % of the drop to the lowest temperatures",
        "steepest": "steepest point in K: maximum of dR/dT",
    }
)
LOWEST = 0.05
"""Fraction of the points that the drop is averaged over."""
BENDINGS = 3
"""Rounds in which a crossing follows the bend of the curve between two points."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What the definitions use.

    Parameters
    ----------
    onset
        Fraction of the normal resistance at the onset.
    departure
        Of the onset, in sigma.
    zero
        Fraction of the normal resistance that counts as zero.
    floor
        Noise floor in sigma.
    foot
        Fraction of the normal resistance at which the tangent at the foot is drawn.
    """

    onset: float = 0.9
    departure: float = 3.0
    zero: float = 0.01
    floor: float = 3.0
    foot: float = 0.1


@dataclass(frozen=True, slots=True)
class Curves:
    """The curve of the data and its copies.

    Parameters
    ----------
    temperature
        In K, rising, shape (n,).
    smooth, slope, normal
        Resistance in ohm, its slope in ohm/K, and the normal resistance, shape (copies, n).
    departure_error
        Error of the difference of smooth and normal resistance, shape (n,).
    sigma
        Scatter of the points in ohm.
    ceiling
        Temperature in K above which the sample is normal.
    """

    temperature: FloatArray
    smooth: FloatArray
    slope: FloatArray
    normal: FloatArray
    departure_error: FloatArray
    sigma: float
    ceiling: float

    @property
    def steepest(self) -> NDArray[np.intp]:
        """Return the index of the steepest point of each curve."""
        below = self.temperature <= self.ceiling
        return np.asarray(np.argmax(np.where(below, self.slope, -np.inf), axis=1))

    @property
    def drop(self) -> FloatArray:
        """Return the fraction of the normal resistance that is gone, shape (copies,)."""
        below = int(self.steepest[0])
        few = max(3, min(below, max(5, round(LOWEST * len(self.temperature)))))
        low = np.mean(self.smooth[:, :few], axis=1) / np.mean(self.normal[:, :few], axis=1)
        return np.asarray(1.0 - low)


def evaluate(curves: Curves, levels: Levels) -> Iterator[FloatArray]:
    """Evaluate the definitions in the order of `DEFINITIONS`; not a number where there is none.

    Parameters
    ----------
    curves
        The data and their copies.
    levels
        What the definitions use.

    Yields
    ------
    FloatArray
        One temperature in K per curve, shape (copies,).
    """
    t, smooth, normal, start = curves.temperature, curves.smooth, curves.normal, curves.steepest
    yield _tangent(curves, start, normal)
    yield _crossing(t, smooth - levels.onset * normal, start)
    yield _crossing(t, smooth - normal + levels.departure * curves.departure_error, start)
    yield _crossing(t, smooth - levels.zero * normal, start)
    yield _crossing(t, smooth - levels.floor * curves.sigma, start)
    foot = _crossing(t, smooth - levels.foot * normal, start)
    yield _tangent(curves, _nearest(t, foot), np.zeros_like(normal), known=np.isfinite(foot))
    drop = curves.drop[:, None]
    yield _crossing(t, smooth - (1.0 - 0.5 * drop) * normal, start)
    low = _crossing(t, smooth - (1.0 - 0.9 * drop) * normal, start)
    yield _crossing(t, smooth - (1.0 - 0.1 * drop) * normal, start) - low
    yield _maximum(t, curves.slope, start)


def missing(name: str, curves: Curves) -> str:
    """Return why a definition has no answer."""
    lowest = f"down to {curves.temperature[0]:.3g} K"
    remains = f"{1.0 - curves.drop[0]:.3g} of the normal resistance remains"
    if name.startswith("zero"):
        return f"{lowest} {remains}"
    return f"the curve does not cross the level of this definition; {lowest} {remains}"


def _crossing(t: FloatArray, excess: FloatArray, start: NDArray[np.intp]) -> FloatArray:
    """Return where an excess that rises with temperature is zero, nearest to the start.

    From a start below the level the way is up to the first point above it, and the other way round.
    """
    copies = np.arange(len(excess))
    place = np.arange(len(t))
    up = excess[copies, start] < 0.0
    above = up[:, None] & (place > start[:, None]) & (excess >= 0.0)
    below = ~up[:, None] & (place < start[:, None]) & (excess < 0.0)
    upper = np.where(up, np.argmax(above, axis=1), len(t) - np.argmax(below[:, ::-1], axis=1))
    found = np.any(above | below, axis=1)
    upper = np.clip(upper, 1, len(t) - 1)
    low, high = excess[copies, upper - 1], excess[copies, upper]
    left, right = t[upper - 1], t[upper]
    bend = 0.5 * (_bend(t, excess, upper - 1) + _bend(t, excess, upper))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (high - low) / (right - left)
        value = left - low / slope
        for _ in range(BENDINGS):  # a chord misses a bent curve by more than its noise
            bent = left - (low + bend * (value - left) * (value - right)) / slope
            value = np.clip(bent, left, right)
    return np.asarray(np.where(found, value, np.nan))


def _bend(t: FloatArray, y: FloatArray, place: NDArray[np.intp]) -> FloatArray:
    """Return half of the second derivative at a place, from its neighbours."""
    copies, middle = np.arange(len(y)), np.clip(place, 1, len(t) - 2)
    before, at, after = (y[copies, middle + step] for step in (-1, 0, 1))
    down, up = t[middle] - t[middle - 1], t[middle + 1] - t[middle]
    return np.asarray(((after - at) / up - (at - before) / down) / (up + down))


def _tangent(
    curves: Curves,
    place: NDArray[np.intp],
    meets: FloatArray,
    known: NDArray[np.bool_] | None = None,
) -> FloatArray:
    """Return where the tangent at a place meets another curve."""
    copies = np.arange(len(place))
    t = curves.temperature
    line = curves.smooth[copies, place][:, None] + curves.slope[copies, place][:, None] * (
        t - t[place][:, None]
    )
    value = _crossing(t, line - meets, place)
    return value if known is None else np.where(known, value, np.nan)


def _nearest(t: FloatArray, wanted: FloatArray) -> NDArray[np.intp]:
    safe = np.where(np.isfinite(wanted), wanted, t[0])
    return np.asarray(np.argmin(np.abs(t[None, :] - safe[:, None]), axis=1))


def _maximum(t: FloatArray, y: FloatArray, place: NDArray[np.intp]) -> FloatArray:
    """Return the vertex of the parabola through a highest point and its neighbours."""
    copies = np.arange(len(y))
    middle = np.clip(place, 1, len(t) - 2)
    before, at, after = (y[copies, middle + step] for step in (-1, 0, 1))
    bend = before - 2.0 * at + after
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(bend < 0.0, 0.5 * (before - after) / bend, 0.0)
    span = 0.5 * (t[middle + 1] - t[middle - 1])
    return np.asarray(t[middle] + np.clip(step, -1.0, 1.0) * span)
