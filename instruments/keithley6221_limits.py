"""What the limits of a 6221 forbid: every command that sets or releases current or voltage.

The guard knows the headers in short and long form, follows compound messages, and remembers what it
let pass, so that a waveform is judged by offset plus amplitude. What it does not know it asks of
the instrument before it lets anything go.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from instruments.domains import numbers
from instruments.errors import LimitError
from instruments.guard import Command, candidates, header_pattern, scpi_commands

LEVEL, COMPLIANCE = "SOUR:CURR", "SOUR:CURR:COMP"
AMPLITUDE, OFFSET = "SOUR:WAVE:AMPL", "SOUR:WAVE:OFFS"
START, STOP, SPACING = "SOUR:CURR:STAR", "SOUR:CURR:STOP", "SOUR:SWE:SPAC"
LIST_CURRENT, LIST_COMPLIANCE = "SOUR:LIST:CURR", "SOUR:LIST:COMP"
DELTA = ("SOUR:DELT:HIGH", "SOUR:DELT:LOW")
PULSE_DELTA = ("SOUR:PDEL:HIGH", "SOUR:PDEL:LOW")
CONDUCTANCE = ("SOUR:DCON:STAR", "SOUR:DCON:STOP", "SOUR:DCON:DELT", "SOUR:DCON:STEP")
ROUNDING = 1.0 + 1e-9

Known = dict[str, float]
Fetch = Callable[[str], str]
Rule = Callable[["SourceGuard", Known, str], None]


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """The limits of a current source.

    Parameters
    ----------
    current
        Magnitude of dc plus peak ac in A.
    compliance
        In V.
    pulse_current
        Magnitude in A; holds only inside the pulse methods.
    pulse_voltage
        Compliance in V; holds only inside the pulse methods.
    """

    current: float
    compliance: float
    pulse_current: float
    pulse_voltage: float


class SourceGuard:
    """Judge program messages for a 6221.

    Parameters
    ----------
    name
        Of the instrument, for messages.
    fetch
        Asks the instrument for a setting, such as ``SOUR:CURR``, and returns the reply.
    """

    def __init__(self, name: str, fetch: Fetch) -> None:
        self.name = name
        self.limits: SourceLimits | None = None
        self._fetch = fetch
        self._current = math.inf
        self._compliance = math.inf
        self._known: Known = {}
        self._pending: Known | None = None

    def apply(self, limits: SourceLimits) -> None:
        """Hold every message from now on to `limits`."""
        self.limits = limits
        self._current, self._compliance = limits.current, limits.compliance
        self._known = {}

    @contextmanager
    def pulsing(self) -> Iterator[None]:
        """Hold messages to the limits of a pulse for a while."""
        if self.limits is None:
            yield
            return
        self._current, self._compliance = self.limits.pulse_current, self.limits.pulse_voltage
        try:
            yield
        finally:
            self._current, self._compliance = self.limits.current, self.limits.compliance

    def check(self, message: str) -> None:
        """Raise LimitError if `message` would exceed a limit."""
        self._pending = None
        if self.limits is None:
            return
        known: Known | None = None
        for command in scpi_commands(message):
            rule = None if command.is_query else _rule(command.path, command.header)
            if rule is not None:
                if known is None:
                    known = dict(self._known)
                self._judge(rule, known, command)
        self._pending = known

    def commit(self) -> None:
        """Remember what the last checked message sets."""
        if self._pending is not None:
            self._known, self._pending = self._pending, None

    def forget(self) -> None:
        """Forget what the instrument was last set to."""
        self._known = {}
        self._pending = None

    def largest(self, known: Known, key: str) -> float:
        """Return the largest magnitude that the setting `key` has now."""
        if key not in known:
            known[key] = max(abs(value) for value in numbers(self._fetch(key)))
        return known[key]

    def hold_current(self, key: str, value: float) -> None:
        """Raise LimitError for a current in A beyond the limit."""
        if not abs(value) <= self._current * ROUNDING:
            self._refuse(key, f"{value:.6g} A", f"{self._current:g} A")

    def hold_voltage(self, key: str, value: float) -> None:
        """Raise LimitError for a compliance in V beyond the limit."""
        if not abs(value) <= self._compliance * ROUNDING:
            self._refuse(key, f"{value:.6g} V", f"{self._compliance:g} V")

    def text(self, key: str) -> str:
        """Return the reply of the instrument to the query for `key`."""
        return self._fetch(key)

    def _judge(self, rule: Rule, known: Known, command: Command) -> None:
        try:
            rule(self, known, command.arguments)
        except ValueError as problem:
            raise LimitError(
                f"{self.name}: {command.header} {command.arguments[:40]!r} cannot be judged"
                f" ({problem}) while limits of {self._current:g} A and {self._compliance:g} V hold;"
                " nothing was sent, give plain numbers"
            ) from None

    def _refuse(self, key: str, value: str, limit: str) -> None:
        raise LimitError(
            f"{self.name}: {key} of {value} is beyond the limit of {limit}; nothing was sent,"
            " choose less or widen the limit of the station"
        )


def _level(key: str) -> Rule:
    def rule(guard: SourceGuard, known: Known, arguments: str) -> None:
        (value,) = numbers(arguments, 1)
        guard.hold_current(key, value)
        known[key] = abs(value)

    return rule


def _wave_part(key: str, other: str) -> Rule:
    def rule(guard: SourceGuard, known: Known, arguments: str) -> None:
        (value,) = numbers(arguments, 1)
        guard.hold_current(key, value)
        # a part that shrinks is let pass: otherwise there were no way down from above the limit
        if abs(value) > guard.largest(known, key):
            guard.hold_current(f"{key} plus {other}", abs(value) + guard.largest(known, other))
        known[key] = abs(value)

    return rule


def _extent(share: float, key: str) -> Rule:
    def rule(guard: SourceGuard, known: Known, arguments: str) -> None:
        (value,) = numbers(arguments, 1)
        guard.hold_current(key, share * value)
        known.pop(START, None)
        known.pop(STOP, None)

    return rule


def _compliance(guard: SourceGuard, known: Known, arguments: str) -> None:
    (value,) = numbers(arguments, 1)
    guard.hold_voltage(COMPLIANCE, value)
    known[COMPLIANCE] = value


def _list_current(guard: SourceGuard, known: Known, arguments: str) -> None:
    for value in numbers(arguments):
        guard.hold_current(LIST_CURRENT, value)
    known.pop(LIST_CURRENT, None)


def _list_compliance(guard: SourceGuard, known: Known, arguments: str) -> None:
    for value in numbers(arguments):
        guard.hold_voltage(LIST_COMPLIANCE, value)
    known.pop(LIST_COMPLIANCE, None)


def _delta_high(low: str, high: str) -> Rule:
    def rule(guard: SourceGuard, known: Known, arguments: str) -> None:
        (value,) = numbers(arguments, 1)
        guard.hold_current(high, value)
        known[high] = abs(value)
        known.pop(low, None)

    return rule


def _output(guard: SourceGuard, known: Known, arguments: str) -> None:
    if arguments.upper() in {"OFF", "0"}:
        return
    if arguments.upper() not in {"ON", "1"}:
        raise ValueError("neither ON nor OFF")
    guard.hold_current(LEVEL, guard.largest(known, LEVEL))
    guard.hold_voltage(COMPLIANCE, guard.largest(known, COMPLIANCE))


def _wave_start(guard: SourceGuard, known: Known, _arguments: str) -> None:
    peak = guard.largest(known, AMPLITUDE) + guard.largest(known, OFFSET)
    guard.hold_current(f"{AMPLITUDE} plus {OFFSET}", peak)
    guard.hold_voltage(COMPLIANCE, guard.largest(known, COMPLIANCE))


def _sweep_arm(guard: SourceGuard, known: Known, _arguments: str) -> None:
    guard.hold_voltage(COMPLIANCE, guard.largest(known, COMPLIANCE))
    if guard.text(SPACING).strip().upper().startswith("LIST"):
        guard.hold_current(LIST_CURRENT, guard.largest(known, LIST_CURRENT))
        guard.hold_voltage(LIST_COMPLIANCE, guard.largest(known, LIST_COMPLIANCE))
        return
    for key in (START, STOP):
        guard.hold_current(key, guard.largest(known, key))


def _arm(keys: tuple[str, ...]) -> Rule:
    def rule(guard: SourceGuard, known: Known, _arguments: str) -> None:
        guard.hold_voltage(COMPLIANCE, guard.largest(known, COMPLIANCE))
        for key in keys:
            guard.hold_current(key, guard.largest(known, key))

    return rule


def _conductance_arm(guard: SourceGuard, known: Known, _arguments: str) -> None:
    start, stop, delta, step = (guard.largest(known, key) for key in CONDUCTANCE)
    # the outer steps lie one step beyond start and stop (assumed)
    guard.hold_current("SOUR:DCON with its outer steps", max(start, stop) + delta + step)
    guard.hold_voltage(COMPLIANCE, guard.largest(known, COMPLIANCE))


def _reset(_guard: SourceGuard, known: Known, _arguments: str) -> None:
    known.clear()


def _recall(_guard: SourceGuard, _known: Known, _arguments: str) -> None:
    raise ValueError("a stored set-up may hold any current")


_RULES: tuple[tuple[str, Rule], ...] = (
    ("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]", _level(LEVEL)),
    ("[SOURce:]CURRent:COMPliance[:LEVel][:IMMediate][:AMPLitude]", _compliance),
    ("[SOURce:]CURRent:STARt", _level(START)),
    ("[SOURce:]CURRent:STOP", _level(STOP)),
    ("[SOURce:]CURRent:CENTer", _extent(1.0, "SOUR:CURR:CENT")),
    ("[SOURce:]CURRent:SPAN", _extent(0.5, "half of SOUR:CURR:SPAN")),
    ("[SOURce:]SWEep:STARt", _level(START)),
    ("[SOURce:]SWEep:STOP", _level(STOP)),
    ("[SOURce:]SWEep:ARM", _sweep_arm),
    ("[SOURce:]WAVE:AMPLitude[:LEVel][:IMMediate]", _wave_part(AMPLITUDE, OFFSET)),
    ("[SOURce:]WAVE:OFFSet[:LEVel][:IMMediate]", _wave_part(OFFSET, AMPLITUDE)),
    ("[SOURce:]WAVE:ARM", _wave_start),
    ("[SOURce:]WAVE:INITiate[:IMMediate]", _wave_start),
    ("[SOURce:]LIST:CURRent[:APPend]", _list_current),
    ("[SOURce:]LIST:COMPliance[:APPend]", _list_compliance),
    ("[SOURce:]DELTa:HIGH", _delta_high(DELTA[1], DELTA[0])),
    ("[SOURce:]DELTa:LOW", _level(DELTA[1])),
    ("[SOURce:]DELTa:ARM", _arm(DELTA)),
    ("[SOURce:]PDELta:HIGH", _delta_high(PULSE_DELTA[1], PULSE_DELTA[0])),
    ("[SOURce:]PDELta:LOW", _level(PULSE_DELTA[1])),
    ("[SOURce:]PDELta:ARM", _arm(PULSE_DELTA)),
    ("[SOURce:]DCONductance:STARt", _level(CONDUCTANCE[0])),
    ("[SOURce:]DCONductance:STOP", _level(CONDUCTANCE[1])),
    ("[SOURce:]DCONductance:DELTa", _level(CONDUCTANCE[2])),
    ("[SOURce:]DCONductance:STEP", _level(CONDUCTANCE[3])),
    ("[SOURce:]DCONductance:ARM", _conductance_arm),
    ("OUTPut[:STATe]", _output),
    ("[SOURce:]CLEar[:IMMediate]", _reset),
    ("SYSTem:PRESet", _reset),
    ("*RST", _reset),
    ("*RCL", _recall),
)


@lru_cache(maxsize=2048)
def _rule(path: str, header: str) -> Rule | None:
    for candidate in candidates(path, header):
        for form, rule in _RULES:
            if header_pattern(form).fullmatch(candidate):
                return rule
    return None
