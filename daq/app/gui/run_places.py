"""Where runs are in temperature, field and angle, and by which of them they are told apart."""

from collections.abc import Iterable, Sequence

import numpy as np

from daq.app.gui.axes import Ramp, ramp_colour
from daq.app.gui.run_curve import RunCurve
from daq.app.gui.theme import Theme
from daq.campaign.following import FollowedRun

SCALES = (("Angle (deg)", 1.0), ("Field (T)", 0.01), ("Temperature (K)", 0.5))
"""Columns, and by how much runs differ that are meant to differ."""


def ramp_of(column: str, curves: Iterable[RunCurve]) -> Ramp | None:
    """Return the colours of runs by a quantity; None without one, or if no run has it."""
    places = _places(column, curves) if column else []
    if not places:
        return None
    low, high = min(places), max(places)
    return Ramp(column, low, high if high > low else low + max(1e-3, abs(low) * 1e-3))


def colours(
    curves: Iterable[RunCurve], column: str, ramp: Ramp | None, theme: Theme
) -> tuple[str, ...]:
    """Return the colour of every curve: on the ramp by its place, or by its turn without a ramp."""
    if ramp is None:
        return tuple(theme.curves[turn % len(theme.curves)] for turn, _ in enumerate(curves))
    return tuple(ramp_colour(theme, ramp, curve.where(column)) for curve in curves)


def varied(curves: Iterable[RunCurve]) -> str:
    """Return the column that differs most from run to run."""
    known = tuple(curves)
    spans = {}
    for column, scale in SCALES:
        places = _places(column, known)
        spans[column] = (max(places) - min(places)) / scale if places else 0.0
    return max(spans, key=lambda column: spans[column])


def latest_procedure(runs: Sequence[FollowedRun]) -> str:
    """Return the procedure to show: the last that took more than a point."""
    many = [run.procedure for run in runs if run.csv.rows > 1]
    return many[-1] if many else runs[-1].procedure


def _places(column: str, curves: Iterable[RunCurve]) -> list[float]:
    return [place for curve in curves if np.isfinite(place := curve.where(column))]
