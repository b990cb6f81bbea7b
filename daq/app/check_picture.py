"""The picture of a rehearsal: where the sample will be, and the curves to expect."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from daq.app.pictures import COLOURS
from daq.campaign.rehearsal_report import Rehearsal, RehearsedRun
from daq.runs.blank_figure import blank_figure
from instruments.station import CONTEXT_COLUMNS

SIZE = (8.0, 9.0)
"""Of the picture in inches."""
MOST_CURVES = 8
WANTED = ("dV/dI (ohm)", "dI/dV (S)")
"""Columns that are drawn where there are any; else the last column."""


def draw_rehearsal(path: Path, found: Rehearsal) -> Path:
    """Draw the course of temperature, field and angle, and the curves to expect.

    Parameters
    ----------
    path
        The PNG file.
    found
        The rehearsal.

    Returns
    -------
    Path
        The file.
    """
    figure = blank_figure(SIZE, 150)
    top, middle, low, curves = figure.subplots(4, 1, height_ratios=(1.4, 1.0, 1.0, 2.0))
    course = found.course
    hours = course.time / 3600.0
    _line(top, hours, course.temperature, "Temperature (K)", COLOURS[1])
    _line(middle, hours, course.field, "Field (T)", COLOURS[2])
    _line(low, hours, course.angle, "Angle (deg)", COLOURS[3])
    for axes in (middle, low):
        axes.sharex(top)
    low.set_xlabel("Time (h)")
    _draw_curves(curves, _picked(found.runs))
    top.set_title(f"{found.title}, rehearsed with {found.sample}", fontsize=11)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _line(axes: Axes, hours: np.ndarray, values: np.ndarray, label: str, colour: str) -> None:
    axes.plot(hours, values, lw=1.2, color=colour)
    axes.set_ylabel(label)
    axes.grid(visible=True, alpha=0.3)
    axes.margins(x=0.01)


def _picked(runs: Sequence[RehearsedRun]) -> list[RehearsedRun]:
    """Return runs that are curves, of the commonest procedure, spread over the sequence."""
    curves = [run for run in runs if len(run.rows) > 1]
    names = [run.procedure for run in curves]
    curves = [run for run in curves if run.procedure == max(names, key=names.count)]
    if len(curves) <= MOST_CURVES:
        return curves
    places = np.linspace(0, len(curves) - 1, MOST_CURVES).round().astype(int)
    return [curves[place] for place in places]


def _draw_curves(axes: Axes, runs: Sequence[RehearsedRun]) -> None:
    if not runs:
        axes.set_axis_off()
        return
    own = [column for column in runs[0].rows[0] if column not in CONTEXT_COLUMNS]
    x_label = own[0]
    y_label = next((column for column in WANTED if column in own), own[-1])
    for number, run in enumerate(runs):
        x = [float(row[x_label]) for row in run.rows]
        y = [float(row[y_label]) for row in run.rows]
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(x, y, lw=1.0, color=colour, label=f"step {run.step + 1}: {run.procedure}")
    axes.ticklabel_format(axis="both", scilimits=(-3, 4))
    axes.set_xlabel(f"{x_label}, to be expected")
    axes.set_ylabel(y_label)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=7, framealpha=0.9)
