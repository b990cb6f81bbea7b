"""How the crystal sits on the rotator: the direction of the field in it, and to the current."""

import math
from dataclasses import dataclass

from instruments.errors import ConfigurationError

Vector = tuple[float, float, float]
ROUNDING = 1e-6
"""By which the length of a direction may differ from 1, and two directions from a right angle."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Directions of the crystal, and what lies between them and the reading of the rotator.

    Parameters
    ----------
    along
        Unit vector of the crystal that the field follows at the reading `offset`.
    towards
        Unit vector normal to it that the field follows 90 degrees later.
    offset
        Of the reading of the rotator in degrees.
    misalignment
        Of the plane of rotation in degrees: how far the field leaves the plane of the two at
        `offset`, towards their cross product.
    backlash
        Play of the rotator in degrees: the crystal lags behind the reading by it while the reading
        falls; a rising reading is right.
    current
        Unit vector of the current in the crystal; None if it is not known.
    """

    along: Vector = (1.0, 0.0, 0.0)
    towards: Vector = (0.0, 1.0, 0.0)
    offset: float = 0.0
    misalignment: float = 0.0
    backlash: float = 0.0
    current: Vector | None = None

    def __post_init__(self) -> None:
        for name in ("along", "towards", "current"):
            vector = getattr(self, name)
            if vector is not None and not abs(math.hypot(*vector) - 1.0) <= ROUNDING:
                raise ConfigurationError(
                    f"mount: {name} is {vector}, expected a vector of length 1; divide it by its"
                    " length"
                )
        if not abs(_product(self.along, self.towards)) <= ROUNDING:
            raise ConfigurationError(
                f"mount: along {self.along} and towards {self.towards} are not at a right angle;"
                " correct one"
            )
        if not self.backlash >= 0.0:
            raise ConfigurationError(
                f"mount: a backlash of {self.backlash} degrees cannot be; give zero or more"
            )

    def crystal_angle(self, reading: float, *, falling: bool = False) -> float:
        """Return the angle between the field and `along` in the plane of rotation.

        Parameters
        ----------
        reading
            Of the rotator in degrees.
        falling
            Whether the reading was approached from above.

        Returns
        -------
        float
            In degrees.
        """
        return reading - self.offset + (self.backlash if falling else 0.0)

    def field_direction(self, reading: float, *, falling: bool = False) -> Vector:
        """Return the unit vector of a positive field in the frame of the crystal.

        Parameters
        ----------
        reading
            Of the rotator in degrees.
        falling
            Whether the reading was approached from above.

        Returns
        -------
        Vector
            Three components.
        """
        turn = math.radians(self.crystal_angle(reading, falling=falling))
        tilt = math.radians(self.misalignment)
        parts = (
            math.cos(turn) * math.cos(tilt),
            math.sin(turn),
            math.cos(turn) * math.sin(tilt),
        )
        axes = (self.along, self.towards, _cross(self.along, self.towards))
        x, y, z = (
            sum(part * axis[i] for part, axis in zip(parts, axes, strict=True)) for i in range(3)
        )
        return (x, y, z)

    def current_to_field(self, field: float, reading: float, *, falling: bool = False) -> float:
        """Return the cosine of the angle between current and field.

        Parameters
        ----------
        field
            Of the magnet in T; a negative one points the other way.
        reading
            Of the rotator in degrees.
        falling
            Whether the reading was approached from above.

        Returns
        -------
        float
            Not a number where the direction of the current is not known.
        """
        if self.current is None:
            return math.nan
        cosine = _product(self.current, self.field_direction(reading, falling=falling))
        return math.copysign(1.0, field) * cosine


def _product(a: Vector, b: Vector) -> float:
    return sum(p * q for p, q in zip(a, b, strict=True))


def _cross(a: Vector, b: Vector) -> Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
