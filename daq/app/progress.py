"""Progress of a campaign on a terminal."""

import math
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from daq.campaign.forecast import Forecast
from instruments.clock import Clock
from instruments.station import Station
from instruments.waiting import Event, Record, Wait
from instruments.waiting import Progress as StoryProgress

LEFT_PERIOD = 1.0
"""Shortest time in s between two looks at how much is left."""


def left_in_words(left: timedelta, now: datetime) -> str:
    """Return such as ``3:20:05 left, ends Sat 06:12``, by the clock on the wall."""
    return f"{left} left, ends {(now + left).astimezone():%a %H:%M}"


class CampaignProgress:
    """Two bars: the steps of the campaign, and the step that runs; a follower of events.

    Parameters
    ----------
    steps
        How many there are.
    console
        Where to draw; nothing is drawn where it is no terminal.
    """

    def __init__(self, steps: int, console: Console | None = None) -> None:
        console = Console(stderr=True) if console is None else console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._steps = steps
        self._campaign: TaskID = self._bars.add_task("campaign", total=steps, left="")
        self._step: TaskID = self._bars.add_task("", total=1.0, left="")
        self._words = ""
        self._forecast: Forecast | None = None
        self._clock: Clock | None = None
        self._told = -math.inf

    def foreseen(self, forecast: Forecast, station: Station) -> None:
        """Show from now on how much is left, and when the campaign will have ended."""
        self._clock, self._forecast = station.clock, forecast

    def announce(self, index: int, words: str) -> None:
        """Begin a step."""
        self._words = words if len(words) <= 60 else f"{words[:57]}..."
        self._bars.update(
            self._campaign, completed=index, description=f"step {index + 1} of {self._steps}"
        )
        self._bars.update(self._step, completed=0.0, description=self._words)

    def offer(self, event: Event, rows: int) -> None:
        """Take an event; bars are redrawn by a thread of their own."""
        self._show_left()
        match event:
            case StoryProgress():
                self._bars.update(self._step, completed=event.fraction)
            case Wait():
                self._bars.update(self._step, description=f"{self._words}: {event.reason}")
            case Record():
                self._bars.update(self._step, description=f"{self._words}: {rows} points")

    def _show_left(self) -> None:
        if self._forecast is None or self._clock is None:
            return
        now = self._clock.now()
        if now - self._told >= LEFT_PERIOD:
            self._told = now
            left = timedelta(seconds=round(self._forecast.seconds_left()))
            self._bars.update(self._campaign, left=left_in_words(left, self._clock.utc()))

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()
