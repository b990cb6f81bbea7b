"""The remarks of the campaign that is followed, and where they stand in a run that grows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from daq.campaign.following import FollowedRun
from daq.runs.remark_rows import remark_row, unix
from daq.runs.remarks import BoolArray, Remark, bad_rows, remarks
from daq.runs.row_times import TIME, zero_of_clock


@dataclass(frozen=True, slots=True)
class Noted:
    """What people have noted.

    Parameters
    ----------
    remarks
        In the order of the journal.
    zeros
        Unix time in s at which the clock of a file reads zero, by its name.
    """

    remarks: tuple[Remark, ...] = ()
    zeros: Mapping[str, float] = field(default_factory=dict)

    @property
    def marks(self) -> int:
        """Return how many of them mark rows as bad or good."""
        return sum(bool(remark.mark) for remark in self.remarks)

    def row(self, remark: Remark, run: FollowedRun) -> int | None:
        """Return the row of a run at which a remark stands; None while it stands at none."""
        csv = run.csv
        files = [(csv.path.name, csv.rows)]
        if remark.rows or remark.run is not None:
            return remark_row(remark, run.number, files, np.empty(0))
        zero = self.zeros.get(csv.path.name)
        if zero is None or TIME not in csv.columns or not csv.rows:
            return None
        times, when = csv.column(TIME), unix(remark.utc) - zero
        if not times[0] <= when <= times[-1]:  # looked at often, and the column may be long
            return None
        return remark_row(remark, run.number, files, times, zero)

    def bad(self, run: FollowedRun) -> BoolArray | None:
        """Return which rows of a run are marked bad; None if nobody has marked any."""
        name = run.csv.path.name
        mine = [remark for remark in self.remarks if remark.mark and remark.is_about(None, [name])]
        return bad_rows(mine, name, run.csv.rows) if mine else None


def noted(events: Iterable[Mapping[str, Any]]) -> Noted:
    """Return what the journal of a campaign tells of remarks.

    Parameters
    ----------
    events
        Of the journal, in order.

    Returns
    -------
    Noted
        With the clocks of the runs that were begun.
    """
    known = tuple(events)
    zeros = {
        str(event.get("file")): zero
        for event in known
        if event.get("event") == "run begun" and (zero := zero_of_clock(event)) is not None
    }
    return Noted(remarks(known), zeros)
