"""The three quantities of a cryostat: how each is sent, asked, read and judged."""

from dataclasses import dataclass, field
from typing import Any

from instruments.clock import Clock
from instruments.ppms.axis import Axis
from instruments.ppms.helium import HeliumRule
from instruments.ppms.limits import SLOWEST_FIELD_RATE, CryostatLimits
from instruments.ppms.link import Link
from instruments.ppms.reading import CryostatReading
from instruments.ppms.setpoints import AngleSetpoint, FieldSetpoint, TemperatureSetpoint
from instruments.ppms.settling import ANGLE_RULE, FIELD_RULE, TEMPERATURE_RULE, SettleRule
from instruments.ppms.status import (
    LEADS,
    Judgement,
    judge_angle,
    judge_field,
    judge_temperature,
)


@dataclass(frozen=True, slots=True)
class CryostatSettings:
    """What a station decides about its cryostat.

    Parameters
    ----------
    limits
        What may be asked of it.
    temperature_rule
        When the temperature counts as settled; in K and s.
    field_rule
        When the field counts as settled; in T and s.
    angle_rule
        When the angle counts as settled; in degrees and s.
    helium_rule
        When to read the helium and when to raise the alarm.
    field_rate_floor
        Lowest rate of this magnet in T/s; the hardware does not tell it.
    """

    limits: CryostatLimits = field(default_factory=CryostatLimits)
    temperature_rule: SettleRule = TEMPERATURE_RULE
    field_rule: SettleRule = FIELD_RULE
    angle_rule: SettleRule = ANGLE_RULE
    helium_rule: HeliumRule = field(default_factory=HeliumRule)
    field_rate_floor: float = SLOWEST_FIELD_RATE


class Axes:
    """Temperature, field and angle over one link.

    Parameters
    ----------
    link
        The transport.
    clock
        The clock of the station.
    settings
        The rules of settling.
    """

    def __init__(self, link: Link, clock: Clock, settings: CryostatSettings) -> None:
        self.temperature = Axis[TemperatureSetpoint](
            "temperature",
            "K",
            settings.temperature_rule,
            send=link.set_temperature,
            ask=link.temperature_setpoint,
            value=lambda reading: reading.temperature,
            judge=lambda reading, _ours, _since: judge_temperature(reading.temperature_status),
            clock=clock,
            late=60.0,
        )
        self.field = Axis[FieldSetpoint](
            "field",
            "T",
            settings.field_rule,
            send=link.set_field,
            ask=link.field_setpoint,
            value=lambda reading: reading.field,
            judge=_judge_field,
            clock=clock,
            late=2.0 * LEADS,
        )
        self.angle = Axis[AngleSetpoint](
            "angle",
            "deg",
            settings.angle_rule,
            send=link.set_angle,
            ask=link.angle_setpoint,
            value=lambda reading: reading.angle,
            judge=lambda reading, _ours, _since: judge_angle(reading.angle_status),
            clock=clock,
            late=10.0,
        )

    @property
    def all(self) -> tuple[Axis[Any], ...]:
        """Return the three in the order in which they are asked.

        Replies to TEMP? and MOVE? have equally many fields: a late one could pass for the other if
        they were asked in a row, so the field comes between them.
        """
        return (self.temperature, self.field, self.angle)


def _judge_field(reading: CryostatReading, ours: FieldSetpoint | None, since: float) -> Judgement:
    if ours is None:
        at_rest = {judge_field(reading.field_status, m, LEADS) for m in ("driven", "persistent")}
        return "good" if "good" in at_rest else at_rest.pop()
    return judge_field(reading.field_status, ours.mode, since)
