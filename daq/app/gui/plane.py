"""A plane of runs as an image: bias along, and field, angle or temperature up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daq.analysis.result import FloatArray

COLUMNS = 300
"""Pixels along."""
ROWS = 480
"""Pixels up, at most."""
FINER = 8
"""Pixels up in the narrowest line, if there is room."""


@dataclass(frozen=True, slots=True)
class Line:
    """One run of a plane.

    Parameters
    ----------
    at
        Where it is along the vertical axis.
    x, z
        What was measured along it, shape (n,).
    """

    at: float
    x: FloatArray
    z: FloatArray


@dataclass(frozen=True, slots=True)
class Plane:
    """An image.

    Parameters
    ----------
    z
        Shape (rows, columns); not a number where nothing has been measured.
    left, right
        Ends of the horizontal axis.
    bottom, top
        Ends of the vertical axis.
    """

    z: FloatArray
    left: float
    right: float
    bottom: float
    top: float


def plane(lines: Sequence[Line]) -> Plane | None:
    """Return the image of several runs.

    Parameters
    ----------
    lines
        In any order; of two at one place the later one is seen.

    Returns
    -------
    Plane or None
        None without a line of two finite points.
    """
    good = [cleaned for line in lines if (cleaned := _cleaned(line)) is not None]
    if not good:
        return None
    left = min(float(line.x[0]) for line in good)
    right = max(float(line.x[-1]) for line in good)
    if not right > left:
        return None
    places = np.unique([line.at for line in good])
    edges = _edges(places)
    x = left + (np.arange(COLUMNS) + 0.5) * (right - left) / COLUMNS
    by_place = {line.at: _along(line, x) for line in good}
    # Pixels up: some for the narrowest line, so that borders fall where they belong.
    rows = int(min(ROWS, np.ceil(FINER * (edges[-1] - edges[0]) / np.min(np.diff(edges)))))
    centres = edges[0] + (np.arange(rows) + 0.5) * (edges[-1] - edges[0]) / rows
    owners = np.clip(np.searchsorted(edges, centres, side="right") - 1, 0, len(places) - 1)
    z = np.stack([by_place[float(places[owner])] for owner in owners])
    return Plane(z, left, right, float(edges[0]), float(edges[-1]))


def _cleaned(line: Line) -> Line | None:
    """Return the finite points in the order of x."""
    keep = np.isfinite(line.x) & np.isfinite(line.z)
    if np.count_nonzero(keep) < 2 or not np.isfinite(line.at):
        return None
    order = np.argsort(line.x[keep], kind="stable")
    return Line(line.at, line.x[keep][order], line.z[keep][order])


def _along(line: Line, x: FloatArray) -> FloatArray:
    """Return the line at every pixel that it has come to."""
    step = float(np.max(np.diff(line.x)))
    z = np.interp(x, line.x, line.z)
    return np.where((x >= line.x[0] - step / 2) & (x <= line.x[-1] + step / 2), z, np.nan)


def _edges(places: FloatArray) -> FloatArray:
    """Return the borders between lines: half-way between neighbours."""
    if len(places) == 1:
        half = 0.5 * max(1e-3, 0.01 * abs(float(places[0])))
        return np.array([places[0] - half, places[0] + half])
    middle = 0.5 * (places[1:] + places[:-1])
    first, last = 2.0 * places[0] - middle[0], 2.0 * places[-1] - middle[-1]
    return np.concatenate([[first], middle, [last]])
