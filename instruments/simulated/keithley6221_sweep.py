"""The settings of sweeps and lists of a 6221."""

import math
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from instruments.simulated.keithley6221_ranges import HIGHEST_CURRENT
from instruments.simulated.scpi_parameters import ScpiError

MOST_POINTS = 65535


class Spacing(Enum):
    """How the points of a sweep are spaced."""

    LINEAR = auto()
    LOGARITHMIC = auto()
    LIST = auto()


class Ranging(Enum):
    """How the range of a sweep is chosen."""

    BEST = auto()
    AUTO = auto()
    FIXED = auto()


class Event(Enum):
    """What lets the arm layer or the trigger layer pass."""

    IMMEDIATE = auto()
    TIMER = auto()
    BUS = auto()
    LINE = auto()
    BOTH_TESTS = auto()
    POSITIVE_TEST = auto()
    NEGATIVE_TEST = auto()
    MANUAL = auto()


@dataclass(slots=True)
class Sweep:
    """Settings of sweeps; the values after a reset are assumed.

    Parameters
    ----------
    spacing
        How the points are spaced.
    start
        In A.
    stop
        In A.
    points
        Of a linear or logarithmic sweep.
    delay
        Length of its steps in s.
    ranging
        How the range is chosen.
    count
        How often the sweep is run; may be infinite.
    abort_on_compliance
        Whether compliance ends it.
    currents
        Of the list, in A.
    delays
        Of the list, in s.
    compliances
        Of the list, in V.
    arm_source
        What lets the arm layer pass.
    trigger_source
        What lets the trigger layer pass.
    """

    spacing: Spacing = Spacing.LINEAR
    start: float = 0.0
    stop: float = 100e-6
    points: float = 11.0
    delay: float = 1.0
    ranging: Ranging = Ranging.BEST
    count: float = 1.0
    abort_on_compliance: bool = False
    currents: tuple[float, ...] = (0.0,)
    delays: tuple[float, ...] = (1.0,)
    compliances: tuple[float, ...] = (10.0,)
    arm_source: Event = Event.IMMEDIATE
    trigger_source: Event = Event.IMMEDIATE

    @property
    def step(self) -> float:
        """Return the distance of linear points in A; setting it sets their number (assumed)."""
        return abs(self.stop - self.start) / max(1.0, self.points - 1.0)

    @step.setter
    def step(self, step: float) -> None:
        points = math.floor(abs(self.stop - self.start) / step + 1e-9) + 1
        if points > MOST_POINTS:
            raise ScpiError(-222)
        self.points = float(points)

    @property
    def center(self) -> float:
        """Return the middle of the sweep in A."""
        return 0.5 * (self.start + self.stop)

    @center.setter
    def center(self, center: float) -> None:
        self._place(center, self.span)

    @property
    def span(self) -> float:
        """Return the way from start to stop in A."""
        return self.stop - self.start

    @span.setter
    def span(self, span: float) -> None:
        self._place(self.center, span)

    def levels(self) -> tuple[float, ...]:
        """Return the currents of the points in A."""
        if self.spacing is Spacing.LIST:
            return self.currents
        if self.spacing is Spacing.LINEAR:
            return tuple(map(float, np.linspace(self.start, self.stop, int(self.points))))
        if self.start * self.stop <= 0.0:
            raise ScpiError(-221)
        sign = math.copysign(1.0, self.start)
        spaced = np.geomspace(abs(self.start), abs(self.stop), int(self.points))
        return tuple(map(float, sign * spaced))

    def _place(self, center: float, span: float) -> None:
        start, stop = center - 0.5 * span, center + 0.5 * span
        if max(abs(start), abs(stop)) > HIGHEST_CURRENT * (1.0 + 1e-9):
            raise ScpiError(-222)
        self.start, self.stop = start, stop
