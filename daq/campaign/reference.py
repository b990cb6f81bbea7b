"""The reference: a short zero-bias check under the first conditions, again and again.

The first conditions are temperature, field, angle and contact as they are when the first measuring
step of the campaign begins; the first reference is taken there, just before it. Later ones are
taken between two runs, just before a measuring step, once the stated time has passed since the
last. Where the station stands elsewhere by then, the reference is put off until a measuring step
begins under the first conditions again; only a sequence that says ``travel: true`` has the station
taken there and back, since that warms the sample or turns the field.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Protocol

from daq.campaign import plan
from daq.campaign.conditions import NEAR, Conditions, near
from daq.campaign.plan import LeafStep, PlannedStep, ProcedureStep, Reference
from daq.campaign.policy import UNFORGIVABLE, ForeignSetpointError
from daq.campaign.reference_readings import Past, ReferenceReading, mean_of
from daq.campaign.surroundings import set_surroundings
from instruments.errors import ColdpointError, one_line
from instruments.station import Station
from instruments.waiting import Event, Record, Steps, Value

_Moving = plan.TemperatureStep | plan.FieldStep | plan.AngleStep
SIGNIFICANT = 3.0
"""Standard errors from which a drift is believed."""


class Taker(Protocol):
    """Who can carry out what a reference needs."""

    @property
    def station(self) -> Station:
        """The open station."""
        ...

    def take_reference(self, step: ProcedureStep) -> tuple[Sequence[Mapping[str, Value]], str]:
        """Measure, and return the rows and the name of their file."""
        ...

    def go(self, story: Steps[None]) -> None:
        """Carry out a story that sets the surroundings."""
        ...

    def note(self, event: str, **fields: Any) -> None:
        """Write down what happened."""
        ...


class References:
    """Take references when they are due.

    Parameters
    ----------
    reference
        What the sequence says.
    steps
        Of the campaign, in the order of execution.
    taker
        Carries it out.
    past
        What an earlier time of this campaign has taken.
    """

    def __init__(
        self,
        reference: Reference,
        steps: Sequence[PlannedStep],
        taker: Taker,
        past: Past | None = None,
    ) -> None:
        past = Past() if past is None else past
        self._reference = reference
        self._steps = steps
        self._taker = taker
        self._first = past.first
        self.readings = list(past.readings)
        self._last = datetime.fromisoformat(past.readings[-1].utc) if past.readings else None
        self._back: list[LeafStep] = []
        self._put_off = False

    def wanted(self, planned: PlannedStep) -> bool:
        """Tell whether `before` has something to do before a step."""
        return bool(self._back) or (isinstance(planned.step, ProcedureStep) and self._due())

    def before(self, planned: PlannedStep) -> None:
        """Take a reference before a measuring step, if it is due and the station stands for it."""
        self.go_back()
        if not isinstance(planned.step, ProcedureStep) or not self._due():
            return
        here = Conditions.of(self._taker.station)
        first = here if self._first is None else self._first
        differences = here.differences(first)
        if differences and not self._reference.travel:
            if not self._put_off:
                why = ", ".join(differences)
                self._taker.note("reference put off", before=planned.index, why=why)
            self._put_off = True
            return
        self._put_off = False
        try:
            if differences:
                self._travel(here, first, planned.index)
            self._take(planned.index, first)
        except (*UNFORGIVABLE, ForeignSetpointError):
            raise
        except ColdpointError as failure:
            self._last = self._taker.station.clock.utc()
            error = one_line(failure)
            self._taker.note("reference failed", before=planned.index, error=error)
        self.go_back()

    def go_back(self) -> None:
        """Bring the conditions back from which a reference has travelled; resumes where it was."""
        while self._back:
            self._taker.go(set_surroundings(self._taker.station, self._back[0]))
            del self._back[0]

    def _due(self) -> bool:
        if self._last is None:
            return True
        passed = (self._taker.station.clock.utc() - self._last).total_seconds()
        return passed >= self._reference.every or passed < 0.0  # another clock

    def _take(self, index: int, first: Conditions) -> None:
        station = self._taker.station
        rows, file = self._taker.take_reference(self._reference.step)
        resistance, error = mean_of(rows)
        before = self.readings[0] if self.readings else None
        drift, significance = 0.0, 0.0
        if before is not None:
            drift = resistance / before.resistance - 1.0
            significance = math.hypot(error / resistance, before.error / before.resistance)
        drifted = abs(drift) > max(self._reference.drift, SIGNIFICANT * significance)
        utc = station.clock.utc()
        reading = ReferenceReading(utc.isoformat(), resistance, error, drift, drifted, index, file)
        self.readings.append(reading)
        self._last, self._first = utc, first
        said = {key: value for key, value in asdict(reading).items() if key != "utc"}
        self._taker.note("reference", **said, conditions=asdict(first))

    def _travel(self, here: Conditions, first: Conditions, index: int) -> None:
        """Go to the first conditions, and remember the way back."""
        begin = next(s.index for s in self._steps if isinstance(s.step, ProcedureStep))
        there = self._way(here, first, begin)
        self._back = list(reversed(self._way(first, here, index)))
        why = ", ".join(here.differences(first))
        self._taker.note("reference travels", before=index, why=why)
        for step in there:
            self._taker.go(set_surroundings(self._taker.station, step))

    def _way(self, start: Conditions, to: Conditions, index: int) -> list[LeafStep]:
        """Return the steps from one place to another, as the plan sets them before `index`."""
        station = self._taker.station
        rates = station.limits
        planned: dict[str, _Moving] = {
            "temperature": plan.TemperatureStep(0.0, rates.temperature_rate),
            "field": plan.FieldStep(0.0, rates.field_rate),
            "angle": plan.AngleStep(0.0),
        }
        given: set[str] = set()
        for step in (one.step for one in self._steps[:index]):
            name = type(step).__name__.removesuffix("Step").lower()
            if isinstance(step, _Moving):
                planned[name] = step
                given.add(name)
        way: list[LeafStep] = []
        for name in NEAR:
            value, now = getattr(to, name), getattr(start, name)
            if value is None or now is None or near(name, now, value):
                continue
            step = planned[name]
            meant = name in given and near(name, step.to, value)
            way.append(step if meant else replace(step, to=value))
        if to.contact != start.contact:
            way.append(plan.ContactStep(to.contact))
        return way


class RowKeeper:
    """Keep the rows of a run; a follower of events."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Value]] = []

    def offer(self, event: Event, rows: int) -> None:  # noqa: ARG002 (what a follower is told)
        """Keep a record."""
        if isinstance(event, Record):
            self.rows.append(event.values)
