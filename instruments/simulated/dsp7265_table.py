"""What a command of a 7265 is, and how the common kinds are written down in one line.

A command that has a fixed and a floating form ('.' after the name) carries a handler for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from instruments.simulated import dsp7265_settings as legal
from instruments.simulated.dsp7265_settings import Interface, ParameterError, Settings
from instruments.simulated.dsp7265_state import LockIn

Value = int | float | str
Line = Value | tuple[Value, ...]
Parameters = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A reply of several lines, handed out one by one."""

    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Binary:
    """A reply that is not text."""

    content: bytes


Reply = Line | Lines | Binary | None


@dataclass(slots=True)
class Instrument:
    """What a command acts on.

    Parameters
    ----------
    lockin
        The instrument proper.
    interface
        How it talks.
    status
        Answers the status byte.
    """

    lockin: LockIn
    interface: Interface
    status: Callable[[], int]


Handler = Callable[[Instrument, Parameters], Reply]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Parameters
    ----------
    name
        Without the '.'.
    counts
        How many parameters are legal.
    fixed
        Handler of the integer form, or None.
    floating
        Handler of the floating form, or None.
    """

    name: str
    counts: frozenset[int]
    fixed: Handler | None = None
    floating: Handler | None = None


def whole(
    name: str, read: Callable[[Settings], int], write: Callable[[Settings, int], None]
) -> Command:
    """Control an integer; the same word without a parameter reads."""

    def handle(instrument: Instrument, given: Parameters) -> Reply:
        if not given:
            return read(instrument.lockin.settings)
        write(instrument.lockin.settings, int(given[0]))
        instrument.lockin.changed()
        return None

    return Command(name, frozenset({0, 1}), fixed=handle)


Held = Literal[
    "vmode",
    "shield",
    "synchronous",
    "expand",
    "byte",
    "star",
    "event",
    "remote",
    "lights",
    "adc3_time",
]


def held(name: str, attribute: Held, lowest: int, highest: int) -> Command:
    """Control an integer that only has a range."""

    def write(settings: Settings, value: int) -> None:
        legal.check_range(value, lowest, highest)
        setattr(settings, attribute, value)

    return whole(name, lambda settings: int(getattr(settings, attribute)), write)


def real(
    name: str,
    scale: float,
    read: Callable[[Settings], float],
    write: Callable[[Settings, float], None],
) -> Command:
    """Control a number; its fixed form counts in 1/scale of the floating unit."""

    def fixed(instrument: Instrument, given: Parameters) -> Reply:
        if not given:
            return round(scale * read(instrument.lockin.settings))
        return floating(instrument, (given[0] / scale,))

    def floating(instrument: Instrument, given: Parameters) -> Reply:
        if not given:
            return read(instrument.lockin.settings)
        write(instrument.lockin.settings, given[0])
        instrument.lockin.changed()
        return None

    return Command(name, frozenset({0, 1}), fixed, floating)


def index(
    name: str,
    write: Callable[[Settings, int], None],
    read: Callable[[Settings], int],
    value: Callable[[Settings], float],
) -> Command:
    """Control an index into a table; the floating form reads the value behind it."""
    control = whole(name, read, write)

    def floating(instrument: Instrument, given: Parameters) -> Reply:
        if given:
            raise ParameterError
        return float(value(instrument.lockin.settings))

    return Command(name, control.counts, control.fixed, floating)


def output(
    name: str,
    fixed: Callable[[LockIn], Line] | None,
    floating: Callable[[LockIn], Line] | None = None,
) -> Command:
    """Answer a reading."""

    def answer(read: Callable[[LockIn], Line]) -> Handler:
        return lambda instrument, _given: read(instrument.lockin)

    return Command(
        name,
        frozenset({0}),
        None if fixed is None else answer(fixed),
        None if floating is None else answer(floating),
    )


def action(name: str, act: Callable[[LockIn], None]) -> Command:
    """Do something that takes no parameter."""

    def handle(instrument: Instrument, _given: Parameters) -> Reply:
        act(instrument.lockin)
        return None

    return Command(name, frozenset({0}), fixed=handle)


def counted(
    counts: set[int], name: str, fixed: Handler, floating: Handler | None = None
) -> Command:
    """Do anything with as many parameters as `counts` allows."""
    return Command(name, frozenset(counts), fixed, floating)
