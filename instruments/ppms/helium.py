"""Helium: read rarely, judged by its value and by how fast it falls."""

from collections import deque
from dataclasses import dataclass

WINDOW = 7200.0
"""How far back in s the trend looks."""
SHORTEST = 1200.0
"""Shortest time in s from which a trend is told; the level comes in steps."""


@dataclass(frozen=True, slots=True)
class HeliumRule:
    """When to read the level, and when to raise the alarm.

    Parameters
    ----------
    period
        Shortest time between two questions in s; the meter heats and switches off by itself.
    minimum
        Alarm below this level in percent.
    fall
        Alarm above this loss in percent per hour (assumed: several times the loss at rest).
    """

    period: float = 600.0
    minimum: float = 50.0
    fall: float = 4.0


class HeliumLog:
    """The levels that were read."""

    def __init__(self, rule: HeliumRule) -> None:
        self.rule = rule
        self._asked: float | None = None
        self._levels: deque[tuple[float, float]] = deque()

    @property
    def level(self) -> float | None:
        """Return the last level in percent."""
        return self._levels[-1][1] if self._levels else None

    def due(self, now: float) -> bool:
        """Tell whether the level may be asked for; if so, the question counts as asked."""
        if self._asked is not None and now - self._asked < self.rule.period:
            return False
        self._asked = now
        return True

    def add(self, now: float, level: float) -> None:
        """Keep a level in percent."""
        self._levels.append((now, level))
        while now - self._levels[0][0] > WINDOW:
            self._levels.popleft()

    @property
    def trend(self) -> float | None:
        """Return the change in percent per hour of late; None while too little is known."""
        if len(self._levels) < 2:
            return None
        (start, first), (end, last) = self._levels[0], self._levels[-1]
        if end - start < SHORTEST:
            return None
        return (last - first) / (end - start) * 3600.0

    @property
    def alarm(self) -> str | None:
        """Return what is wrong with the helium; None if nothing is."""
        if self.level is not None and self.level < self.rule.minimum:
            return f"helium is at {self.level:.0f} %, below {self.rule.minimum:g} %; refill"
        if self.trend is not None and -self.trend > self.rule.fall:
            return (
                f"helium falls by {-self.trend:.1f} % per hour, more than {self.rule.fall:g}; "
                "look for the cause"
            )
        return None
