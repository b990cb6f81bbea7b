"""Warm the sample and cool it again at one rate, measuring both ways: it may erase the sample."""

from collections.abc import Generator

from instruments.errors import ConfigurationError
from instruments.station import Station
from instruments.waiting import Event, Steps, wait
from procedures.base import Resume
from procedures.environment import cryostat_of, reach_temperature
from procedures.resistance import RESISTANCE_COLUMNS, ResistanceProcedure
from procedures.settings import real
from procedures.temperature_course import (
    Rates,
    TemperatureCourse,
    check_temperatures,
    points_on_course,
    present_setpoint,
)


class ThermalCycle(ResistanceProcedure):
    """Ramp to ``maximum`` and back to ``base`` at one rate, with a point every ``interval`` s.

    The temperature turns round as soon as it has come to the maximum, so that the time spent there
    does not depend on how the cryostat settles; with a ``pause`` it settles there first, and waits.
    A ``base`` of 0 K is where the cycle begins.
    """

    maximum: float = real("Maximum", units="K", default=50.0, minimum=0.01, maximum=1000.0)
    base: float = real("Base, 0 for here", units="K", default=0.0, minimum=0.0, maximum=1000.0)
    rate: float = real("Rate", units="K/s", default=0.05, minimum=1e-4, maximum=1.0)
    pause: float = real("Pause at the maximum", units="s", default=0.0, minimum=0.0, maximum=1e6)
    interval: float = real("Interval", units="s", default=2.0, minimum=0.1, maximum=3600.0)

    resume = Resume.ASK
    DATA_COLUMNS = [*RESISTANCE_COLUMNS, "Setpoint (K)", "Branch"]

    def check(self, station: Station) -> None:
        """Refuse temperatures outside the limits, and those that harm the sample unconfirmed.

        Parameters
        ----------
        station
            An open station.
        """
        super().check(station)
        base = self.base or present_setpoint(cryostat_of(station))
        if not base < self.maximum:
            raise ConfigurationError(
                f"{self.name}: the maximum of {self.maximum:g} K is not above the base of {base:g}"
                " K; cool down first, or give a higher maximum"
            )
        check_temperatures(station, self._rates(), base, self.maximum)

    def sweep(self, station: Station) -> Generator[Event, None, None]:
        """Warm up, turn round, cool down.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per point; 1 marks the branch up and -1 the branch down.
        """
        base = self.base or present_setpoint(cryostat_of(station))
        yield from reach_temperature(station, base, self.rate)
        yield from self.switch_on(station)
        yield from self._branch(station, self.maximum, settle=self.pause > 0.0, done=0.0)
        yield from wait(station.clock, self.pause, "the pause at the maximum")
        yield from self._branch(station, base, settle=True, done=0.5)

    def _branch(self, station: Station, end: float, *, settle: bool, done: float) -> Steps[None]:
        course = TemperatureCourse(station, end, self._rates())
        yield from points_on_course(
            station,
            course,
            course.settled if settle else course.reached,
            self.row,
            interval=self.interval,
            part=(done, 0.5),
        )

    def _rates(self) -> Rates:
        return Rates(self.rate, self.rate)
