"""A whole evening at the window by clicks and typing: build, rehearse, run, step in, find, fit."""

import json
import threading
from pathlib import Path

import psutil
import pytest
from qtpy import QtCore, QtWidgets

from daq.campaign.control_port import request
from daq.campaign.following import running

pytestmark = pytest.mark.timeout(240)
LEFT = QtCore.Qt.MouseButton.LeftButton
KEY = QtCore.Qt.Key
PATIENCE = 60_000
"""Milliseconds; the machine may be busy."""
POINTS = 121


def lives(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def runner(folder):
    """Return the process of a campaign."""
    events = map(json.loads, (folder / "journal.jsonl").read_text().splitlines())
    (begun,) = (event for event in events if event["event"] == "campaign begun")
    return psutil.Process(json.loads(begun["owner"])["pid"])


class Evening:
    """What a person does at the window."""

    def __init__(self, window, qtbot, hands_at):
        self.window, self.qtbot = window, qtbot
        self.hands = hands_at(window.pages["sequence"])
        self.sequence, self.campaign = window.pages["sequence"], window.pages["campaign"]
        self.data = window.pages["browser"]
        self.client = window.context.campaign

    def until(self, reached):
        self.qtbot.waitUntil(reached, timeout=PATIENCE)

    def click(self, button):
        self.until(lambda: button.isVisible() and button.isEnabled())
        self.qtbot.mouseClick(button, LEFT)

    def go_to(self, page):
        pages = self.window.findChild(QtWidgets.QListWidget, "navigation")
        (item,) = pages.findItems(page.title, QtCore.Qt.MatchFlag.MatchExactly)
        at = pages.visualItemRect(item).center()
        self.qtbot.mouseClick(pages.viewport(), LEFT, pos=at)
        assert self.window.page() == page.name

    def build(self, station):
        self.go_to(self.sequence)
        self.hands.choose()
        self.hands.type("title", text="Le figure 1")
        self.hands.type("sample", "name", text="contact 1")
        self.hands.type("station", text=str(station))
        self.hands.add("temperature")
        self.hands.type("temperature", "to", text="1.9 K")
        self.hands.add("bias_spectrum")
        self.hands.type("bias_spectrum", "points", text=str(POINTS))
        self.hands.add("voltage_pulse")
        self.hands.type("voltage_pulse", "amplitude", text="6 V")
        self.hands.type("voltage_pulse", "width", text="5 ms")
        self.hands.choose(1)
        self.hands.press(KEY.Key_C)
        self.hands.choose(2)
        self.hands.press(KEY.Key_V)

    def build_spectrum(self, station):
        """Build one spectrum and nothing else."""
        self.go_to(self.sequence)
        self.hands.choose()
        self.hands.type("station", text=str(station))
        self.hands.add("bias_spectrum")
        self.hands.type("bias_spectrum", "points", text=str(POINTS))

    def save(self, file):
        self.hands.press(KEY.Key_S)
        self.hands.name_file(file)
        self.until(lambda: not self.sequence.draft.modified)

    def rehearse(self):
        self.click(self.sequence.rehearse)
        self.until(lambda: not self.sequence.launch.rehearsing)
        assert self.sequence.launch.offered, self.sequence.rehearsal.verdict.text()

    def begin(self):
        """Start what was rehearsed, and wait until the window follows it."""
        before = self.client.folder
        self.go_to(self.sequence)
        self.click(self.sequence.start)
        assert self.window.page() == "campaign"
        self.until(lambda: self.client.folder != before and self.client.state == "running")

    def pause_and_go_on(self):
        buttons = self.campaign.buttons
        self.until(lambda: any(run.csv.rows > 1 for run in self.client.runs))
        self.click(buttons["pause"])
        self.until(lambda: self.client.state == "paused")
        assert "Paused: on request" in self.campaign.trouble.text()
        self.click(buttons["go on"])
        self.until(lambda: self.client.state == "finished")

    def abort(self):
        self.click(self.campaign.buttons["abort"])
        yes = self.campaign.question.button(QtWidgets.QMessageBox.StandardButton.Yes)
        self.click(yes)
        self.until(lambda: self.client.state == "aborted")

    def find(self, words):
        """Search on the data page and choose the youngest of the two that are found."""
        page = self.data
        self.go_to(page)
        self.qtbot.keyClicks(page.search.line, words)
        self.qtbot.keyClick(page.search.line, KEY.Key_Return)
        self.until(lambda: page.idle and len(page.table.runs.entries) == 2)
        return self.choose_run(0)

    def choose_run(self, row):
        page = self.data
        at = page.table.visualRect(page.table.runs.index(row, 2)).center()
        self.qtbot.mouseClick(page.table.viewport(), LEFT, pos=at)
        self.until(lambda: page.idle and len(page.loaded) == 1)
        (run,) = page.table.picked()
        assert page.loaded[0].path == Path(run.path)
        return run

    def fit(self):
        tabs, panel = self.data.tabs, self.data.fit
        bar = tabs.tabBar()
        self.qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(tabs.indexOf(panel)).center())
        self.click(panel.start)
        self.until(panel.start.isEnabled)
        return panel

    def export(self, name):
        deeds = self.data.deeds
        (action,) = (one for one in deeds.exports.actions() if one.data() == name)
        looks = QtCore.QTimer(self.window)

        def choose():
            if deeds.exports.isVisible():
                looks.stop()
                at = deeds.exports.actionGeometry(action).center()
                self.qtbot.mouseClick(deeds.exports, LEFT, pos=at)

        looks.timeout.connect(choose)
        looks.start(20)
        self.click(deeds.export)  # returns when the menu is closed


@pytest.fixture
def evening(open_window, qtbot, tmp_path, hands_at, processes_of):
    threads, children = set(threading.enumerate()), set(psutil.Process().children(recursive=True))
    evening = Evening(open_window("start"), qtbot, hands_at)
    evening.before = threads, children
    yield evening
    draft = evening.sequence.draft
    draft.take(draft.text)  # nothing is asked when the window closes
    evening.window.close()
    for process in processes_of(tmp_path):
        process.kill()


def close(evening):
    """Close the window, and check that it takes all of its own with it."""
    threads, children = evening.before
    evening.window.close()
    assert not evening.window.isVisible()
    assert set(threading.enumerate()) <= threads
    assert {one for one in psutil.Process().children(recursive=True) if lives(one)} <= children


def test_an_evening_by_clicks_and_typing_alone(evening, demo_twins, processes_of, tmp_path):
    evening.build(demo_twins("scaled:60"))
    file = tmp_path / "figure1.yaml"
    evening.save(file)
    evening.rehearse()
    evening.begin()
    first = evening.client.folder
    assert evening.window.banner.isVisible()
    assert (first / "sequence.yaml").read_text() == file.read_text()
    evening.pause_and_go_on()
    evening.begin()
    second = evening.client.folder
    assert second != first
    assert len(processes_of(tmp_path)) > 0
    evening.abort()
    assert "Everything was made safe" in evening.campaign.trouble.text()
    assert any("made safe" in line for line in evening.campaign.journal.words())
    run = evening.find(f"{first.name} bias_spectrum outcome:finished")
    assert (run.campaign, run.number, run.rows) == (first.name, 3, POINTS)
    paused = evening.choose_run(1)
    assert (paused.number, paused.attempts, paused.rows) == (1, 2, POINTS)
    assert f"rows: {POINTS}" in evening.data.details.words()
    assert sum(len(curve.x) for curve in evening.data.curves.drawn) == POINTS
    evening.choose_run(0)
    panel = evening.fit()
    assert "the contact is in the thermal regime" in panel.words()
    assert "at 1.9 K (from the file)" in panel.words()
    assert panel.plot.layer is not None
    evening.export("csv")
    table = first / "0003-bias_spectrum.plain.csv"
    evening.until(table.is_file)
    assert len(table.read_text().splitlines()) == 1 + POINTS
    close(evening)
    evening.until(lambda: processes_of(tmp_path) == [])
    assert len(table.read_text().splitlines()) == 1 + POINTS


@pytest.mark.parametrize("state", ["empty", "rehearsing", "running", "paused"])
def test_closing_in_every_state_leaves_only_what_the_runner_holds(
    state, evening, demo_twins, processes_of, tmp_path
):
    if state == "empty":
        for page in evening.window.pages.values():
            evening.go_to(page)
    else:
        evening.build_spectrum(demo_twins("scaled:5"))
        evening.save(tmp_path / "long.yaml")
    if state == "rehearsing":
        evening.click(evening.sequence.rehearse)
        evening.until(lambda: len(processes_of(tmp_path)) == 1)
    if state in {"running", "paused"}:
        evening.rehearse()
        evening.begin()
        evening.until(lambda: any(run.csv.rows > 0 for run in evening.client.runs))
    if state == "paused":
        evening.click(evening.campaign.buttons["pause"])
        evening.until(lambda: evening.client.state == "paused")
    folder = evening.client.folder
    close(evening)
    if folder is None:
        assert processes_of(tmp_path) == []
        return
    owner = runner(folder)
    assert owner in processes_of(tmp_path)
    assert set(processes_of(tmp_path)) <= {owner, *owner.children(recursive=True)}
    assert running(folder.parent) == (folder,)
    assert request(folder, "abort")
    evening.until(lambda: processes_of(tmp_path) == [])
    assert "made safe" in (folder / "journal.jsonl").read_text()
