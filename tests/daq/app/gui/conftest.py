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
from qtpy import QtCore, QtWidgets

from daq.app.gui.processes import demo_station
from daq.app.gui.settings import Settings
from daq.app.gui.window import Window
from daq.config.document import parse_document

LEFT = QtCore.Qt.MouseButton.LeftButton
KEY = QtCore.Qt.Key

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
        draft = window.pages["sequence"].draft
        draft.take(draft.text)  # nothing is asked when the window closes
        window.close()
        window.deleteLater()


@pytest.fixture
def demo_twins(tmp_path):
    """Return a maker of a station of twins that live in the runner, on a clock of its own."""

    def make(clock="scaled:20"):
        file = tmp_path / "station.yaml"
        file.write_text(demo_station().read_text().replace("scaled:20", clock))
        return file

    return make


@pytest.fixture
def campaign_process(data, tmp_path, demo_twins):
    """Return a starter of a campaign on the twins; what still runs is ended at the end."""
    started = []

    def start(text=SEQUENCE, clock="scaled:100"):
        sequence = tmp_path / "sequence.yaml"
        sequence.write_text(text)
        words = ["run", str(sequence), "--station", str(demo_twins(clock)), "--data", str(data)]
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


@pytest.fixture
def processes_of():
    """Return a finder of the processes, of whatever parent, that were told of a folder."""

    def find(folder):
        return [
            process
            for process in psutil.process_iter(["cmdline", "status"])
            if process.info["status"] != psutil.STATUS_ZOMBIE
            and any(str(folder) in word for word in process.info["cmdline"] or ())
        ]

    return find


class Hands:
    """What a person does at the sequence page, by mouse and keyboard."""

    def __init__(self, page, qtbot):
        self.page, self.qtbot = page, qtbot

    def add(self, kind):
        palette = self.page.palette_list
        (item,) = palette.findItems(kind, QtCore.Qt.MatchFlag.MatchExactly)
        palette.scrollToItem(item)
        at = palette.visualItemRect(item).center()
        self.qtbot.mouseClick(palette.viewport(), LEFT, pos=at)
        self.qtbot.keyClick(palette, KEY.Key_Return)

    def choose(self, *indices):
        tree = self.page.tree
        item = tree.topLevelItem(0)
        for index in indices:
            item = item.child(index)
        tree.scrollToItem(item)
        at = tree.visualItemRect(item).center()
        self.qtbot.mouseClick(tree.viewport(), LEFT, pos=at)
        return item

    def type(self, *path, text):
        line = self.page.form.rows[path].typing()
        line.setFocus()
        line.selectAll()
        self.qtbot.keyClick(line, KEY.Key_Delete)
        self.qtbot.keyClicks(line, text)
        self.qtbot.keyClick(line, KEY.Key_Return)

    def press(self, key, modifier=QtCore.Qt.KeyboardModifier.ControlModifier):
        self.page.tree.setFocus()
        self.qtbot.keyClick(self.page.tree, key, modifier)

    def judged(self):
        self.qtbot.waitUntil(lambda: self.page.draft.verdict is not None, timeout=20_000)
        return self.page.draft.verdict

    def name_file(self, path):
        """Type the name of a file into the dialogue that has been asked for."""
        self.qtbot.waitUntil(lambda: self.page.files.dialog is not None)
        dialog = self.page.files.dialog
        line = dialog.findChild(QtWidgets.QLineEdit, "fileNameEdit")
        line.clear()
        self.qtbot.keyClicks(line, str(path))
        self.qtbot.keyClick(line, KEY.Key_Return)
        self.qtbot.waitUntil(lambda: self.page.files.dialog is None)
        self.page.window().activateWindow()  # no window manager does it here
        self.qtbot.waitUntil(self.page.window().isActiveWindow)

    def data(self):
        return parse_document(self.page.draft.text, "x").data


@pytest.fixture
def hands_at(qtbot):
    """Return a maker of hands at a sequence page."""
    return lambda page: Hands(page, qtbot)
