"""The sample space: what a cryostat does to the sample, and how the crystal sits in it."""

import math
from dataclasses import dataclass
from typing import Protocol

SAME_TEMPERATURE = 1e-6
SAME_FIELD = 1e-8
SAME_ANGLE = 1e-5
"""Changes of temperature (relative), field (T) and angle (degrees) that make no difference."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a cryostat does to the sample, in truth and not as it reports it.

    Parameters
    ----------
    temperature
        Of the block under the sample in K.
    field
        Along the axis of the magnet in T.
    angle
        Of the rotator in degrees.
    moving
        Whether any of the three changes now.
    """

    temperature: float = 300.0
    field: float = 0.0
    angle: float = 0.0
    moving: bool = False

    def differs(self, other: "Condition") -> bool:
        """Tell whether it differs from another by more than any sample could feel."""
        return (
            self.moving != other.moving
            or abs(self.temperature - other.temperature) > SAME_TEMPERATURE * other.temperature
            or abs(self.field - other.field) > SAME_FIELD
            or abs(self.angle - other.angle) > SAME_ANGLE
        )


class CryostatModel(Protocol):
    """Tell the condition of the sample space at a time."""

    def condition(self, now: float) -> Condition:
        """Return the condition at `now` s; called with times that never go back."""
        ...


@dataclass(frozen=True, slots=True)
class Steady:
    """A cryostat that stays as it is."""

    held: Condition = Condition()

    def condition(self, now: float) -> Condition:
        """Return the condition that is held."""
        return self.held


@dataclass(frozen=True)
class Mount:
    """How the crystal sits on the rotator.

    At the angle phi the field in the crystal's frame is H (cos(phi - offset) u + sin(phi - offset)
    w), tilted out of the plane of u and w by `misalignment`.

    Parameters
    ----------
    along
        Unit vector u of the crystal that the field follows at the angle `offset`.
    towards
        Unit vector w that it follows 90 degrees later.
    offset
        Of the angle, in degrees.
    misalignment
        Of the plane of rotation, in degrees.
    """

    along: tuple[float, float, float] = (1.0, 0.0, 0.0)
    towards: tuple[float, float, float] = (0.0, 1.0, 0.0)
    offset: float = 0.0
    misalignment: float = 0.0

    def field(self, magnitude: float, angle: float) -> tuple[float, float, float]:
        """Return the field vector in the crystal's frame in T for a rotator angle in degrees."""
        turn = math.radians(angle - self.offset)
        tilt = math.radians(self.misalignment)
        u, w = self.along, self.towards
        normal = (
            u[1] * w[2] - u[2] * w[1],
            u[2] * w[0] - u[0] * w[2],
            u[0] * w[1] - u[1] * w[0],
        )
        a = magnitude * math.cos(turn) * math.cos(tilt)
        b = magnitude * math.sin(turn)
        c = magnitude * math.cos(turn) * math.sin(tilt)
        x, y, z = (a * p + b * q + c * r for p, q, r in zip(u, w, normal, strict=True))
        return (x, y, z)
