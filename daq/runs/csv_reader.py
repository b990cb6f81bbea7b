"""Read a data file, whole or torn, finished or still growing."""

import csv
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from daq.runs.header import Header, parse_header
from instruments.errors import StorageError

_FOOTER = 4096  # bytes from the end in which the outcome is looked for
_START = 1 << 14  # bytes in which a header ends as a rule
_LONGEST = 1 << 23
_ABOVE = re.compile(rb"(?:#[^\n]*\n)+[^#\n][^\n]*\n")
_CHUNK = 1 << 20
# Without the option older versions read the last bit of a float wrong now and then; 3.1.1 reads
# every bit (a million numbers were compared) and deprecates it.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
_EXACT: dict[str, Any] = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}


@dataclass(frozen=True, slots=True)
class Ending:
    """What stands below the data.

    Parameters
    ----------
    outcome
        The last outcome, or None if the file has none (yet).
    rows
        The number of rows that was acknowledged, or None.
    """

    outcome: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """What a file says without its data.

    Parameters
    ----------
    header
        What stands above the data.
    ending
        What stands below.
    """

    header: Header
    ending: Ending


@dataclass(frozen=True, slots=True)
class CsvContent:
    """A whole file.

    Parameters
    ----------
    header
        What stands above the data.
    ending
        What stands below.
    data
        One row per record.
    torn
        How many lines were cut off by a crash and dropped.
    """

    header: Header
    ending: Ending
    data: pd.DataFrame
    torn: int


def glance(path: Path) -> Glance:
    """Read the lines above and below the data.

    Parameters
    ----------
    path
        A pymeasure CSV file.

    Returns
    -------
    Glance
        The number of rows is counted if the file does not say it.

    Raises
    ------
    StorageError
        It cannot be read, or has no header.
    """
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            start = _start(file)
            above = _above(start, path)
            header = _header(start[:above], path)
            tail = start[max(above, size - _FOOTER) :]
            if size > len(start):
                file.seek(max(above, size - _FOOTER))
                tail = file.read()
            ending = _ending(tail.split(b"\n"))
            if ending.rows is None:
                file.seek(above)
                ending = Ending(ending.outcome, _count(file))
    except OSError as failure:
        raise _unreadable(path, failure) from failure
    return Glance(header, ending)


def read_csv(path: Path) -> CsvContent:
    """Read a file.

    Parameters
    ----------
    path
        A pymeasure CSV file.

    Returns
    -------
    CsvContent
        Floats have the very bits that were written; a torn last line is dropped and counted.

    Raises
    ------
    StorageError
        It cannot be read, has no header, or has a broken row before its end.
    """
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise _unreadable(path, failure) from failure
    # After a power failure some systems leave zeros where rows had been promised.
    whole = content.split(b"\0", maxsplit=1)[0]
    whole = whole[: whole.rfind(b"\n") + 1]
    if not _ABOVE.match(whole) and len(whole) < len(content):
        raise _unreadable(path, "its header is torn")
    above = _above(whole, path)
    header = _header(whole[:above], path)
    body = whole[above:]
    data = _frame(body, header.columns, path)
    ending = _ending(body[-_FOOTER:].split(b"\n"))
    return CsvContent(header, ending, data, int(len(whole) < len(content)))


def _start(file: io.FileIO) -> bytes:
    """Return the beginning of a file with its whole header, or all of it."""
    start = file.read(_START)
    while start.startswith(b"#") and len(start) < _LONGEST and not _ABOVE.match(start):
        more = file.read(_CHUNK)
        if not more:
            break
        start += more
    return start


def _above(start: bytes, path: Path) -> int:
    """Return how many bytes stand above the data."""
    found = _ABOVE.match(start)
    if found is None:
        raise _unreadable(path, "it has no header of a run")
    return found.end()


def _header(above: bytes, path: Path) -> Header:
    text = above.decode("utf-8", errors="replace").split("\n")[:-1]
    text = [line.rstrip("\r") for line in text]
    columns = next(csv.reader(text[-1:]), [])
    if not columns or not text[0].startswith("#Procedure:"):
        raise _unreadable(path, "it has no header of a run")
    return parse_header(text[:-1], columns)


def _ending(lines: Iterable[bytes]) -> Ending:
    outcome: str | None = None
    rows: int | None = None
    for line in lines:
        if not line.startswith(b"#"):
            continue
        name, _, value = line.decode("utf-8", errors="replace").strip().partition(": ")
        if name == "#Outcome":
            outcome = value
        elif name == "#Rows" and value.isdecimal():
            rows = int(value)
    return Ending(outcome, rows)


def _count(file: io.FileIO) -> int:
    lines = 0
    while chunk := file.read(_CHUNK):
        lines += chunk.count(b"\n")
    return lines


def _frame(body: bytes, columns: tuple[str, ...], path: Path) -> pd.DataFrame:
    if not body.strip() or body.startswith(b"#"):
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns})
    try:
        data: pd.DataFrame = pd.read_csv(
            io.BytesIO(body),
            comment="#",
            header=None,
            names=list(columns),
            index_col=False,
            **_EXACT,
        )
    except ValueError as failure:
        raise _unreadable(path, _broken_row(body, len(columns))) from failure
    if b'"' not in body and body.count(b",") != len(data) * (len(columns) - 1):
        raise _unreadable(path, _broken_row(body, len(columns)))
    return data


def _broken_row(body: bytes, columns: int) -> str:
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line and not line.startswith(b"#") and line.count(b",") != columns - 1:
            return f"row {number} has {line.count(b',') + 1} values instead of {columns}"
    return "its rows are no numbers separated by commas"


def _unreadable(path: Path, why: object) -> StorageError:
    return StorageError(f"{path} cannot be read: {why}; restore it from a copy or leave it out")
