"""What the station file says of each instrument, one model per driver."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from daq.config.fields import Hertz, Model, Seconds, Text, YesNo
from daq.config.problem import Place, UnacceptableError, shown, suggestion


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


Foreign = Literal["pause", "land", "ignore"]
"""What a campaign does when somebody else has set the cryostat."""


class MultiVu(Model):
    """A PPMS behind the MultiVu server of MultiPyVu."""

    driver: Literal["MultiVu"] = "MultiVu"
    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 27183
    rotator: YesNo = True
    timeout: Seconds = 10.0
    read_only: YesNo = False
    foreign_setpoint: Foreign = "pause"

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
    read_only: YesNo = False
    foreign_setpoint: Foreign = "pause"


def _not_zero(value: float) -> float:
    if value == 0.0:
        raise UnacceptableError("0", "a gain", "write that of the preamplifier, such as 1000")
    return value


class ADC1(Model):
    """A voltmeter: ADC 1 of a lock-in, behind a preamplifier with a gain."""

    driver: Literal["ADC1"] = "ADC1"
    lockin: Text = "lockin"
    gain: Annotated[float, AfterValidator(_not_zero)] = 1.0

    @property
    def resource(self) -> str:
        """Return the input as one text."""
        return f"ADC 1 of {self.lockin}"


class Keithley2182(Model):
    """A Keithley 2182A nanovoltmeter; it integrates over `line_cycles` periods of the mains."""

    driver: Literal["Keithley2182"] = "Keithley2182"
    resource: Text
    line_cycles: Annotated[float, Field(ge=0.01, le=50.0)] = 5.0
    timeout: Seconds = 5.0


class AskOperator(Model):
    """A person who moves the wires; `wired` is the contact that is wired now, or the first."""

    driver: Literal["AskOperator"] = "AskOperator"
    wired: Text | None = None

    @property
    def resource(self) -> str:
        """Return who is asked."""
        return "the operator"


class SimulatedSwitch(Model):
    """A switch that moves the wires of a bench of twins in this process."""

    driver: Literal["Simulated"] = "Simulated"

    @property
    def resource(self) -> str:
        """Return what is moved."""
        return "the simulated wires"


Channels = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]


class Matrix(Model):
    """A switch matrix; `channels` are those that are closed for each contact."""

    driver: Literal["Keithley2700", "Keithley2750", "KeithleyDAQ6510"]
    resource: Text
    channels: Annotated[Mapping[Text, Channels], Field(min_length=1)]
    timeout: Seconds = 5.0


SwitchConfig = AskOperator | SimulatedSwitch | Matrix
VoltmeterConfig = ADC1 | Keithley2182
InstrumentConfig = Annotated[
    Keithley6221 | DSP7265 | MultiVu | Model6000 | SwitchConfig | VoltmeterConfig,
    Field(discriminator="driver"),
]

ROLES: dict[str, tuple[str, ...]] = {
    "source": ("Keithley6221",),
    "lockin": ("DSP7265",),
    "cryostat": ("MultiVu", "Model6000"),
    "voltmeter": ("ADC1", "Keithley2182"),
    "switch": ("AskOperator", "Simulated", "Keithley2700", "Keithley2750", "KeithleyDAQ6510"),
}
"""Which drivers can play a role. ``lockin_yx`` is a second ``lockin``."""


def drivers_of(role: str) -> tuple[str, ...]:
    """Return the drivers that can play `role`; none if there is no such role."""
    return ROLES.get(role.partition("_")[0], ())


def check_role(role: str, instrument: InstrumentConfig) -> None:
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


def check_beside(instruments: Mapping[str, InstrumentConfig], contacts: Iterable[str]) -> None:
    """Refuse a voltmeter or a switch that does not fit the rest of the station.

    Parameters
    ----------
    instruments
        All of them, by role.
    contacts
        Names of the contacts.

    Raises
    ------
    UnacceptableError
        The lock-in of a voltmeter is not there, a switch names a contact that there is not, or a
        matrix has no channels for one.
    """
    lockins = [role for role, said in instruments.items() if isinstance(said, DSP7265)]
    known = list(contacts)
    for role, said in instruments.items():
        here = ("instruments", role)
        if isinstance(said, ADC1):
            _check_named(said.lockin, lockins, "the role of a lock-in", (*here, "lockin"))
        elif isinstance(said, AskOperator) and said.wired is not None:
            _check_named(said.wired, known, "one of 'contacts'", (*here, "wired"))
        elif isinstance(said, Matrix):
            for name in said.channels:
                _check_named(name, known, "one of 'contacts'", (*here, "channels", name))
            for name in known:
                if name not in said.channels:
                    expected, advice = "the channels of every contact", f"add '{name}'"
                    place = (*here, "channels", name)
                    raise UnacceptableError("no such key", expected, advice, place)


def _check_named(name: str, known: list[str], expected: str, place: Place) -> None:
    if name not in known:
        raise UnacceptableError(shown(name), expected, suggestion(name, known), place)
