"""How long the campaign will still take: its rehearsal, in another process, and what passed."""

import contextlib
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import psutil
from qtpy import QtCore

from daq.app.check_report import duration
from daq.app.gui.campaign_client import CampaignClient
from daq.app.gui.processes import end_child
from daq.app.gui.work import soon, timer
from daq.campaign.attending import RESISTANCE
from daq.campaign.foresight import NICE, rehearsal_command
from daq.campaign.pace import Pace
from daq.campaign.time_left import seconds_left

REFRESH = 1000
"""Milliseconds between two tellings."""


@dataclass(frozen=True, slots=True)
class Book:
    """What a rehearsal says of every step.

    Parameters
    ----------
    paces
        Seconds by activity.
    points
        Rows.
    """

    paces: tuple[Pace, ...]
    points: tuple[int, ...]

    @classmethod
    def from_json(cls, text: str) -> "Book | None":
        """Return what ``coldpoint check --json`` printed; None if that is not a whole rehearsal."""
        try:
            told = json.loads(text)
            steps = told["steps"]
            if len(steps) != told["planned_steps"]:
                return None  # it did not reach its end, and says nothing of what is left
            paces = [step["activities_s"] for step in steps]
            return cls(
                tuple({str(name): float(value) for name, value in pace.items()} for pace in paces),
                tuple(int(step["points"]) for step in steps),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


class TimeLeftClient(QtCore.QObject):
    """Rehearse the campaign that is followed, once, and tell what is left of it.

    Parameters
    ----------
    campaign
        The campaign.
    parent
        Who owns it.
    """

    changed = QtCore.Signal()

    def __init__(self, campaign: CampaignClient, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._campaign = campaign
        self._process: QtCore.QProcess | None = None
        self.book: Book | None = None
        """What the rehearsal says; None while it is not known."""
        self._begin = soon(self, self._rehearse)  # its journal has told by then whether it is over
        campaign.chosen.connect(self._begin_anew)
        self._timer = timer(self, REFRESH)
        self._timer.timeout.connect(self.changed)
        self._timer.start()

    def close(self) -> None:
        """End the timer and the rehearsal."""
        self._timer.stop()
        self._begin.stop()
        self._stop()

    def seconds(self) -> float | None:
        """Return the time left in s of the station's clock; None if it is not known."""
        standing = self._campaign.standing
        if self.book is None or standing.over:
            return None
        return seconds_left(standing, self.book.paces, self._campaign.now())

    def words(self) -> str:
        """Return the time left and when it ends, by the station's clock."""
        seconds = self.seconds()
        if seconds is None:
            return ""
        told = f"{duration(seconds)} left"
        utc = self._campaign.utc()
        if utc is None:
            return told
        end = (utc + timedelta(seconds=seconds)).astimezone()
        clock = " by the simulated clock" if self._campaign.simulated else ""
        return f"{told} · ends {end:%a %H:%M}{clock}"

    def _begin_anew(self, _folder: object) -> None:
        self._stop()
        self.book = None
        self._begin.start()

    def _rehearse(self) -> None:
        self._stop()
        folder = self._campaign.folder
        if folder is None or not (folder / "sequence.yaml").is_file():
            return
        if self._campaign.standing.over:
            return
        process = QtCore.QProcess(self)
        process.finished.connect(self._rehearsed)
        program, *words = rehearsal_command(folder, RESISTANCE)
        process.started.connect(partial(_step_behind, process))
        process.start(program, words)
        self._process = process

    def _rehearsed(self) -> None:
        if self._process is None:
            return
        text = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        self._process.deleteLater()
        self._process = None
        self.book = Book.from_json(text)
        self.changed.emit()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            end_child(process)


def _step_behind(process: QtCore.QProcess) -> None:
    """Let everything else on this computer come first."""
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process(process.processId()).nice(NICE)
