"""At which row of a run a remark stands."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from daq.analysis.result import FloatArray
from daq.runs.remarks import Remark


def remark_row(
    remark: Remark,
    number: int | None,
    files: Sequence[tuple[str, int]],
    times: FloatArray,
    zero: float = 0.0,
) -> int | None:
    """Return the row at which a remark stands: the middle of its own, or the one of its time.

    Parameters
    ----------
    remark
        The remark.
    number
        Of the run.
    files
        Names of its files and how many rows each has, in order.
    times
        When each row was taken in s, shape (rows,); not a number where that is not known.
    zero
        Unix time in s at which those times are zero.

    Returns
    -------
    int or None
        Counted from 0 over all files; None if it does not belong to these rows.
    """
    begin = 0
    for name, count in files:
        for rows in remark.rows:
            if rows.file == name and rows.first <= count:
                return begin + (rows.first + min(rows.last, count)) // 2 - 1
        begin += count
    if remark.rows or not begin:
        return None
    if remark.run is not None:
        return 0 if remark.run == number else None
    when = unix(remark.utc) - zero
    if not np.isfinite(times).any() or not np.nanmin(times) <= when <= np.nanmax(times):
        return None
    return int(np.nanargmin(np.abs(times - when)))


def unix(utc: str) -> float:
    """Return the Unix time in s of a text in ISO 8601; not a number if it is none."""
    try:
        return datetime.fromisoformat(utc).timestamp()
    except ValueError:
        return float("nan")
