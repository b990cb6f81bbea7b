"""The error queue and the status registers of an IEEE 488.2 instrument."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from instruments.simulated.scpi_parameters import ScpiError

QUEUE_LENGTH = 10
"""Errors that the queue holds (assumed)."""
OPERATION_COMPLETE = 0
QUERY_ERROR = 2
DEVICE_ERROR = 3
EXECUTION_ERROR = 4
COMMAND_ERROR = 5
POWER_ON = 7
REQUEST = 0x40


class RegisterFormat(Enum):
    """How the value of a register is replied."""

    DECIMAL = ""
    HEXADECIMAL = "X"
    OCTAL = "o"
    BINARY = "b"

    def render(self, value: int) -> str:
        """Return the reply; the prefix of the other bases is that of IEEE 488.2 (assumed)."""
        if self is RegisterFormat.DECIMAL:
            return str(value)
        prefix = {"X": "#H", "o": "#Q", "b": "#B"}[self.value]
        return f"{prefix}{value:{self.value}}"


@dataclass(slots=True)
class Register:
    """A condition that is live, an event that remembers, and a mask that lets it through.

    Parameters
    ----------
    condition
        What is so now.
    event
        What has become so since it was last read.
    enable
        Which events reach the status byte.
    """

    condition: int = 0
    event: int = 0
    enable: int = 0

    def set(self, bit: int, *, to: bool) -> None:
        """Set or clear a condition; one that appears is remembered."""
        mask = 1 << bit
        if not to:
            self.condition &= ~mask
        elif not self.condition & mask:
            self.condition |= mask
            self.event |= mask

    def take(self) -> int:
        """Return the events and forget them."""
        event, self.event = self.event, 0
        return event

    @property
    def summary(self) -> bool:
        """Tell whether an enabled event stands."""
        return bool(self.event & self.enable)


@dataclass(slots=True)
class Status:
    """All that a controller may ask about the state of an instrument.

    Parameters
    ----------
    measurement
        Reaches bit 0 of the status byte.
    questionable
        Reaches bit 3.
    operation
        Reaches bit 7.
    standard
        The standard event register; its condition is not used. It reaches bit 5.
    request_enable
        Bits of the status byte that request service.
    style
        How registers are replied.
    available
        Whether a reply waits to be read.
    before_reading
        Called before registers are read, to bring the live ones up to date.
    """

    measurement: Register = field(default_factory=Register)
    questionable: Register = field(default_factory=Register)
    operation: Register = field(default_factory=Register)
    standard: Register = field(default_factory=lambda: Register(event=1 << POWER_ON))
    request_enable: int = 0
    style: RegisterFormat = RegisterFormat.DECIMAL
    available: bool = False
    before_reading: Callable[[], None] = lambda: None
    _errors: deque[tuple[int, str]] = field(default_factory=deque)
    _served: int = 0

    def report(self, error: ScpiError) -> None:
        """Queue an error and set the bit of its class in the standard event register."""
        bit = _class(error.code)
        if bit is not None:
            self.standard.event |= 1 << bit
        if len(self._errors) < QUEUE_LENGTH:
            self._errors.append((error.code, error.text))
            return
        overflow = ScpiError(-350)
        self._errors[-1] = (overflow.code, overflow.text)
        self.standard.event |= 1 << DEVICE_ERROR

    def next_error(self) -> str:
        """Return the oldest error as a reply and remove it."""
        if not self._errors:
            return '0,"No error"'
        code, text = self._errors.popleft()
        return f'{code:+d},"{text}"'

    def forget_errors(self) -> None:
        """Empty the error queue."""
        self._errors.clear()

    def clear(self) -> None:
        """Clear every event register and the error queue, as ``*CLS`` does."""
        self._errors.clear()
        for register in (self.measurement, self.questionable, self.operation, self.standard):
            register.event = 0

    def preset(self) -> None:
        """Disable every event of the three instrument registers, as ``STATus:PRESet`` does."""
        for register in (self.measurement, self.questionable, self.operation):
            register.enable = 0

    def summary(self) -> int:
        """Return the status byte without bit 6."""
        return (
            self.measurement.summary
            | bool(self._errors) << 2
            | self.questionable.summary << 3
            | self.available << 4
            | self.standard.summary << 5
            | self.operation.summary << 7
        )

    def byte(self) -> int:
        """Return the status byte with the master summary in bit 6, as ``*STB?`` does."""
        self.before_reading()
        summary = self.summary()
        return summary | (REQUEST if summary & self.request_enable else 0)

    def poll(self) -> int:
        """Return the status byte with the service request in bit 6, and withdraw the request."""
        self.before_reading()
        summary = self.summary()
        reasons = summary & self.request_enable
        requested = reasons & ~self._served
        self._served = reasons
        return summary | (REQUEST if requested else 0)

    def complete(self) -> None:
        """Note in the standard event register that all operations are complete."""
        self.standard.event |= 1 << OPERATION_COMPLETE

    def watch_reasons(self) -> None:
        """Forget the reasons for a request that have gone, so that they can request again."""
        if self._served:
            self._served &= self.summary()


def _class(code: int) -> int | None:
    if -200 < code <= -100:
        return COMMAND_ERROR
    if -300 < code <= -200 or 401 <= code <= 420:
        return EXECUTION_ERROR
    if -400 < code <= -300 or code >= 500:
        return DEVICE_ERROR
    return QUERY_ERROR if -500 < code <= -400 else None
