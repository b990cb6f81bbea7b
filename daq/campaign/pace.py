"""Where the time of a step goes, and how much of a campaign is left, judged by what has passed.

Every wait of a story says what it waits for, so that the time of a step divides into activities:
ramps of the temperature, ramps of the field, and so on. A rehearsal tells how long each takes by
the book; the steps that have passed tell by which factor this station differs from the book,
activity by activity; what is left is the book's time by that factor. Waits that the sequence states
are exact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from instruments.clock import Clock
from instruments.waiting import Event, Wait

STATED = "stated waits"
MEASURING = "measuring"
COLD = "temperature below 10 K"
TEN_KELVIN = 10.5
"""Below this temperature in K the block follows other rules: slower ramps, and a pot to fill."""
TRUST = 30.0
"""Seconds of an activity that must have passed before what they tell counts by half."""
FARTHEST = 4.0
"""Largest factor between a station and the book that is believed."""

Pace = Mapping[str, float]
"""Seconds by activity."""

_SET = ("temperature", "field", "angle")
_STATED_REASONS = ("the sample to follow", "as the sequence says", "the pause at the maximum")


class Stopwatch:
    """Divide time into activities; a follower of events.

    Parameters
    ----------
    clock
        The clock of the station.
    temperature
        Returns the temperature now in K.
    """

    def __init__(self, clock: Clock, temperature: Callable[[], float]) -> None:
        self._clock = clock
        self._temperature = temperature
        self._last = clock.now()
        self._until = self._last
        self._activity = MEASURING
        self._spent: dict[str, float] = {}

    def offer(self, event: Event, rows: int) -> None:  # noqa: ARG002 (a follower's signature)
        """Take an event: what lies between it and the one before has passed."""
        self._charge()
        if isinstance(event, Wait):
            self._until, self._activity = event.until, self._named(event.reason)

    def spent(self) -> dict[str, float]:
        """Return the seconds by activity since the last `lap`."""
        self._charge()
        return dict(self._spent)

    def lap(self) -> dict[str, float]:
        """Return the seconds by activity and begin anew."""
        spent = self.spent()
        self._spent = {}
        self._until = self._last
        return spent

    def _charge(self) -> None:
        now = self._clock.now()
        waited = max(0.0, min(now, self._until) - self._last)
        for activity, seconds in (
            (self._activity, waited),
            (MEASURING, now - self._last - waited),
        ):
            if seconds > 0.0:
                self._spent[activity] = self._spent.get(activity, 0.0) + seconds
        self._last = now

    def _named(self, reason: str) -> str:
        if reason in _STATED_REASONS:
            return STATED
        for name in _SET:
            if name in reason:
                cold = name == "temperature" and self._temperature() < TEN_KELVIN
                return COLD if cold else name
        return MEASURING


class TimeLeft:
    """Tell how much of a campaign is left.

    Parameters
    ----------
    planned
        Seconds by activity of every step, in order, as it was rehearsed.
    done
        Indices of steps that are done already, from which nothing is learned.
    """

    def __init__(self, planned: Sequence[Pace], done: Iterable[int] = ()) -> None:
        self._planned = tuple(planned)
        self._ended = set(done)
        self._by_book: dict[str, float] = {}
        self._taken: dict[str, float] = {}

    def ended(self, index: int, spent: Pace) -> None:
        """Learn from a step that has ended.

        Parameters
        ----------
        index
            Of the step; one that was skipped or resumed may be told too.
        spent
            Seconds by activity that it took.
        """
        self._ended.add(index)
        _add(self._by_book, self._planned[index])
        _add(self._taken, spent)

    def factor(self, activity: str) -> float:
        """Return how much longer than by the book an activity takes; 1 while nothing is known."""
        if activity == STATED:
            return 1.0
        taken = self._taken.get(activity, 0.0) + TRUST
        ratio = taken / (self._by_book.get(activity, 0.0) + TRUST)
        return min(FARTHEST, max(1.0 / FARTHEST, ratio))

    def seconds(self, running: int | None = None, spent: Pace | None = None) -> float:
        """Return the time left in s.

        Parameters
        ----------
        running
            Index of the step that runs; None between two steps.
        spent
            Seconds by activity that it has taken so far.

        Returns
        -------
        float
            Of the step that runs and of all that have not ended.
        """
        left = 0.0
        for index, pace in enumerate(self._planned):
            if index in self._ended:
                continue
            done = spent or {} if index == running else {}
            for activity, seconds in pace.items():
                left += max(0.0, seconds * self.factor(activity) - done.get(activity, 0.0))
        return left


def _add(sums: dict[str, float], pace: Pace) -> None:
    for activity, seconds in pace.items():
        sums[activity] = sums.get(activity, 0.0) + seconds
