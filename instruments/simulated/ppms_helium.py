"""Helium of the simulated PPMS, and the level meter that looks at it now and then."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

HOUR = 3600.0
OLD, RECENT, CONTINUOUS = 0, 1, 2
ONCE, ON, HOURLY, OFF = 0, 1, 2, 3


@dataclass(frozen=True)
class HeliumOptions:
    """How fast the helium goes and how it is measured.

    Parameters
    ----------
    start
        Level at the beginning in percent.
    idle
        Loss in percent per hour (assumed).
    driven
        More loss at full field with loaded leads in percent per hour (assumed).
    pot
        More loss while the pot is filled, in percent per hour (assumed).
    quench
        Loss in a quench in percent (assumed).
    low
        Level in percent below which an advisory is shown (assumed).
    advisory
        Number of that advisory (assumed; no list was found).
    meter_delay
        Time in s until the meter gives a value.
    unread
        Time in s after which a continuous meter that nobody reads switches off.
    noise
        Of a reading in percent (assumed).
    glitch
        Probability of a reading outside 30 to 100 percent (assumed).
    """

    start: float = 85.0
    idle: float = 0.4
    driven: float = 0.6
    pot: float = 1.0
    quench: float = 20.0
    low: float = 52.0
    advisory: int = 1
    meter_delay: float = 10.0
    unread: float = 60.0
    noise: float = 0.05
    glitch: float = 0.01


@dataclass(slots=True)
class Helium:
    """The level in the dewar.

    Parameters
    ----------
    options
        How fast it goes.
    time
        The present in s.
    effort
        Returns the weighted time in s between two times that the leads were loaded.
    filling
        Returns the time in s between two times that the pot was filled.
    """

    options: HeliumOptions
    time: float
    effort: Callable[[float, float], float]
    filling: Callable[[float, float], float]
    percent: float = 0.0

    def __post_init__(self) -> None:
        self.percent = self.options.start

    def level(self, now: float) -> float:
        """Return the level in percent at `now` s; called with times that never go back."""
        if now > self.time:
            lost = self.options.idle * (now - self.time)
            lost += self.options.driven * self.effort(self.time, now)
            lost += self.options.pot * self.filling(self.time, now)
            self.percent = max(0.0, self.percent - lost / HOUR)
            self.time = now
        return self.percent

    def lose(self, percent: float) -> None:
        """Lose some at once; a negative loss is a transfer."""
        self.percent = min(100.0, max(0.0, self.percent - percent))


class LevelMeter:
    """The meter that is switched on for single readings, because it warms the helium.

    Parameters
    ----------
    helium
        What it looks at.
    generator
        Of noise and glitches.
    now
        The present in s; the meter begins with a reading and reads hourly.
    """

    def __init__(self, helium: Helium, generator: np.random.Generator, now: float) -> None:
        self._helium = helium
        self._random = generator
        self._mode = HOURLY
        self._since = now
        self._asked = now
        self._next = now + HOUR
        self._value, self._taken = helium.level(now), now

    def switch(self, now: float, mode: int) -> None:
        """Read once (0), continuously (1), hourly (2), or no more (3)."""
        self.update(now)
        self._mode = mode
        self._since = self._asked = now
        self._next = now + self._helium.options.meter_delay if mode != OFF else inf

    def update(self, now: float) -> None:
        """Take the single readings that have fallen due."""
        while self._mode != ON and self._next <= now:
            self._value, self._taken = self._helium.level(self._next), self._next
            self._next = self._next + HOUR if self._mode == HOURLY else inf

    def read(self, now: float) -> tuple[float, int]:
        """Return the level in percent and its age code: 0 over an hour, 1 under, 2 continuous."""
        self.update(now)
        if self._mode == ON:
            self._follow(now)
        value = self._value + float(self._random.normal(0.0, self._helium.options.noise))
        if float(self._random.uniform()) < self._helium.options.glitch:
            value = 0.0
        if self._mode == ON and self._taken == now:
            return value, CONTINUOUS
        return value, RECENT if now - self._taken < HOUR else OLD

    def _follow(self, now: float) -> None:
        """Read on, up to the time at which an unread meter switches itself off."""
        stop = self._asked + self._helium.options.unread
        last = min(now, stop)
        if last >= self._next:
            self._value, self._taken = self._helium.level(last), last
        if now > stop:
            self._mode, self._next = OFF, inf
        self._asked = now
