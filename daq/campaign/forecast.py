"""How much of a running campaign is left: the rehearsal's time, corrected by what has passed."""

import threading
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
        Seconds by activity of every step, as `RehearsedStep.pace` has them; None while they are not
        known, see `expect`.
    first
        Index of the first step that is carried out; those before count as done.
    """

    def __init__(
        self,
        clock: Clock,
        temperature: Callable[[], float],
        planned: Sequence[Pace] | None = None,
        *,
        first: int = 0,
    ) -> None:
        self._watch = Stopwatch(clock, temperature)
        self._first = first
        self._ended: list[tuple[int, Pace]] = []
        self._mine = threading.Lock()
        self._left: TimeLeft | None = None
        self._running: int | None = None
        if planned is not None:
            self.expect(planned)

    def expect(self, planned: Sequence[Pace]) -> None:
        """Take what a rehearsal has found; steps that have ended meanwhile are learned from.

        Parameters
        ----------
        planned
            Seconds by activity of every step.
        """
        left = TimeLeft(planned, done=range(self._first))
        with self._mine:
            for index, spent in self._ended:
                left.ended(index, spent)
            self._left = left

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
        if self._running is None:
            return
        spent = self._watch.lap()
        with self._mine:
            if self._running >= self._first:  # what was brought back first is done already
                self._ended.append((self._running, spent))
                if self._left is not None:
                    self._left.ended(self._running, spent)
        self._running = None

    @property
    def known(self) -> bool:
        """Tell whether a rehearsal has arrived."""
        return self._left is not None

    def seconds_left(self) -> float:
        """Return the time left in s; not a number while no rehearsal has arrived."""
        with self._mine:
            if self._left is None:
                return float("nan")
            return self._left.seconds(self._running, self._watch.spent())
