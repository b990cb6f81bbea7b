"""Carry out one procedure: the only place that waits, and the only way from a story to a file."""

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

from daq.runs.rows import RowError
from instruments.clock import Clock
from instruments.errors import ColdpointError, InstrumentError, StoppedError, StorageError
from instruments.waiting import Event, Events, Record, Stop, Value, drive

Status = Literal["finished", "aborted", "failed", "storage error"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    status
        ``finished`` only if the story reached its end, the clean-up succeeded and every row is
        stored.
    rows
        How many rows were acknowledged.
    error
        What went wrong, in one line; empty if nothing did.
    traceback
        Where it went wrong; empty if nothing did.
    flaw
        Whether it was the program that went wrong, and no instrument and no disk.
    """

    status: Status
    rows: int = 0
    error: str = ""
    traceback: str = ""
    flaw: bool = False


class HasClock(Protocol):
    """What the engine itself needs of a station."""

    @property
    def clock(self) -> Clock:
        """Return the clock of the station."""
        ...


S_contra = TypeVar("S_contra", bound=HasClock, contravariant=True)
S = TypeVar("S", bound=HasClock)


class Story(Protocol[S_contra]):
    """A procedure as the engine sees it."""

    def check(self, station: S_contra) -> None:
        """Refuse what the station cannot carry out, before anything is sent."""
        ...

    def records(self, station: S_contra) -> Events:
        """Tell the story."""
        ...

    def end(self, station: S_contra) -> None:
        """Clean up, without waiting for events."""
        ...


class Sink(Protocol):
    """Where rows go, in line with the measurement."""

    def append(self, values: Mapping[str, Value]) -> None:
        """Store a row; the row is acknowledged when this returns."""
        ...

    def close(self, outcome: Outcome) -> Outcome:
        """End the store and return the outcome that holds."""
        ...


class Follower(Protocol):
    """Somebody who is told what happens and never holds it up; see `daq.runs.observers`."""

    def offer(self, event: Event, rows: int) -> None:
        """Take an event and the number of rows acknowledged; return at once."""
        ...


class CleanUpError(InstrumentError):
    """Raise when a run has been stored but the station did not come to rest.

    Parameters
    ----------
    message
        One line.
    outcome
        How the run ended; it is on disk.
    """

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class Interrupted(KeyboardInterrupt):
    """Raise when a run was aborted from the keyboard, after it has been stored.

    Parameters
    ----------
    outcome
        How the run ended; it is on disk.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("interrupted from the keyboard")
        self.outcome = outcome


class MemorySink:
    """Rows kept in memory, for rehearsals and tests."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Value]] = []
        self.append = self.rows.append

    def close(self, outcome: Outcome) -> Outcome:
        """Return the outcome with the number of rows."""
        return replace(outcome, rows=len(self.rows))


def execute(
    procedure: Story[S],
    station: S,
    sink: Sink,
    stop: threading.Event,
    observers: Sequence[Follower] = (),
    *,
    look: Callable[[], None] | None = None,
) -> Outcome:
    """Carry out a procedure and store every row before the next event is asked for.

    Whatever happens, ``procedure.end(station)`` is called exactly once, and the sink is closed
    after it, so that the outcome on disk knows of a clean-up that failed.

    Parameters
    ----------
    procedure
        Settings and story.
    station
        The open station.
    sink
        Takes the rows; it is closed here.
    stop
        Set by anybody to abort; noticed within a tenth of a second of life, even during a wait.
    observers
        Told of every event after it has been stored.
    look
        Called every few seconds during a wait; what it raises ends the story.

    Returns
    -------
    Outcome
        How the run ended, as the sink has stored it. A story that raises is ``failed``, and that is
        returned, not raised.

    Raises
    ------
    CleanUpError
        ``procedure.end`` raised; the station may not be at rest. The run is stored.
    Interrupted
        Control-C: the run is stored as aborted, and a script ends here unless it catches this.
    """
    told = _tell(procedure, station, sink, stop, observers, look=look)
    cleanup = _clean_up(procedure, station)
    outcome = told.outcome if cleanup is None else _with_cleanup(told.outcome, cleanup)
    outcome = sink.close(outcome)
    _raise_what_must_be(told.escaped, cleanup, outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Told:
    outcome: Outcome
    escaped: BaseException | None = None


class _Carrier:
    """Takes each event to the sink and then to the observers."""

    def __init__(self, sink: Sink, observers: Sequence[Follower]) -> None:
        self._append = sink.append
        self._observers = tuple(observers)
        self.rows = 0

    def handle(self, event: Event) -> None:
        if isinstance(event, Record):
            self._append(event.values)
            self.rows += 1
        for observer in self._observers:
            observer.offer(event, self.rows)


def _tell(
    procedure: Story[S],
    station: S,
    sink: Sink,
    stop: threading.Event,
    observers: Sequence[Follower],
    *,
    look: Callable[[], None] | None,
) -> _Told:
    carrier = _Carrier(sink, observers)
    try:
        procedure.check(station)
        drive(
            procedure.records(station),
            station.clock,
            stopped=stop.is_set,
            handle=carrier.handle,
            stop=stop,
            look=look,
        )
    except BaseException as failure:  # noqa: BLE001 (every end is stored; what must escape escapes later)
        return _judge(failure, carrier.rows)
    return _Told(Outcome("finished", carrier.rows))


def _judge(failure: BaseException, rows: int) -> _Told:
    match failure:
        case Stop() | StoppedError():
            return _Told(Outcome("aborted", rows, "stopped on request"))
        case KeyboardInterrupt():
            return _Told(Outcome("aborted", rows, "interrupted from the keyboard"), failure)
        case StorageError() if not isinstance(failure, RowError):
            return _Told(Outcome("storage error", rows, _line(failure), _trace(failure)))
        case Exception():
            flaw = not isinstance(failure, ColdpointError | ExceptionGroup | OSError)
            return _Told(Outcome("failed", rows, _line(failure), _trace(failure), flaw))
        case _:
            return _Told(Outcome("aborted", rows, _line(failure), _trace(failure)), failure)


def _clean_up(procedure: Story[S], station: S) -> BaseException | None:
    try:
        procedure.end(station)
    except BaseException as failure:  # noqa: BLE001 (recorded, and raised once the file is closed)
        return failure
    return None


def _with_cleanup(outcome: Outcome, cleanup: BaseException) -> Outcome:
    error = f"clean-up: {_line(cleanup)}"
    return replace(
        outcome,
        status="failed" if outcome.status == "finished" else outcome.status,
        error=f"{outcome.error}; {error}" if outcome.error else error,
        traceback=outcome.traceback + _trace(cleanup),
    )


def _raise_what_must_be(
    escaped: BaseException | None, cleanup: BaseException | None, outcome: Outcome
) -> None:
    if isinstance(cleanup, Exception):
        raise CleanUpError(
            f"the run is stored ({outcome.status}), but the station did not come to rest:"
            f" {_line(cleanup)}; make it safe",
            outcome,
        ) from cleanup
    for failure in (escaped, cleanup):
        if isinstance(failure, KeyboardInterrupt):
            raise Interrupted(outcome) from failure
        if failure is not None:
            raise failure


def _line(failure: BaseException) -> str:
    text = " ".join(str(failure).split())
    return f"{type(failure).__name__}: {text}" if text else type(failure).__name__


def _trace(failure: BaseException) -> str:
    return "".join(traceback.format_exception(failure))
