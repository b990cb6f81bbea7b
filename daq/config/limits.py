"""What a station file says of the limits."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from daq.config.fields import (
    Amperes,
    AmperesPerSecond,
    Kelvins,
    KelvinsPerSecond,
    Model,
    PositiveTeslas,
    TeslasPerSecond,
    Volts,
    VoltsPerSecond,
)
from daq.config.problem import UnacceptableError, shown
from daq.config.tunnelling import ScannerConfig
from instruments.limits import StationLimits

COMPLIANCE = 0.5
"""Voltage limit outside a pulse in V where the file gives none."""


def _pair(value: tuple[float, float]) -> tuple[float, float]:
    if not value[0] < value[1]:
        found = f"[{value[0]:g}, {value[1]:g}]"
        raise UnacceptableError(found, "the lower one first", "exchange or widen them")
    return value


def _listed(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        advice = "write two, such as [1.8 K, 350 K]"
        raise UnacceptableError(shown(value), "[lowest, highest]", advice)
    return tuple(value)


TemperatureRange = Annotated[
    tuple[Kelvins, Kelvins], BeforeValidator(_listed), AfterValidator(_pair)
]


class LimitsConfig(Model):
    """What must never be exceeded, as far as the file says it."""

    current: Amperes | None = None
    current_rate: AmperesPerSecond | None = None
    compliance: Volts = COMPLIANCE
    pulse_voltage: Volts | None = None
    pulse_current: Amperes | None = None
    temperature: TemperatureRange | None = None
    temperature_rate: KelvinsPerSecond | None = None
    field: PositiveTeslas | None = None
    field_rate: TeslasPerSecond | None = None
    voltage: Volts | None = None
    voltage_rate: VoltsPerSecond | None = None

    def station_limits(self, scanner: ScannerConfig | None) -> StationLimits:
        """Return the limits of a station; without some of its own a pulse has those of the rest."""
        given = {key: value for key, value in self.model_dump().items() if value is not None}
        given.setdefault("pulse_voltage", self.compliance)
        if self.current is not None:
            given.setdefault("pulse_current", self.current)
        if scanner is not None:
            given["position"] = scanner.limits
        return StationLimits(**given)
