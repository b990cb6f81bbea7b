"""Start asks for what a person has to confirm: in the window itself, and the default is no."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from qtpy import QtCore

from daq.app.sequence.rehearsed import Rehearsed
from daq.campaign.queue import Queue
from instruments.clock import SystemClock

LEFT = QtCore.Qt.MouseButton.LeftButton
WHY = "step 1: a temperature of 300 K would change the sample, which is to be kept below 50 K"
WARM = "title: Warm\nstation: simulated\nsteps:\n  - temperature: 300 K\n"


@pytest.fixture
def page(open_window, qtbot, tmp_path, monkeypatch):
    """Return the sequence page with a sequence as if it had been rehearsed; nothing is started."""
    started = []
    monkeypatch.setattr(
        "daq.app.gui.sequence_launch.Started",
        lambda words, _parent: (
            started.append(words)
            or SimpleNamespace(failed=SimpleNamespace(connect=lambda _: None), close=lambda: None)
        ),
    )
    page = open_window("sequence").pages["sequence"]
    file = tmp_path / "warm.yaml"
    file.write_text(WARM)
    page.files.open_path(file)
    qtbot.waitUntil(lambda: page.draft.verdict is not None and page.draft.text == WARM)
    page.launch._file = file  # noqa: SLF001 (as a rehearsal leaves it)
    page.launch.found = Rehearsed(
        text=WARM,
        ok=True,
        verdict="1 step",
        duration=1.0,
        durations=(1.0,),
        facts=(),
        limits=(),
        warnings=(),
        hours=np.zeros(0),
        course={},
        confirmation=WHY,
    )
    page._tell_state()  # noqa: SLF001 (as a rehearsal does)
    return SimpleNamespace(page=page, started=started)


def test_start_asks_with_the_reason_and_no_is_the_default(page, qtbot):
    question = page.page.confirmation
    assert not question.isVisible()
    qtbot.mouseClick(page.page.start, LEFT)
    assert question.isVisible()
    assert WHY in question.words.text()
    qtbot.keyClick(question, QtCore.Qt.Key.Key_Return)
    assert not question.isVisible()
    qtbot.mouseClick(page.page.start, LEFT)
    qtbot.keyClick(question, QtCore.Qt.Key.Key_Escape)
    assert not question.isVisible()
    qtbot.mouseClick(page.page.start, LEFT)
    assert question.isVisible()
    page.page.draft.edit(WARM.replace("300", "200"), "colder")  # another sequence, no question
    assert not question.isVisible()
    assert page.started == []


def test_what_is_confirmed_is_started_and_queued_so_and_what_needs_nothing_at_once(
    page, qtbot, data
):
    question, launch = page.page.confirmation, page.page.launch
    qtbot.mouseClick(page.page.start, LEFT)
    qtbot.mouseClick(question.yes, LEFT)
    assert [words[0] for words in page.started] == ["run"]
    assert "--confirm-above" in page.started[0]
    page.page.context.show_page("sequence")
    qtbot.mouseClick(page.page.queue, LEFT)
    qtbot.mouseClick(question.yes, LEFT)
    clock = SystemClock()
    try:
        queue = Queue(data, clock)
        qtbot.waitUntil(lambda: bool(queue.entries()), timeout=20_000)
        assert queue.entry(1).confirmed_above
    finally:
        clock.close()
    launch.found = replace(launch.found, confirmation="")
    qtbot.mouseClick(page.page.start, LEFT)
    assert not question.isVisible()
    assert len(page.started) == 2
    assert "--confirm-above" not in page.started[1]
