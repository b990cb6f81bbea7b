"""Whoever wants to know while a run goes on, and must never hold it up.

Each observer has a thread and a bounded queue of its own. One that lags behind or raises is
detached and reported; the run does not notice.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from instruments.closing import Closing
from instruments.errors import StorageError
from instruments.waiting import Event

Receive = Callable[[Event, int], None]
Report = Callable[[str], None]


class Observer(Closing):
    """Hand events on to `receive` in a thread of its own.

    It may follow several runs, one after the other. Use it as a context manager, or `close` it.

    Parameters
    ----------
    name
        Who observes, for messages.
    receive
        Takes an event and the number of rows that have been acknowledged by then.
    report
        Told in one line when the observer is detached; the journal, as a rule. Called at most once.
    room
        How many events may wait before the observer is called too slow.
    """

    def __init__(self, name: str, receive: Receive, report: Report, *, room: int = 1000) -> None:
        self.name = name
        self._receive = receive
        self._report = report
        self._room = room
        self._queue: SimpleQueue[tuple[Event, int] | None] = SimpleQueue()
        self._first = threading.Lock()
        self._attached = True
        self._thread = threading.Thread(target=self._serve, name=f"observer {name}", daemon=True)
        self._thread.start()

    @property
    def attached(self) -> bool:
        """Tell whether events are still handed on."""
        return self._attached

    def offer(self, event: Event, rows: int) -> None:
        """Queue an event; never waits and never raises.

        Parameters
        ----------
        event
            What has happened.
        rows
            How many rows have been acknowledged by now.
        """
        if not self._attached:
            return
        if self._queue.qsize() >= self._room:
            self._detach(f"it lags {self._room} events behind")
            return
        self._queue.put((event, rows))

    def close(self, timeout: float = 1.0) -> None:
        """Let it take what is queued, for at most `timeout` s of life, and end its thread."""
        self._queue.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._detach(f"it has not ended within {timeout:g} s")

    def _serve(self) -> None:
        while (item := self._queue.get()) is not None and self._attached:
            try:
                self._receive(*item)
            except Exception as failure:  # noqa: BLE001 (a stranger's code; it must not end the run)
                self._detach(f"it raised {type(failure).__name__}: {failure}")

    def _detach(self, why: str) -> None:
        if not self._first.acquire(blocking=False):
            return
        self._attached = False
        self._queue.put(None)
        # A disk that refuses the line refuses the next row too, and that ends the run.
        with suppress(StorageError):
            self._report(f"observer {self.name} is detached: {why}; the run goes on without it")
