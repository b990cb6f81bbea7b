"""What a rehearsal found."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.campaign.closest_approach import Approach
from daq.campaign.pace import Pace
from instruments.waiting import Value

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """One step of a rehearsal.

    Parameters
    ----------
    index
        Its place in the order of execution, counted from 0.
    what
        What it does, in words.
    depth
        How many loops are round it.
    pace
        Its seconds by activity.
    points
        Rows that it measured.
    error
        Why it failed, in one line; empty if it did not.
    """

    index: int
    what: str
    depth: int
    pace: Pace
    points: int = 0
    error: str = ""

    @property
    def duration(self) -> float:
        """Return how long it takes, in s."""
        return sum(self.pace.values())


@dataclass(frozen=True, slots=True)
class RehearsedRun:
    """One run of a rehearsal.

    Parameters
    ----------
    step
        Index of its step.
    procedure
        Its name.
    rows
        What it measured, by column.
    """

    step: int
    procedure: str
    rows: tuple[Mapping[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Where the sample was in the course of time.

    Parameters
    ----------
    time
        In s, shape (n,).
    temperature
        In K, shape (n,).
    field
        In T, shape (n,).
    angle
        In degrees, shape (n,).
    """

    time: FloatArray
    temperature: FloatArray
    field: FloatArray
    angle: FloatArray


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found.

    Parameters
    ----------
    title
        Of the sequence.
    station
        Name of the station.
    sample
        What was measured, in words.
    begins
        Where it begins, in words.
    steps
        Every step that was begun, in order.
    planned
        How many steps there are.
    runs
        Every run that was begun, in order.
    limits
        How near it came to each.
    course
        Of temperature, field and angle.
    size
        Of the files in bytes.
    helium
        What is used of the level in percent, estimated; None without a cryostat.
    flagged
        How many rows carry each flag, by its name.
    warnings
        What the drivers had to say, and what would ask for a person, each once.
    error
        Why it did not reach its end, in one line; empty if it did.
    latencies
        What was learned of the instruments' answers, in words; empty if they are by the book.
    warming
        Why a person has to confirm it, in words: the sample would become warmer than it may. Empty
        if there is nothing to confirm.
    confirmed
        Whether a person has.
    """

    title: str
    station: str
    sample: str
    begins: str
    steps: tuple[RehearsedStep, ...]
    planned: int
    runs: tuple[RehearsedRun, ...]
    limits: Mapping[str, Approach]
    course: Course
    size: int
    helium: float | None
    flagged: Mapping[str, int]
    warnings: tuple[str, ...]
    error: str = ""
    latencies: str = ""
    warming: str = ""
    confirmed: bool = False

    @property
    def duration(self) -> float:
        """Return how long it takes, in s."""
        return sum(step.duration for step in self.steps)

    @property
    def points(self) -> int:
        """Return how many rows are measured."""
        return sum(step.points for step in self.steps)

    @property
    def failures(self) -> tuple[RehearsedStep, ...]:
        """Return the steps that failed."""
        return tuple(step for step in self.steps if step.error)

    @property
    def broken_limits(self) -> tuple[str, ...]:
        """Return the names of the limits that are exceeded."""
        return tuple(name for name, approach in self.limits.items() if approach.broken)

    @property
    def ok(self) -> bool:
        """Tell whether every step can be carried out within the limits."""
        whole = not self.error and not self.failures and not self.broken_limits
        return whole and (self.confirmed or not self.warming)
