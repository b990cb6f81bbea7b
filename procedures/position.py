"""Bring the tip to a position."""

from collections.abc import Generator

from instruments.errors import ColdpointError
from instruments.station import Station
from instruments.waiting import Event, wait

SETTLING = 0.1
"""Time in s for which the tip may swing after a motion (assumed)."""


def reach_position(station: Station, to: float) -> Generator[Event, None, None]:
    """Tell the story of moving the tip.

    Parameters
    ----------
    station
        An open station.
    to
        Setpoint in m.

    Yields
    ------
    Event
        Waits.

    Raises
    ------
    ColdpointError
        The station has no scanner.
    LimitError
        The position lies outside the limits of the scanner.
    """
    if station.scanner is None:
        raise ColdpointError(
            f"station {station.name} has no scanner; add 'scanner' to the station file to set a"
            " position"
        )
    yield from station.scanner.move(to)
    yield from wait(station.clock, SETTLING, "the tip to come to rest")
