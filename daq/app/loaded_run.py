"""A run of the catalogue, read as a whole: its curves, what its files say, and its remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daq.app.run_remark import remarks_on
from daq.campaign.following import FollowedRun
from daq.runs.files import Attempt, Run, open_run
from daq.runs.follow import FollowedCsv
from instruments.errors import ColdpointError

MOST_READ = 1 << 26
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run that was read.

    Parameters
    ----------
    path
        The CSV of the first attempt.
    title
        What it is called.
    attempts
        What can be drawn: the attempts that count.
    facts
        What its files say: run, settings, instruments, versions; nested.
    troubles
        What is wrong with it, a line each; none as a rule.
    remarks
        Of people, a line each.
    """

    path: Path
    title: str
    attempts: tuple[FollowedRun, ...]
    facts: Mapping[str, Any]
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]


def load_run(path: Path) -> LoadedRun:
    """Read a run.

    Parameters
    ----------
    path
        One of its files.

    Returns
    -------
    LoadedRun
        What is there; a file that was cut off gives the rows that are whole.

    Raises
    ------
    StorageError
        There is no such run, or its header cannot be read.
    """
    run = open_run(path)
    attempts = tuple(_followed(run, attempt) for attempt in run.counted)
    return LoadedRun(
        run.path,
        f"{run.number or 0:04d} {run.procedure.replace('_', ' ')}",
        attempts,
        facts(run),
        _troubles(run, attempts),
        remarks_on(run),
    )


def load_runs(paths: Sequence[Path]) -> tuple[list[LoadedRun], list[str]]:
    """Read runs; return those that could be read, and why the others could not."""
    found, refused = [], []
    for path in paths:
        try:
            found.append(load_run(path))
        except ColdpointError as failure:
            refused.append(str(failure))
    return found, refused


def facts(run: Run) -> dict[str, Any]:
    """Return what the files of a run say, nested, without the rows."""
    document = run.document
    rows = [attempt.glance.ending.rows for attempt in run.counted]
    told: dict[str, Any] = {
        "run": {
            "started (UTC)" if key == "started" else key: _moment(value)
            if key == "started"
            else value
            for key, value in run.metadata.items()
            if key not in {"settings", "run"}
        }
        | {"outcome": run.outcome, "rows": None if rows[-1] is None else sum(filter(None, rows))},
        "settings": _settings(run),
    }
    for name, shown in (("snapshot", "instruments"), ("versions", "versions")):
        found = document.get(name)
        if isinstance(found, Mapping):
            told[shown] = dict(found)
    return told


def _followed(run: Run, attempt: Attempt) -> FollowedRun:
    csv = FollowedCsv(attempt.path)
    csv.poll(MOST_READ)
    while csv.behind:
        csv.poll(MOST_READ)
    return FollowedRun(run.number or 0, attempt.number, None, run.procedure, csv)


def _settings(run: Run) -> dict[str, Any]:
    described = run.document.get("settings")
    if not isinstance(described, Mapping):
        return dict(run.settings)
    return {
        f"{key} ({unit})" if (unit := entry.get("unit")) else key: entry.get("value")
        for key, entry in described.items()
        if isinstance(entry, Mapping)
    }


def _troubles(run: Run, attempts: tuple[FollowedRun, ...]) -> tuple[str, ...]:
    told = []
    rows = sum(attempt.csv.rows for attempt in attempts)
    if run.outcome == "interrupted":
        told.append(f"interrupted: whoever measured it is gone; {rows} points are there")
    elif run.outcome == "unknown":
        told.append(f"the file has no end: it was cut off; {rows} points are there")
    elif run.outcome not in {"finished", "running"}:
        told.append(f"{run.outcome}: {run.error or 'no reason was written'}")
    if bad := int(run.bad.sum()):
        told.append(f"{bad} rows are marked bad: fits and exports leave them out")
    if run.torn:
        told.append(f"{run.torn} torn lines were left out")
    if not run.document:
        told.append("the JSON beside the file is lost: settings are there, instruments are not")
    if not rows:
        told.append("there is no point in it")
    return tuple(told)


def _moment(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return text
