"""The plan: a sequence, resolved. SI units, every default written out, nothing left to guess.

`flatten` puts a plan into the order of execution, with an index for every step that stays the same
as long as the plan does: resume builds on it. What a step can be stands in
`daq.campaign.plan_steps`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from daq.campaign.plan_steps import (
    AngleStep,
    ContactStep,
    FieldApproach,
    FieldMode,
    FieldStep,
    LeafStep,
    LoopStep,
    NoteStep,
    PositionStep,
    ProcedureStep,
    SetStep,
    SettingValue,
    Step,
    TemperatureApproach,
    TemperatureStep,
    Values,
    Variable,
    WaitStep,
)
from daq.config.quantity import format_quantity
from instruments.limits import Limit

__all__ = [
    "LIMIT_UNITS",
    "UNITS",
    "AngleStep",
    "ContactStep",
    "FieldApproach",
    "FieldMode",
    "FieldStep",
    "LeafStep",
    "LoopPoint",
    "LoopStep",
    "NoteStep",
    "OnError",
    "PlannedStep",
    "PositionStep",
    "ProcedureStep",
    "Reference",
    "Sequence",
    "SetStep",
    "SettingValue",
    "Step",
    "TemperatureApproach",
    "TemperatureStep",
    "Values",
    "Variable",
    "WaitStep",
    "Watch",
    "count_steps",
    "flatten",
]

UNITS: Mapping[str, str] = {"temperature": "K", "field": "T", "angle": "deg", "position": "m"}
"""Unit of what an environment step or a loop sets."""

LIMIT_UNITS: Mapping[str, str] = {
    "current": "A",
    "current_rate": "A/s",
    "compliance": "V",
    "pulse_voltage": "V",
    "pulse_current": "A",
    "temperature": "K",
    "temperature_rate": "K/s",
    "field": "T",
    "field_rate": "T/s",
    "voltage": "V",
    "voltage_rate": "V/s",
    "position": "m",
}
"""Unit of each limit, by name."""


@dataclass(frozen=True, slots=True)
class OnError:
    """What happens when a step fails.

    Parameters
    ----------
    retry
        How often it is tried again.
    then
        Go on with the next step, or end the campaign and make the station safe.
    """

    retry: int = 0
    then: Literal["skip", "land"] = "land"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is judged at every point.

    Parameters
    ----------
    resistance
        Lowest and highest that is believed, in ohm.
    jump
        Largest relative change from point to point, as a fraction.
    then
        What happens outside.
    quadrature
        Largest quadrature Y of the lock-in, as a fraction of its in-phase X.
    """

    resistance: tuple[float, float] | None = None
    jump: float | None = None
    then: Literal["pause", "skip", "land"] = "pause"
    quadrature: float | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A short zero-bias check under the first conditions, again and again.

    Parameters
    ----------
    every
        Shortest time in s between two of them.
    step
        What is measured.
    drift
        Relative change since the first from which it is marked.
    travel
        Whether the station may be taken to the first conditions and back.
    line
        Of the key in its file; 0 if there is none.
    """

    every: float
    step: ProcedureStep
    drift: float = 0.02
    travel: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """What is to be done, as a whole.

    Parameters
    ----------
    title
        In words.
    sample
        What the file says of the sample.
    station
        Name or path of the station file; empty if the file leaves it open.
    limits
        Limits tighter than the station's, by name, in SI units.
    on_error
        What happens when a step fails.
    watch
        What is judged at every point; None for nothing.
    steps
        In order.
    source
        Name of the file.
    text
        What the file says, verbatim.
    reference
        What is measured again and again; None for nothing.
    """

    title: str
    sample: Mapping[str, SettingValue]
    station: str
    limits: Mapping[str, Limit]
    on_error: OnError
    watch: Watch | None
    steps: tuple[Step, ...]
    source: str = field(default="", compare=False)
    text: str = field(default="", compare=False)
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class LoopPoint:
    """Where in a loop a step is.

    Parameters
    ----------
    variable
        What the loop sets.
    index
        Which value, counted from 0.
    count
        How many values there are.
    value
        The value, in SI units.
    """

    variable: Variable
    index: int
    count: int
    value: float | str

    def __str__(self) -> str:
        """Return such as ``field 1.5 T (4 of 8)``."""
        value = self.value
        text = value if isinstance(value, str) else format_quantity(value, UNITS[self.variable])
        return f"{self.variable} {text} ({self.index + 1} of {self.count})"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in the order of execution.

    Parameters
    ----------
    index
        Its place in that order, counted from 0.
    step
        What is done.
    loops
        Where in each loop around it, the outermost first.
    """

    index: int
    step: LeafStep
    loops: tuple[LoopPoint, ...] = ()


def flatten(sequence: Sequence) -> tuple[PlannedStep, ...]:
    """Return every step in the order of execution; each round of a loop sets its variable first."""
    leaves = _leaves(sequence.steps, ())
    return tuple(PlannedStep(index, step, loops) for index, (step, loops) in enumerate(leaves))


def count_steps(steps: tuple[Step, ...]) -> int:
    """Return how many steps `flatten` would give, without making them."""
    return sum(
        len(step.values) * (1 + count_steps(step.steps)) if isinstance(step, LoopStep) else 1
        for step in steps
    )


def _leaves(
    steps: tuple[Step, ...], loops: tuple[LoopPoint, ...]
) -> Iterator[tuple[LeafStep, tuple[LoopPoint, ...]]]:
    for step in steps:
        if not isinstance(step, LoopStep):
            yield step, loops
            continue
        values: tuple[float | str, ...] = step.values
        for index, value in enumerate(values):
            inside = (*loops, LoopPoint(step.variable, index, len(step.values), value))
            yield step.setting(value), inside
            yield from _leaves(step.steps, inside)
