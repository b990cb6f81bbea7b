"""The PPMS over MultiPyVu's own server, with a client of our own.

The stock client answers 0.0 on trouble, silences the logging of the program it runs in and may end
it; this one asks for the same words and believes only what it can understand.
"""

import logging
import math
import threading
from collections.abc import Callable
from typing import TypeVar

from instruments.clock import Clock
from instruments.errors import CommunicationError, RefusedError
from instruments.ppms.answers import UnbelievableError, member, parse_setpoints, parse_state
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.limits import OERSTED, PER_MINUTE, MagnetConfiguration
from instruments.ppms.reading import CryostatReading
from instruments.ppms.session import GAP, MultiVuSession
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
    ANGLE_WORDS,
    CHAMBER_WORDS,
    FIELD_WORDS,
    TEMPERATURE_WORDS,
    AngleStatus,
    pack,
)
from instruments.ppms.stream import SocketStream, Stream

PORT = 27183
UNCONFIRMED = "SET_POINT_UNCONFIRMED"
NEVER_SET = "set point has been established"

T = TypeVar("T")
S = TypeVar("S")

log = logging.getLogger(__name__)


class MultiVuLink:
    """Speak to the MultiPyVu server of a PPMS.

    Parameters
    ----------
    session
        The conversation.
    rotator
        Whether there is a rotator to ask for.
    """

    def __init__(self, session: MultiVuSession, *, rotator: bool = True) -> None:
        self.session = session
        self._rotator = rotator

    @property
    def name(self) -> str:
        """Return server and version."""
        return f"{self.session.name} ({self.session.version})"

    def reading(self, now: float) -> CryostatReading:
        """Return temperature, field, position and chamber, asked one after the other."""
        temperature, (t_code, t_status), t_word = self._state("TEMP?", "K", TEMPERATURE_WORDS)
        field, (h_code, h_status), h_word = self._state("FIELD?", "Oe", FIELD_WORDS)
        angle, (a_code, a_status), a_word = math.nan, (0, AngleStatus.ABSENT), "no rotator"
        if self._rotator:
            angle, (a_code, a_status), a_word = self._state("POSITION?", "Deg", ANGLE_WORDS)
        _, (c_code, c_status), c_word = self._state("CHAMBER?", "", CHAMBER_WORDS)
        return CryostatReading(
            time=now,
            temperature=temperature,
            field=field * OERSTED,
            angle=angle,
            temperature_status=t_status,
            field_status=h_status,
            angle_status=a_status,
            chamber_status=c_status,
            chamber=c_status.value,
            code=pack(t_code, h_code, c_code, a_code),
            raw="; ".join((t_word, h_word, a_word, c_word)),
        )

    def temperature_setpoint(self) -> TemperatureSetpoint | None:
        """Return what was last set."""
        numbers = self._setpoints("TEMP_SETPOINTS?", "K", 3)
        if numbers is None:
            return None
        target, rate, approach = numbers
        return TemperatureSetpoint(
            target, rate * PER_MINUTE, member(TEMPERATURE_APPROACHES, approach)
        )

    def field_setpoint(self) -> FieldSetpoint | None:
        """Return what was last set."""
        numbers = self._setpoints("FIELD_SETPOINTS?", "Oe", 4)
        if numbers is None:
            return None
        target, rate, approach, mode = numbers
        return FieldSetpoint(
            target * OERSTED,
            rate * OERSTED,
            member(FIELD_APPROACHES, approach),
            member(FIELD_MODES, mode),
        )

    def angle_setpoint(self) -> AngleSetpoint | None:
        """Return None: the server does not tell where the rotator was sent."""
        return None

    def set_temperature(self, setpoint: TemperatureSetpoint) -> None:
        """Send K, K/min, approach."""
        approach = TEMPERATURE_APPROACHES.index(setpoint.approach)
        rate = setpoint.rate / PER_MINUTE
        self._order("TEMP", f"{setpoint.target:.6f},{rate:.6f},{approach}")

    def set_field(self, setpoint: FieldSetpoint) -> None:
        """Send Oe, Oe/s, approach, mode."""
        approach = FIELD_APPROACHES.index(setpoint.approach)
        mode = FIELD_MODES.index(setpoint.mode)
        target, rate = setpoint.target / OERSTED, setpoint.rate / OERSTED
        self._order("FIELD", f"{target:.4f},{rate:.4f},{approach},{mode}")

    def set_angle(self, setpoint: AngleSetpoint) -> None:
        """Send degrees and degrees per second; a PPMS ignores the rate."""
        self._order("POSITION", f"{setpoint.target:.4f},{setpoint.rate:.4f}")

    def set_chamber(self, action: ChamberAction) -> None:
        """Send the code of the action."""
        self._order("CHAMBER", str(CHAMBER_ACTIONS.index(action)))

    def shut_down(self) -> None:
        """Refuse: the server has no command for it."""
        raise RefusedError(
            f"{self.session.name} cannot send the PPMS into standby; do it in MultiVu itself"
        )

    def magnet(self) -> MagnetConfiguration | None:
        """Return None: the server does not tell."""
        return None

    def slowest_angle_rate(self) -> float:
        """Return 0: the server has no say in the rate of a PPMS's rotator."""
        return 0.0

    def helium(self) -> float | None:
        """Return None: the server of a PPMS has no helium level."""
        return None

    def measure_helium(self) -> None:
        """Refuse: the server of a PPMS has no helium level."""
        raise RefusedError(f"{self.session.name} has no helium level; read it in MultiVu itself")

    def close(self) -> None:
        """Give the session free."""
        self.session.close()

    def _state(
        self, action: str, unit: str, words: dict[str, tuple[int, S]]
    ) -> tuple[float, tuple[int, S], str]:
        return self._ask(action, lambda result: parse_state(action, result, unit, words))

    def _setpoints(self, action: str, unit: str, count: int) -> tuple[float, ...] | None:
        try:
            return self._ask(action, lambda result: parse_setpoints(action, result, unit, count))
        except CommunicationError as failure:
            if NEVER_SET in str(failure):
                return None
            raise

    def _ask(self, action: str, parse: Callable[[str], T]) -> T:
        """Ask; an answer that cannot be true ends the session and is asked for once more."""
        try:
            return parse(self.session.ask(action))
        except UnbelievableError as failure:
            log.warning("%s is asked again: %s", action, failure)
            self.session.drop()
        return parse(self.session.ask(action))

    def _order(self, action: str, query: str) -> None:
        if UNCONFIRMED in self.session.order(action, query):
            log.warning("MultiVu has not reported %s %s back yet", action, query)


class MultiVu(Cryostat):
    """A PPMS behind the MultiPyVu server on the computer that runs MultiVu.

    The server serves one client at a time: `close` gives it free.

    Parameters
    ----------
    host
        Name or address of that computer.
    port
        Of the server.
    clock
        The clock of the station.
    open_stream
        Makes a stream to a server in process, instead of host and port.
    name
        For messages, where the stream does not tell.
    rotator
        Whether there is a rotator to ask for.
    gap
        Shortest time in s of life between a confirmation and the next request; without it the
        server loses requests.
    read_only
        Refuse every order.
    settings
        Limits and rules of the station.
    lock
        Held during every exchange; one of its own if omitted.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = PORT,
        *,
        clock: Clock,
        open_stream: Callable[[], Stream] | None = None,
        name: str = "",
        rotator: bool = True,
        gap: float = GAP,
        read_only: bool = False,
        settings: CryostatSettings | None = None,
        lock: "threading.RLock | None" = None,
    ) -> None:
        inside = open_stream is not None and not name
        name = name or ("MultiVu in process" if inside else f"MultiVu at {host}:{port}")
        opened = (lambda: SocketStream(host, port)) if open_stream is None else open_stream
        session = MultiVuSession(opened, clock, gap=gap, name=name)
        link = MultiVuLink(session, rotator=rotator)
        super().__init__(link, clock, read_only=read_only, settings=settings, lock=lock)
