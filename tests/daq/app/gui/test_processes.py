"""What the window asks other processes ends with it, and their end holds nobody up."""

import os
import signal

import psutil
import pytest
from qtpy import QtCore

from daq.app.fit_models import Asked
from daq.app.gui import fit_work
from daq.app.gui.campaign_client import CampaignClient
from daq.app.gui.fit_work import FitWork
from daq.app.gui.processes import PATIENCE, Question
from daq.app.gui.time_left import TimeLeftClient
from daq.app.gui.work import Work

LONG = 60_000
"""Milliseconds; the machine may be busy."""
JOURNAL = """\
{"event": "plan", "utc": "2026-01-01T00:00:00+00:00", "clock": 0.0, "plan": {"title": "A night"}}
{"event": "campaign ended", "utc": "2026-01-01T01:00:00+00:00", "clock": 9.0, "outcome": "finished"}
"""


@pytest.fixture
def owner():
    return QtCore.QObject()


def test_a_fit_process_that_dies_is_told_at_once(owner, qtbot, monkeypatch, tmp_path):
    (tmp_path / "mute_fit.py").write_text("import threading\nthreading.Event().wait(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(fit_work, "MODULE", "mute_fit")
    work, told = FitWork(owner), []
    work.ask(tmp_path / "a.csv", "btk", Asked(), told.append, told.append)
    (process,) = work.findChildren(QtCore.QProcess)
    qtbot.waitUntil(lambda: process.state() == process.Running, timeout=LONG)
    clock = QtCore.QElapsedTimer()
    clock.start()
    os.kill(work.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(told), timeout=LONG)
    assert "the process that fits has ended" in told[0]
    assert clock.elapsed() < PATIENCE  # the window has waited for nothing
    assert work.pid is None


def test_a_question_that_is_given_up_leaves_no_process_and_is_not_answered(owner):
    answers = []
    question = Question(["--help"], answers.append, owner)
    (process,) = question.findChildren(QtCore.QProcess)
    pid = int(process.processId())
    question.close()
    question.close()
    assert not psutil.pid_exists(pid)
    assert not answers


@pytest.mark.parametrize(("lines", "rehearsals"), [(2, 0), (1, 1)], ids=["over", "not over"])
def test_only_a_campaign_that_is_not_over_is_rehearsed_for_the_time_left(
    owner, qtbot, tmp_path, lines, rehearsals
):
    folder = tmp_path / "2026-01-01T000000Z-A-night"
    folder.mkdir()
    (folder / "journal.jsonl").write_text("".join(JOURNAL.splitlines(keepends=True)[:lines]))
    (folder / "sequence.yaml").write_text("format: 1\ntitle: A night\nsteps:\n  - wait: 1 s\n")
    work = Work(owner)
    campaign = CampaignClient(tmp_path, work, owner)
    left = TimeLeftClient(campaign, owner)
    campaign.choose(folder)
    qtbot.wait(50)
    assert len(left.findChildren(QtCore.QProcess)) == rehearsals
    left.close()
    campaign.close()
    work.close()
