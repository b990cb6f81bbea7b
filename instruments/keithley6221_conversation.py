"""How a 6221 is spoken to: every setting is sent together with a question for its error."""

import logging
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from pymeasure.instruments.keithley import Keithley6221 as PymeasureKeithley6221

from instruments.clock import Clock
from instruments.conversation import Conversing
from instruments.declared import OutOfRangeError
from instruments.domains import Real
from instruments.errors import CommunicationError, InstrumentError
from instruments.keithley6221_limits import SourceGuard, SourceLimits
from instruments.keithley6221_settings import SourceSettings

ERROR_QUERY = ":SYST:ERR?"
ERRORS_AT_MOST = 32
ARM_TIMEOUT = 15_000
"""Time-out in ms while the instrument talks to its voltmeter."""
POINTS_PER_MESSAGE = 100
_ERROR = re.compile(r'\s*([+-]?\d+)\s*,\s*"([^"]*)"\s*')
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")

log = logging.getLogger(__name__)


def parse_error(reply: str) -> tuple[int, str]:
    """Return code and text of one entry of the error queue."""
    match = _ERROR.fullmatch(reply)
    if match is None:
        raise ValueError(f"{reply!r} is no entry of an error queue")
    return int(match.group(1)), match.group(2)


class SourceConversation(Conversing, SourceSettings, PymeasureKeithley6221):
    """Pymeasure's Keithley 6221, guarded, checked and in step; see `Keithley6221`."""

    guard: SourceGuard

    def __init__(
        self,
        adapter: Any,
        name: str = "Keithley 6221",
        *,
        clock: Clock | None = None,
        **kwargs: Any,
    ) -> None:
        ends = {"read_termination": "\n", "write_termination": "\n"}
        for interface in ("gpib", "tcpip", "usb"):
            kwargs.setdefault(interface, ends)
        # default of RS-232 unknown; this is in use elsewhere
        carriage = {"read_termination": "\r", "write_termination": "\r", "baud_rate": 19200}
        kwargs.setdefault("asrl", carriage)
        kwargs.setdefault("timeout", 5000)
        guard = SourceGuard(name, self._setting)
        super().__init__(adapter, name, clock=clock, guard=guard, **kwargs)

    def apply_limits(
        self, *, current: float, compliance: float, pulse_current: float, pulse_voltage: float
    ) -> None:
        """Refuse from now on whatever would exceed these limits, on every way to the instrument.

        Nothing is sent. The limits of a pulse hold only inside the pulse methods.

        Parameters
        ----------
        current
            Magnitude of dc plus peak ac in A.
        compliance
            In V, at least 0.1.
        pulse_current
            Magnitude in A.
        pulse_voltage
            Compliance in V, at least 0.1.

        Raises
        ------
        LimitError
            The instrument itself cannot have such a limit.
        """
        for label, value, domain in (
            ("current", current, Real(0.0, 0.105, "A")),
            ("compliance", compliance, Real(0.1, 105.0, "V")),
            ("pulse_current", pulse_current, Real(0.0, 0.105, "A")),
            ("pulse_voltage", pulse_voltage, Real(0.1, 105.0, "V")),
        ):
            try:
                domain.encode(value)
            except (ValueError, TypeError):
                raise OutOfRangeError(
                    f"{self.name}: a limit {label} = {value!r} is not {domain}; correct the limits"
                ) from None
        with self.lock:
            self.guard.apply(SourceLimits(current, compliance, pulse_current, pulse_voltage))

    def write(self, command: str, **kwargs: Any) -> None:
        """Send a message and raise the error that it caused; a query is only sent.

        Parameters
        ----------
        command
            One program message.
        **kwargs
            For the adapter.

        Raises
        ------
        InstrumentError
            The instrument queued an error; it names code, text and command.
        LimitError
            The message would exceed a limit; nothing was sent.
        """
        if "?" in command and "?" in _QUOTED.sub("", command):
            self.adapter.write(command, **kwargs)
            return
        with self.lock:
            self._say(f"{command.rstrip('; ')};{ERROR_QUERY}", **kwargs)
            reply = self._receive(command)
            try:
                code, text = parse_error(reply)
            except ValueError:
                self.disown(command, reply, 'an entry of the error queue such as 0,"No error"')
            if code != 0:
                self._raise_errors(command, [(code, text)])

    @property
    def next_error(self) -> list[Any]:
        """Get and remove the oldest error: code and quoted text, as pymeasure gives them."""
        code, text = self.decoded(ERROR_QUERY, parse_error, "an entry of the error queue")
        return [float(code), f'"{text}"']

    def check_errors(self) -> list[list[Any]]:
        """Read and log the whole error queue.

        Returns
        -------
        list[list[Any]]
            Code and text of every entry, as pymeasure gives them.
        """
        errors = [[float(code), f'"{text}"'] for code, text in self._queue()]
        for code, text in errors:
            log.error("%s: %g, %s", self.name, code, text)
        return errors

    def check_set_errors(self) -> list[Any]:
        """Raise the errors in the queue."""
        errors = self._queue()
        if errors:
            self._raise_errors("a setting", errors)
        return []

    check_get_errors = check_set_errors

    def reset(self) -> None:
        """Reset the instrument, which switches the output off, and clear queue and registers."""
        self.write("*RST")
        self.write(":STAT:PRES;:STAT:QUE:CLE;*CLS;:FORM:SREG ASC")

    def enable_source(self) -> None:
        """Switch the output on."""
        self.source_enabled = True

    def disable_source(self) -> None:
        """Switch the output off."""
        self.source_enabled = False

    def delta_arm(self) -> None:
        """Arm delta mode, which takes seconds."""
        with self.lock, self.adapter.patience(ARM_TIMEOUT):
            self.write(":SOUR:DELT:ARM")

    def conductance_arm(self) -> None:
        """Arm differential conductance, which takes seconds."""
        with self.lock, self.adapter.patience(ARM_TIMEOUT):
            self.write(":SOUR:DCON:ARM")

    def waveform_arm(self) -> None:
        """Arm the waveform; the source goes to 0 A."""
        self.write(":SOUR:WAVE:ARM")

    def waveform_start(self) -> None:
        """Start the armed waveform."""
        self.write(":SOUR:WAVE:INIT")

    def waveform_abort(self) -> None:
        """Stop and disarm the waveform; harmless if there is none."""
        self.write(":SOUR:WAVE:ABOR")

    def sweep_arm(self) -> None:
        """Arm a sweep."""
        self.write(":SOUR:SWE:ARM")

    def sweep_abort(self) -> None:
        """Abort a sweep, delta mode or differential conductance."""
        self.write(":SOUR:SWE:ABOR")

    def define_list(self, currents: Sequence[float]) -> None:
        """Define the currents of a list sweep in A, in messages of at most 100.

        Parameters
        ----------
        currents
            In A, at least one.
        """
        self._send_points(":SOUR:LIST:CURR", currents, 0.105, 65535)

    def define_arbitary_waveform(self, datapoints: Any, location: int = 1) -> None:
        """Define an arbitrary waveform, store it and select it.

        Parameters
        ----------
        datapoints
            From -1 to 1, between 1 and 65536 of them (the largest number is assumed).
        location
            1 to 4 in permanent memory, 0 for the volatile one.

        Raises
        ------
        LimitError
            A point or the location lies outside.
        """
        if location not in range(5):
            raise OutOfRangeError(
                f"{self.name}: an arbitrary waveform cannot be stored in place {location!r}; choose"
                " 0 to 4"
            )
        with self.lock:
            self._send_points(":SOUR:WAVE:ARB", datapoints, 1.0, 65536)
            if location:
                self.write(f":SOUR:WAVE:ARB:COPY {location}")
            self.waveform_function = f"arbitrary{location}"

    def _send_points(self, header: str, points: Any, largest: float, most: int) -> None:
        values = np.asarray(points, dtype=float).ravel()
        if not 1 <= len(values) <= most or not np.all(np.abs(values) <= largest):
            raise OutOfRangeError(
                f"{self.name}: {header} takes 1 to {most} points from -{largest:g} to {largest:g},"
                f" not these {len(values)}; nothing was sent"
            )
        first = f"{header}:DATA" if header.endswith("ARB") else header
        append = f"{header}:APP"
        with self.lock:
            for start in range(0, len(values), POINTS_PER_MESSAGE):
                text = ",".join(f"{v:.7g}" for v in values[start : start + POINTS_PER_MESSAGE])
                self.write(f"{append if start else first} {text}")

    def _setting(self, key: str) -> str:
        query = f":{key}?"
        self.adapter.write(query)
        return self._receive(query)

    def _queue(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for _ in range(ERRORS_AT_MOST):
            code, text = self.decoded(ERROR_QUERY, parse_error, "an entry of the error queue")
            if code == 0:
                break
            found.append((code, text))
        return found

    def _raise_errors(self, command: str, errors: list[tuple[int, str]]) -> None:
        self.guard.forget()
        errors = [*errors, *self._queue()]
        listed = "; ".join(f'{code}, "{text}"' for code, text in errors)
        raise InstrumentError(
            f"{self.name}: {command!r} was refused: {listed}; correct it or the state it met"
        )

    def _identity(self) -> tuple[str, str]:
        return "*IDN?", "MODEL 6221"

    def _complaint_afterwards(self) -> str:
        # a query error tells of the broken conversation, not of the command
        try:
            errors = [item for item in self._queue() if not -499 <= item[0] <= -400]
            return "; ".join(f'{code}, "{text}"' for code, text in errors)
        except CommunicationError:
            return ""
