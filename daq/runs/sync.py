"""Sync a growing file ten times a second, off the way of the data.

Durability is a matter of life, not of the station's clock: the thread waits in real seconds even
while a rehearsal's clock jumps.
"""

import threading
from collections.abc import Callable
from itertools import islice

PERIOD = 0.1
"""Time between two syncs in s of life."""


class Tail:
    """Rows that the kernel has and the disk may not have yet.

    A sync that has failed is never tried again: the kernel may have dropped the pages and report
    success the next time, although the data are gone.

    Parameters
    ----------
    sync
        Brings the file to the disk; raises OSError if it cannot.
    """

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._rows: list[bytes] = []
        self._one_at_a_time = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.synced_rows = 0
        self.synced_bytes = 0
        self.failure: OSError | None = None
        self.note = self._rows.append  # the row is acknowledged in this one step

    def rows(self) -> list[bytes]:
        """Return the lines that are not known to be on the disk."""
        return list(self._rows)

    def sync(self) -> None:
        """Sync once, unless a sync has failed before."""
        with self._one_at_a_time:
            covered = len(self._rows)
            if self.failure is not None or not covered:
                return
            try:
                self._sync()
            except OSError as failure:
                self.failure = failure
                return
            self.synced_rows += covered
            self.synced_bytes += sum(map(len, islice(self._rows, covered)))
            del self._rows[:covered]

    def start(self) -> None:
        """Sync every `PERIOD` in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._serve, name="sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, wait for a sync that is under way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _serve(self) -> None:
        while self.failure is None and not self._ending.wait(PERIOD):
            self.sync()
