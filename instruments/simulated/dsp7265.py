"""A simulated Signal Recovery 7265: bytes in, bytes out.

The grammar is not that of IEEE 488.2: NAME[.] [n1 [n2]], several joined by ';', each answered by a
line of its own. What is wrong sets a bit of the status byte and is answered by silence.
"""

import math
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Tone
from instruments.simulated.dsp7265_commands import COMMANDS, STAR_PAIRS
from instruments.simulated.dsp7265_demodulation import HiddenErrors, draw_errors
from instruments.simulated.dsp7265_reference import ExternalReference
from instruments.simulated.dsp7265_settings import CommandError, Interface, ParameterError
from instruments.simulated.dsp7265_state import AdcInputs, LockIn
from instruments.simulated.dsp7265_table import Binary, Instrument, Line, Lines, Reply, Value

COMPLETE, INVALID, PARAMETER, UNLOCKED, OVERLOAD = 1, 2, 4, 8, 16
REQUEST, AVAILABLE = 64, 128
_OVERLOADS = 0b0101_1110
_UNLOCK = 0b1000_0000
LATENCY = 5e-3
"""Time of one command in s (assumed)."""
PAIR_LATENCY = 8e-3
"""Time of a command that answers two values, in s (assumed)."""
LINE_TIME = 4e-3
"""Time of every line of a reply of several lines, in s."""
HOLD_OFF = 2.0
"""Longest time in s for which a busy instrument holds the bus up (assumed)."""
PICKUP = 0.3e-6
"""Line pick-up of an instrument that is not ideal, rms in V."""
_ECHO, _NO_PROMPT = 8, 16
_ROOT_2 = math.sqrt(2.0)
_PAIRS = ("XY", "MP")
_TERMINATORS = (b"\r", b"\r", b"\r\n", b"\r\n", b"", b"")
_FORM = re.compile(
    r"\s*([A-Z][A-Z0-9]*)(\.?)(?:\s+(.*?))?\s*", re.IGNORECASE | re.ASCII | re.DOTALL
)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_REAL = re.compile(r"[+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:[eE][+-]?\d{1,3})?", re.ASCII)


class _Pending(NamedTuple):
    """A line that waits to be read, and the time in s that reading it takes."""

    content: bytes
    seconds: float = 0.0


class DSP7265Twin:
    """A 7265 on a bench.

    Parameters
    ----------
    bench
        The circuit; the twin joins it as an observer.
    resource
        VISA resource name; a GPIB address in it is what GP reads.
    role
        Of the input among the wiring's inputs.
    drives_oscillator
        Whether OSC OUT is the oscillator of the circuit.
    interface
        How the client is connected: ``"rs232"`` takes CR or CR LF and answers CR LF; echo and
        prompt are off until RS switches them on.
    ideal
        Whether gain, phase, offsets and ADC are free of errors, and nothing is picked up from the
        line unless `line_pickup` says so.
    noise
        Factor on all white noise; 0 is a quiet instrument.
    line_pickup
        Rms in V; None takes 0.3 uV, or 0 for an ideal instrument.
    line_frequency
        In Hz.
    external_reference
        Frequency in Hz at the reference input at a time in s, or None when nothing arrives.
    adc_inputs
        Voltage in V at ADC 1 to 3; must not move the bench.
    """

    def __init__(
        self,
        bench: Bench,
        resource: str = "GPIB0::14::INSTR",
        role: str = "lockin",
        *,
        drives_oscillator: bool = True,
        interface: Literal["gpib", "rs232"] = "gpib",
        ideal: bool = False,
        noise: float = 1.0,
        line_pickup: float | None = None,
        line_frequency: float = 50.0,
        external_reference: ExternalReference | None = None,
        adc_inputs: AdcInputs | None = None,
    ) -> None:
        generator = bench.generator()
        if line_pickup is None:
            line_pickup = 0.0 if ideal else PICKUP
        self.errors: HiddenErrors = draw_errors(
            generator, ideal=ideal, line_pickup=line_pickup, line_frequency=line_frequency
        )
        self.lockin = LockIn(
            bench,
            role,
            generator,
            self.errors,
            noise=noise,
            external_reference=external_reference,
            adc_inputs=adc_inputs,
            adc_noise=not ideal,
        )
        self._bench = bench
        self._resource = resource
        self._gpib = interface == "gpib"
        self._interface = Interface(address=_address(resource))
        self._instrument = Instrument(self.lockin, self._interface, self._status)
        self._tone = Tone(0.0, 0.0)
        self._fault = 0
        self._pending: deque[_Pending] = deque(maxlen=65536)
        self._waiting: deque[str] = deque()
        if drives_oscillator:
            bench.sync()
            bench.oscillator = self
            bench.converters = self
        bench.watch(self)

    @property
    def resource(self) -> str:
        """Return the VISA resource name."""
        return self._resource

    def oscillator(self) -> Tone | None:
        """Return the open-circuit voltage of OSC OUT, a cosine of phase 0, or None at 0 V."""
        settings = self.lockin.settings
        if settings.amplitude == 0.0:
            return None
        peak = _ROOT_2 * settings.amplitude
        if peak != self._tone.amplitude or settings.frequency != self._tone.frequency:
            self._tone = Tone(settings.frequency, peak)
        return self._tone

    def converter(self, number: int) -> float:
        """Return what the converter `number`, counted from 1, puts out in V."""
        return self.lockin.settings.dac[number - 1]

    def advance(self, start: float, end: float) -> None:
        """Carry filter, reference and curve buffer from `start` to `end` s."""
        self.lockin.advance(start, end)

    def write(self, message: bytes) -> None:
        """Take one program message; while an automatic function runs it waits."""
        if not self._gpib and self._interface.framing & _ECHO:
            self._pending.append(_Pending(message))
        self._waiting.extend(_commands(message))
        self._work()

    def read(self) -> bytes | None:
        """Return the next line of a reply; a line of several takes its time on the clock."""
        self._work()
        if not self._pending:
            return None
        line = self._pending.popleft()
        if line.seconds:
            self._bench.clock.elapse(line.seconds)
        return line.content

    def serial_poll(self) -> int:
        """Return the status byte; the only thing that an instrument at work still answers."""
        self._work()
        status = self._status()
        if self._pending:
            status |= AVAILABLE
        if self._pending or self.lockin.busy_for(self._bench.clock.now()):
            status &= ~COMPLETE
        if status & self._interface.mask & ~REQUEST:
            status |= REQUEST
        return status

    def clear(self) -> None:
        """Forget what waits in both directions; a dump ends."""
        self._pending.clear()
        self._waiting.clear()

    def latency(self, message: bytes) -> float:
        """Return the time in s that `message` takes; a busy instrument holds it up."""
        busy = self.lockin.busy_for(self._bench.clock.now())
        return min(HOLD_OFF, busy) + _seconds(message)

    def _work(self) -> None:
        """Carry out what waits, as far as no automatic function is in the way."""
        self._bench.sync()
        while self._waiting and not self.lockin.busy_for(self._bench.clock.now()):
            self._answer(self._waiting.popleft())

    def _answer(self, text: str) -> None:
        try:
            reply = self._carry_out(text)
        except CommandError:
            self._fault = INVALID
        except ParameterError:
            self._fault = PARAMETER
        else:
            self._pending.extend(self._lines(reply))
        if not self._gpib and not self._interface.framing & _NO_PROMPT:
            wrong = self._status() & (INVALID | PARAMETER | UNLOCKED | OVERLOAD)
            self._pending.append(_Pending(b"?" if wrong else b"*"))

    def _carry_out(self, text: str) -> Reply:
        if text.strip() == "*":
            text = STAR_PAIRS[self.lockin.settings.star]
        name, point, rest = _form(text)
        command = COMMANDS.get(name)
        handler = None if command is None else command.floating if point else command.fixed
        if command is None or handler is None:
            raise CommandError
        if len(rest) not in command.counts:
            raise ParameterError
        given = tuple(_number(word, floating=point) for word in rest)
        reply = handler(self._instrument, given)
        if name != "ST":
            self._fault = 0
        return reply

    def _status(self) -> int:
        """Return the status byte of an instrument that is done and has nothing to say."""
        byte = self.lockin.overload()
        status = COMPLETE | self._fault
        if byte & _UNLOCK:
            status |= UNLOCKED
        if byte & _OVERLOADS:
            status |= OVERLOAD
        return status

    def _lines(self, reply: Reply) -> Iterator[_Pending]:
        end = _TERMINATORS[self._interface.terminator] if self._gpib else b"\r\n"
        if isinstance(reply, Binary):
            yield _Pending(reply.content, LINE_TIME)
        elif isinstance(reply, Lines):
            for line in reply.lines:
                yield _Pending(self._text(line) + end, LINE_TIME)
        elif reply is not None:
            yield _Pending(self._text(reply) + end)

    def _text(self, line: Line) -> bytes:
        values = line if isinstance(line, tuple) else (line,)
        return chr(self._interface.delimiter).join(map(_printed, values)).encode("latin-1")


@lru_cache(maxsize=256)
def _commands(message: bytes) -> tuple[str, ...]:
    """Return the commands of a message."""
    parts = re.split(r"[;\r\n]", message.decode("latin-1"))
    return tuple(part for part in parts if part.strip())


@lru_cache(maxsize=256)
def _seconds(message: bytes) -> float:
    """Return the time in s that a message takes."""
    seconds = 0.0
    for part in message.decode("latin-1").split(";"):
        pair = part.strip().rstrip(".").upper() in _PAIRS
        seconds += PAIR_LATENCY if pair else LATENCY
    return seconds


@lru_cache(maxsize=256)
def _form(text: str) -> tuple[str, bool, tuple[str, ...]]:
    """Return the name of a command, whether a point follows it, and its parameters."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise CommandError
    return form[1].upper(), bool(form[2]), tuple((form[3] or "").split())


def _number(word: str, *, floating: bool) -> float:
    """Return a parameter; an int for the fixed form."""
    if not (_REAL if floating else _WHOLE).fullmatch(word):
        raise ParameterError
    return float(word) if floating else int(word)


def _printed(value: Value) -> str:
    """Return a value as it is sent; an exact floating zero is followed by a NUL."""
    if not isinstance(value, float):
        return str(value)
    if value == 0.0:
        return "0.0E+00\0"
    mantissa, exponent = f"{value:.8E}".split("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{exponent}"


def _address(resource: str) -> int:
    found = re.fullmatch(r"GPIB\d*::(\d+)(?:::.*)?", resource, re.IGNORECASE)
    return int(found[1]) if found else 14
