"""What a transport must be able to do for the cryostat; in SI units and degrees."""

from typing import Protocol

from instruments.ppms.limits import MagnetConfiguration
from instruments.ppms.reading import CryostatReading
from instruments.ppms.setpoints import (
    AngleSetpoint,
    ChamberAction,
    FieldSetpoint,
    TemperatureSetpoint,
)


class Link(Protocol):
    """Carry questions and orders to one PPMS.

    A question may be repeated by the link; an order is sent once. Everything raises
    `CommunicationError` when the answer is missing or cannot be true.
    """

    @property
    def name(self) -> str:
        """Return how messages and snapshots call this link."""
        ...

    def reading(self, now: float) -> CryostatReading:
        """Return one combined sample, stamped with `now` s."""
        ...

    def temperature_setpoint(self) -> TemperatureSetpoint | None:
        """Return what was last set, by anybody; None if the PPMS does not know."""
        ...

    def field_setpoint(self) -> FieldSetpoint | None:
        """Return what was last set, by anybody; None if the PPMS does not know."""
        ...

    def angle_setpoint(self) -> AngleSetpoint | None:
        """Return what was last set, by anybody; None if it cannot be asked."""
        ...

    def set_temperature(self, setpoint: TemperatureSetpoint) -> None:
        """Send a temperature with its rate and approach."""
        ...

    def set_field(self, setpoint: FieldSetpoint) -> None:
        """Send a field with its rate, approach and mode."""
        ...

    def set_angle(self, setpoint: AngleSetpoint) -> None:
        """Send an angle with its rate."""
        ...

    def set_chamber(self, action: ChamberAction) -> None:
        """Send an action of the chamber."""
        ...

    def shut_down(self) -> None:
        """Send the cryostat into standby."""
        ...

    def magnet(self) -> MagnetConfiguration | None:
        """Return what the PPMS says about its magnet; None if it cannot be asked."""
        ...

    def slowest_angle_rate(self) -> float:
        """Return the lowest rate of the rotator in degrees per second; 0 if it has no say in it."""
        ...

    def helium(self) -> float | None:
        """Return the level in percent as last measured; None if it cannot be had."""
        ...

    def measure_helium(self) -> None:
        """Ask for one measurement of the level; the value is there about 10 s later."""
        ...

    def close(self) -> None:
        """Give the PPMS free; never raises."""
        ...
