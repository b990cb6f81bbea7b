"""How a 7265 is spoken to: every command is followed by its status byte."""

import logging
from dataclasses import dataclass
from typing import Any

from pymeasure.instruments import signalrecovery

from instruments.clock import Clock
from instruments.conversation import Conversing
from instruments.declared import OutOfRangeError
from instruments.domains import Real, Whole
from instruments.dsp7265_limits import OscillatorGuard, SummedLimit, lockin_commands
from instruments.dsp7265_settings import LockinSettings
from instruments.errors import (
    CommunicationError,
    DesynchronisedError,
    InstrumentError,
    RefusedError,
)
from instruments.link import NoAnswerError

COMPLETE, INVALID, BAD_PARAMETER, UNLOCKED, OVERLOADED, DATA = 1, 2, 4, 8, 16, 128
OUTPUT_OVERLOADS, INPUT_OVERLOAD, REFERENCE_UNLOCK = 0b00011110, 0b01000000, 0b10000000
POLL = 1e-3
"""Time between two polls of the status byte in s."""
COMPLETION = 10.0
"""Longest time in s that a command may take, automatic functions apart."""
BUSY_PATIENCE = 200
"""Time-out in ms of a question for the status byte while an automatic function runs."""
_AUTOMATIC = frozenset({"AS", "ASM", "AQN"})
_SILENT = _AUTOMATIC | {"AXO", "NC", "TD", "TDC", "TDT", "HC", "LOCK"}
_ANSWERS = frozenset({"ADC", "DC", "DCT", "DCB"})
_STATUS = Whole(0, 255)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LockinStatus:
    """What a lock-in says of itself.

    Parameters
    ----------
    status_byte
        As polled after the command.
    overload_byte
        Of the command ``N``; 0 if the status byte saw no reason to ask for it.
    """

    status_byte: int
    overload_byte: int = 0

    @property
    def overload(self) -> bool:
        """Tell whether the input or an output is overloaded."""
        mask = OUTPUT_OVERLOADS | INPUT_OVERLOAD
        return bool(self.status_byte & OVERLOADED or self.overload_byte & mask)

    @property
    def input_overload(self) -> bool:
        """Tell whether the input is overloaded: a reading is plausible and wrong then."""
        return bool(self.overload_byte & INPUT_OVERLOAD)

    @property
    def output_overload(self) -> bool:
        """Tell whether an output is overloaded."""
        return bool(self.overload_byte & OUTPUT_OVERLOADS)

    @property
    def reference_unlocked(self) -> bool:
        """Tell whether the reference is lost."""
        return bool(self.status_byte & UNLOCKED or self.overload_byte & REFERENCE_UNLOCK)


def expects_reply(command: str) -> bool:
    """Tell whether a message to a 7265 has an answer.

    A name without parameters asks, unless it is one of the commands that only act.
    """
    for part in lockin_commands(command):
        count = len(part.arguments)
        if part.name in _ANSWERS or (part.name == "DAC" and count == 1):
            return True
        if count == 0 and part.name not in _SILENT:
            return True
    return False


class LockinConversation(Conversing, LockinSettings, signalrecovery.DSP7265):
    """Pymeasure's DSP 7265, guarded, checked and in step; see `DSP7265`."""

    guard: OscillatorGuard
    _automatic = False
    _unanswered = False
    _imode: int | None = None

    def __init__(
        self,
        adapter: Any,
        name: str = "DSP 7265",
        *,
        clock: Clock | None = None,
        line_frequency: float = 50.0,
        **kwargs: Any,
    ) -> None:
        if line_frequency not in {50.0, 60.0}:
            raise OutOfRangeError(
                f"{name}: a line frequency of {line_frequency!r} Hz; give 50 or 60"
            )
        self.line_frequency = line_frequency
        # on GPIB the last byte has EOI whatever terminator is set
        kwargs.setdefault("gpib", {"write_termination": "\r\n"})
        for interface in ("tcpip", "asrl"):
            kwargs.setdefault(interface, {"read_termination": "\n", "write_termination": "\r\n"})
        kwargs.setdefault("timeout", 3000)
        guard = OscillatorGuard(name, self._setting)
        super().__init__(adapter, name, clock=clock, guard=guard, **kwargs)

    def apply_limits(self, *, oscillator: float, converter: float = 12.0) -> None:
        """Refuse from now on whatever would exceed these limits, on every way to the instrument.

        Nothing is sent.

        Parameters
        ----------
        oscillator
            Amplitude of the oscillator, rms in V.
        converter
            Magnitude of the four auxiliary outputs in V.

        Raises
        ------
        LimitError
            The instrument itself cannot have such a limit.
        """
        for label, value, high in (("oscillator", oscillator, 5.0), ("converter", converter, 12.0)):
            domain = Real(0.0, high, "V")
            try:
                domain.encode(value)
            except (ValueError, TypeError):
                raise OutOfRangeError(
                    f"{self.name}: a limit {label} = {value!r} is not {domain}; correct the limits"
                ) from None
        with self.lock:
            self.guard.apply(oscillator, converter)

    def apply_bias_limit(self, summed: SummedLimit) -> None:
        """Refuse from now on whatever would exceed dc plus peak ac at a sample; nothing is sent."""
        with self.lock:
            self.guard.apply_sum(summed)

    def apply_converter_range(self, converter: int, low: float, high: float) -> None:
        """Refuse from now on what takes one converter outside a range in V; nothing is sent."""
        with self.lock:
            self.guard.apply_range(converter, low, high)

    def read(self, **kwargs: Any) -> str:
        """Read one reply, without terminators and without the NUL after an exact zero."""
        return self.adapter.read(**kwargs).replace("\0", "").strip(" \r\n")

    def write(self, command: str, **kwargs: Any) -> None:
        """Send a message and raise what the status byte says against it; a query is only sent.

        Parameters
        ----------
        command
            One message.
        **kwargs
            For the adapter.

        Raises
        ------
        InstrumentError
            The command or its parameter was invalid.
        LimitError
            The message would exceed a limit; nothing was sent.
        RefusedError
            An automatic function runs.
        """
        with self.lock:
            self._refuse_while_busy()
            self._say(command, **kwargs)
            names = {part.name for part in lockin_commands(command)}
            if "IMODE" in names:
                self._imode = None
            if names & _AUTOMATIC:
                self._automatic = True
            elif not expects_reply(command):
                self._check(command, self._completed(command))
            self._owed = False

    def ask(self, command: str, query_delay: float | None = None) -> str:
        """Return the reply to a query; several lines are joined by line feeds.

        Parameters
        ----------
        command
            The query.
        query_delay
            Between question and answer in s.

        Returns
        -------
        str
            Without terminators.
        """
        return self._ask_with_status(command, query_delay)[0]

    def status_byte(self) -> int:
        """Return the status byte, by serial poll or, where there is none, by asking for it."""
        with self.lock:
            polled = self.adapter.serial_poll()
            if polled is not None:
                return polled
            if not self._unanswered:
                self.adapter.write("ST")
            self._unanswered = True
            try:
                reply = self.read()
            except DesynchronisedError:
                self._unanswered, self._owed = False, True
                raise
            self._unanswered = False
            try:
                return int(_STATUS.decode(reply))
            except ValueError:
                self.disown("ST", reply, "a status byte")

    def busy(self) -> bool:
        """Tell whether an automatic function still runs."""
        with self.lock, self.adapter.patience(BUSY_PATIENCE):
            try:
                running = not self.status_byte() & COMPLETE
            except NoAnswerError:
                return True  # it answers nothing but a serial poll meanwhile
            if not running:
                self._automatic = False
            return running

    def check_errors(self) -> list[Any]:
        """Return what the status byte says against the last command."""
        complaint = _complaint(self.status_byte())
        return [complaint] if complaint else []

    def _ask_with_status(self, command: str, query_delay: float | None = None) -> tuple[str, int]:
        with self.lock:
            self._refuse_while_busy()
            self._say(command)
            self.wait_for(query_delay)
            lines = [self._receive(command)]
            status = self._completed(command, lines)
            self._check(command, status)
            return "\n".join(lines), status

    def _completed(self, command: str, lines: list[str] | None = None) -> int:
        """Wait for the end of a command, reading lines that still come; return the status byte."""
        end = self.clock.now() + COMPLETION
        while True:
            try:
                status = self.status_byte()
            except NoAnswerError as silence:
                self._recover(command, silence)
            if status & COMPLETE:
                return status
            if status & DATA:
                line = self.read()
                if lines is None:
                    self.disown(command, line, "no reply")
                lines.append(line)
            elif self.clock.now() > end:
                raise CommunicationError(
                    f"{self.name}: {command!r} is not complete (status byte {status}); clear the"
                    " link with resynchronise()"
                )
            else:
                self.clock.elapse(POLL)

    def _check(self, command: str, status: int) -> None:
        complaint = _complaint(status)
        if complaint:
            self.guard.forget()
            raise InstrumentError(
                f"{self.name}: {command!r} was refused: {complaint}; correct it or the state it met"
            )

    def _refuse_while_busy(self) -> None:
        if self._automatic and self.busy():
            raise RefusedError(
                f"{self.name}: an automatic function still runs; wait until busy() is false"
            )

    def _setting(self, query: str) -> str:
        self.adapter.write(query)
        reply = self._receive(query)
        self._completed(query)
        return reply

    def _identity(self) -> tuple[str, str]:
        self._unanswered = self._automatic = False
        return "ID", "7265"

    def _complaint(self) -> str:
        polled = self.adapter.serial_poll()
        return "" if polled is None else _complaint(polled)


def _complaint(status: int) -> str:
    if not status & (INVALID | BAD_PARAMETER):
        return ""
    found = []
    if status & INVALID:
        found.append("invalid command")
    if status & BAD_PARAMETER:
        found.append("parameter error")
    return f"{', '.join(found)} (status byte {status})"
