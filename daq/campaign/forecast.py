"""How much of a running campaign is left: the rehearsal's time, corrected by what has passed."""

from collections.abc import Callable, Sequence

from daq.campaign.pace import Pace, Stopwatch, TimeLeft
from instruments.clock import Clock
from instruments.waiting import Event


class Forecast:
    """Follow a campaign and tell what is left of it; a follower of events.

    Parameters
    ----------
    clock
        The clock of the station.
    temperature
        Returns the temperature now in K.
    planned
        Seconds by activity of every step, as `RehearsedStep.pace` has them.
    first
        Index of the first step that is carried out; those before count as done.
    """

    def __init__(
        self,
        clock: Clock,
        temperature: Callable[[], float],
        planned: Sequence[Pace],
        *,
        first: int = 0,
    ) -> None:
        self._watch = Stopwatch(clock, temperature)
        self._left = TimeLeft(planned, done=range(first))
        self._running: int | None = None

    def announce(self, index: int, words: str = "") -> None:  # noqa: ARG002 (as a conductor calls)
        """Begin a step; the one before has ended, unless it is tried again."""
        if index == self._running:
            return
        self.end()
        self._watch.lap()
        self._running = index

    def offer(self, event: Event, rows: int) -> None:
        """Take an event of the step that runs."""
        self._watch.offer(event, rows)

    def end(self) -> None:
        """End the step that runs."""
        if self._running is not None:
            self._left.ended(self._running, self._watch.lap())
            self._running = None

    def seconds_left(self) -> float:
        """Return the time left in s."""
        return self._left.seconds(self._running, self._watch.spent())
