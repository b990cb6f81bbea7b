"""The process that holds a station for the person at the window: begun, kept, asked, let go."""

from collections.abc import Mapping
from typing import Any, Literal

import psutil
from qtpy import QtCore

from daq.app.gui.local_request import Answered, LocalRequest, Refused
from daq.app.gui.processes import Started
from daq.app.gui.work import timer
from daq.campaign.by_hand import held_address
from daq.campaign.local_port import Listening, listening

Phase = Literal["free", "starting", "held", "silent"]
KEEP = 1000
"""Milliseconds between two questions for the state, which keep the station held."""
BEGIN = 200
"""Milliseconds between two looks whether the station is held already."""
SILENT = 4000
"""Milliseconds without an answer after which the process is called silent."""
PATIENCE = 75_000
"""Longest time in ms for one request; the process itself gives up before."""
IDLE = 15.0
"""Seconds without a question after which the process lets the station go by itself."""


class HeldStation(QtCore.QObject):
    """Hold one station by a process of its own, for as long as `keep` is wanted.

    Parameters
    ----------
    parent
        Who owns it.
    """

    changed = QtCore.Signal()
    """Another phase, or other words for it."""
    shown = QtCore.Signal(object)
    """What every instrument shows, as `daq.campaign.hands` tells it."""

    def __init__(self, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self.phase: Phase = "free"
        self.words = ""
        self.name = ""
        self._file = ""
        self.started: Started | None = None
        self._state: LocalRequest | None = None
        self._requests: list[LocalRequest] = []
        self._told = QtCore.QElapsedTimer()
        self._why = ""
        self._looks = timer(self, BEGIN)
        self._looks.timeout.connect(self._look)

    def choose(self, file: str, name: str) -> None:
        """Take care of another station; one that was held is let go."""
        if name != self.name:
            self.let_go()
        self._file, self.name = file, name

    @property
    def there(self) -> Listening | None:
        """Return where the process listens that holds the station by hand; None if none does."""
        return listening(held_address(self.name)) if self.name else None

    def take(self) -> None:
        """Begin to hold the station, or join who holds it by hand already."""
        if not self.name:
            return
        self._told.invalidate()
        if self.there is None:
            if self.started is not None:
                self.started.close()
            words = ["hold", self._file, "--idle", f"{IDLE:g}"]
            self.started = Started(words, self)
            self.started.failed.connect(self._not_begun)
        self._stand("starting", f"taking station {self.name} ...")
        self._looks.setInterval(BEGIN)
        self._looks.start()

    def keep(self) -> None:
        """Ask for the state again and again, which keeps the station held."""
        self._told.invalidate()
        if self.phase != "free":
            self._looks.start()

    def pause(self) -> None:
        """Ask for nothing; the process lets the station go after `IDLE` seconds."""
        self._looks.stop()

    def let_go(self) -> None:
        """Release the station: current and excitation go to zero, the cryostat stays."""
        if self.phase == "free":
            return
        self.ask({"do": "release"}, lambda _: None, lambda _: None)
        self._end(f"station {self.name} is let go; current and excitation at zero")

    def ask(self, said: Mapping[str, Any], answered: Answered, refused: Refused) -> None:
        """Ask for something.

        Parameters
        ----------
        said
            As in `daq.campaign.hands.Hands.carry_out`.
        answered
            Takes the answer.
        refused
            Takes the reason why not.
        """
        there = self.there
        if there is None:
            refused(f"nobody holds station {self.name or '?'}: take it first")
            return
        self._requests = [request for request in self._requests if not request.over]
        request = LocalRequest(there, said, PATIENCE, self)
        self._requests.append(request.then(answered, refused))

    def close(self) -> None:
        """Release the station as a last word; the process goes on by itself to do so."""
        self._looks.stop()
        if self.started is not None:
            self.started.close()
        for request in self._requests:
            request.close()
        if self._state is not None:
            self._state.close()
        there = None if self.phase == "free" else self.there
        if there is not None:
            LocalRequest(there, {"do": "release"}, PATIENCE, self).deliver()

    def _look(self) -> None:
        there = self.there
        if there is None:
            if self.phase in {"held", "silent"}:
                self._end(f"station {self.name} is not held any more")
            elif self.started is None or not lives(self.started.pid):
                self._end(f"station {self.name} was not taken; try again")
            return
        if self._state is None or self._state.over:
            self._looks.setInterval(KEEP)
            request = LocalRequest(there, {"do": "state"}, PATIENCE, self)
            self._state = request.then(self._take_state, self._no_state)
        if not self._told.isValid():
            self._told.start()
        elif self._told.elapsed() > SILENT:
            self._stand(
                "silent",
                f"process {there.owner.pid} holds the station and has told nothing for"
                f" {self._told.elapsed() // 1000} s{self._why}: an instrument may hang, and what is"
                " shown is old. Make safe ends the process and takes the outputs down.",
            )

    def _take_state(self, answer: Mapping[str, Any]) -> None:
        self._told.start()
        self._why = ""
        there = self.there
        pid = "" if there is None else f" (process {there.owner.pid})"
        self._stand("held", f"held by hand{pid}; let go {IDLE:g} s after this page is left")
        self.shown.emit(answer.get("state", {}))

    def _no_state(self, why: str) -> None:
        self._why = f" ({why})"

    def _not_begun(self, why: str) -> None:
        if self.phase in {"free", "starting"}:
            self._end(why.removeprefix("coldpoint: "))

    def _end(self, words: str) -> None:
        self._looks.stop()
        if self._state is not None:
            self._state.close()
        self._stand("free", words)

    def _stand(self, phase: Phase, words: str) -> None:
        if (phase, words) != (self.phase, self.words):
            self.phase, self.words = phase, words
            self.changed.emit()


def lives(pid: int | None) -> bool:
    """Tell whether a process runs; one that has ended and that nobody looked after does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
