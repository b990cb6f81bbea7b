"""The queue through the window: added, moved, held, removed, carried out, gone on with."""

import json

import psutil
import pytest
from qtpy import QtCore

from daq.campaign.kept_rehearsals import KeptRehearsal, keep
from daq.campaign.prepared import prepare
from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import entry_key
from daq.campaign.runner import run_prepared
from daq.config.folder import find_config
from instruments.clock import SystemClock

LEFT = QtCore.Qt.MouseButton.LeftButton
RETURN = QtCore.Qt.Key.Key_Return
WAIT = """\
format: 1
title: {title}
sample: {{name: contact 1}}
on_error: {{retry: 0, then: land}}
steps:
  - wait: {wait} s
"""


@pytest.fixture
def page(open_window):
    return open_window("queue").pages["queue"]


@pytest.fixture
def sequence(tmp_path):
    def write(title, wait=1):
        path = tmp_path / f"{title}.yaml"
        path.write_text(WAIT.format(title=title, wait=wait))
        return str(path)

    return write


def add(page, qtbot, sequence, on="simulated"):
    count = len(page.table.entries)
    edit = page.adder.sequence.lineEdit()
    qtbot.keyClicks(edit, sequence)
    station = page.adder.station.lineEdit()
    station.clear()
    qtbot.keyClicks(station, on)
    qtbot.mouseClick(page.adder.add, LEFT)
    qtbot.waitUntil(lambda: len(page.table.entries) == count + 1, timeout=10_000)


def click(page, qtbot, what):
    assert page.buttons[what].isEnabled()
    qtbot.mouseClick(page.buttons[what], LEFT)


def order(page):
    return [entry.id for entry in page.table.entries]


def states(page):
    return {entry.id: entry.state for entry in page.table.entries}


def stored(data):
    clock = SystemClock()
    try:
        return [(entry.id, entry.state) for entry in Queue(data, clock).entries()]
    finally:
        clock.close()


def test_entries_are_added_moved_held_released_and_removed_and_stay_so(page, qtbot, data, sequence):
    for title in ("one", "two", "three"):
        add(page, qtbot, sequence(title))
    assert order(page) == [1, 2, 3]
    assert page.table.chosen.id == 3
    click(page, qtbot, "up")
    qtbot.waitUntil(lambda: order(page) == [1, 3, 2])
    assert page.table.chosen.id == 3
    click(page, qtbot, "down")
    qtbot.waitUntil(lambda: order(page) == [1, 2, 3])
    page.table.drop_at(1, below=False)
    qtbot.waitUntil(lambda: order(page) == [3, 1, 2])
    page.table.choose(3)
    page.table.drop_at(None, below=False)
    qtbot.waitUntil(lambda: order(page) == [1, 2, 3])
    page.table.choose(2)
    click(page, qtbot, "hold")
    qtbot.waitUntil(lambda: states(page)[2] == "held")
    assert page.table.words()[1][3] == "= held"
    page.table.choose(1)
    click(page, qtbot, "remove")
    qtbot.waitUntil(lambda: order(page) == [2, 3])
    assert stored(data) == [(2, "held"), (3, "waiting")]
    page.table.choose(2)
    assert "lease" in page.buttons["hold"].text()
    click(page, qtbot, "hold")
    qtbot.waitUntil(lambda: states(page)[2] == "waiting")


def test_a_wrong_sequence_is_refused_in_words_and_in_red(page, qtbot):
    edit = page.adder.sequence.lineEdit()
    qtbot.keyClicks(edit, "nigth")
    qtbot.keyClick(edit, RETURN)
    qtbot.waitUntil(page.trouble.isVisible, timeout=10_000)
    assert "night" in page.trouble.text()
    assert edit.property("wrong") is True
    assert page.table.entries == ()


def test_a_double_click_shows_the_sequence(page, qtbot, sequence):
    add(page, qtbot, sequence("one"))
    item = page.table.topLevelItem(0)
    spot = page.table.visualItemRect(item).center()
    view = page.table.viewport()
    qtbot.mouseClick(view, LEFT, pos=spot)
    qtbot.mouseDClick(view, LEFT, pos=spot)
    qtbot.waitUntil(lambda: page.text is not None)
    shown = page.text.layout().itemAt(0).widget().toPlainText()
    assert "title: one" in shown


def test_a_damaged_queue_file_is_said_in_words(page, qtbot, data, sequence):
    add(page, qtbot, sequence("one"))
    state = data / "queue" / "queue.json"
    state.write_bytes(state.read_bytes()[:20])
    qtbot.waitUntil(page.trouble.isVisible, timeout=10_000)
    assert "could not be read" in page.trouble.text()
    assert order(page) == [1]
    said = json.loads(state.read_bytes())
    state.write_text(json.dumps(said | {"format": 99}))
    qtbot.waitUntil(lambda: "99" in page.trouble.text(), timeout=10_000)


def test_a_queue_is_worked_through_and_what_was_interrupted_is_resumed(page, qtbot, data, sequence):
    add(page, qtbot, sequence("long", 100_000_000))
    add(page, qtbot, sequence("short"))
    qtbot.mouseClick(page.start, LEFT)
    qtbot.waitUntil(lambda: states(page).get(1) == "running", timeout=40_000)
    qtbot.waitUntil(lambda: bool(page.table.entries[0].campaign), timeout=40_000)
    page.table.choose(1)
    assert not page.buttons["remove"].isEnabled()
    assert not page.start.isEnabled()
    owner = json.loads(page.table.entries[0].owner)
    psutil.Process(owner["pid"]).kill()
    qtbot.waitUntil(lambda: states(page)[1] == "interrupted", timeout=40_000)
    qtbot.waitUntil(lambda: states(page)[2] == "held", timeout=40_000)
    click(page, qtbot, "show")
    assert page.context.campaign.folder.name.endswith("long")
    page.context.show_page("queue")
    assert page.buttons["resume"].isEnabled()
    click(page, qtbot, "resume")
    client = page.context.campaign
    qtbot.waitUntil(lambda: client.is_live, timeout=40_000)
    client.ask("abort")
    qtbot.waitUntil(lambda: client.state == "aborted", timeout=20_000)


def test_warming_that_was_not_confirmed_is_confirmed_by_resuming_once_more(
    page, qtbot, data, tmp_path
):
    station = find_config("stations", "simulated").read_text(encoding="utf-8")
    station = station.replace("{temperature: 300 K", "{temperature: 4 K")
    (tmp_path / "station.yaml").write_text(f"{station}keep_below: 5 K\n", encoding="utf-8")
    warm = "title: warm\non_error: {then: land}\nsteps:\n  - temperature: {to: 6 K}\n"
    (tmp_path / "warm.yaml").write_text(warm, encoding="utf-8")
    add(page, qtbot, str(tmp_path / "warm.yaml"), str(tmp_path / "station.yaml"))
    outcome = run_prepared(prepare(tmp_path / "warm.yaml", tmp_path / "station.yaml"), data)
    assert outcome.status == "failed"
    clock = SystemClock()
    try:
        queue = Queue(data, clock)
        queue.begin_next()
        queue.end(1, "failed", "failed", outcome.error, str(outcome.folder))
    finally:
        clock.close()
    qtbot.waitUntil(lambda: states(page)[1] == "failed", timeout=10_000)
    page.table.choose(1)
    click(page, qtbot, "resume")
    qtbot.waitUntil(lambda: "--confirm-above" in page.trouble.text(), timeout=40_000)
    assert page.buttons["resume"].text() == "&Resume and warm"
    click(page, qtbot, "resume")
    qtbot.waitUntil(lambda: states(page)[1] == "done", timeout=40_000)


def test_begin_duration_and_end_stand_in_the_table_or_why_they_do_not(page, qtbot, data, sequence):
    add(page, qtbot, sequence("one", 3600))
    add(page, qtbot, sequence("two", 60))
    assert page.table.words()[0][4:7] == ["—", "not rehearsed yet", "—"]
    clock = SystemClock()
    try:
        queue = Queue(data, clock)
        steps = [{"activities_s": {"stated waits": 3600.0}}]
        answer = {"duration_s": 3600.0, "steps": steps, "needs_confirmation": ""}
        keep(entry_key(data, queue.entry(1)), KeptRehearsal(answer, 3600.0))
        keep(entry_key(data, queue.entry(2)), KeptRehearsal({}, problem="no such contact"))
    finally:
        clock.close()
    qtbot.waitUntil(lambda: page.table.words()[0][5] == "1:00:00", timeout=10_000)
    begins, _, ends, fate = page.table.words()[0][4:]
    assert begins.startswith("≈")
    assert ends.startswith("≈")
    assert begins != ends
    assert not fate
    assert page.table.words()[1][5:] == ["—", "—", "no such contact"]
    page.table.choose(1)
    assert not page.buttons["confirm"].isEnabled()
    unsafe = answer | {"needs_confirmation": "step 1: 300 K would change the sample"}
    keep(entry_key(data, page.table.entries[0]), KeptRehearsal(unsafe, 3600.0))
    qtbot.waitUntil(page.buttons["confirm"].isEnabled, timeout=10_000)
    assert "300 K would change the sample" in page.table.words()[0][7]
    click(page, qtbot, "confirm")
    qtbot.waitUntil(lambda: not page.table.words()[0][7], timeout=10_000)
    assert page.table.entries[0].confirmed_above
    assert "as if it started now" in page.runner.text()
