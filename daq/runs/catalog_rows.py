"""Runs on the disk as rows of the catalogue."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daq.runs.files import Run
from daq.runs.names import run_names
from instruments.errors import StorageError


def runs_below(data: Path) -> Iterator[list[Path]]:
    """Yield the files of every run; each folder is listed once, as it may hold thousands."""
    for folder in sorted(path for path in (data, *data.glob("*/")) if path.is_dir()):
        files: dict[int, list[Path]] = {}
        for name in run_names(folder):
            files.setdefault(name.number, []).append(folder / f"{name.stem}.csv")
        there = ([file for file in each if file.is_file()] for each in files.values())
        yield from filter(None, there)


def readable(find: Callable[[], Run]) -> dict[str, Any] | None:
    """Return the row of a run, or None if it cannot be read."""
    try:
        return row_of(find())
    except StorageError:
        return None


def row_of(run: Run) -> dict[str, Any]:
    """Return the row of a run."""
    metadata = run.metadata
    settings = json.dumps(run.settings, ensure_ascii=False)
    row: dict[str, Any] = {
        "path": str(run.path.resolve()),
        "campaign": run.path.resolve().parent.name,
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


def _rows(run: Run) -> int:
    """Return how many rows count, as far as the ends of the files tell: a pause adds an attempt."""
    goes_on = run.metadata.get("resume", "continue") == "continue"
    attempts = run.attempts if goes_on else run.attempts[-1:]
    return sum(attempt.glance.ending.rows or 0 for attempt in attempts)


def _utc(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    except ValueError:
        return ""
