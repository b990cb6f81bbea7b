"""The PPMS over GPIB: the Model 6000 itself, without MultiVu."""

import logging
import math
import threading
from typing import Any

from pymeasure.adapters import VISAAdapter
from pyvisa.errors import VisaIOError
from pyvisa.highlevel import VisaLibraryBase

from instruments.clock import Clock
from instruments.errors import (
    ColdpointError,
    CommunicationError,
    ConfigurationError,
    DesynchronisedError,
)
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.gpib import TIMEOUT, Model6000Bus
from instruments.ppms.limits import OERSTED, PER_MINUTE, MagnetConfiguration
from instruments.ppms.reading import CryostatReading
from instruments.ppms.replies import (
    SLOW_STEP,
    parse_field,
    parse_items,
    parse_level,
    parse_magnet,
    parse_move,
    parse_move_unit,
    parse_temperature,
    slow_code,
)
from instruments.ppms.setpoints import (
    CHAMBER_ACTIONS,
    FIELD_APPROACHES,
    FIELD_MODES,
    TEMPERATURE_APPROACHES,
    AngleSetpoint,
    ChamberAction,
    FieldSetpoint,
    TemperatureSetpoint,
)
from instruments.ppms.status import (
    ANGLE_CODES,
    CHAMBER_CODES,
    FIELD_CODES,
    TEMPERATURE_CODES,
    AngleStatus,
    ChamberStatus,
    FieldStatus,
    TemperatureStatus,
    unpack,
)

RESOURCE = "GPIB0::15::INSTR"
STATUS, TEMPERATURE, FIELD, POSITION = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FRESH_TRIES = 5
FRESH_PAUSE = 0.1
"""Time in s until values that are not fresh yet are asked for again."""
DEGREES = 1
"""The unit code of MOVECFG for degrees."""

log = logging.getLogger(__name__)


class Model6000Link:
    """Speak to a Model 6000.

    Parameters
    ----------
    bus
        To the instrument.
    clock
        The clock of the station.
    rotator
        Whether there is a rotator.
    sample_thermometer
        The GETDAT item to which a thermometer at the sample is mapped, such as 23; None if none is.
    """

    def __init__(
        self,
        bus: Model6000Bus,
        clock: Clock,
        *,
        rotator: bool = True,
        sample_thermometer: int | None = None,
    ) -> None:
        if sample_thermometer is not None and not 4 <= sample_thermometer < 30:
            raise ConfigurationError(
                f"Model 6000: {sample_thermometer} is no item of GETDAT for a thermometer; "
                "user-mapped items are 20 to 29"
            )
        self._bus = bus
        self._clock = clock
        self._rotator = rotator
        self._thermometer = sample_thermometer
        self._stamp = -math.inf
        self._doubted = False
        self._needed = STATUS | TEMPERATURE | FIELD | (POSITION if rotator else 0)
        self._asked = self._needed | (0 if sample_thermometer is None else 1 << sample_thermometer)

    @property
    def name(self) -> str:
        """Return the resource."""
        return f"Model 6000 at {self._bus.resource}"

    def reading(self, now: float) -> CryostatReading:
        """Return one combined sample; what is not fresh yet is asked for again."""
        items: dict[int, float] = {}
        for attempt in range(FRESH_TRIES):
            if attempt:
                self._clock.elapse(FRESH_PAUSE)
            items = self._bus.ask(f"GETDAT? {self._asked}", self._new_items)
            if self._needed & ~_mask(items) == 0:
                return self._reading(items, now)
        raise CommunicationError(
            f"{self.name}: no fresh values in {FRESH_TRIES} tries, only items {sorted(items)}"
        )

    def temperature_setpoint(self) -> TemperatureSetpoint | None:
        """Return what was last set."""
        return self._bus.ask("TEMP?", parse_temperature)

    def field_setpoint(self) -> FieldSetpoint | None:
        """Return what was last set."""
        return self._bus.ask("FIELD?", parse_field)

    def angle_setpoint(self) -> AngleSetpoint | None:
        """Return what was last set; None without a rotator."""
        return self._bus.ask("MOVE?", parse_move) if self._rotator else None

    def set_temperature(self, setpoint: TemperatureSetpoint) -> None:
        """Send K, K/min, approach."""
        approach = TEMPERATURE_APPROACHES.index(setpoint.approach)
        rate = setpoint.rate / PER_MINUTE
        self._bus.order(f"TEMP {setpoint.target:.5f} {rate:.5f} {approach}")

    def set_field(self, setpoint: FieldSetpoint) -> None:
        """Send Oe, Oe/s, approach, mode."""
        approach = FIELD_APPROACHES.index(setpoint.approach)
        mode = FIELD_MODES.index(setpoint.mode)
        target, rate = setpoint.target / OERSTED, setpoint.rate / OERSTED
        self._bus.order(f"FIELD {target:.4f} {rate:.4f} {approach} {mode}")

    def set_angle(self, setpoint: AngleSetpoint) -> None:
        """Send the angle with the fastest slow code that does not exceed the rate."""
        self._bus.order(f"MOVE {setpoint.target:.4f} 0 {slow_code(setpoint.rate)}")

    def set_chamber(self, action: ChamberAction) -> None:
        """Send the code of the action."""
        self._bus.order(f"CHAMBER {CHAMBER_ACTIONS.index(action)}")

    def shut_down(self) -> None:
        """Send the cryostat into standby."""
        self._bus.order("SHUTDOWN")

    def magnet(self) -> MagnetConfiguration | None:
        """Return what MAGCNF? says; None if it is not understood, for few have told of it."""
        try:
            return self._bus.ask("MAGCNF?", parse_magnet, tries=1)
        except CommunicationError as failure:
            log.warning("the limits of the station count, MAGCNF? has failed: %s", failure)
            return None

    def slowest_angle_rate(self) -> float:
        """Return the rate of the slowest code in degrees per second."""
        return SLOW_STEP

    def helium(self) -> float | None:
        """Return the level in percent as last measured, however long ago."""
        return self._bus.ask("LEVEL?", parse_level, tries=2)

    def measure_helium(self) -> None:
        """Switch the meter on for one reading."""
        self._bus.order("LEVELON 0")

    def check_rotator(self) -> None:
        """Refuse a rotator that is not set to degrees; nothing is changed."""
        unit = self._bus.ask("MOVECFG?", parse_move_unit) if self._rotator else DEGREES
        if unit != DEGREES:
            raise ConfigurationError(
                f"{self.name}: the rotator counts in unit {unit} of MOVECFG, not in degrees (1); "
                "change it in MultiVu, or open the station without a rotator"
            )

    def close(self) -> None:
        """Close the resource; the instrument stays as it is."""
        self._bus.close()

    def _new_items(self, numbers: list[float]) -> dict[int, float]:
        """Parse a reply; one with an old time stamp is doubted once, for it may be an old reply.

        A second one in a row is believed: the instrument may have nothing newer, or another clock.
        """
        items = parse_items(numbers, self._asked)
        old = numbers[1] <= self._stamp and not self._doubted
        self._doubted = old
        if old:
            raise DesynchronisedError(
                f"{self.name}: the time stamp {numbers[1]} of GETDAT? is not new; asking again"
            )
        self._stamp = numbers[1]
        return items

    def _reading(self, items: dict[int, float], now: float) -> CryostatReading:
        code = int(items[0])
        temperature, field, chamber, angle = unpack(code)
        chamber_status = CHAMBER_CODES.get(chamber, ChamberStatus.UNKNOWN)
        absent = AngleStatus.ABSENT
        thermometer = None if self._thermometer is None else items.get(self._thermometer)
        return CryostatReading(
            time=now,
            temperature=items[1],
            field=items[2] * OERSTED,
            angle=items[3] if self._rotator else math.nan,
            temperature_status=TEMPERATURE_CODES.get(temperature, TemperatureStatus.UNKNOWN),
            field_status=FIELD_CODES.get(field, FieldStatus.UNKNOWN),
            angle_status=(ANGLE_CODES.get(angle, AngleStatus.UNKNOWN) if self._rotator else absent),
            chamber_status=chamber_status,
            chamber=chamber_status.value,
            code=code,
            raw=str(code),
            sample_temperature=thermometer if thermometer and thermometer > 0.0 else None,
        )


class Model6000(Cryostat):
    """A PPMS whose Model 6000 hangs on our own GPIB.

    MultiVu must be closed: a computer that runs it is itself the controller of the bus, and two
    controllers on one bus garble each other. With MultiVu running, use `MultiVu`.

    Parameters
    ----------
    resource
        VISA resource name, or an adapter to it.
    clock
        The clock of the station.
    visa_library
        The VISA library, by path or in process; the platform's own if empty.
    rotator
        Whether there is a rotator.
    sample_thermometer
        The GETDAT item to which a thermometer at the sample is mapped; None if none is.
    read_only
        Refuse every order.
    settings
        Limits and rules of the station.
    lock
        Held during every exchange; one of its own if omitted.
    """

    def __init__(
        self,
        resource: str | VISAAdapter = RESOURCE,
        *,
        clock: Clock,
        visa_library: str | VisaLibraryBase = "",
        rotator: bool = True,
        sample_thermometer: int | None = None,
        read_only: bool = False,
        settings: CryostatSettings | None = None,
        lock: "threading.RLock | None" = None,
    ) -> None:
        adapter = _open(resource, visa_library) if isinstance(resource, str) else resource
        link = Model6000Link(
            Model6000Bus(adapter), clock, rotator=rotator, sample_thermometer=sample_thermometer
        )
        try:
            link.check_rotator()
        except ColdpointError:
            link.close()
            raise
        super().__init__(link, clock, read_only=read_only, settings=settings, lock=lock)


def _open(resource: str, visa_library: Any) -> VISAAdapter:
    try:
        return VISAAdapter(
            resource,
            visa_library=visa_library,
            timeout=TIMEOUT,
            write_termination="\n",
            tcpip={"read_termination": ";"},  # a socket has no EOI
        )
    except VisaIOError as broken:
        raise CommunicationError(
            f"Model 6000 at {resource}: not found ({broken.description}); "
            "look at the cable, the address, and whether MultiVu is closed"
        ) from broken


def _mask(items: dict[int, float]) -> int:
    return sum(1 << item for item in items)
