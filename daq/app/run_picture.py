"""The picture of one run: its rows along the usual axes, its remarks, and its bad rows hollow."""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from daq.analysis.result import FloatArray
from daq.app.gui.quantities import Quantity, first_choice, quantities
from daq.app.pictures import COLOURS
from daq.app.remark_marks import Marked, draw_ticks, write_beneath
from daq.runs.blank_figure import blank_figure
from daq.runs.decimate import DecimatedCurve, Window
from daq.runs.files import Run
from daq.runs.remark_rows import remark_row
from daq.runs.remarks import BoolArray, Remark
from daq.runs.row_times import row_times
from instruments.errors import StorageError

SIZE = (6.2, 4.2)
"""Of the picture in inches."""
BAD = "#9ca3af"
FEW = 300
"""Points up to which each is drawn as a dot."""


@dataclass(frozen=True, slots=True)
class RunCurve:
    """A run as it is drawn.

    Parameters
    ----------
    x, y
        Shape (n,), one for each row.
    bad
        Rows that are marked bad, shape (n,).
    times
        When each row was taken, Unix time in s, shape (n,).
    x_label, y_label
        Quantity and unit.
    """

    x: FloatArray
    y: FloatArray
    bad: BoolArray
    times: FloatArray
    x_label: str
    y_label: str


def curve_of(run: Run, events: Sequence[Mapping[str, Any]]) -> RunCurve:
    """Return what is drawn of a run.

    Parameters
    ----------
    run
        The run.
    events
        Of the journal of its campaign.

    Returns
    -------
    RunCurve
        Along the axes that its procedure is looked at.
    """
    data = run.data
    known = quantities(run.columns)
    x, y = first_choice(run.procedure, known)
    times = [row_times(attempt, events) for attempt in run.counted]
    return RunCurve(
        x=_values(x, data),
        y=_values(y, data),
        bad=run.bad,
        times=np.concatenate([np.zeros(0), *times]),
        x_label=x.label,
        y_label=y.label,
    )


def picture_of(run: Run, events: Sequence[Mapping[str, Any]], *, dpi: int = 110) -> bytes:
    """Draw a run.

    Parameters
    ----------
    run
        The run.
    events
        Of the journal of its campaign.
    dpi
        Dots per inch.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    figure = blank_figure(SIZE, dpi)
    axes = figure.add_subplot()
    curve = curve_of(run, events)
    _draw(axes, curve)
    marked = list(_marked(run, curve))
    draw_ticks(axes, marked)
    axes.set_title(f"{run.path.stem}: {run.outcome}", fontsize=10, parse_math=False)
    count = int(curve.bad.sum())
    note = f"{count} of {len(curve.x)} rows are marked bad: hollow" if count else ""
    write_beneath(figure, marked, note)
    return png(figure)


def save_picture(run: Run, events: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Draw a run into a PNG file.

    Parameters
    ----------
    run
        The run.
    events
        Of the journal of its campaign.
    path
        The file; nothing is overwritten.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    StorageError
        It exists, or cannot be written.
    """
    content = picture_of(run, events)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise StorageError(f"{path} exists already; remove it or give another name") from None
    except OSError as failure:
        raise StorageError(f"{path} cannot be written: {failure.strerror}") from None
    return path


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG; a letter that no font has is drawn as a box."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _values(quantity: Quantity, data: Any) -> FloatArray:
    there = [name for name in quantity.columns if name in data.columns]
    columns = [np.asarray(data[name].to_numpy(), dtype=np.float64) for name in there]
    best = next((values for values in columns if np.isfinite(values).any()), columns[0])
    return quantity.change(best)


def _draw(axes: Any, curve: RunCurve) -> None:
    good = np.where(curve.bad, np.nan, curve.y)
    rows = _seen(curve.x, good)
    style = ".-" if len(curve.x) <= FEW else "-"
    axes.plot(curve.x[rows], good[rows], style, ms=3.0, lw=0.9, color=COLOURS[2])
    if curve.bad.any():
        axes.plot(curve.x[curve.bad], curve.y[curve.bad], "o", ms=4.0, mfc="none", mec=BAD, mew=0.9)
    axes.set_xlabel(curve.x_label, fontsize=9)
    axes.set_ylabel(curve.y_label, fontsize=9)
    axes.ticklabel_format(axis="both", scilimits=(-3, 4), useOffset=False)
    axes.grid(visible=True, alpha=0.3)
    axes.locator_params(axis="x", nbins=7)
    axes.tick_params(labelsize=8)
    axes.margins(x=0.02)


def _seen(x: FloatArray, y: FloatArray) -> Any:
    decimated = DecimatedCurve()
    decimated.update(x, y)
    return decimated.indices(x, Window())


def _marked(run: Run, curve: RunCurve) -> Iterator[Marked]:
    """Return the remarks that belong into the picture of a run, at their rows."""
    number = 0
    for remark in run.noted:
        row = _row(remark, run, curve)
        if row is None:
            continue
        number += 1
        x, y = float(curve.x[row]), float(curve.y[row])
        if np.isfinite(x) and np.isfinite(y):
            yield Marked(number, f"{remark.utc[11:16]}Z {remark.text}", x, y)


def _row(remark: Remark, run: Run, curve: RunCurve) -> int | None:
    files = [(attempt.path.name, len(attempt.content.data)) for attempt in run.counted]
    return remark_row(remark, run.number, files, curve.times)
