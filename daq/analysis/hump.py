"""Where a smooth curve has its broad maximum, such as the hump of the resistance near 60 K."""

from dataclasses import dataclass

import numpy as np

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs
from daq.analysis.smoothing import noise_scale, noisy_copies, smoother, thinned

LEAST_POINTS = 25
COPIES = 200
SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class Hump:
    """A broad maximum.

    Parameters
    ----------
    position
        Of the maximum of the smoothed curve, in the unit of x.
    height
        Of the smoothed curve there, in the unit of y.
    """

    position: Estimate
    height: Estimate


def hump(x: FloatArray, y: FloatArray, width: float, seed: int = 0) -> Hump | NoResult:
    """Find the maximum of a smoothed curve, with the error from copies of its noise.

    Parameters
    ----------
    x
        Such as the temperature in K, shape (n,).
    y
        Such as the resistance in ohm, shape (n,).
    width
        Range of x that each local parabola is fitted to.
    seed
        Of the copies.

    Returns
    -------
    Hump or NoResult
        No result where there are too few points, or the highest point is at an end or no higher.
    """
    try:
        t, r = thinned(*finite_pairs(x, y, LEAST_POINTS))
    except ValueError as problem:
        return NoResult(str(problem))
    neighbours = round(width / float(np.ptp(t)) * len(t)) if np.ptp(t) > 0.0 else 0
    if not 7 <= neighbours <= len(t) // 2:
        return NoResult(f"a width of {width:g} holds {neighbours} points; give 7 to half of them")
    curve = smoother(t, neighbours)
    scale = noise_scale(curve, r)
    copies = noisy_copies(curve.smooth(r), scale, COPIES, np.random.default_rng(seed))
    smooth = curve.smooth(np.vstack([r[None, :], copies]))
    positions, heights = _vertices(t, smooth, neighbours)
    if np.count_nonzero(~np.isfinite(positions)) > COPIES // 10 or not np.isfinite(positions[0]):
        return NoResult("the highest point is at an end of the curve")
    known = np.isfinite(positions[1:])
    name = f"maximum of local parabolas over {width:g}"
    place, height = (
        Estimate(float(values[0]), float(np.std(values[1:][known], ddof=1)), name)
        for values in (positions, heights)
    )
    ends = smooth[:, [0, -1]]
    above = height.value - ends[0]
    if not np.all(above > SIGNIFICANT * np.hypot(height.error, np.std(ends[1:], axis=0, ddof=1))):
        return NoResult("the highest point is no higher than an end by more than five sigma")
    return Hump(place, height)


def _vertices(t: FloatArray, smooth: FloatArray, neighbours: int) -> tuple[FloatArray, FloatArray]:
    """Return the vertices of the parabolas round the highest points; not a number at an end."""
    half = max(2, neighbours // 2)
    tops = np.argmax(smooth, axis=1)
    positions = np.full(len(smooth), np.nan)
    heights = np.full(len(smooth), np.nan)
    for top in np.unique(tops[(tops >= half) & (tops < len(t) - half)]):
        near, rows = slice(top - half, top + half + 1), tops == top
        powers = np.vander(t[near] - t[top], 3, increasing=True)
        level, slope, bend = np.linalg.pinv(powers) @ smooth[rows, near].T
        step = np.where(bend < 0.0, -0.5 * slope / np.where(bend < 0.0, bend, 1.0), np.nan)
        positions[rows] = t[top] + step
        heights[rows] = level + 0.5 * slope * step
    return positions, heights
