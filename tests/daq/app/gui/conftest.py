"""A window without a screen, in a home of its own; and campaigns on the twins as processes."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyqt5"
os.environ["PYTEST_QT_API"] = "pyqt5"

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from daq.app.gui.processes import demo_station
from daq.app.gui.settings import Settings
from daq.app.gui.window import Window

SEQUENCE = """\
format: 1
title: Twins
sample: {name: contact 1}
on_error: {retry: 0, then: land}
steps:
  - temperature: {to: 3.9 K, rate: 12 K/min}
  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 61, excitation_rms: 1 uA}
  - wait: 5000 s
  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 61, excitation_rms: 1 uA}
"""


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """Keep settings, locks and addresses apart from those of the person who tests."""
    folder = tmp_path_factory.mktemp("home")
    names = ("CACHE", "STATE", "DATA", "CONFIG")
    for name in (*(f"XDG_{name}_HOME" for name in names), "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    folder.chmod(0o700)
    return folder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "coldpoint-data"
    folder.mkdir()
    return folder


@pytest.fixture
def open_window(qtbot, data, tmp_path):
    """Return a maker of windows; what is still open is closed at the end."""
    opened = []

    def make(page="live", folder=data):
        window = Window(folder, Settings(tmp_path / "window.ini"))
        window.resize(1366, 768)
        window.show()
        window.show_page(page)
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()


@pytest.fixture
def campaign_process(data, tmp_path):
    """Return a starter of a campaign on the twins; what still runs is ended at the end."""
    started = []

    def start(text=SEQUENCE, clock="scaled:100"):
        sequence = tmp_path / "sequence.yaml"
        sequence.write_text(text)
        station = tmp_path / "station.yaml"
        station.write_text(demo_station().read_text().replace("scaled:20", clock))
        words = ["run", str(sequence), "--station", str(station), "--data", str(data)]
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "daq", *words],
            cwd=Path(__file__).parents[4],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.wait(10)
