"""Go over to another contact of the station."""

from collections.abc import Generator

from instruments.station import Station
from instruments.waiting import Event, wait

SETTLING = 0.1
"""Time in s for which relays may bounce (assumed)."""


def reach_contact(station: Station, to: str) -> Generator[Event, None, None]:
    """Tell the story of going over to a contact; nothing happens if it is wired already.

    Parameters
    ----------
    station
        An open station.
    to
        Name of the contact.

    Yields
    ------
    Event
        A wait for the switch.

    Raises
    ------
    RefusedError
        It cannot be wired; the one before still is.
    InstrumentError
        The outputs are not at rest, or the switch has failed.
    """
    if to != station.contact:
        station.connect(to)
        yield from wait(station.clock, SETTLING, "the switch")
