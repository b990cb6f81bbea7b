"""The station file: which instruments stand where, how they are wired, and what they may do.

`load_station` reads it into frozen models; all values are in SI units. In Python the models take SI
numbers; in a file every quantity is a text with its unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from daq.config.bench import InstrumentConfig, check_beside, check_role
from daq.config.bias import BiasConfig
from daq.config.calibration import CalibrationPath
from daq.config.document import Document, read_document
from daq.config.fields import Kelvins, Model, Text
from daq.config.folder import find_config
from daq.config.invalid import first_problem
from daq.config.limits import LimitsConfig
from daq.config.mount import MountConfig
from daq.config.notify import NotifyConfig
from daq.config.problem import UnacceptableError, shown, suggestion
from daq.config.simulated import SimulatedConfig
from daq.config.tunnelling import PreamplifierConfig, ScannerConfig, check_tunnelling
from instruments.limits import StationLimits
from instruments.mount import Mount

_NEEDED = {
    "source": ("current", "current_rate"),
    "cryostat": ("temperature", "temperature_rate", "field", "field_rate"),
}
"""Limits without which an instrument is not opened."""


class SafeConfig(Model):
    """Where the cryostat goes when the station is made safe."""

    field: Literal["zero", "persistent", "hold"] = "zero"
    temperature: Literal["hold"] = "hold"


def _terminals(value: str) -> str:
    pair = value.split()
    if len(pair) != 2 or pair[0] == pair[1]:
        advice = 'write two, such as "V+ V-"'
        raise UnacceptableError(shown(value), "two different terminals", advice)
    return " ".join(pair)


Terminals = Annotated[Text, AfterValidator(_terminals)]


def _moment(value: object) -> object:
    """Read a text; in a strict model only a datetime is one."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        advice = "write it like '2026-11-21T09:30:00+00:00'"
        raise UnacceptableError(shown(value), "a date and time", advice) from None


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise UnacceptableError(
            value.isoformat(), "a time with its offset from UTC", "write +00:00 behind it"
        )
    return value


class ClockConfig(Model):
    """The clock of twins in another process: how fast it runs, and when it read zero."""

    scale: Annotated[float, Field(gt=0.0, le=1e6)]
    epoch: Annotated[datetime, BeforeValidator(_moment), AfterValidator(_with_zone)]


Format = Annotated[int, Field(ge=1, le=1)]


class StationFile(Model):
    """A station file, as it is written."""

    format: Format = 1
    name: Text
    instruments: Annotated[Mapping[str, InstrumentConfig], Field(min_length=1)]
    bias: BiasConfig | None = None
    preamplifier: PreamplifierConfig | None = None
    scanner: ScannerConfig | None = None
    contacts: Mapping[Text, Mapping[str, Terminals]] = {}
    limits: LimitsConfig
    safe: SafeConfig = SafeConfig()
    simulated: SimulatedConfig | None = None
    clock: ClockConfig | None = None
    mount: MountConfig | None = None
    keep_below: Kelvins | None = None
    calibration: CalibrationPath | None = None
    notify: NotifyConfig | None = None
    remark: Text | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        self._check_instruments()
        self._check_contacts()
        check_beside(self.instruments, self.contacts)
        self._check_tunnelling()
        for role, keys in _NEEDED.items():
            self._need(keys if role in self.instruments else (), f"there is a {role}")
        return self

    def _need(self, keys: tuple[str, ...], why: str) -> None:
        for key in keys:
            if getattr(self.limits, key) is None:
                expected, advice = f"a limit, since {why}", f"add '{key}'"
                raise UnacceptableError("no such key", expected, advice, ("limits", key))

    def _check_tunnelling(self) -> None:
        if self.bias is not None and self.bias.kind == "voltage":
            check_tunnelling(self.instruments, self.bias.dac, self.preamplifier, self.scanner)
            self._need(("voltage", "voltage_rate"), "the sample is biased with a voltage")
            return
        for key in ("preamplifier", "scanner"):
            if getattr(self, key) is not None:
                expected = "nothing, since no sample is biased with a voltage"
                advice = "remove it or choose 'bias: {kind: voltage}'"
                raise UnacceptableError(shown(key), expected, advice, (key,))

    def _check_instruments(self) -> None:
        standing: dict[str, str] = {}
        for role, instrument in self.instruments.items():
            check_role(role, instrument)
            other = standing.setdefault(instrument.resource.upper(), role)
            if other != role:
                expected = f"another address than that of '{other}'"
                key = "port" if instrument.driver == "MultiVu" else "resource"
                raise UnacceptableError(
                    shown(instrument.resource), expected, "correct one", ("instruments", role, key)
                )
        if "source" in self.instruments and self.bias is None:
            expected = "how current reaches the sample, since there is a source"
            raise UnacceptableError("no such key", expected, "add 'bias'", ("bias",))

    def _check_contacts(self) -> None:
        for name, wiring in self.contacts.items():
            if not wiring:
                found, advice = "an empty mapping", 'write {source: "I+ I-", lockin: "V+ V-"}'
                raise UnacceptableError(found, "terminals by role", advice, ("contacts", name))
            for role in wiring:
                if role not in self.instruments:
                    place = ("contacts", name, role)
                    advice = suggestion(role, self.instruments)
                    raise UnacceptableError(
                        f"the role {shown(role)}", "a role of an instrument", advice, place
                    )


@dataclass(frozen=True, slots=True)
class StationConfig:
    """A station, as its file describes it; SI units.

    Parameters
    ----------
    name
        Of the station.
    instruments
        By role.
    bias
        How current reaches the sample; None without a source.
    contacts
        Terminals by role, by name of the contact.
    limits
        What must never be exceeded. Without limits of its own a pulse has those of everything else.
    safe
        Where the cryostat goes when the station is made safe.
    simulated
        What twins play, or None for a real bench.
    clock
        Of twins in another process, or None.
    source
        Name of the file.
    text
        What the file says, verbatim.
    mount
        How the crystal sits on the rotator; None if it is not known.
    keep_below
        Temperature in K that would change the sample; None if no temperature does.
    calibration
        Path of the calibration of the wiring, or None.
    preamplifier
        Of the current of a sample that is biased with a voltage, or None.
    scanner
        What moves the tip, or None.
    remark
        What a reader of the data must know of the station; every snapshot repeats it.
    notify
        Who is told of what while a campaign runs; None for nobody.
    """

    name: str
    instruments: Mapping[str, InstrumentConfig]
    bias: BiasConfig | None
    contacts: Mapping[str, Mapping[str, str]]
    limits: StationLimits
    safe: SafeConfig
    simulated: SimulatedConfig | None
    clock: ClockConfig | None
    source: str
    text: str
    mount: Mount | None = None
    keep_below: float | None = None
    calibration: str | None = None
    remark: str = ""
    preamplifier: PreamplifierConfig | None = None
    scanner: ScannerConfig | None = None

    @property
    def biases_voltage(self) -> bool:
        """Tell whether the sample is biased with a voltage and not with a current."""
        return self.bias is not None and self.bias.kind == "voltage"

    notify: NotifyConfig | None = None


def load_station(path_or_name: str | Path) -> StationConfig:
    """Read a station file.

    Parameters
    ----------
    path_or_name
        A path, or the name of a file in configs/stations.

    Returns
    -------
    StationConfig
        The station.

    Raises
    ------
    ConfigurationError
        The file is missing or wrong; the message names file, line and key.
    """
    return station_from(read_document(find_config("stations", path_or_name)))


def station_from(document: Document) -> StationConfig:
    """Return the station that a document describes.

    Parameters
    ----------
    document
        A station file.

    Returns
    -------
    StationConfig
        The station.

    Raises
    ------
    ConfigurationError
        The file is wrong.
    """
    try:
        file = StationFile.model_validate(document.data, context={"file": document.file})
    except ValidationError as error:
        raise first_problem(document, error).error() from None
    return StationConfig(
        name=file.name,
        instruments=file.instruments,
        bias=file.bias,
        contacts=file.contacts,
        limits=file.limits.station_limits(file.scanner),
        safe=file.safe,
        simulated=file.simulated,
        clock=file.clock,
        source=document.file,
        text=document.text,
        mount=None if file.mount is None else file.mount.mount(),
        keep_below=file.keep_below,
        calibration=file.calibration,
        notify=file.notify,
        remark=file.remark or "",
        preamplifier=file.preamplifier,
        scanner=file.scanner,
    )
