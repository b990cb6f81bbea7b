"""A runner that lives and listens and answers nobody: the window does not wait for it."""

import json
import threading
from types import SimpleNamespace

import pytest
from qtpy import QtCore

from daq.campaign.control_port import address_file
from daq.campaign.local_port import LocalPort
from daq.runs.lock import Owner

PROMPT = 2000
"""Milliseconds; a request to a runner may last five seconds."""


class Deaf:
    """A campaign whose runner takes every request and answers none."""

    def __init__(self, folder):
        self.folder = folder
        self.heard = []
        self.over = threading.Event()
        folder.mkdir()
        owner = Owner.this_process().to_json()
        stamp = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0}
        plan = {"title": "Deaf", "station": "simulated"}
        events = [{"event": "plan", "plan": plan}]
        events.append({"event": "campaign begun", "owner": owner, "station": "simulated"})
        lines = (json.dumps({**stamp, **event}) + "\n" for event in events)
        (folder / "journal.jsonl").write_text("".join(lines))

    def asked(self):
        return {said["do"] for said in self.heard}

    def answer(self, said):
        self.heard.append(said)
        self.over.wait(60.0)
        return {"ok": True}


@pytest.fixture
def deaf(data):
    found = Deaf(data / "2026-01-01T000000Z-deaf")
    with LocalPort(address_file(found.folder), found.answer, "deaf", together=True):
        yield found
        found.over.set()


@pytest.fixture
def asking(deaf, open_window, qtbot):
    """Return a window of which a question, a wish and a remark wait for the runner."""
    before = set(threading.enumerate())
    window = open_window("station")
    station = window.pages["station"]
    station.choice.choose("simulated")
    qtbot.waitUntil(lambda: station.in_campaign and "state" in deaf.asked())
    window.context.campaign.ask("pause")
    said = {"do": "note", "text": "odd"}
    assert window.context.campaign.tell_runner(deaf.folder, said, lambda _: None, lambda _: None)
    return window, before


def test_other_work_goes_on_and_closing_is_prompt_and_what_was_told_arrives(asking, deaf, qtbot):
    window, before = asking
    done = []
    window.context.work.do(lambda: 1, done.append)
    qtbot.waitUntil(lambda: done == [1], timeout=PROMPT)
    window.context.campaign.ask("abort")
    clock = QtCore.QElapsedTimer()
    clock.start()
    window.close()
    assert clock.elapsed() < PROMPT
    left = set(threading.enumerate()) - before
    assert [one.name for one in left if "window" in one.name] == []
    qtbot.waitUntil(lambda: {"pause", "note", "abort"} <= deaf.asked())


def test_a_runner_that_does_not_answer_is_told_of_in_words(asking, deaf, qtbot):
    window, _ = asking
    with qtbot.waitSignal(window.context.campaign.refused, timeout=20_000) as refused:
        window.context.campaign.ask("skip")
    (words,) = refused.args
    assert words.startswith(f"{deaf.folder.name}: process ")
    assert "has not answered for 5 s" in words
    assert "its guardian will end it" in words


def test_a_remark_of_the_page_data_is_told_to_the_runner_that_lives(deaf, open_window, qtbot):
    deaf.over.set()  # it answers
    deeds = open_window("browser").pages["browser"].deeds
    deeds.take([SimpleNamespace(path=str(deaf.folder / "0003-field_loop.csv"), number=3)])
    qtbot.keyClicks(deeds.remark, "lead came off")
    with qtbot.waitSignal(deeds.remarked, timeout=20_000):
        qtbot.mouseClick(deeds.write, QtCore.Qt.MouseButton.LeftButton)
    (note,) = (said for said in deaf.heard if said["do"] == "note")
    assert (note["text"], note["about"]["run"]) == ("lead came off", 3)
    assert deeds.remark.text() == ""
    assert "lead came off" not in (deaf.folder / "journal.jsonl").read_text()  # by its runner alone
