"""What the cryostat has been told: always complete, so that one command carries everything."""

from dataclasses import dataclass
from typing import Literal

TemperatureApproach = Literal["fast", "no overshoot"]
FieldApproach = Literal["linear", "no overshoot", "oscillate"]
FieldMode = Literal["driven", "persistent"]
ChamberAction = Literal["seal", "purge and seal", "vent and seal", "pump", "vent", "high vacuum"]

TEMPERATURE_APPROACHES: tuple[TemperatureApproach, ...] = ("fast", "no overshoot")
"""In the order of the codes 0, 1."""
FIELD_APPROACHES: tuple[FieldApproach, ...] = ("linear", "no overshoot", "oscillate")
"""In the order of the codes 0, 1, 2."""
FIELD_MODES: tuple[FieldMode, ...] = ("persistent", "driven")
"""In the order of the codes 0, 1."""
CHAMBER_ACTIONS: tuple[ChamberAction, ...] = (
    "seal",
    "purge and seal",
    "vent and seal",
    "pump",
    "vent",
    "high vacuum",
)
"""In the order of the codes 0 to 5."""


@dataclass(frozen=True, slots=True)
class TemperatureSetpoint:
    """Where the temperature shall go.

    Parameters
    ----------
    target
        In K.
    rate
        In K/s.
    approach
        How it shall end.
    """

    target: float
    rate: float
    approach: TemperatureApproach = "fast"

    def agrees(self, other: "TemperatureSetpoint") -> bool:
        """Tell whether both lead to the same temperature; numbers may be rounded."""
        return abs(self.target - other.target) <= 1e-4 + 1e-5 * self.target


@dataclass(frozen=True, slots=True)
class FieldSetpoint:
    """Where the field shall go.

    Parameters
    ----------
    target
        In T.
    rate
        In T/s.
    approach
        How it shall end.
    mode
        What the magnet shall do there.
    """

    target: float
    rate: float
    approach: FieldApproach = "linear"
    mode: FieldMode = "driven"

    def agrees(self, other: "FieldSetpoint") -> bool:
        """Tell whether both lead to the same field and leave the magnet alike."""
        near = abs(self.target - other.target) <= 1e-5 + 1e-5 * abs(self.target)
        return near and self.mode == other.mode


@dataclass(frozen=True, slots=True)
class AngleSetpoint:
    """Where the rotator shall go.

    Parameters
    ----------
    target
        In degrees.
    rate
        In degrees per second.
    """

    target: float
    rate: float

    def agrees(self, other: "AngleSetpoint") -> bool:
        """Tell whether both lead to the same angle."""
        return abs(self.target - other.target) <= 0.03
