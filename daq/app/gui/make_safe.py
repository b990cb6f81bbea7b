"""Make a station safe whoever owns it, in a process that outlives the window; say who did it."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from qtpy import QtCore

from daq.app.gui.held_station import HeldStation, lives
from daq.app.gui.local_request import LocalRequest
from daq.app.gui.page import Context
from daq.app.gui.processes import Started
from daq.app.gui.work import timer
from daq.campaign.detached import end_process
from daq.campaign.safe_now import MadeSafe, told_by_owner
from daq.runs.lock import Owner

ANSWER = 3000
"""Milliseconds that the owner gets to answer."""
BY = {
    "runner": "The RUNNER made it safe",
    "guardian": "The GUARDIAN made it safe",
    "nobody else": "Nobody owned the station; it was made safe from here",
}


class SafeProcess(Started):
    """The command that makes a station safe; it goes on when the window closes."""

    told = QtCore.Signal(str)
    """It has ended, and what it printed."""

    def _look(self) -> None:
        if self.pid is not None and lives(self.pid):
            return
        self._looks.stop()
        self.told.emit(self.log.read_text(encoding="utf-8", errors="replace"))


class MakeSafe(QtCore.QObject):
    """Make a station safe and tell in words who did it and what was reached.

    Parameters
    ----------
    context
        What all pages share.
    held
        The process that holds the station by hand, if one does.
    parent
        Who owns it.
    """

    told = QtCore.Signal(str, str)
    """What happened, and its weight: ``warning`` while it lasts, ``good`` or ``bad``."""

    def __init__(self, context: Context, held: HeldStation, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._held = held
        self._process: SafeProcess | None = None
        self._request: LocalRequest | None = None
        self._since = QtCore.QElapsedTimer()
        self._ticks = timer(self, 500)
        self._ticks.timeout.connect(self._tell_wait)
        self._landing: Owner | None = None
        self._landed = timer(self, 100)
        self._landed.timeout.connect(self._look_landed)
        self._awaits_campaign = False
        context.campaign.stood.connect(self._campaign_stood)

    def begin(self, file: str, *, virtual: bool, campaign: bool) -> None:
        """Make the station safe now.

        Parameters
        ----------
        file
            Of the station.
        virtual
            Whether its twins live inside the program that uses it.
        campaign
            Whether the campaign that the window follows owns it.
        """
        if virtual:
            self._make_virtual_safe(campaign=campaign)
            return
        self._since.start()
        self._ticks.start()
        self._tell_wait()
        if self._process is not None:
            self._process.close()
        self._process = SafeProcess(["safe", file, "--json"], self)
        self._process.told.connect(self._ended)

    def close(self) -> None:
        """Look no more; what was begun goes on."""
        self._ticks.stop()
        self._landed.stop()
        if self._process is not None:
            self._process.close()
        if self._request is not None:
            self._request.close()

    def _tell_wait(self) -> None:
        seconds = self._since.elapsed() / 1000.0
        who = (
            "asking who owns the station"
            if seconds < ANSWER / 1000.0
            else "waiting for the outputs; without an answer the guardian's landing is done"
        )
        self.told.emit(f"Making safe: {who} ({seconds:.0f} s)", "warning")

    def _ended(self, text: str) -> None:
        self._ticks.stop()
        lines = [line for line in text.splitlines() if line.strip()]
        for line in lines:
            try:
                found: Mapping[str, Any] = json.loads(line)
                made = MadeSafe(found["by"], str(found["words"]), bool(found["safe"]))
            except (ValueError, KeyError, TypeError):
                continue
            self._tell(made)
            return
        why = lines[-1].removeprefix("coldpoint: ") if lines else "the command ended without a word"
        self.told.emit(f"NOT KNOWN TO BE SAFE: {why}", "bad")

    def _make_virtual_safe(self, *, campaign: bool) -> None:
        there = self._held.there
        if there is not None:
            self.told.emit("Making safe: asking the process that holds the station", "warning")
            self._request = LocalRequest(there, {"do": "make safe"}, ANSWER, self)
            self._request.then(
                partial(self._held_answered, there.owner), partial(self._held_silent, there.owner)
            )
        elif campaign:
            self._awaits_campaign = True
            self._context.campaign.ask("abort")
            self.told.emit("Making safe: the campaign was asked to abort and to land", "warning")
        else:
            self.told.emit(
                "Nobody uses this station, and its twins exist only while somebody does: nothing"
                " is on.",
                "good",
            )

    def _held_answered(self, owner: Owner, _answer: Mapping[str, Any]) -> None:
        self.told.emit(f"Making safe: process {owner.pid} lands", "warning")
        self._landing = owner
        self._landed.start()

    def _look_landed(self) -> None:
        owner, there = self._landing, self._held.there
        if owner is None or (there is not None and there.owner == owner):
            return
        self._landed.stop()
        self._tell(told_by_owner(self._held.name, owner))

    def _tell(self, made: MadeSafe) -> None:
        who = BY[made.by] if made.safe else "NOT SAFE"
        self.told.emit(f"{who}: {made.words}.", "good" if made.safe else "bad")

    def _held_silent(self, owner: Owner, why: str) -> None:
        def ended(gone: bool) -> None:  # noqa: FBT001 (the result of end_process)
            if gone:
                self.told.emit(f"{why}; it was ended, and its twins with it.", "good")
            else:
                self.told.emit(f"NOT SAFE: {why}, and it cannot be ended.", "bad")

        self._context.work.do(partial(end_process, owner), ended, self._context.say_failure)

    def _campaign_stood(self, state: str) -> None:
        if not self._awaits_campaign or state in {"running", "paused", "unknown"}:
            return
        self._awaits_campaign = False
        safe = self._context.campaign.standing.safe
        if safe:
            self.told.emit(f"{BY['runner']}: the campaign is {state} and has landed.", "good")
        else:
            self.told.emit(f"NOT KNOWN TO BE SAFE: the campaign is {state}.", "bad")
