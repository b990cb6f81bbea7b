"""A run as a MultiVu data file (`.dat`), for people who plot with MultiVu.

Time stamps are Unix seconds and fields are in Oe, as MultiVu has them; everything else stands under
the name and in the unit that it has here. A value that is not a number is an empty field. The
packed ``Status (code)`` of MultiVu is left out: it is another status than ours.
"""

import math
from datetime import datetime

import numpy as np
import pandas as pd

from daq.runs.campaign_folder import JOURNAL
from daq.runs.files import Run
from daq.runs.row_times import TIME, row_times
from daq.runs.salvage import salvage
from instruments.errors import StorageError

ENDING = ".dat"
OERSTED = 1e4
"""Oe per T, in vacuum."""
FIRST = ("Comment", "Time Stamp (sec)")
_NAMES = {"Field (T)": "Magnetic Field (Oe)", "Angle (deg)": "Sample Position (deg)"}
_LINE = "\r\n"


def to_multivu(run: Run, *, all_rows: bool = True) -> bytes:
    """Return a run as the bytes of a MultiVu data file.

    Parameters
    ----------
    run
        With all its attempts.
    all_rows
        Whether the rows that are marked bad are among them.

    Returns
    -------
    bytes
        In Latin-1, with the line ends of Windows.

    Raises
    ------
    StorageError
        The run has no column of time, or its header does not tell when it began.
    """
    data = run.data if all_rows else run.good_data
    names = [_NAMES.get(column, column) for column in data.columns if column != TIME]
    columns = [*FIRST, *(_clean(name) for name in names)]
    lines = [*_header(run, columns), "[Data]", ",".join(f'"{name}"' for name in columns)]
    lines += _rows(data, _stamps(run, data))
    return (_LINE.join(lines) + _LINE).encode("latin-1", errors="replace")


def _header(run: Run, columns: list[str]) -> list[str]:
    opened = _started(run)
    told = run.metadata
    title = " ".join(filter(None, (told.get("sample", ""), run.procedure, run.path.stem)))
    fields = ",".join(columns[2:])
    return [
        "[Header]",
        "; Written by Coldpoint; the CSV of the run holds more.",
        f"TITLE,{_clean(title)}",
        "BYAPP,Coldpoint",
        f"FILEOPENTIME,{opened.timestamp():.3f},{opened:%m/%d/%Y},{opened:%I:%M:%S %p}",
        f"INFO,{_clean(told.get('station', ''))},STATION",
        f"INFO,{_clean(told.get('contact', ''))},CONTACT",
        f"INFO,{_clean(run.outcome)},OUTCOME",
        "DATATYPE,COMMENT,1",
        "DATATYPE,TIME,2",
        "TIMEMODE,SECONDS,ABSOLUTE",
        f"FIELDGROUP,All,{fields}",
        "STARTUPGROUP,All",
        f"STARTUPAXIS,X,{_axis(columns, 0)},LINEAR,AUTO",
        f"STARTUPAXIS,Y1,{_axis(columns, 1)},LINEAR,AUTO",
    ]


def _axis(columns: list[str], which: int) -> int:
    """Return the column for an axis, from 1: the first two that are ours, or time and the next."""
    status = columns.index("Status") if "Status" in columns else 1
    own = list(range(status + 1, len(columns))) or [1, 2]
    return min(own[min(which, len(own) - 1)], len(columns) - 1) + 1


def _stamps(run: Run, data: pd.DataFrame) -> list[float]:
    """Return the Unix time of every row."""
    if TIME not in data.columns:
        raise StorageError(f"{run.path}: no column {TIME!r}; export it to csv instead")
    events = salvage(run.path.parent / JOURNAL).events
    times = np.concatenate([row_times(attempt, events) for attempt in run.counted])
    if np.isnan(times).any():
        _started(run)  # it says what is missing
    return [float(time) for time in times[data.index]]


def _started(run: Run) -> datetime:
    told = run.attempts[0].metadata.get("started", "")
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        raise StorageError(
            f"{run.path}: the header does not tell when it was started (found {told!r}); export it"
            " to csv instead"
        ) from None


def _rows(data: pd.DataFrame, stamps: list[float]) -> list[str]:
    """Return the rows: no comment, the time, and every value in its unit."""
    scales = [OERSTED if name == "Field (T)" else 1.0 for name in data.columns if name != TIME]
    others = data.drop(columns=TIME)
    lines = []
    for stamp, values in zip(stamps, others.itertuples(index=False), strict=True):
        cells = [_cell(value, scale) for value, scale in zip(values, scales, strict=True)]
        lines.append(",".join(["", f"{stamp:.3f}", *cells]))
    return lines


def _cell(value: float, scale: float) -> str:
    """Return a value; an empty field for none."""
    if not math.isfinite(value):
        return ""
    if scale != 1.0:
        return f"{value * scale:.12g}"
    return str(int(value)) if isinstance(value, int) else repr(float(value))


def _clean(text: str) -> str:
    """Return a text without what the format cannot hold: commas, quotation marks, line ends."""
    cleaned = " ".join(text.split()).replace(",", ";").replace('"', "'")
    return cleaned or "-"
