"""Runs on the disk as rows of the catalogue."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daq.runs.files import Run, glimpse_of
from daq.runs.plain import plain
from instruments.errors import StorageError

Row = dict[str, Any]


def readable(files: Sequence[str]) -> Row | None:
    """Return the row of the run of these data files, or None if it cannot be read.

    Parameters
    ----------
    files
        Its attempts in order, in a folder as `place` names it; one that is gone by now is passed
        over.

    Returns
    -------
    dict or None
        The row.
    """
    try:
        return row_of(glimpse_of([Path(file) for file in files]), files[0])
    except StorageError:
        there = [file for file in files if Path(file).is_file()]
        return readable(there) if 0 < len(there) < len(files) else None


def row_of(run: Run, path: str) -> Row:
    """Return the row of a run.

    Parameters
    ----------
    run
        The run.
    path
        Of its first data file; see `place`.

    Returns
    -------
    dict
        By the columns of `RUNS`.

    Raises
    ------
    StorageError
        The run cannot be read.
    """
    metadata = run.metadata
    try:
        settings = _json(run.settings)
    except ValueError as failure:
        raise StorageError(f"{run.path}: its settings are no JSON; restore the file") from failure
    row: Row = {
        "path": path,
        "campaign": os.path.basename(os.path.dirname(path)),  # noqa: PTH119, PTH120 (called 100 000 times)
        "number": run.number or 0,
        "attempts": len(run.attempts),
        "procedure": run.procedure,
        "station": metadata.get("station", ""),
        "sample": metadata.get("sample", ""),
        "contact": metadata.get("contact", ""),
        "started": _utc(metadata.get("started", "")),
        "outcome": run.outcome,
        "rows": _rows(run),
        "settings": settings,
    }
    told = ("campaign", "procedure", "station", "sample", "contact", "settings")
    names = run.attempts[-1].glance.header.parameters
    row["words"] = " ".join([*(row[name] for name in told), *names]).lower()
    return row


def numbers_of(row: Row) -> dict[str, float]:
    """Return the settings of a run that are numbers; truth values are none."""
    return {
        name: float(value)
        for name, value in json.loads(row["settings"]).items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    }


def place(file: Path) -> Path:
    """Return a file as the catalogue knows it: a campaign that is a link stays in its place."""
    path = Path(os.path.abspath(file))  # noqa: PTH100 (a link must not be followed)
    return path.parent.parent.resolve() / path.parent.name / path.name


def _rows(run: Run) -> int:
    """Return how many rows count, as far as the ends of the files tell: a pause adds an attempt."""
    goes_on = run.metadata.get("resume", "continue") == "continue"
    attempts = run.attempts if goes_on else run.attempts[-1:]
    return sum(attempt.glance.ending.rows or 0 for attempt in attempts)


def _json(settings: Any) -> str:
    try:
        return json.dumps(settings, ensure_ascii=False, allow_nan=False)
    except ValueError:  # a file of somebody else's; a database knows no other numbers either
        return json.dumps(plain(settings), ensure_ascii=False)


def _utc(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    except ValueError:
        return ""
