"""What the limits of a 7265 forbid: every command that sets its oscillator or its converters."""

import re
from collections.abc import Callable
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
        self._fetch = fetch

    def apply(self, oscillator: float, converter: float) -> None:
        """Hold every message from now on to rms V of the oscillator and V of the converters."""
        self.oscillator, self.converter = oscillator, converter

    def check(self, message: str) -> None:
        """Raise LimitError if `message` would exceed a limit."""
        if self.oscillator is None:
            return
        for command in lockin_commands(message):
            if command.name != "ADF" and not (command.name in _GUARDED and command.arguments):
                continue
            try:
                self._judge(command)
            except ValueError as problem:
                raise LimitError(
                    f"{self.name}: {command.name} {' '.join(command.arguments)[:40]!r} cannot be"
                    f" judged ({problem}) while a limit of {self.oscillator:g} V rms holds; nothing"
                    " was sent, give plain numbers"
                ) from None

    def commit(self) -> None:
        """Do nothing: every command is judged alone."""

    def forget(self) -> None:
        """Do nothing: every command is judged alone."""

    def _judge(self, command: LockinCommand) -> None:
        if command.name == "ADF":
            raise ValueError("the amplitude of the default settings is not known")
        if command.name == "SWEEP":
            self._judge_sweep(command)
        elif command.name == "DAC":
            if len(command.arguments) > 1:
                _place, value = command.arguments
                self._hold(command, value, self.converter)
        else:
            (value,) = command.arguments
            self._hold(command, value, self.oscillator or 0.0)

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
