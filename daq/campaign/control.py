"""What people ask of a campaign while it runs: go on, pause, skip, abort."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Request = Literal["pause", "go on", "skip", "abort"]


class Control(threading.Event):
    """The stop event of a campaign, and why it was set; any thread may ask.

    The engine sees an event that ends a wait and a story. The conductor takes the reason from it
    and, unless it is an abort, goes on.

    Parameters
    ----------
    asked
        An event that only ever means abort, such as that of Ctrl-C.
    looked
        Called whenever the engine looks whether it has been asked to stop: the heartbeat.
    """

    def __init__(
        self, asked: threading.Event | None = None, looked: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__()
        self._asked = threading.Event() if asked is None else asked
        self.looked = looked
        self._mine = threading.Lock()
        self._request: Request | None = None
        self._undisturbed = False

    def ask(self, request: Request) -> None:
        """Ask for something; an abort is never taken back.

        Parameters
        ----------
        request
            ``pause`` and ``skip`` end the present attempt, ``go on`` ends a pause.
        """
        with self._mine:
            if self._request != "abort":
                self._request = request
            if request in {"skip", "abort"} or (request == "pause" and not self._undisturbed):
                self.set()

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Hold a pause back until what cannot be repeated is over."""
        self._undisturbed = True
        try:
            yield
        finally:
            with self._mine:
                self._undisturbed = False
                if self._request == "pause":
                    self.set()

    def answered(self) -> bool:
        """Tell whether a pause has been decided."""
        return self._request in {"go on", "skip", "abort"} or self._asked.is_set()

    def take(self) -> Request | None:
        """Return what was asked last and forget it, unless it is an abort."""
        with self._mine:
            if self._asked.is_set():
                return "abort"
            request = self._request
            if request == "abort" or (request is None and super().is_set()):
                return "abort"
            self._request = None
            self.clear()
            return request

    def is_set(self) -> bool:
        """Tell whether the present story is to end."""
        self.looked()
        return super().is_set() or self._asked.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until somebody asks; Ctrl-C ends it at once, other requests within a slice."""
        return super().is_set() or self._asked.wait(timeout)
