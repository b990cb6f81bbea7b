"""When the rows of a run were taken: the clock of the station against the time of day.

The clock of a station may begin anew with each process, so that every attempt has a zero of its
own: the journal tells it when the attempt begins.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from daq.analysis.result import FloatArray
from daq.runs.files import Attempt

TIME = "Time (s)"
_BEGINS = "run begun"


def zero_of_clock(event: Mapping[str, Any]) -> float | None:
    """Return the Unix time in s at which the clock of the station read 0, as an event tells."""
    try:
        return datetime.fromisoformat(event["utc"]).timestamp() - float(event["clock"])
    except (KeyError, TypeError, ValueError):
        return None


def row_times(attempt: Attempt, events: Iterable[Mapping[str, Any]]) -> FloatArray:
    """Return when each row of an attempt was taken.

    Parameters
    ----------
    attempt
        One file of a run.
    events
        Of the journal of its campaign.

    Returns
    -------
    array
        Unix time in s, shape (rows,); not a number where the file has no times, or nothing tells
        when it was begun.
    """
    data = attempt.content.data
    if TIME not in data.columns:
        return np.full(len(data), np.nan)
    times = np.asarray(data[TIME].to_numpy(dtype=np.float64), dtype=np.float64)
    begun = (e for e in events if e.get("event") == _BEGINS and e.get("file") == attempt.path.name)
    zero = next(filter(None, map(zero_of_clock, begun)), None)
    if zero is None and len(times):  # the journal is lost: the first row counts as the start
        started = attempt.metadata.get("started", "")
        try:
            zero = datetime.fromisoformat(started).timestamp() - float(times[0])
        except ValueError:
            zero = None
    return times + (np.nan if zero is None else zero)
