"""A temperature on its way from here to there: its rates, and when it has arrived."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

from instruments.ppms.cryostat import Cryostat
from instruments.ppms.limits import SLOWEST_TEMPERATURE_RATE, within
from instruments.station import Station
from instruments.waiting import Event, Progress, Record, Steps, Value, settle
from procedures.along import points_along
from procedures.environment import MARGIN, PATIENCE, cryostat_of, refuse_warming, send_temperature

COLD = 10.0
"""Below this temperature in K the block is cooled more slowly."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast the temperature goes.

    Parameters
    ----------
    above
        From 10 K on, in K/s.
    below
        Below 10 K, in K/s; never faster than above.
    """

    above: float
    below: float

    def at(self, temperature: float, *, cooling: bool) -> float:
        """Return the rate in K/s for going on from a temperature in K."""
        cold = temperature <= COLD if cooling else temperature < COLD
        return min(self.above, self.below) if cold else self.above


class TemperatureCourse:
    """One branch of a temperature sweep.

    Parameters
    ----------
    station
        An open station.
    to
        Where to go in K.
    rates
        How fast.
    """

    def __init__(self, station: Station, to: float, rates: Rates) -> None:
        self.to = to
        self._station = station
        self._cryostat = cryostat_of(station)
        self._rates = rates
        self._start = self._cryostat.reading.temperature
        self._cooling = to < self._start
        self._rate = rates.at(self._start, cooling=self._cooling)

    @property
    def branch(self) -> int:
        """Return 1 on the way up and -1 on the way down."""
        return -1 if self._cooling else 1

    @property
    def fraction(self) -> float:
        """Return how far it has come, from 0 to 1."""
        span = abs(self.to - self._start)
        gone = abs(self._cryostat.reading.temperature - self._start)
        return min(1.0, gone / span) if span > 0.0 else 1.0

    @property
    def timeout(self) -> float:
        """Return the longest time in s that it may take until it has settled."""
        ends = sorted((self._start, self.to))
        cold = max(0.0, min(ends[1], COLD) - ends[0])
        warm = ends[1] - ends[0] - cold
        slow = min(self._rates.above, self._rates.below)
        return PATIENCE * (warm / self._rates.above + cold / slow) + MARGIN

    def send(self) -> None:
        """Send the temperature on its way."""
        send_temperature(self._station, self.to, self._rate)

    def settled(self) -> bool:
        """Tell whether it has settled; takes the rate of the other side when 10 K is crossed."""
        self._follow_rate()
        return self._cryostat.temperature_settled()

    def reached(self) -> bool:
        """Tell whether it has come as near as half of what passes between two samples."""
        self._follow_rate()
        reading = self._cryostat.reading
        left = self.branch * (self.to - reading.temperature)
        left -= self._rate * self._cryostat.age()
        return left <= 0.5 * self._rate * self._station.poll_period or self.settled()

    def _follow_rate(self) -> None:
        rate = self._rates.at(self._cryostat.reading.temperature, cooling=self._cooling)
        crossed = rate < self._rate if self._cooling else rate > self._rate
        if crossed:
            self._rate = rate
            self.send()


def follow(station: Station, course: TemperatureCourse) -> Generator[Event, None, None]:
    """Send the temperature on its way and wait until it has settled.

    Parameters
    ----------
    station
        An open station.
    course
        Where to, and how fast.

    Yields
    ------
    Event
        Waits.
    """
    course.send()
    yield from settle(
        station.clock,
        course.settled,
        f"temperature of {course.to:g} K",
        timeout=course.timeout,
        poll=station.poll_period,
        reading=lambda: f"{cryostat_of(station).reading.temperature:g} K",
    )


def points_on_course(
    station: Station,
    course: TemperatureCourse,
    arrived: Callable[[], bool],
    measure: Callable[[Station, Mapping[str, Value]], Steps[Record]],
    *,
    interval: float,
    part: tuple[float, float],
) -> Generator[Event, None, None]:
    """Send the temperature on its way and take a point every `interval` s until it has arrived.

    Parameters
    ----------
    station
        An open station.
    course
        Where to, and how fast.
    arrived
        ``settled`` or ``reached`` of the course.
    measure
        Makes a row of the values given to it and of what the meters read.
    interval
        In s.
    part
        Of the whole run: where it begins and how much it is, as fractions.

    Yields
    ------
    Event
        Waits, rows and progress.
    """
    course.send()

    def take() -> Steps[None]:
        row = yield from measure(station, {"Setpoint (K)": course.to, "Branch": course.branch})
        yield row
        fraction = part[0] + part[1] * course.fraction
        yield Progress(fraction, f"on the way to {course.to:g} K")

    what = f"temperature of {course.to:g} K"
    yield from points_along(station, interval, arrived, take, what=what, timeout=course.timeout)


def check_temperatures(station: Station, rates: Rates, *temperatures: float) -> None:
    """Refuse setpoints and rates that the station cannot carry out or that harm the sample.

    Parameters
    ----------
    station
        An open station.
    rates
        How fast.
    *temperatures
        Setpoints in K.

    Raises
    ------
    LimitError
        A setpoint or a rate lies outside the limits of the station.
    RefusedError
        The sample is to be kept below a lower temperature.
    """
    limits = cryostat_of(station).limits
    for rate in (rates.above, rates.below):
        within("temperature rate", rate, SLOWEST_TEMPERATURE_RATE, limits.temperature_rate, "K/s")
    for temperature in temperatures:
        within("temperature", temperature, *limits.temperature, "K")
        refuse_warming(station, temperature)


def present_setpoint(cryostat: Cryostat) -> float:
    """Return the temperature in K to come back to: the setpoint where it stands, else the reading.

    Parameters
    ----------
    cryostat
        Of the station.

    Returns
    -------
    float
        Within the limits.
    """
    reading = float(cryostat.reading.temperature)
    setpoint = cryostat.snapshot()["setpoints"]["temperature"]
    target = reading if setpoint is None else float(setpoint["target"])
    if setpoint is None or abs(target - reading) > max(0.1, 0.01 * target):
        target = reading
    low, high = cryostat.limits.temperature
    return min(max(target, low), high)
