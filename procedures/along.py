"""Take points while something is on its way."""

from collections.abc import Callable, Generator

from instruments.errors import NotSettledError
from instruments.station import Station
from instruments.waiting import Event, Steps, wait


def points_along(
    station: Station,
    interval: float,
    arrived: Callable[[], bool],
    take: Callable[[], Steps[None]],
    *,
    what: str,
    timeout: float,
) -> Generator[Event, None, None]:
    """Take a point every `interval` s until something has arrived, and one there.

    Parameters
    ----------
    station
        An open station.
    interval
        Time between two points in s; a point that takes longer is followed by the next at once.
    arrived
        Judges whether it is there; asked once per polling period of the cryostat.
    take
        Takes a point.
    what
        Name of what is on its way, for messages.
    timeout
        Longest time to wait in s.

    Yields
    ------
    Event
        Waits, and what the points yield.

    Raises
    ------
    NotSettledError
        It has not arrived within `timeout`.
    """
    clock = station.clock
    began = due = clock.now()
    there = False
    while not there:
        yield from take()
        due = max(due + interval, clock.now())
        there = arrived()
        while not there and clock.now() < due:
            left = due - clock.now()
            yield from wait(clock, min(left, station.poll_period), f"the next point of {what}")
            there = arrived()
        if not there and clock.now() - began > timeout:
            raise NotSettledError(
                f"{what} has not arrived within {timeout:g} s; look at the cryostat, then go on"
            )
    yield from take()
