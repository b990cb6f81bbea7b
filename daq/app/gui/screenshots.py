"""A picture of every page, in both themes, with the demo running; for the documentation."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qtpy import QtCore, QtWidgets

from daq.app.gui.processes import Question, demo_station
from daq.app.gui.settings import Settings
from daq.app.gui.start import application
from daq.app.gui.theme import THEMES
from daq.app.gui.window import FIRST_SIZE, Window
from daq.app.gui.work import wait_until
from daq.campaign.control_port import request
from instruments.errors import ColdpointError

SEQUENCE = """\
format: 1
title: Demo
sample: {name: contact 1}
on_error: {retry: 1, then: land}
steps:
  - temperature: {to: 1.9 K, rate: 12 K/min}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
  - loop: {field: {from: 0 T, to: 3 T, points: 16, rate: 42 Oe/s}}
    steps:
      - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 61, excitation_rms: 1 uA}
"""
RUNS = 6
"""Spectra that have been begun when the pictures are taken."""
PATIENCE = 600_000
"""Milliseconds that the demo may take to get there."""
SETTLE = 1500
"""Milliseconds for a page to draw itself."""


def take_all(folder: Path) -> Iterator[Path]:
    """Take a picture of every view of every page.

    Parameters
    ----------
    folder
        Where the PNG files go; made if it is not there.

    Yields
    ------
    Path
        Every file that was written.

    Raises
    ------
    ColdpointError
        The demo did not run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    app = application()
    with (
        tempfile.TemporaryDirectory(prefix="coldpoint-") as scratch,
        _demo(Path(scratch)) as window,
    ):
        for name in THEMES:
            window.use_theme(name)
            for page in window.pages.values():
                window.show_page(page.name)
                for view, show in page.views():
                    show()
                    pause(SETTLE)
                    yield _saved(window, folder, "-".join(filter(None, (page.name, view, name))))
    app.processEvents()


@contextmanager
def _demo(scratch: Path) -> Iterator[Window]:
    """Open a window on a demo that runs, and abort the demo at the end."""
    data = scratch / "coldpoint-data"
    sequence, station = scratch / "demo.yaml", demo_station()
    sequence.write_text(SEQUENCE, encoding="utf-8")
    told: list[str] = []
    window = Window(data, Settings(scratch / "window.ini"))
    words = ["run", str(sequence), "--station", str(station), "--data", str(data)]
    demo = Question(words, told.append, window)
    try:
        window.resize(FIRST_SIZE)
        window.show()
        window.show_page("live")
        _await_spectra(window, told)
        yield window
    finally:
        folder = window.context.campaign.folder
        if folder is not None:
            request(folder, "abort")
            wait_until(lambda: bool(told), PATIENCE)
        window.close()
        demo.close()


def _await_spectra(window: Window, told: list[str]) -> None:
    def begun() -> bool:
        spectra = [run for run in window.context.campaign.runs if run.csv.rows > 1]
        foreseen = window.context.time_left.book is not None
        return (len(spectra) >= RUNS and foreseen) or bool(told)

    wait_until(begun, PATIENCE)
    if told or not begun():
        raise ColdpointError(f"gui: the demo did not run: {' '.join(told) or 'no spectra'}")


def pause(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QtCore.QEventLoop()
    QtCore.QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


def _saved(window: QtWidgets.QWidget, folder: Path, name: str) -> Path:
    path = folder / f"{name}.png"
    if not window.grab().save(str(path)):
        raise ColdpointError(f"gui: {path} cannot be written; free space or give another folder")
    return path
