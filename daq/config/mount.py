"""What the station file says of how the crystal sits on the rotator."""

import math
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from daq.config.fields import Degrees, Model, NotNegativeDegrees
from daq.config.problem import UnacceptableError, shown
from instruments.mount import ROUNDING, Mount, Vector


def _direction(value: object) -> object:
    """Return a direction of length 1; its length in the file does not count."""
    example = "write three numbers, such as [1, 0, 0]"
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise UnacceptableError(shown(value), "a direction of the crystal", example)
    for index, part in enumerate(value):
        if isinstance(part, bool) or not isinstance(part, int | float) or not math.isfinite(part):
            raise UnacceptableError(shown(part), "a finite number", example, (index,))
    length = math.hypot(*value)
    if not 0.0 < length < math.inf:
        raise UnacceptableError(f"a length of {length:g}", "a direction of the crystal", example)
    return tuple(part / length for part in value)


Direction = Annotated[Vector, BeforeValidator(_direction)]


class MountConfig(Model):
    """How the crystal sits on the rotator; directions of the crystal, angles in degrees.

    The field follows `along` at the reading `offset` of the rotator, and `towards` 90 degrees
    later. `misalignment` tilts the plane of rotation; `backlash` is the play while the reading
    falls. `current` is the direction of the current, which ``J.H`` needs.
    """

    along: Direction = (1.0, 0.0, 0.0)
    towards: Direction = (0.0, 1.0, 0.0)
    offset: Degrees = 0.0
    misalignment: Degrees = 0.0
    backlash: NotNegativeDegrees = 0.0
    current: Direction | None = None

    @model_validator(mode="after")
    def _turn_by_a_right_angle(self) -> Self:
        cosine = sum(p * q for p, q in zip(self.along, self.towards, strict=True))
        if not abs(cosine) <= ROUNDING:
            between = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
            raise UnacceptableError(
                f"{between:.4g} degrees between 'along' and 'towards'",
                "a right angle",
                "correct one of the two",
                ("towards" if "towards" in self.model_fields_set else "along",),
            )
        return self

    def mount(self) -> Mount:
        """Return the mount that it describes."""
        return Mount(
            along=self.along,
            towards=self.towards,
            offset=self.offset,
            misalignment=self.misalignment,
            backlash=self.backlash,
            current=self.current,
        )
