"""The steps of a plan: what is set, waited for, noted or measured, in SI units."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Values = tuple[float, ...] | tuple[str, ...]
SettingValue = float | int | str | bool
TemperatureApproach = Literal["fast", "no overshoot"]
FieldApproach = Literal["linear", "no overshoot", "oscillate"]
FieldMode = Literal["driven", "persistent"]
Variable = Literal["temperature", "field", "angle", "position", "contact"]


@dataclass(frozen=True, slots=True)
class TemperatureStep:
    """Bring the sample to a temperature.

    Parameters
    ----------
    to
        Setpoint in K.
    rate
        In K/s; None until the plan is resolved for a station.
    approach
        How the setpoint is reached.
    dwell
        Time in s to stay after it has settled.
    line
        Of the step in its file; 0 if there is none.
    """

    to: float
    rate: float | None = None
    approach: TemperatureApproach = "fast"
    dwell: float = 0.0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FieldStep:
    """Bring the magnet to a field.

    Parameters
    ----------
    to
        Setpoint in T.
    rate
        In T/s; None until the plan is resolved for a station.
    approach
        How the setpoint is reached.
    mode
        What the magnet does there.
    dwell
        Time in s to stay after it has settled.
    line
        Of the step in its file; 0 if there is none.
    """

    to: float
    rate: float | None = None
    approach: FieldApproach = "linear"
    mode: FieldMode = "driven"
    dwell: float = 0.0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AngleStep:
    """Turn the sample to an angle.

    Parameters
    ----------
    to
        Setpoint in degrees.
    rate
        In degrees per s; None for the rotator's own.
    dwell
        Time in s to stay after it has settled.
    line
        Of the step in its file; 0 if there is none.
    """

    to: float
    rate: float | None = None
    dwell: float = 0.0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PositionStep:
    """Bring the scanner to a position.

    Parameters
    ----------
    to
        Setpoint in m.
    dwell
        Time in s to stay after it is there.
    line
        Of the step in its file; 0 if there is none.
    """

    to: float
    dwell: float = 0.0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ContactStep:
    """Go on with another contact.

    Parameters
    ----------
    to
        Name of the contact in the station file.
    line
        Of the step in its file; 0 if there is none.
    """

    to: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Wait.

    Parameters
    ----------
    seconds
        How long, in s.
    line
        Of the step in its file; 0 if there is none.
    """

    seconds: float
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class NoteStep:
    """Write a note into the journal.

    Parameters
    ----------
    text
        The note.
    line
        Of the step in its file; 0 if there is none.
    """

    text: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """Measure.

    Parameters
    ----------
    name
        Of the procedure, in snake case.
    settings
        Every setting of the procedure, in SI units.
    units
        Units of those settings that have one.
    lines
        Line of every setting that the file gives.
    line
        Of the step in its file; 0 if there is none.
    """

    name: str
    settings: Mapping[str, SettingValue]
    units: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    line: int = field(default=0, compare=False)


SetStep = TemperatureStep | FieldStep | AngleStep | PositionStep | ContactStep
LeafStep = SetStep | WaitStep | NoteStep | ProcedureStep


@dataclass(frozen=True, slots=True)
class LoopStep:
    """Set a variable to one value after the other, and carry out steps at each.

    Parameters
    ----------
    variable
        What is set.
    values
        In order, in SI units; names for contacts. A loop both ways holds the way back too.
    set_step
        How it is set: the step of the first value, which the other values take the place of.
    steps
        What is done at each value.
    line
        Of the loop in its file; 0 if there is none.
    """

    variable: Variable
    values: Values
    set_step: SetStep
    steps: tuple["Step", ...]
    line: int = field(default=0, compare=False)

    def setting(self, value: float | str) -> SetStep:
        """Return the step that sets the variable to `value`."""
        return replace(self.set_step, to=value)  # type: ignore[arg-type]  # of the variable's type


Step = LeafStep | LoopStep
