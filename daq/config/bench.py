"""What the station file says of each instrument, one model per driver."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from daq.config.fields import Hertz, Model, Seconds, Text, YesNo
from daq.config.problem import UnacceptableError, shown


def _mains(value: float) -> float:
    if value not in {50.0, 60.0}:
        raise UnacceptableError(
            f"{value:g} Hz", "50 Hz or 60 Hz", "write the frequency of the mains"
        )
    return value


class Keithley6221(Model):
    """A Keithley 6221 current source."""

    driver: Literal["Keithley6221"] = "Keithley6221"
    resource: Text
    timeout: Seconds = 3.0


class DSP7265(Model):
    """A Signal Recovery 7265 lock-in; `line` is the frequency of the mains in Hz."""

    driver: Literal["DSP7265"] = "DSP7265"
    resource: Text
    line: Annotated[Hertz, AfterValidator(_mains)] = 50.0
    timeout: Seconds = 3.0


class MultiVu(Model):
    """A PPMS behind the MultiVu server of MultiPyVu."""

    driver: Literal["MultiVu"] = "MultiVu"
    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 27183
    rotator: YesNo = True
    timeout: Seconds = 10.0

    @property
    def resource(self) -> str:
        """Return the address as one text."""
        return f"{self.host}:{self.port}"


class Model6000(Model):
    """A PPMS whose Model 6000 is on GPIB."""

    driver: Literal["Model6000"] = "Model6000"
    resource: Text
    rotator: YesNo = True
    timeout: Seconds = 10.0


InstrumentConfig = Annotated[
    Keithley6221 | DSP7265 | MultiVu | Model6000, Field(discriminator="driver")
]

ROLES: dict[str, tuple[str, ...]] = {
    "source": ("Keithley6221",),
    "lockin": ("DSP7265",),
    "cryostat": ("MultiVu", "Model6000"),
}
"""Which drivers can play a role. ``lockin_yx`` is a second ``lockin``."""


def drivers_of(role: str) -> tuple[str, ...]:
    """Return the drivers that can play `role`; none if there is no such role."""
    return ROLES.get(role.partition("_")[0], ())


def check_role(role: str, instrument: Keithley6221 | DSP7265 | MultiVu | Model6000) -> None:
    """Refuse an instrument that cannot play its role.

    Parameters
    ----------
    role
        Such as ``source`` or ``lockin_yx``.
    instrument
        What is said of it.

    Raises
    ------
    UnacceptableError
        The role is unknown, or the driver is another one's.
    """
    drivers = drivers_of(role)
    if not drivers:
        expected = f"one of {', '.join(ROLES)}"
        advice = "a second lock-in is 'lockin_' and a word of yours"
        raise UnacceptableError(f"the role {shown(role)}", expected, advice, ("instruments", role))
    if instrument.driver not in drivers:
        found, expected = f"the driver {instrument.driver}", " or ".join(drivers)
        advice = f"choose another for {role}"
        raise UnacceptableError(found, expected, advice, ("instruments", role, "driver"))
