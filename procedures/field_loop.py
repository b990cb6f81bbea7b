"""Resistance against field: magnetoresistance and Hall resistance over a hysteresis loop."""

import math
from collections.abc import Generator

import numpy as np

from instruments.ppms.limits import within
from instruments.station import Station
from instruments.waiting import Event, Progress, Steps, wait
from procedures.along import points_along
from procedures.base import Resume
from procedures.environment import MARGIN, PATIENCE, cryostat_of, reach_field
from procedures.resistance import RESISTANCE_COLUMNS, ResistanceProcedure
from procedures.settings import boolean, choice, integer, real


class FieldLoop(ResistanceProcedure):
    """Take the field to its maximum, to the opposite one and back, and measure on the way.

    The branches are 0 for the initial one from zero, -1 for the one down and 1 for the one up.
    ``stepped`` settles at ``points`` fields per branch, and waits for ``pause`` at each; ``sweep``
    takes a point every ``interval`` s while the field moves. No field is overshot, since a loop
    remembers. With ``zero_first`` the field oscillates to zero before, from ``zero_from`` at least:
    a magnet below that, also one that stands at zero with the flux of an earlier field, goes out to
    it first. The sample feels that too; ``zero_from`` of 0 T leaves a magnet at zero alone, for an
    initial branch of a sample that has seen no field. A ``rate`` of 0 T/s is the station's.
    """

    maximum: float = real("Maximum field", units="T", default=1.0, minimum=1e-4, maximum=100.0)
    points: int = integer("Points per branch", default=101, minimum=2, maximum=100_000)
    mode: str = choice("Mode", ["stepped", "sweep"], default="stepped")
    rate: float = real(
        "Rate, 0 for the station's", units="T/s", default=0.0, minimum=0.0, maximum=1.0
    )
    pause: float = real("Pause, stepped", units="s", default=0.0, minimum=0.0, maximum=1e5)
    interval: float = real("Interval, sweep", units="s", default=2.0, minimum=0.1, maximum=3600.0)
    initial_branch: bool = boolean("Initial branch", default=True)
    zero_first: bool = boolean("Zero first", default=True)
    zero_from: float = real("Zero from at least", units="T", default=1.0, minimum=0.0, maximum=20.0)

    resume = Resume.ASK
    DATA_COLUMNS = [*RESISTANCE_COLUMNS, "Setpoint (T)", "Branch"]

    def check(self, station: Station) -> None:
        """Refuse a field or a rate outside the limits.

        Parameters
        ----------
        station
            An open station.
        """
        super().check(station)
        cryostat = cryostat_of(station)
        within("field", self.maximum, 0.0, cryostat.limits.field, "T")
        if self.zero_first:
            within("field to zero from", self.zero_from, 0.0, cryostat.limits.field, "T")
        if self.rate:
            floor = cryostat.settings.field_rate_floor
            within("field rate", self.rate, floor, cryostat.limits.field_rate, "T/s")

    def branches(self) -> list[tuple[int, list[float]]]:
        """Return the fields of every branch in T, with its mark; the steps of all are alike."""
        down = [_snapped(field) for field in np.linspace(self.maximum, -self.maximum, self.points)]
        found = [(-1, down), (1, down[::-1])]
        if self.initial_branch:
            upper = [field for field in down[::-1] if field > 0.0]
            found.insert(0, (0, [0.0, *upper]))
        return found

    def sweep(self, station: Station) -> Generator[Event, None, None]:
        """Zero the field, then go round.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per point.
        """
        if self.zero_first:
            yield from self._zero(station)
        branches = self.branches()
        yield from reach_field(station, branches[0][1][0], self._rate(), "no overshoot")
        yield from self.switch_on(station)
        take = self._steps if self.mode == "stepped" else self._sweep
        for index, (branch, fields) in enumerate(branches):
            part = (index / len(branches), 1.0 / len(branches))
            yield from take(station, branch, fields, part)

    def _zero(self, station: Station) -> Steps[None]:
        """Oscillate to zero from far enough that the swings turn the trapped flux over."""
        yield Progress(0.0, "zeroing the field")
        field = cryostat_of(station).reading.field
        if abs(field) < self.zero_from:
            start = math.copysign(self.zero_from, field)
            yield from reach_field(station, start, self._rate(), "linear")
        yield from reach_field(station, 0.0, self._rate(), "oscillate")

    def _steps(
        self, station: Station, branch: int, fields: list[float], part: tuple[float, float]
    ) -> Steps[None]:
        for index, field in enumerate(fields):
            yield from reach_field(station, field, self._rate(), "no overshoot")
            yield from wait(station.clock, self.pause, "the sample to follow")
            found = yield from self.row(station, {"Setpoint (T)": field, "Branch": branch})
            yield found
            yield Progress(part[0] + part[1] * (index + 1) / len(fields), f"at {field:g} T")

    def _sweep(
        self, station: Station, branch: int, fields: list[float], part: tuple[float, float]
    ) -> Steps[None]:
        cryostat = cryostat_of(station)
        start, end = cryostat.reading.field, fields[-1]
        cryostat.set_field(end, self._rate(), "no overshoot")
        span = max(abs(end - start), 1e-9)

        def take() -> Steps[None]:
            found = yield from self.row(station, {"Setpoint (T)": end, "Branch": branch})
            yield found
            gone = min(1.0, abs(cryostat.reading.field - start) / span)
            yield Progress(part[0] + part[1] * gone, f"on the way to {end:g} T")

        speed = self._rate() or station.limits.field_rate
        yield from points_along(
            station,
            self.interval,
            cryostat.field_settled,
            take,
            what=f"field of {end:g} T",
            timeout=PATIENCE * span / speed + MARGIN,
        )

    def _rate(self) -> float | None:
        return self.rate or None


def _snapped(field: float) -> float:
    """Return a field in T; a zero that was missed by rounding is a zero."""
    return 0.0 if abs(field) < 1e-9 else float(field)
