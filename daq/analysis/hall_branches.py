"""The branches of a field loop, and where a branch changes sign."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from daq.analysis.result import Estimate, FloatArray, NoResult

TURN = 0.1
"""Way back, as a fraction of the range of the field, that makes a turning point."""
WHOLE = 0.9
"""Fraction of the range of the field that a branch must cover."""
STEEP = 0.5
"""Height below which points belong to the steep part of a branch, in saturation values."""

FEW = 4
"""Points of the steep part from which a straight line is laid through it alone."""
CURVED = 0.1
"""Fraction of the step between fewer points by which the line misses the crossing (assumed)."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One sweep from end to end, in the order of rising field.

    Parameters
    ----------
    field
        In T, rising, shape (n,).
    transverse, longitudinal
        In ohm; the longitudinal resistance is not a number where it was not measured.
    """

    field: FloatArray
    transverse: FloatArray
    longitudinal: FloatArray


def branches(
    field: FloatArray, transverse: FloatArray, longitudinal: FloatArray
) -> tuple[Branch, Branch] | NoResult:
    """Split a loop into its last whole branch up and its last whole branch down.

    Parameters
    ----------
    field
        In T in the order in which it was swept, shape (n,).
    transverse
        In ohm, shape (n,).
    longitudinal
        In ohm, shape (n,).

    Returns
    -------
    tuple of Branch or NoResult
        Rising and falling; no result where the field does not go both ways.
    """
    span = float(np.ptp(field)) if len(field) else 0.0
    found: dict[bool, Branch] = {}
    turns = _turning_points(field, TURN * span)
    for start, end in pairwise(turns):
        part = slice(start, end + 1)
        if abs(field[end] - field[start]) < WHOLE * span or end - start < 10:
            continue
        order = np.argsort(field[part], kind="stable")
        found[bool(field[end] > field[start])] = Branch(
            field[part][order], transverse[part][order], longitudinal[part][order]
        )
    if len(found) < 2:
        return NoResult("the field does not go from end to end in both directions")
    return found[True], found[False]


def crossing(branch: Branch, anomalous: FloatArray, height: float, sigma: float) -> Estimate:
    """Return the field at which the anomalous part of a branch changes from -height to height.

    A step is laid where it fits best, and a straight line through the points of the steep part
    about it tells the crossing.

    Parameters
    ----------
    branch
        The branch.
    anomalous
        What is left without the ordinary part, in ohm, shape (n,).
    height
        Of the saturated anomalous part in ohm, with its sign.
    sigma
        Scatter of the points in ohm.

    Returns
    -------
    Estimate
        In T.
    """
    h, a = branch.field, anomalous / height
    place = int(np.argmin(np.cumsum(a[:-1])))
    steep = np.abs(a) < STEEP
    low, high = place, place + 1
    while low > 0 and steep[low]:
        low -= 1
    while high < len(h) - 1 and steep[high]:
        high += 1
    inner = slice(low + 1, high) if high - low > FEW else slice(low, high + 1)
    x, y = h[inner], a[inner]
    centre = float(np.mean(x))
    design = np.stack([np.ones_like(x), x - centre], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    offset, slope = (float(value) for value in inverse @ design.T @ y)
    name = "zero crossing of the anomalous Hall resistance in T"
    gap = float(h[place + 1] - h[place])
    if slope <= 0.0 or not h[low] <= centre - offset / slope <= h[high]:
        return Estimate(0.5 * float(h[place] + h[place + 1]), gap, name)
    shift = -offset / slope
    left = y - design @ np.array([offset, slope])
    variance = max((sigma / height) ** 2, float(left @ left) / max(1, len(x) - 2))
    row = np.array([1.0, shift])
    error = float(np.sqrt(variance * (row @ inverse @ row))) / slope
    if high - low <= FEW:
        error = float(np.hypot(error, CURVED * gap))
    return Estimate(centre + shift, error, name)


def _turning_points(field: FloatArray, least: float) -> list[int]:
    """Return the indices of the ends and of the extremes that are left by more than `least`."""
    turns = [0]
    extreme, direction = 0, 0
    for i, value in enumerate(field):
        ahead = (value - field[extreme]) * (direction or 1)
        if direction == 0 and abs(value - field[0]) > least:
            direction, extreme = (1 if value > field[0] else -1), i
        elif direction != 0 and ahead > 0.0:
            extreme = i
        elif direction != 0 and -ahead > least:
            turns.append(extreme)
            direction, extreme = -direction, i
    turns.append(extreme if direction != 0 else max(0, len(field) - 1))
    return turns
