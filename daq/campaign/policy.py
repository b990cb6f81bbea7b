"""What happens when something is wrong: judged at every point, decided after every failure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from daq.campaign.plan import OnError, Watch
from daq.config.quantity import format_quantity
from daq.runs.engine import CleanUpError
from instruments.errors import ColdpointError, StorageError
from instruments.station import Station
from instruments.switch import OperatorNeededError
from instruments.waiting import Event, Record

Then = Literal["retry", "skip", "land", "pause"]
OHM = "(ohm)"
IN_PHASE, QUADRATURE = "X (V)", "Y (V)"
WATCHED = frozenset(f"{name} {OHM}" for name in ("dV/dI", "R", "Resistance", "R before", "R after"))
"""The columns that are the resistance of the contact, and no error or transverse part of it."""


class WatchError(ColdpointError):
    """Raise at the point that `watch` in the sequence does not allow; the point is stored."""


class NotAtRestError(ColdpointError):
    """Raise when the outputs could not be taken down after a run, not even the second time."""


class UnansweredError(ColdpointError):
    """Raise when a pause was waited for in vain."""


class ForeignSetpointError(ColdpointError):
    """Raise as soon as a poll shows that somebody else has set the cryostat."""


class CryostatSilentError(ColdpointError):
    """Raise when the cryostat has not answered for too long: nobody knows where the sample is."""


UNFORGIVABLE = (StorageError, CleanUpError, NotAtRestError, UnansweredError, CryostatSilentError)
"""Failures after which nothing is retried or skipped: the station or the data are in danger."""
SILENCE = 120.0
"""Time in s without a sample of the cryostat after which nothing is measured any more."""


class Sentry:
    """Look at every event and in every wait whether the cryostat is still ours, and answers.

    A setpoint of somebody else ends the run at once; a cryostat that does not answer ends it after
    `SILENCE`.

    Parameters
    ----------
    station
        Whose cryostat is looked at.
    foreign
        Whether setpoints of others are looked for, where the station asks for it.
    """

    def __init__(self, station: Station, *, foreign: bool = True) -> None:
        self._station = station
        ours = foreign and station.foreign_setpoint != "ignore"
        self._cryostat = station.cryostat if ours else None
        self.alarm: ForeignSetpointError | CryostatSilentError | None = None

    def offer(self, event: Event, rows: int) -> None:  # noqa: ARG002 (what a follower is told)
        """Look; a follower of events."""
        self.look()

    def look(self) -> None:
        """Raise if the cryostat is silent, or somebody else has set it since we did."""
        self._listen()
        foreign = None if self._cryostat is None else self._cryostat.foreign_setpoint
        if foreign is not None:
            self.alarm = ForeignSetpointError(f"somebody else has set the cryostat: {foreign}")
            raise self.alarm

    def _listen(self) -> None:
        """Raise CryostatSilentError if there has been no sample for too long."""
        cryostat = self._station.cryostat
        if cryostat is None or cryostat.trouble is None or (age := cryostat.age()) < SILENCE:
            return
        last, (why, _, _) = cryostat.reading, cryostat.last_failure.partition("; ")
        self.alarm = CryostatSilentError(
            f"the cryostat has not answered for {age:.0f} s ({why}); it was last seen at"
            f" {last.temperature:.4g} K and {last.field:.4g} T, and whether a field stands now is"
            " not known"
        )
        raise self.alarm

    def accept(self) -> None:
        """Take the setpoints of the others for ours."""
        if self._cryostat is not None and self._cryostat.foreign_setpoint is not None:
            self._cryostat.adopt()


class Watchman:
    """Judge every record of one run; a follower of events that ends the run when it must.

    What is watched is the resistance of the contact: it must stay inside the window, and must not
    jump from one point to the next. The quadrature of the lock-in must stay small beside its
    in-phase. A value that is not a number says nothing.

    Parameters
    ----------
    watch
        What is allowed.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._last: dict[str, float] = {}
        self.alarm: WatchError | None = None

    def offer(self, event: Event, rows: int) -> None:
        """Judge a record.

        Parameters
        ----------
        event
            What has happened.
        rows
            How many rows are stored by now, this one included.

        Raises
        ------
        WatchError
            The point is outside the window, too far from the one before, or out of phase.
        """
        if not isinstance(event, Record):
            return
        for column, value in event.values.items():
            if column in WATCHED and math.isfinite(value):
                problem = self._problem(column.removesuffix(OHM).strip(), float(value))
                self._raise_if(problem, rows)
        self._raise_if(self._out_of_phase(event.values), rows)

    def _raise_if(self, problem: str, rows: int) -> None:
        if problem:
            self.alarm = WatchError(f"watch: point {rows}: {problem}")
            raise self.alarm

    def _out_of_phase(self, values: Mapping[str, int | float]) -> str:
        allowed = self._watch.quadrature
        x, y = (float(values.get(column, math.nan)) for column in (IN_PHASE, QUADRATURE))
        if allowed is None or not (math.isfinite(x) and math.isfinite(y)):
            return ""
        if abs(y) <= allowed * abs(x):
            return ""
        share = f"{100.0 * abs(y / x):.4g} % of" if x else f"{y:.6g} V beside no"
        return f"quadrature is {share} in-phase, expected at most {100.0 * allowed:.4g} %"

    def _problem(self, name: str, value: float) -> str:
        if self._watch.resistance is not None:
            low, high = self._watch.resistance
            if not low <= value <= high:
                ends = f"{format_quantity(low, 'ohm')} to {format_quantity(high, 'ohm')}"
                return f"{name} is {value:.6g} ohm, expected {ends}"
        last = self._last.get(name)
        self._last[name] = value
        jump = self._watch.jump
        if jump is None or last is None or abs(value - last) <= jump * abs(last):
            return ""
        return (
            f"{name} jumped from {last:.6g} ohm to {value:.6g} ohm, expected at most"
            f" {100.0 * jump:.4g} %"
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What the sequence says of failures.

    Parameters
    ----------
    on_error
        When a step fails.
    watch
        When a point is not as it should be; None if points are not judged.
    foreign
        When somebody else has set the cryostat.
    """

    on_error: OnError
    watch: Watch | None = None
    foreign: Literal["pause", "land"] = "pause"

    def after(self, failure: ColdpointError, *, tried: int, repeatable: bool) -> Then:
        """Decide what follows a failure.

        What cannot be stored, outputs that do not come down, and a cryostat that does not answer
        always end the campaign. Where a person must move wires it pauses.

        Parameters
        ----------
        failure
            Of the step.
        tried
            How often it has failed, this time included.
        repeatable
            Whether the step may be done again without asking.

        Returns
        -------
        str
            ``retry``, ``skip``, ``land`` or ``pause``.
        """
        if isinstance(failure, UNFORGIVABLE):
            return "land"
        if isinstance(failure, ForeignSetpointError):
            return self.foreign
        if isinstance(failure, OperatorNeededError):
            return "pause"
        if isinstance(failure, WatchError) and self.watch is not None:
            return self.watch.then
        if repeatable and tried <= self.on_error.retry:
            return "retry"
        return self.on_error.then
