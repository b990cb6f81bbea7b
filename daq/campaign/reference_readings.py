"""The references that a campaign has taken: what each has found, from rows and from the journal."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daq.campaign.conditions import Conditions
from instruments.errors import InstrumentError
from instruments.waiting import Value

RESISTANCE, ERROR = "dV/dI (ohm)", "dV/dI error (ohm)"


@dataclass(frozen=True, slots=True)
class ReferenceReading:
    """One reference that was taken.

    Parameters
    ----------
    utc
        When, ISO 8601.
    resistance
        dV/dI at no dc in ohm, the mean of its readings.
    error
        One standard error of it in ohm.
    drift
        Relative change since the first.
    drifted
        Whether that is more than the sequence allows, and more than three standard errors.
    before
        Index of the step before which it was taken.
    file
        Name of its CSV.
    """

    utc: str
    resistance: float
    error: float
    drift: float
    drifted: bool
    before: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """The references of a campaign so far.

    Parameters
    ----------
    readings
        In order.
    first
        Where the first was taken; None if there is none.
    """

    readings: tuple[ReferenceReading, ...] = ()
    first: Conditions | None = None


def mean_of(rows: Iterable[Mapping[str, Value]]) -> tuple[float, float]:
    """Return the mean resistance of some readings and its standard error, in ohm.

    Parameters
    ----------
    rows
        Of a zero-bias check.

    Returns
    -------
    tuple of float
        Mean and error.

    Raises
    ------
    InstrumentError
        No row has a resistance.
    """
    pairs = [(float(row[RESISTANCE]), float(row[ERROR])) for row in rows]
    pairs = [pair for pair in pairs if math.isfinite(pair[0])]
    if not pairs or not any(value for value, _ in pairs):
        raise InstrumentError("the reference has no resistance; look at the contact")
    errors = [error if math.isfinite(error) else 0.0 for _, error in pairs]
    return math.fsum(v for v, _ in pairs) / len(pairs), math.hypot(*errors) / len(pairs)


def past_of(events: Iterable[Mapping[str, Any]]) -> Past:
    """Return the references that a journal tells of.

    Parameters
    ----------
    events
        Of the journal, in order.

    Returns
    -------
    Past
        Empty if there are none.
    """
    readings, first = [], None
    for event in events:
        if event["event"] == "reference":
            known = {name: event[name] for name in ReferenceReading.__slots__}
            readings.append(ReferenceReading(**known))
            first = Conditions(**event["conditions"]) if first is None else first
    return Past(tuple(readings), first)


def in_words(readings: Sequence[ReferenceReading]) -> str:
    """Return the references of a campaign in one line; empty if there are none."""
    if not readings:
        return ""
    last = readings[-1]
    words = f"reference {last.resistance:.6g} ohm"
    if len(readings) > 1:
        words += f", {100.0 * last.drift:+.3g} % since the first ({len(readings)} taken)"
    drifted = [reading for reading in readings if reading.drifted]
    if drifted:
        words += f"; drifted from step {drifted[0].before + 1} on"
    return words
