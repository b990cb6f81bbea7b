"""Resistance against temperature: R(T) on a ramp or at fixed temperatures, both ways."""

from collections.abc import Generator

import numpy as np

from instruments.station import Station
from instruments.waiting import Event, Progress, Steps, wait
from procedures.base import Resume
from procedures.environment import cryostat_of
from procedures.resistance import RESISTANCE_COLUMNS, ResistanceProcedure
from procedures.settings import boolean, choice, integer, real
from procedures.temperature_course import (
    Rates,
    TemperatureCourse,
    check_temperatures,
    follow,
    points_on_course,
    present_setpoint,
)


class TemperatureRamp(ResistanceProcedure):
    """Go to a temperature and measure on the way; with ``both_ways`` on the way back, too.

    ``ramping`` takes a point every ``interval`` s while the temperature moves, and the temperature
    at each reading follows from the samples of the cryostat, their age, and the lag of the reading.
    ``stepped`` settles at ``points`` temperatures, and waits for ``pause`` at each, so that the
    sample follows. Below 10 K the rate is ``rate_below``. A ``start`` of 0 K begins where the
    temperature is.
    """

    start: float = real("Start, 0 for here", units="K", default=0.0, minimum=0.0, maximum=1000.0)
    stop: float = real("Stop", units="K", default=2.0, minimum=0.01, maximum=1000.0)
    rate: float = real("Rate", units="K/s", default=0.05, minimum=1e-4, maximum=1.0)
    rate_below: float = real(
        "Rate below 10 K", units="K/s", default=0.025, minimum=1e-4, maximum=1.0
    )
    mode: str = choice("Mode", ["ramping", "stepped"], default="ramping")
    points: int = integer("Points, stepped", default=51, minimum=2, maximum=100_000)
    pause: float = real("Pause, stepped", units="s", default=60.0, minimum=0.0, maximum=1e5)
    both_ways: bool = boolean("Both ways", default=True)
    interval: float = real("Interval, ramping", units="s", default=2.0, minimum=0.1, maximum=3600.0)

    resume = Resume.RESTART
    DATA_COLUMNS = [*RESISTANCE_COLUMNS, "Setpoint (K)", "Branch"]

    def check(self, station: Station) -> None:
        """Refuse temperatures and rates outside the limits, and those that harm the sample.

        Parameters
        ----------
        station
            An open station.
        """
        super().check(station)
        given = (self.start,) if self.start else ()
        check_temperatures(station, self._rates(), self.stop, *given)

    def sweep(self, station: Station) -> Generator[Event, None, None]:
        """Go to the start, measure to the stop, and back.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per point; 1 marks the branch up and -1 the branch down.
        """
        start = self.start or present_setpoint(cryostat_of(station))
        if self.start:
            yield from follow(station, TemperatureCourse(station, start, self._rates()))
        yield from self.switch_on(station)
        ends = [(start, self.stop), (self.stop, start)][: 2 if self.both_ways else 1]
        for index, (begin, end) in enumerate(ends):
            part = (index / len(ends), 1.0 / len(ends))
            if self.mode == "ramping":
                yield from self._ramp(station, end, part)
            else:
                yield from self._steps(station, begin, end, part)

    def _ramp(self, station: Station, end: float, part: tuple[float, float]) -> Steps[None]:
        course = TemperatureCourse(station, end, self._rates())
        yield from points_on_course(
            station, course, course.settled, self.row, interval=self.interval, part=part
        )

    def _steps(
        self, station: Station, begin: float, end: float, part: tuple[float, float]
    ) -> Steps[None]:
        branch = -1 if end < begin else 1
        targets = [float(target) for target in np.linspace(begin, end, self.points)]
        for index, target in enumerate(targets):
            yield from follow(station, TemperatureCourse(station, target, self._rates()))
            yield from wait(station.clock, self.pause, "the sample to follow")
            found = yield from self.row(station, {"Setpoint (K)": target, "Branch": branch})
            yield found
            yield Progress(part[0] + part[1] * (index + 1) / len(targets), f"at {target:g} K")

    def _rates(self) -> Rates:
        return Rates(self.rate, self.rate_below)
