"""The course of temperature, field, angle and helium of a campaign, from ``cryostat.csv``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from daq.analysis.result import FloatArray
from daq.app.pictures import COLOURS
from daq.app.remark_marks import Marked, draw_ticks, write_beneath
from daq.app.run_picture import png
from daq.runs.blank_figure import blank_figure
from daq.runs.cryostat_log import COLUMNS
from daq.runs.decimate import DecimatedCurve, Window
from daq.runs.row_times import zero_of_clock

Event = Mapping[str, Any]
WIDTH, HEIGHT = 8.0, 1.5
"""Of the picture, and of each of its parts, in inches."""
DRAWN = 3000
"""Points about which each line is drawn with."""
_APART = 60
"""Places of remarks along the axis; those at one place share a tick."""
_EDGE = 60.0
"""Time in s by which a remark may lie outside of the samples."""
NOT_KNOWN = "not known: nothing on this station reports it"
_SESSIONS = frozenset({"campaign begun", "campaign resumed"})
_PARTS = (
    ("Temperature (K)", "T (K)"),
    ("Field (T)", "H (T)"),
    ("Angle (deg)", "angle (deg)"),
    ("Helium (percent)", "helium (%)"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """Every sample of the cryostat of a campaign.

    Parameters
    ----------
    time
        Unix time in s, shape (n,).
    columns
        By name as in the file, each of shape (n,).
    problem
        What is missing, in words; empty as a rule.
    """

    time: FloatArray
    columns: Mapping[str, FloatArray]
    problem: str = ""

    def known(self, name: str) -> bool:
        """Tell whether a column has any number."""
        return name in self.columns and bool(np.isfinite(self.columns[name]).any())


def read_course(path: Path, events: Sequence[Event]) -> Course:
    """Read the log of the cryostat, whole or torn.

    Parameters
    ----------
    path
        ``cryostat.csv`` of a campaign.
    events
        Of its journal: they tell the time of day.

    Returns
    -------
    Course
        Empty, with a problem, if there is nothing.
    """
    try:
        data = pd.read_csv(
            path, comment="#", header=0, on_bad_lines="skip", encoding_errors="replace"
        )
    except FileNotFoundError:
        return Course(np.zeros(0), {}, f"{path.name} is missing: the course is not known")
    except (OSError, ValueError) as failure:
        return Course(np.zeros(0), {}, f"{path.name} cannot be read: {_line(failure)}")
    if COLUMNS[0] not in data.columns:
        return Course(np.zeros(0), {}, f"{path.name} has no column {COLUMNS[0]!r}")
    numbers = data.apply(pd.to_numeric, errors="coerce")
    # A last line that was cut off has no status.
    last = COLUMNS[-1] if COLUMNS[-1] in numbers.columns else COLUMNS[0]
    whole = numbers[numbers[COLUMNS[0]].notna() & numbers[last].notna()]
    lost = len(numbers) - len(whole)
    columns = {
        str(name): np.asarray(whole[name].to_numpy(), dtype=np.float64) for name in whole.columns
    }
    problem = f"{path.name}: {lost} damaged or cut lines left out" if lost else ""
    if not len(whole):
        problem = f"{path.name} has no samples"
    return Course(_day(columns[COLUMNS[0]], events), columns, problem)


def helium_in_words(course: Course) -> str:
    """Return how the level of the helium went, or that it is not known."""
    name = "Helium (percent)"
    if not course.known(name):
        return NOT_KNOWN
    level = course.columns[name]
    rows = np.flatnonzero(np.isfinite(level))
    first, last = rows[0], rows[-1]
    words = f"{level[first]:.1f} % at {_clock(course.time[first])}"
    if last == first:
        return words
    words += f", {level[last]:.1f} % at {_clock(course.time[last])}"
    hours = (course.time[last] - course.time[first]) / 3600.0
    if hours > 0.0:
        words += f" ({(level[last] - level[first]) / hours:+.2f} % per hour)"
    lost = len(level) - len(rows)
    return f"{words}; not known in {lost} of {len(level)} samples" if lost else words


def course_picture(
    course: Course, runs: Sequence[tuple[float, float]], remarks: Sequence[Marked]
) -> bytes:
    """Draw the course.

    Parameters
    ----------
    course
        With samples.
    runs
        Begin and end of every run, Unix time in s.
    remarks
        At their Unix times in s.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    parts = [part for part in _PARTS if course.known(part[0])]
    begin = float(course.time[0])
    figure = blank_figure((WIDTH, HEIGHT * max(1, len(parts)) + 0.7), 120)
    stacked = figure.subplots(max(1, len(parts)), 1, sharex=True, squeeze=False)[:, 0]
    hours = (course.time - begin) / 3600.0
    inside = _inside(remarks, course.time)
    for number, (axes, (name, label)) in enumerate(zip(stacked, parts, strict=False)):
        values = course.columns[name]
        rows = _seen(hours, values)
        axes.plot(hours[rows], values[rows], lw=1.0, color=COLOURS[(number + 1) % len(COLOURS)])
        axes.set_ylabel(label, fontsize=9)
        axes.tick_params(labelsize=8)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.grid(visible=True, alpha=0.3)
        axes.margins(x=0.01)
        for start, end in runs:
            axes.axvspan((start - begin) / 3600.0, (end - begin) / 3600.0, color="#e5e7eb", lw=0)
    draw_ticks(stacked[0], inside)
    stacked[-1].set_xlabel(f"Time (h) since {_clock(begin, day=True)}; runs are grey", fontsize=9)
    write_beneath(figure, inside)
    return png(figure)


def _inside(remarks: Sequence[Marked], time: FloatArray) -> list[Marked]:
    """Return the remarks of the time that is shown, in h from its begin; those close by in one."""
    begin, end = float(time[0]), float(time[-1])
    together = max(end - begin, 1.0) / _APART
    found = []
    for each in remarks:
        if begin - _EDGE <= each.x <= end + _EDGE:
            place = round((min(max(each.x, begin), end) - begin) / together) * together
            found.append(Marked(each.number, each.text, place / 3600.0))
    return found


def _seen(x: FloatArray, y: FloatArray) -> Any:
    curve = DecimatedCurve()
    curve.update(x, y)
    return curve.indices(x, Window(most=DRAWN))


def _day(time: FloatArray, events: Sequence[Event]) -> FloatArray:
    """Return the times of a clock that may have begun anew with each process as Unix times.

    The clock goes back where another process went on; and each process says in the journal how its
    clock stands against the time of day.
    """
    stamps = [
        (float(event["clock"]), zero)
        for event in events
        if event["event"] in _SESSIONS and (zero := zero_of_clock(event)) is not None
    ]
    found = np.array(time, dtype=np.float64)
    if not stamps:
        return found
    edges = [0, *(np.flatnonzero(np.diff(time) < 0.0) + 1).tolist(), len(time)]
    session = 0
    for begin, end in pairwise(edges):
        begun, zero = stamps[session]
        found[begin:end] = time[begin:end] + zero
        # Where the next process has gone on with the same clock it may have another time of day.
        while session + 1 < len(stamps) and begun < stamps[session + 1][0] <= time[end - 1]:
            session += 1
            begun, zero = stamps[session]
            row = begin + int(np.searchsorted(time[begin:end], begun))
            found[row:end] = time[row:end] + zero
        session = min(session + 1, len(stamps) - 1)
    return found


def _clock(unix: float, *, day: bool = False) -> str:
    return f"{datetime.fromtimestamp(unix, UTC):{'%Y-%m-%d %H:%M' if day else '%H:%M'}}Z"


def _line(failure: Exception) -> str:
    return " ".join(str(failure).split())[:120]
