"""What the catalogue costs with many runs, and the window while it is made; prints JSON."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from catalogue_files import make_tree
from figures import Figure
from lateness import LATENESS_LIMIT, TICK, homes_in, live_until, ticks_until
from qtpy import QtCore
from report import tell

from daq.app.gui.browser_page import BrowserPage
from daq.app.gui.settings import Settings
from daq.app.gui.start import application
from daq.app.gui.window import Window
from daq.app.run_index import RunIndex
from daq.app.run_query import parse_query
from daq.runs.catalog import Catalogue

RUNS = 100_000
FIRST_LIMIT, AGAIN_LIMIT = 40.0, 2.0
"""Seconds on one core for all runs, and for nothing new."""
SEARCH_LIMIT = 100.0
"""Milliseconds."""
BARE = 10.0
"""Seconds for which ticks are looked at while nothing is done."""
REPEATS = 5
QUERIES = (
    "",
    "contact",
    "procedure:bias_spectrum outcome:aborted",
    'sample:"contact 1"',
    "since:2022-02-01 until:2022-02-10",
    "points:61..100",
    "points:..200",
    "outcome:finished",
)


def spent(work: Callable[[], object]) -> float:
    """Return the CPU time of a piece of work in s, all threads."""
    before = time.process_time()
    work()
    return time.process_time() - before


def searches(index: RunIndex) -> dict[str, float]:
    """Return what searches take in ms of CPU time, by query; medians."""
    return {
        query or "everything": 1e3
        * float(
            np.median(
                [spent(lambda: index.find(parse_query(query), 2000)) for _ in range(REPEATS)]  # noqa: B023 (called at once)
            )
        )
        for query in QUERIES
    }


def lateness(data: Path, scratch: Path) -> tuple[list[float], list[float], dict[str, float]]:
    """Return by how many ms ticks of the window are late, at rest and while all is indexed."""
    window = Window(data, Settings(scratch / "window.ini"))
    page = window.pages["browser"]
    assert isinstance(page, BrowserPage)  # noqa: S101 (a benchmark)
    window.show()
    window.show_page("browser")
    live_until(lambda: page.idle)
    end = time.perf_counter() + BARE
    rest = ticks_until(lambda: time.perf_counter() > end)
    with Catalogue() as catalogue:
        file = catalogue.file
    for each in file.parent.glob("catalogue*") if file is not None else ():
        each.unlink()
    begun: list[float] = []

    def begin() -> None:
        begun.append(time.perf_counter())
        page.update_catalogue()

    QtCore.QTimer.singleShot(2 * TICK, begin)  # a block at its begin is late as well
    busy = ticks_until(lambda: bool(begun) and page.idle)
    seconds = time.perf_counter() - begun[0]
    window.close()
    return rest, busy, {"update_s": seconds}


def measure(data: Path, scratch: Path) -> list[Figure]:
    """Measure everything."""
    index = RunIndex(data)
    first, again = spent(index.update), spent(index.update)
    found = searches(index)
    rest, busy, details = lateness(data, scratch)
    spread = {
        f"{name}_p{share:.0f}_ms": float(np.percentile(values, share))
        for name, values in (("rest", rest), ("busy", busy))
        for share in (50.0, 95.0, 99.0, 100.0)
    }
    load = {"load_1_min": psutil.getloadavg()[0]}
    slowest = max(found.values())
    p95 = spread["busy_p95_ms"]
    return [
        Figure("first index of all runs", first, "s", FIRST_LIMIT, first, first, {}),
        Figure("update with nothing new", again, "s", AGAIN_LIMIT, again, again, {}),
        Figure("slowest search", slowest, "ms", SEARCH_LIMIT, min(found.values()), slowest, found),
        Figure(
            "lateness of a timer of the window while all runs are indexed, 95th percentile",
            *(p95, "ms", LATENESS_LIMIT, min(busy), max(busy), {**spread, **details, **load}),
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say on stderr which limits are missed; a miss is no failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how many; fewer mean nothing")
    parser.add_argument("--tree", type=Path, help="a folder that was made before")
    given = parser.parse_args(arguments)
    app = application()
    with tempfile.TemporaryDirectory() as scratch:
        homes_in(scratch)
        data = given.tree or Path(scratch) / "data"
        if given.tree is None:
            make_tree(data, given.runs)
        figures = measure(data, Path(scratch))
    app.processEvents()
    return tell(figures, quick=given.runs != RUNS)


if __name__ == "__main__":
    sys.exit(main())
