"""A station: instruments by role, their wiring, their limits, and how they come to rest."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from instruments.biasing import Bias
from instruments.calibration import Calibration, objections
from instruments.clock import Clock
from instruments.errors import (
    ColdpointError,
    ConfigurationError,
    InstrumentError,
    RefusedError,
)
from instruments.limits import StationLimits
from instruments.making_safe import SafePolicy, SafeStep, make_all_safe
from instruments.meters import Meters
from instruments.mount import Mount
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.status import AngleStatus
from instruments.scanner import Scanner
from instruments.status import Status
from instruments.switch import Switch
from instruments.tunnel_calibration import TunnelCalibration
from instruments.voltage_bias import VoltageBias
from instruments.voltmeter import Voltmeter
from instruments.waiting import Record, Value

CONTEXT_COLUMNS = [
    "Time (s)",
    "Temperature (K)",
    "Field (T)",
    "Angle (deg)",
    "Cryostat age (s)",
    "Status",
]
STALE_AFTER = 3.0
"""Polling periods after which the sample of the cryostat is called stale."""


class Instrument(Protocol):
    """What a station asks of every instrument."""

    def make_safe(self) -> None:
        """Take every output down, trying everything before raising."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return settings and state as text, numbers and booleans."""
        ...


@dataclass
class Station:
    """Instruments by role, and what is common to them.

    Parameters
    ----------
    name
        Of the station.
    clock
        The time of the station; it stamps the data.
    instruments
        By role: ``source``, ``lockin``, ``lockin_yx``, ``voltmeter``, ``switch``, ...
    bias
        How current reaches the sample and the response is read.
    cryostat
        Where the sample is, or None if nothing is known of it.
    limits
        What must never be exceeded; the drivers hold them.
    safe
        Where the cryostat goes when the station is made safe.
    contact
        Name of the contact that is wired; empty if it is not known.
    contacts
        Names of all contacts that `connect` can wire.
    simulated
        Whether twins stand in for the instruments.
    poll_period
        Time between two samples of the cryostat in s.
    foreign_setpoint
        What a campaign does when somebody else has set the cryostat.
    on_close
        Called in order when the station is closed.
    calibration
        Of the wiring, applied to every reading of the bias; None if there is none.
    mount
        How the crystal sits on the rotator; None if it is not known.
    keep_below
        Temperature in K that would change the sample; None if no temperature does.
    confirmed_above
        Whether a person has said that the sample may go above `keep_below`.
    confirmed_up_to
        Highest setpoint in K for which that was said.
    warned
        Told, in words and by its setpoint in K, of everything that was done only because of that.
    remark
        What a reader of the data must know of the station; every snapshot repeats it.
    tunnelling
        How a voltage reaches the sample and its current is read; None where a current does.
    scanner
        What moves the tip, or None.
    """

    name: str
    clock: Clock
    instruments: Mapping[str, Any]
    bias: Bias
    cryostat: Cryostat | None = None
    limits: StationLimits = field(default_factory=StationLimits)
    safe: SafePolicy = field(default_factory=SafePolicy)
    contact: str = ""
    contacts: tuple[str, ...] = ()
    simulated: bool = False
    poll_period: float = 2.0
    foreign_setpoint: Literal["pause", "land", "ignore"] = "pause"
    on_close: list[Callable[[], None]] = field(default_factory=list)
    calibration: Calibration | TunnelCalibration | None = None
    mount: Mount | None = None
    keep_below: float | None = None
    confirmed_above: bool = False
    confirmed_up_to: float = math.inf
    warned: Callable[[str, float], None] = lambda _why, _to: None
    remark: str = ""
    tunnelling: VoltageBias | None = None
    scanner: Scanner | None = None
    meters: Meters = field(init=False)

    def __post_init__(self) -> None:
        self.meters = Meters(self.clock, self.instruments)
        if self.calibration is not None:
            self.use(self.calibration)

    def use(self, calibration: Calibration | TunnelCalibration) -> None:
        """Correct every reading of the bias from now on.

        Parameters
        ----------
        calibration
            Of this wiring.

        Raises
        ------
        ConfigurationError
            It is too old, or was measured on another wiring.
        """
        against = objections(calibration, {"bias": self._wiring()}, self.clock.utc())
        if against:
            raise ConfigurationError(
                f"station {self.name}: the calibration of {calibration.date} does not apply:"
                f" {'; '.join(against)}; calibrate again"
            )
        if isinstance(calibration, Calibration):
            self.bias.calibrate(calibration)
        elif self.tunnelling is not None:
            self.tunnelling.calibrate(calibration)
        self.calibration = calibration

    def role(self, role: str) -> Any:
        """Return the instrument that plays `role`.

        Parameters
        ----------
        role
            As in the station file.

        Returns
        -------
        Any
            The driver.

        Raises
        ------
        ColdpointError
            Nobody plays it.
        """
        if role not in self.instruments:
            raise ColdpointError(
                f"station {self.name}: nobody plays {role!r}; roles are {sorted(self.instruments)}"
            )
        return self.instruments[role]

    def snapshot(self) -> dict[str, Any]:
        """Return settings and state of every instrument, by role."""
        found: dict[str, Any] = {
            role: instrument.snapshot() for role, instrument in self.instruments.items()
        }
        found["bias"] = self._wiring()
        if self.remark:
            found["remark"] = self.remark
        if self.scanner is not None:
            found["scanner"] = self.scanner.snapshot()
        if self.calibration is not None:
            found["calibration"] = self.calibration.summary()
        if self.cryostat is not None:
            found["cryostat"] = self.cryostat.snapshot()
        return found

    def connect(self, contact: str) -> None:
        """Go over to another contact: come to rest, tell the switch, forget the one before.

        Parameters
        ----------
        contact
            Its name. Nothing is done if it is wired already.

        Raises
        ------
        RefusedError
            There is no such contact or nobody can wire it; the one before is still wired.
        InstrumentError
            The outputs are not at rest, so that nothing was moved; or the switch has failed, and
            which contact is wired is not known.
        """
        if contact == self.contact:
            return
        switch: Switch | None = self.instruments.get("switch")
        if contact not in self.contacts or switch is None:
            told = "no switch" if switch is None else f"the contacts {list(self.contacts)}"
            raise RefusedError(
                f"station {self.name}: {self.contact!r} is wired and {contact!r} cannot be; it has"
                f" {told}; add what is missing to the station file"
            )
        self.bias.release()
        self.meters.forget()
        before, self.contact = self.contact, ""
        try:
            switch.connect(contact)
        except RefusedError:
            self.contact = before
            raise
        self.contact = contact

    def voltage(self) -> float:
        """Return the dc voltage at the contact in V by the ``voltmeter``; nan without one."""
        voltmeter: Voltmeter | None = self.instruments.get("voltmeter")
        return math.nan if voltmeter is None else voltmeter.read()

    def finish(self) -> None:
        """Come to rest after a run: dc ramped to zero, excitation down; the cryostat stays."""
        self.bias.rest()

    def make_safe(self) -> tuple[SafeStep, ...]:
        """Take every output down, each instrument by itself, all tried.

        Returns
        -------
        tuple of SafeStep
            What became of each.

        Raises
        ------
        NotSafeError
            At least one instrument could not be made safe; every other one has been.
        """
        return make_all_safe(f"station {self.name}", self._safe_actions())

    def close(self) -> None:
        """Stop polling and close every link; outputs stay as they are."""
        failures: list[Exception] = []
        for action in self.on_close:
            try:
                action()
            except Exception as failure:  # noqa: BLE001 (the next link must be closed too)
                failures.append(failure)
        self.on_close.clear()
        self.clock.close()
        if failures:
            raise ExceptionGroup(f"station {self.name} was not closed cleanly", failures)

    def context(self) -> tuple[dict[str, Value], Status]:
        """Return the columns that every record carries, and what is wrong with the surroundings."""
        values: dict[str, Value] = {
            "Time (s)": self.clock.now(),
            "Temperature (K)": math.nan,
            "Field (T)": math.nan,
            "Angle (deg)": math.nan,
            "Cryostat age (s)": math.nan,
        }
        if self.cryostat is None:
            return values, Status(0)
        reading = self.cryostat.reading
        age = self.cryostat.age()
        values["Temperature (K)"] = float(reading.temperature)
        values["Field (T)"] = float(reading.field)
        values["Angle (deg)"] = float(reading.angle)
        values["Cryostat age (s)"] = float(age)
        status = Status(0)
        if age > STALE_AFTER * self.poll_period:
            status |= Status.STALE
        if not self._settled(self.cryostat):
            status |= Status.NOT_SETTLED
        return values, status

    def _wiring(self) -> dict[str, Any]:
        return self.bias.snapshot() | {"contact": self.contact}

    def _settled(self, cryostat: Cryostat) -> bool:
        no_rotator = cryostat.reading.angle_status is AngleStatus.ABSENT
        try:
            return (
                cryostat.temperature_settled()
                and cryostat.field_settled()
                and (no_rotator or cryostat.angle_settled())
            )
        except InstrumentError:
            return False

    def _safe_actions(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        yield "bias", self.bias.rest
        for role, instrument in self.instruments.items():
            yield role, instrument.make_safe
        cryostat = self.cryostat
        if cryostat is not None:
            yield (
                "cryostat",
                lambda: cryostat.make_safe(
                    field=self.safe.field, temperature=self.safe.temperature
                ),
            )


def record(station: Station, values: Mapping[str, Value], status: Status = Status(0)) -> Record:  # noqa: B008 (an immutable flag)
    """Return a record of `values` with the context of the station.

    Parameters
    ----------
    station
        The station that they were measured on.
    values
        By column.
    status
        What is wrong with them; the state of the surroundings is added.

    Returns
    -------
    Record
        Context first, then the values.
    """
    context, surroundings = station.context()
    context["Status"] = int(status | surroundings)
    return Record({**context, **values})
