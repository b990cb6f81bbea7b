"""What the window costs with a million points in a curve that grows. Prints one JSON object."""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import Figure
from lateness import LATENESS_LIMIT, homes_in, live_until, ticks_until
from pymeasure.display.widgets import PlotWidget
from pymeasure.experiment import Results
from qtpy import QtCore, QtWidgets
from report import quick_asked, tell
from window_files import HEAD, Growing, campaign, contact_spectrum

from daq.app.gui.live_fit import LiveFit, Question
from daq.app.gui.live_page import LivePage
from daq.app.gui.settings import Settings
from daq.app.gui.start import application
from daq.app.gui.window import Window

FRAME_LIMIT = 2.0
"""A frame at the large number of points, over one at the small number."""
ASK = 100
"""Milliseconds between two wishes for a fit of what has grown."""
PER_FRAME = 20
"""Rows that arrive between two frames."""
X, Y = "Time (s)", "dV/dI (ohm)"
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Parameters
    ----------
    small, large
        Points in the curve.
    frames
        Of each.
    seconds
        For which rows arrive.
    rate
        Rows per second.
    points
        Of the runner.
    """

    small: int = 10_000
    large: int = 1_000_000
    frames: int = 60
    seconds: float = 15.0
    rate: int = 200
    points: int = 1000


QUICK = Size(small=200, large=2000, frames=3, seconds=0.5, points=20)


@contextmanager
def watching(folder: Path, rows: int) -> Iterator[tuple[Window, LivePage, Growing]]:
    """Open a window on a campaign with one run of so many rows, drawn over time."""
    growing = campaign(folder / "data", rows)
    window = Window(folder / "data", Settings(folder / "window.ini"))
    page = window.pages["live"]
    assert isinstance(page, LivePage)  # noqa: S101 (a benchmark)
    window.show()
    window.show_page("live")
    try:
        live_until(lambda: sum(run.csv.rows for run in window.context.campaign.runs) >= rows)
        page.draw_now()
        page.controls.along.setCurrentText(X)
        page.draw_now()
        yield window, page, growing
    finally:
        window.close()
        growing.close()


def frame_costs(size: Size, folder: Path, rows: int) -> list[float]:
    """Return what frames cost in ms: following, decimating, drawing and painting new rows."""
    with watching(folder, rows) as (window, page, growing):
        view = page.curves.plot.viewport()

        def frame() -> None:
            window.context.campaign.poll()
            page.draw_now()
            view.repaint()

        return timed(size.frames, lambda: growing.add(PER_FRAME), frame)


def lateness(size: Size, folder: Path) -> tuple[list[float], int]:
    """Return by how many ms ticks are late while rows arrive, and how many rows were drawn."""
    with watching(folder, size.large) as (window, _page, growing):
        late = ticks(size, growing)
        return late, window.context.campaign.runs[0].csv.rows


def fitted_lateness(size: Size, folder: Path) -> tuple[list[float], int]:
    """Return by how many ms ticks are late while a spectrum is fitted, and how many fits came."""
    path = contact_spectrum(folder)
    with watching(folder, size.large) as (window, _page, growing):
        fit = LiveFit(window)
        rows = itertools.count(1)
        asks = QtCore.QTimer(window)
        asks.timeout.connect(lambda: fit.want(Question(path, "btk", next(rows))))
        asks.start(ASK)
        live_until(lambda: fit.answers > 0)  # the start of its process is over
        late = ticks(size, growing)
        asks.stop()
        fit.close()
        return late, fit.answers


def their_curve(folder: Path, rows: int) -> tuple[PlotWidget, Growing]:
    """Return the plot of pymeasure's ManagedWindow with one curve of so many rows."""
    growing = campaign(folder / "data", rows)
    columns = HEAD.columns
    widget = PlotWidget("curve", columns, x_axis=X, y_axis=Y)
    widget.resize(1000, 650)
    curve = widget.new_curve(Results.load(str(growing.path)))
    widget.load(curve)
    widget.show()
    QtWidgets.QApplication.processEvents()
    return widget, growing


def their_frame_costs(size: Size, folder: Path, rows: int) -> list[float]:
    """Return what pymeasure's frames cost in ms."""
    widget, growing = their_curve(folder, rows)
    widget.plot_frame.timer.stop()
    view = widget.plot_frame.plot_widget.viewport()

    def frame() -> None:
        widget.plot_frame.update_curves()
        view.repaint()

    few = max(2, size.frames // 6)
    costs = timed(few, lambda: growing.add(PER_FRAME), frame)
    widget.close()
    growing.close()
    return costs


def their_lateness(size: Size, folder: Path) -> list[float]:
    """Return by how many ms ticks are late in pymeasure's plot, which draws five times a second."""
    widget, growing = their_curve(folder, size.large)
    late = ticks(size, growing)
    widget.plot_frame.timer.stop()
    widget.close()
    growing.close()
    return late


def bare_lateness(size: Size, folder: Path) -> list[float]:
    """Return by how many ms ticks are late in a program that draws nothing."""
    growing = campaign(folder / "data", size.small)
    late = ticks(size, growing)
    growing.close()
    return late


def ticks(size: Size, growing: Growing) -> list[float]:
    """Let rows arrive from another process, and return by how many ms every tick is late."""
    writer = growing.start(size.rate, size.seconds)
    return ticks_until(lambda: writer.poll() is not None)


def runner_points(size: Size, folder: Path, *, watched: bool) -> list[float]:
    """Return what the points of a runner take in ms of life, with or without a window."""
    data, out = folder / "data", folder / "points.json"
    words = [sys.executable, str(HERE / "window_files.py"), str(data), str(out), str(size.points)]
    window = Window(data, Settings(folder / "window.ini")) if watched else None
    if window is not None:
        window.show()
        window.show_page("live")
    process = subprocess.Popen(words, cwd=HERE.parent)  # noqa: S603 (our own program)
    live_until(lambda: process.poll() is not None)
    if window is not None:
        window.close()
    found: list[float] = json.loads(out.read_text(encoding="utf-8"))
    return found


def timed(count: int, before: Callable[[], None], work: Callable[[], None]) -> list[float]:
    """Return how many ms of this thread a piece of work takes, without what comes before it."""
    costs = []
    for _ in range(count):
        before()
        begin = time.thread_time()
        work()
        costs.append(1e3 * (time.thread_time() - begin))
        QtWidgets.QApplication.processEvents()
    return costs


def percentile(values: list[float], share: float) -> float:
    """Return a percentile."""
    return float(np.percentile(values, share))


def spread(values: list[float], prefix: str) -> dict[str, float]:
    """Return what is told of many times, in ms."""
    return {
        f"{prefix}_p50_ms": percentile(values, 50.0),
        f"{prefix}_p95_ms": percentile(values, 95.0),
        f"{prefix}_p99_ms": percentile(values, 99.0),
        f"{prefix}_most_ms": max(values),
        f"{prefix}_over_100_ms_s": 1e-3 * sum(value for value in values if value > 100.0),
    }


def measure(size: Size, scratch: Path) -> list[Figure]:
    """Measure everything."""
    folders = (scratch / str(number) for number in itertools.count())
    late, rows = lateness(size, next(folders))
    fitted, fits = fitted_lateness(size, next(folders))
    theirs = their_lateness(size, next(folders))
    bare = bare_lateness(size, next(folders))
    small = frame_costs(size, next(folders), size.small)
    large = frame_costs(size, next(folders), size.large)
    their_small = their_frame_costs(size, next(folders), size.small)
    their_large = their_frame_costs(size, next(folders), size.large)
    alone = runner_points(size, next(folders), watched=False)
    watched = runner_points(size, next(folders), watched=True)
    p95 = percentile(late, 95.0)
    middle = [statistics.median(values) for values in (small, large, their_small, their_large)]
    p99 = percentile(watched, 99.0)
    return [
        Figure(
            "lateness of a timer, 95th percentile",
            *(p95, "ms", LATENESS_LIMIT, min(late), max(late)),
            {
                **spread(late, "ours"),
                **spread(theirs, "theirs"),
                **spread(bare, "bare"),
                "rows": float(rows),
            },
        ),
        Figure(
            "lateness of a timer while a spectrum is fitted, 95th percentile",
            *(percentile(fitted, 95.0), "ms", LATENESS_LIMIT, min(fitted), max(fitted)),
            {**spread(fitted, "ours"), "fits": float(fits)},
        ),
        Figure(
            f"frame at {size.large} points over frame at {size.small}",
            *(middle[1] / middle[0], "ratio", FRAME_LIMIT),
            *(min(large) / middle[0], max(large) / middle[0]),
            dict(zip(("small_ms", "large_ms", "their_small_ms", "their_large_ms"), middle)),  # noqa: B905 (four and four)
        ),
        Figure(
            "point of a runner with a window, 99th percentile",
            *(p99, "ms", None, min(watched), max(watched)),
            {**spread(alone, "without"), **spread(watched, "with")},
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say on stderr which limits are missed; a miss is no failure."""
    quick = quick_asked(__doc__, arguments)
    app = application()
    with tempfile.TemporaryDirectory() as scratch:
        homes_in(scratch)
        figures = measure(QUICK if quick else Size(), Path(scratch))
    app.processEvents()
    return tell(figures, quick=quick)


if __name__ == "__main__":
    sys.exit(main())
