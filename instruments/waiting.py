"""Events of a story, and the one place that waits for them.

A procedure is a generator of events. It never waits itself: it yields a `Wait`, and `drive` waits
on the stop event and the clock together. Clean-up in a story is synchronous: no ``yield`` in
``finally``.
"""

import math
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from instruments.clock import Clock
from instruments.errors import NotSettledError

POLL = 0.1
"""The longest slice, in s of life, that passes before a stop is noticed."""
LOOK = 2.0
"""Time in s of the clock between two looks during a long wait: one poll of the cryostat."""

Value = float | int
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of data.

    Parameters
    ----------
    values
        A Python float or int for every column of the procedure.
    """

    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before a time.

    Parameters
    ----------
    until
        Time on the clock of the station in s.
    reason
        What is waited for, in words for the person at the bench.
    """

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the story has come.

    Parameters
    ----------
    fraction
        From 0 to 1.
    text
        What is going on, in words; may be empty.
    """

    fraction: float
    text: str = ""


Event = Record | Wait | Progress
Events = Generator[Event, None, None]
Steps = Generator[Event, None, T]
"""A part of a story that ends in an answer: ``x, y = yield from station.bias.read()``."""


class Stop(Exception):  # noqa: N818 (a request, not an error)
    """Raised inside a story at its next event when it has been asked to stop."""


def wait(clock: Clock, seconds: float, reason: str) -> Generator[Event, None, None]:
    """Yield one wait of `seconds` s from now.

    Parameters
    ----------
    clock
        The clock of the station.
    seconds
        How long, in s; nothing is yielded for zero.
    reason
        What is waited for.

    Yields
    ------
    Event
        The wait.
    """
    if seconds > 0.0:
        yield Wait(clock.now() + seconds, reason)


def settle(
    clock: Clock,
    reached: Callable[[], bool],
    what: str,
    *,
    timeout: float,
    poll: float = 0.5,
    reading: Callable[[], str] | None = None,
) -> Generator[Event, None, None]:
    """Yield waits until `reached` answers true.

    Parameters
    ----------
    clock
        The clock of the station.
    reached
        Judges whether the quantity has settled; called once per poll.
    what
        Name of the quantity, for messages.
    timeout
        Longest time to wait in s.
    poll
        Time between two judgements in s.
    reading
        Describes the last reading, for the error message.

    Yields
    ------
    Event
        A wait per poll.

    Raises
    ------
    NotSettledError
        `reached` was not true within `timeout`.
    """
    began = clock.now()
    while not reached():
        if clock.now() - began >= timeout:
            last = f"; last reading {reading()}" if reading is not None else ""
            raise NotSettledError(f"{what} has not settled within {timeout:g} s{last}")
        yield Wait(clock.now() + poll, f"{what} to settle")


def drive(
    events: Generator[Event, None, T],
    clock: Clock,
    *,
    stopped: Callable[[], bool],
    handle: Callable[[Event], None],
    stop: threading.Event | None = None,
    look: Callable[[], None] | None = None,
) -> T:
    """Carry a story out: hand each event to `handle`, wait where it says so, stop when asked.

    The story is closed in every case, so that its ``finally`` blocks have run when this returns.

    Parameters
    ----------
    events
        The story.
    clock
        The clock of the station.
    stopped
        Asked before every event and at least every `POLL` s of life during a wait.
    handle
        Receives every event in order, waits too, before they are waited for.
    stop
        An event that ends a wait at once when it is set; `stopped` must answer true then.
    look
        Called at least every `LOOK` s during a wait; what it raises ends the story.

    Returns
    -------
    T
        What the story returns.

    Raises
    ------
    Stop
        The story was asked to stop before its end.
    """
    try:
        while True:
            if stopped():
                raise Stop
            try:
                event = next(events)
            except StopIteration as end:
                answer: T = end.value
                return answer
            handle(event)
            if isinstance(event, Wait):
                _pass(event.until, clock, stopped, stop, look)
            else:
                clock.sleep(0.0)
    finally:
        events.close()


def _pass(
    until: float,
    clock: Clock,
    stopped: Callable[[], bool],
    stop: threading.Event | None,
    look: Callable[[], None] | None,
) -> None:
    longest = min(clock.slice(POLL), math.inf if look is None else LOOK)
    while not stopped():
        left = until - clock.now()
        if left <= 0.0:
            clock.sleep(0.0)
            return
        clock.sleep(min(left, longest), stop)
        if look is not None:
            look()
