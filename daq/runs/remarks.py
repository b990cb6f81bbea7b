"""Remarks in the journal of a campaign, and the rows of its runs that they mark.

A remark is an event ``note`` with ``text``. What a person says about rows is in its ``about``::

    {"run": 3, "mark": "bad",
     "rows": [{"file": "0003-bias_spectrum.csv", "first": 120, "last": 140}]}

``mark`` is ``bad``, ``good`` (takes ``bad`` back) or empty; rows are numbered from 1 in that very
file, so that a mark stays where it was set when the run is tried again. Data files never change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Event = Mapping[str, Any]
Judgement = Literal["bad", "good", ""]
BoolArray = NDArray[np.bool_]
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file.

    Parameters
    ----------
    file
        Name of the CSV.
    first, last
        Numbers of the first and the last of them, counted from 1 in this file.
    """

    file: str
    first: int
    last: int

    def to_mapping(self) -> dict[str, Any]:
        """Return them as the journal holds them."""
        return {"file": self.file, "first": self.first, "last": self.last}

    def __str__(self) -> str:
        """Return such as ``rows 120-140 of 0003-bias_spectrum.csv``."""
        if self.first == self.last:
            return f"row {self.first} of {self.file}"
        return f"rows {self.first}-{self.last} of {self.file}"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody, or the sequence, has noted.

    Parameters
    ----------
    text
        The remark.
    utc
        When it was written, ISO 8601.
    clock
        The same on the clock of the station in s; not comparable if written after the campaign.
    run
        Number of the run that it is about; None if it is about none.
    mark
        What it says of its rows.
    rows
        That it is about.
    """

    text: str
    utc: str
    clock: float
    run: int | None = None
    mark: Judgement = ""
    rows: tuple[Rows, ...] = ()

    def is_about(self, run: int | None, files: Iterable[str]) -> bool:
        """Tell whether it is about a run, given its number and its files."""
        named = set(files)
        return (run is not None and self.run == run) or any(r.file in named for r in self.rows)


def remarks(events: Iterable[Event]) -> tuple[Remark, ...]:
    """Return the remarks of a journal.

    Parameters
    ----------
    events
        Of the journal, in order; what is damaged in one is left out.

    Returns
    -------
    tuple of Remark
        In order.
    """
    return tuple(_remark(event) for event in events if event.get("event") == NOTE)


def bad_rows(found: Sequence[Remark], file: str, count: int) -> BoolArray:
    """Return which rows of a file are marked bad; a later mark wins.

    Parameters
    ----------
    found
        The remarks of its campaign, in order.
    file
        Name of the CSV.
    count
        How many rows it has.

    Returns
    -------
    array
        True for a bad row, shape (count,).
    """
    bad = np.zeros(count, dtype=np.bool_)
    for remark in found:
        if remark.mark:
            for rows in remark.rows:
                if rows.file == file:
                    bad[max(0, rows.first - 1) : rows.last] = remark.mark == "bad"
    return bad


def about(run: int | None, mark: Judgement, rows: Sequence[Rows]) -> dict[str, Any]:
    """Return what belongs to a note besides its text; empty if it is about no rows and no run."""
    if run is None and not rows:
        return {}
    return {"run": run, "mark": mark, "rows": [each.to_mapping() for each in rows]}


def _remark(event: Event) -> Remark:
    said = event.get("about")
    said = said if isinstance(said, Mapping) else {}
    run, mark, clock = said.get("run"), said.get("mark"), event.get("clock")
    rows = said.get("rows")
    return Remark(
        text=str(event.get("text", "")),
        utc=str(event.get("utc", "")),
        clock=float(clock) if isinstance(clock, int | float) else float("nan"),
        run=run if isinstance(run, int) else None,
        mark="bad" if mark == "bad" else "good" if mark == "good" else "",
        rows=tuple(filter(None, map(_rows, rows if isinstance(rows, list) else ()))),
    )


def _rows(said: Any) -> Rows | None:
    try:
        return Rows(str(said["file"]), int(said["first"]), int(said["last"]))
    except (KeyError, TypeError, ValueError):
        return None
