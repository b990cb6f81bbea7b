"""What may be asked of the cryostat. SI here; oersted and K/min begin in the two links."""

import math
from dataclasses import dataclass

from instruments.errors import ConfigurationError, LimitError

OERSTED = 1e-4
"""T per Oe."""
PER_MINUTE = 1.0 / 60.0
"""K/s per K/min."""
SLOWEST_TEMPERATURE_RATE = 0.01 * PER_MINUTE
"""Below this MultiPyVu refuses; what the Model 6000 does below it is not known."""
SLOWEST_FIELD_RATE = 9.2 * OERSTED
"""The lowest floor told of any PPMS magnet (9.2 to 10.5 Oe/s); the hardware does not report it."""
SLACK = 1e-9
"""Relative slack, so that a rate may be equal to its limit in other units."""


@dataclass(frozen=True, slots=True)
class CryostatLimits:
    """The limits of one station.

    Parameters
    ----------
    temperature
        Lowest and highest in K.
    temperature_rate
        Highest in K/s; used where a rate is omitted.
    field
        Highest magnitude in T.
    field_rate
        Highest in T/s; used where a rate is omitted.
    angle
        Lowest and highest in degrees.
    angle_rate
        Highest in degrees per second; used where a rate is omitted.
    """

    temperature: tuple[float, float] = (1.8, 400.0)
    temperature_rate: float = 12.0 * PER_MINUTE
    field: float = 9.0
    field_rate: float = 42.0 * OERSTED
    angle: tuple[float, float] = (-10.0, 370.0)
    angle_rate: float = 12.0

    def __post_init__(self) -> None:
        for name, (low, high) in (("temperature", self.temperature), ("angle", self.angle)):
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ConfigurationError(
                    f"limits of the cryostat: {name} goes from {low} to {high}; give low, then high"
                )
        for name in ("temperature_rate", "field", "field_rate", "angle_rate"):
            value = getattr(self, name)
            if not 0.0 < value < math.inf:
                raise ConfigurationError(
                    f"limits of the cryostat: {name} is {value}; give a value above 0"
                )


@dataclass(frozen=True, slots=True)
class MagnetConfiguration:
    """What the Model 6000 says about its magnet.

    Parameters
    ----------
    field
        Highest magnitude in T.
    field_per_current
        In T/A.
    inductance
        In H.
    charge_voltage
        At low and at high field in V.
    switch_heating
        Time to warm the persistent switch in s.
    switch_cooling
        Time to cool it in s.
    """

    field: float
    field_per_current: float
    inductance: float
    charge_voltage: tuple[float, float]
    switch_heating: float
    switch_cooling: float

    @property
    def rate(self) -> float:
        """Return the rate in T/s that the supply can keep up at every field: V (dB/dI) / L."""
        return min(self.charge_voltage) * self.field_per_current / self.inductance


def within(what: str, value: float, low: float, high: float, unit: str) -> None:
    """Refuse a value outside its limits; not a number is outside.

    Parameters
    ----------
    what
        Name of the quantity.
    value
        What was asked for.
    low
        Lowest that is allowed.
    high
        Highest that is allowed.
    unit
        Of the three.

    Raises
    ------
    LimitError
        It lies outside; nothing has been sent.
    """
    slack = SLACK * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:
        raise LimitError(
            f"PPMS: {what} of {value:g} {unit} lies outside {low:g} to {high:g} {unit}; "
            "nothing was sent; choose another value or change the limits of the station"
        )
