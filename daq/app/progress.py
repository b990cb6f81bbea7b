"""Progress of a campaign on a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from instruments.waiting import Event, Record, Wait
from instruments.waiting import Progress as StoryProgress


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
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._steps = steps
        self._campaign: TaskID = self._bars.add_task("campaign", total=steps)
        self._step: TaskID = self._bars.add_task("", total=1.0)
        self._words = ""

    def announce(self, index: int, words: str) -> None:
        """Begin a step."""
        self._words = words if len(words) <= 60 else f"{words[:57]}..."
        self._bars.update(
            self._campaign, completed=index, description=f"step {index + 1} of {self._steps}"
        )
        self._bars.update(self._step, completed=0.0, description=self._words)

    def offer(self, event: Event, rows: int) -> None:
        """Take an event; bars are redrawn by a thread of their own."""
        match event:
            case StoryProgress():
                self._bars.update(self._step, completed=event.fraction)
            case Wait():
                self._bars.update(self._step, description=f"{self._words}: {event.reason}")
            case Record():
                self._bars.update(self._step, description=f"{self._words}: {rows} points")

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
