"""One combined sample of the cryostat, and the test that it can be data at all."""

import math
from dataclasses import dataclass

from instruments.errors import CommunicationError
from instruments.ppms.status import (
    AngleStatus,
    ChamberStatus,
    FieldStatus,
    TemperatureStatus,
    judge_temperature,
)

HOTTEST = 1000.0
"""Highest temperature in K that is believed."""
STRONGEST = 20.0
"""Highest magnitude of the field in T that is believed of a magnet whose limit is below it."""
BEYOND = 1.1
"""Highest magnitude that is believed of a stronger magnet, over its limit."""


@dataclass(frozen=True, slots=True)
class CryostatReading:
    """What the cryostat said at one time.

    Parameters
    ----------
    time
        On the clock of the station in s, when the question was asked.
    temperature
        Of the block under the sample in K.
    field
        In T, as the magnet's current tells; there is no field sensor.
    angle
        Of the rotator in degrees; not a number where there is no rotator.
    temperature_status
        State of the temperature control.
    field_status
        State of the magnet.
    angle_status
        State of the rotator.
    chamber_status
        State of the chamber.
    chamber
        The state of the chamber in words.
    code
        The packed status, in the codes of the family that answered.
    raw
        The status as it was received.
    sample_temperature
        Of a second thermometer at the sample in K; None if there is none or it gave no value.
    helium
        Level in percent, as last measured; None where it cannot be had.
    """

    time: float
    temperature: float
    field: float
    angle: float
    temperature_status: TemperatureStatus
    field_status: FieldStatus
    angle_status: AngleStatus
    chamber_status: ChamberStatus
    chamber: str
    code: int
    raw: str
    sample_temperature: float | None = None
    helium: float | None = None

    @property
    def unsteady(self) -> tuple[str, ...]:
        """Return what moves or is out of control, in words; empty when a point may be trusted."""
        marks = []
        if judge_temperature(self.temperature_status) != "good":
            marks.append(f"temperature: {self.temperature_status.value}")
        if self.field_status not in {FieldStatus.PERSISTENT, FieldStatus.HOLDING}:
            marks.append(f"field: {self.field_status.value}")
        if self.angle_status in {AngleStatus.MOVING, AngleStatus.UNKNOWN, AngleStatus.FAILURE}:
            marks.append(f"rotator: {self.angle_status.value}")
        return tuple(marks)


def believed(reading: CryostatReading, limit: float = 0.0) -> CryostatReading:
    """Return the reading if its numbers can be true.

    Parameters
    ----------
    reading
        As parsed.
    limit
        Highest field in T that the magnet may be asked for.

    Returns
    -------
    CryostatReading
        The same.

    Raises
    ------
    CommunicationError
        A temperature of zero, a number that is none, a field that no magnet makes: these are how a
        broken link looks, not data.
    """
    if not 0.0 < reading.temperature < HOTTEST:
        raise CommunicationError(
            f"PPMS: a temperature of {reading.temperature} K is no reading; ask again"
        )
    if not abs(reading.field) < max(STRONGEST, BEYOND * limit):
        raise CommunicationError(f"PPMS: a field of {reading.field} T is no reading; ask again")
    if reading.angle_status is not AngleStatus.ABSENT and not math.isfinite(reading.angle):
        raise CommunicationError(f"PPMS: an angle of {reading.angle} is no reading; ask again")
    return reading
