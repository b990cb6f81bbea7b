"""What the limits of a 7265 forbid: every command that sets its oscillator or its converters."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from instruments.domains import number
from instruments.errors import LimitError

ROUNDING = 1.0 + 1e-9
FIXED_POINT = 1e-3
"""Volts per count of ``OA`` without a point: mV or uV (not confirmed), so the larger."""
_COMMAND = re.compile(r"([A-Z]+)(\.?)\s*(.*)", re.DOTALL)
_BLANKS = dict.fromkeys((*range(10), 11, 12, *range(14, 32)), " ")


@dataclass(frozen=True, slots=True)
class LockinCommand:
    """One command of a message to a lock-in.

    Parameters
    ----------
    name
        Upper case, without the point.
    is_floating
        Whether a point follows the name.
    arguments
        In order.
    """

    name: str
    is_floating: bool
    arguments: tuple[str, ...]


@lru_cache(maxsize=512)
def lockin_commands(message: str) -> tuple[LockinCommand, ...]:
    """Return the commands of a message.

    Parameters
    ----------
    message
        One or more messages, ended by CR or LF, with commands joined by semicolons.

    Returns
    -------
    tuple[LockinCommand, ...]
        In order; what does not begin with a letter is left out.
    """
    found = []
    for part in re.split(r"[;\r\n]", message.translate(_BLANKS).upper()):
        match = _COMMAND.match(part.strip())
        if match is not None:
            name, point, rest = match.groups()
            arguments = tuple(rest.replace(",", " ").split())
            found.append(LockinCommand(name, bool(point), arguments))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SummedLimit:
    """A sample that a converter and the oscillator bias together, each behind a divider.

    Parameters
    ----------
    limit
        Of dc plus peak ac at the sample, in V.
    converter
        Number of the converter.
    divider
        Voltage at the sample over that of the converter.
    oscillator_divider
        Voltage at the sample over that of the oscillator.
    """

    limit: float
    converter: int
    divider: float
    oscillator_divider: float

    def reached(self, converter: float, oscillator: float) -> float:
        """Return dc plus peak ac in V for V at the converter and rms V of the oscillator."""
        alternating = math.sqrt(2.0) * oscillator * self.oscillator_divider
        return abs(converter) * self.divider + alternating


class OscillatorGuard:
    """Judge messages for a 7265.

    Parameters
    ----------
    name
        Of the instrument, for messages.
    fetch
        Asks the instrument and returns the reply.
    """

    def __init__(self, name: str, fetch: Callable[[str], str]) -> None:
        self.name = name
        self.oscillator: float | None = None
        self.converter = 12.0
        self.ranges: Mapping[int, tuple[float, float]] = {}
        self.summed: SummedLimit | None = None
        self._fetch = fetch
        self._known: dict[str, float] = {}
        self._next: dict[str, float] = {}

    def apply(self, oscillator: float, converter: float) -> None:
        """Hold every message from now on to rms V of the oscillator and V of the converters."""
        self.oscillator, self.converter = oscillator, converter

    def apply_sum(self, summed: SummedLimit) -> None:
        """Hold dc plus peak ac at a sample from now on."""
        self.summed = summed

    def apply_range(self, converter: int, low: float, high: float) -> None:
        """Hold one converter between two voltages from now on."""
        self.ranges = {**self.ranges, converter: (low, high)}

    def check(self, message: str) -> None:
        """Raise LimitError if `message` would exceed a limit."""
        if self.oscillator is None:
            return
        self._next = {}
        standing = dict(self._known)
        for command in lockin_commands(message):
            if command.name != "ADF" and not (command.name in _GUARDED and command.arguments):
                continue
            try:
                self._judge(command)
                self._judge_sum(command, standing)
            except ValueError as problem:
                raise LimitError(
                    f"{self.name}: {command.name} {' '.join(command.arguments)[:40]!r} cannot be"
                    f" judged ({problem}) while a limit of {self.oscillator:g} V rms holds; nothing"
                    " was sent, give plain numbers"
                ) from None

        self._next = standing

    def commit(self) -> None:
        """Remember what biases the sample: the last checked message has been sent."""
        self._known = self._known | self._next

    def forget(self) -> None:
        """Forget what biases the sample: it is asked for before the next change."""
        self._known, self._next = {}, {}

    def _judge(self, command: LockinCommand) -> None:
        if command.name == "ADF":
            raise ValueError("the amplitude of the default settings is not known")
        if command.name == "SWEEP":
            self._judge_sweep(command)
        elif command.name == "DAC":
            if len(command.arguments) > 1:
                place, value = command.arguments
                self._hold(command, value, self.converter)
                self._hold_range(command, place, value)
        else:
            (value,) = command.arguments
            self._hold(command, value, self.oscillator or 0.0)

    def _judge_sum(self, command: LockinCommand, standing: dict[str, float]) -> None:
        """Add what a command sets to what stands, and refuse the sum beyond its limit."""
        summed = self.summed
        if summed is None:
            return
        key, volts = self._sets(command, summed)
        if not key:
            return
        for other, query in ((_OSCILLATOR, "OA."), (_CONVERTER, f"DAC. {summed.converter}")):
            if other != key and other not in standing:
                standing[other] = number(self._fetch(query))
        standing[key] = volts
        reached = summed.reached(standing[_CONVERTER], standing[_OSCILLATOR])
        if not reached <= summed.limit * ROUNDING:
            raise LimitError(
                f"{self.name}: {command.name} of {volts:g} V makes dc plus peak ac {reached:g} V at"
                f" the sample, beyond the limit of {summed.limit:g} V; nothing was sent, choose"
                " less of either"
            )

    def _sets(self, command: LockinCommand, summed: SummedLimit) -> tuple[str, float]:
        """Return which of the two a command sets, and to what; nothing for any other command."""
        if command.name == "SWEEP":
            if number(command.arguments[0]) in {0.0, 1.0}:
                return "", 0.0
            return _OSCILLATOR, max(number(self._fetch(f"{end}.")) for end in ("ASTART", "ASTOP"))
        scale = 1.0 if command.is_floating else FIXED_POINT
        if command.name == "OA":
            return _OSCILLATOR, scale * number(command.arguments[0])
        if command.name == "DAC" and len(command.arguments) == 2:
            place, value = map(number, command.arguments)
            return (_CONVERTER, scale * value) if place == summed.converter else ("", 0.0)
        return "", 0.0

    def _hold_range(self, command: LockinCommand, place: str, argument: str) -> None:
        low, high = self.ranges.get(int(number(place)), (-math.inf, math.inf))
        volts = number(argument) * (1.0 if command.is_floating else FIXED_POINT)
        slack = 1e-9 * max(abs(low), abs(high)) if math.isfinite(low) else 0.0
        if not low - slack <= volts <= high + slack:
            raise LimitError(
                f"{self.name}: DAC {place} of {volts:g} V lies outside {low:g} to {high:g} V;"
                " nothing was sent, choose another value"
            )

    def _hold(self, command: LockinCommand, argument: str, limit: float) -> None:
        volts = number(argument) * (1.0 if command.is_floating else FIXED_POINT)
        if not abs(volts) <= limit * ROUNDING:
            raise LimitError(
                f"{self.name}: {command.name} of {volts:g} V is beyond the limit of {limit:g} V;"
                " nothing was sent, choose less or widen the limit of the station"
            )

    def _judge_sweep(self, command: LockinCommand) -> None:
        (kind,) = command.arguments
        if number(kind) in {0.0, 1.0}:
            return
        for name in ("ASTART", "ASTOP"):
            reply = self._fetch(f"{name}.")
            self._hold(
                LockinCommand(name, is_floating=True, arguments=()), reply, self.oscillator or 0.0
            )


_GUARDED = frozenset({"OA", "ASTART", "ASTOP", "DAC", "SWEEP"})
_OSCILLATOR, _CONVERTER = "oscillator", "converter"
