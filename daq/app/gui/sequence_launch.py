"""Rehearse a sequence; what was rehearsed and is unchanged may be started, or queued."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy import QtCore

from daq.app.gui.page import Context
from daq.app.gui.processes import Started
from daq.app.gui.sequence_draft import Draft
from daq.app.gui.sequence_rehearsal import RehearsalProcess
from daq.app.gui.work import timer
from daq.app.sequence.rehearsed import Rehearsed
from daq.campaign.leftovers import InUse, clean_state
from daq.campaign.queue import Queue
from daq.campaign.queue_store import Entry
from instruments.clock import SystemClock


class Launch(QtCore.QObject):
    """What may be done with the sequence as it is now.

    Parameters
    ----------
    draft
        The sequence.
    context
        What all pages share.
    parent
        Who owns it.
    """

    changed = QtCore.Signal()
    confirmation_needed = QtCore.Signal(str, str, object)
    """Why a person must confirm, what for, and what is called once it is confirmed."""

    def __init__(self, draft: Draft, context: Context, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._draft = draft
        self._context = context
        self._process = RehearsalProcess(context.data, self)
        self._file = Path()
        self._started: list[Started] = []
        self.found: Rehearsed | None = None
        self.failure = ""
        self.elapsed = 0
        self._seconds = timer(self, 1000)
        self._seconds.timeout.connect(self._tick)
        self._process.found.connect(self._take)
        self._process.failed.connect(self._fail)
        self._process.ended.connect(self._end)

    @property
    def rehearsing(self) -> bool:
        """Tell whether a rehearsal is under way."""
        return self._process.running

    @property
    def current(self) -> Rehearsed | None:
        """Return the rehearsal of the sequence as it is now."""
        found = self.found
        return found if found is not None and found.text == self._draft.text else None

    @property
    def outdated(self) -> bool:
        """Tell whether there is a rehearsal, but of another text."""
        return self.found is not None and self.current is None and not self.rehearsing

    @property
    def offered(self) -> bool:
        """Tell whether it may be started: rehearsed, unchanged, and within the limits."""
        return self.current is not None and self.current.ok and not self.rehearsing

    def rehearse_or_cancel(self) -> None:
        """Begin a rehearsal, or end the one that is under way."""
        if self.rehearsing:
            self._process.cancel()
            return
        found = self._draft.verdict
        if found is None or not found.ok:
            self._context.say("the sequence cannot be rehearsed yet: something in it is wrong")
            return
        self.found, self.failure, self.elapsed = None, "", 0
        self._file = self._process.start(self._draft.text)
        self._context.work.do(partial(_clean, self._context.data), _done, _done)
        self._seconds.start()
        self.changed.emit()

    def start(self) -> None:
        """Start what was rehearsed as a process of its own, once a person has confirmed it."""
        self._when_confirmed("Start it all the same", self._start)

    def add_to_queue(self) -> None:
        """Put what was rehearsed at the end of the queue, once a person has confirmed it."""
        self._when_confirmed("Add it all the same", self._queue)

    def _when_confirmed(self, yes: str, then: Callable[[str], None]) -> None:
        """Do something with what was rehearsed; ask first where the rehearsal says so."""
        found = self.current
        if found is None or not self.offered:
            return
        if not found.confirmation:
            then("")
            return

        def confirmed() -> None:
            if self.current is found:
                then(found.confirmation)

        self.confirmation_needed.emit(found.confirmation, yes, confirmed)

    def _start(self, confirmed: str) -> None:
        words = ["run", str(self._file), "--data", str(self._context.data)]
        words += ["--confirm-above"] if confirmed else []
        started = Started(words, self)
        started.failed.connect(self._context.say)
        self._started.append(started)
        self._context.say(f"{self._draft.title} is starting; it is shown as soon as it runs")
        self._context.show_page("campaign")

    def _queue(self, confirmed: str) -> None:
        self._context.work.do(
            partial(_queued, self._context.data, self._file, confirmed=bool(confirmed)),
            self._tell_queued,
            self._context.say_failure,
        )

    def close(self) -> None:
        """End the rehearsal; a campaign that was started goes on."""
        self._seconds.stop()
        self._process.cancel()
        for started in self._started:
            started.close()

    def _tick(self) -> None:
        self.elapsed += 1
        self.changed.emit()

    def _take(self, found: Rehearsed) -> None:
        self.found = found

    def _fail(self, words: str) -> None:
        self.failure = words

    def _end(self) -> None:
        self._seconds.stop()
        self.changed.emit()

    def _tell_queued(self, entry: Entry) -> None:
        self._context.say(f"{entry.title} is number {entry.id} in the queue; it waits for its turn")


def _clean(data: Path) -> None:
    """Clean away what earlier windows have left, and nobody needs any more."""
    clock = SystemClock()
    try:
        references = InUse.now(data, Queue(data, clock).entries())
        clean_state(references, clock.utc().timestamp())
    finally:
        clock.close()


def _done(_result: object) -> None:
    """Go on: what could not be cleaned away is in the log."""


def _queued(data: Path, file: Path, *, confirmed: bool) -> Entry:
    clock = SystemClock()
    try:
        return Queue(data, clock).add(file, confirmed_above=confirmed)
    finally:
        clock.close()
