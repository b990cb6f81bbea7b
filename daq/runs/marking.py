"""Find the rows that a person means, by their numbers or by the time at which they were taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from daq.runs.files import Attempt, Run, open_run
from daq.runs.names import run_names
from daq.runs.remarks import BoolArray, Rows
from daq.runs.row_times import TIME, row_times
from instruments.errors import ConfigurationError

Event = Mapping[str, Any]
_RANGE = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Return ranges of numbers.

    Parameters
    ----------
    text
        Such as ``120-140`` or ``7, 120-140``.

    Returns
    -------
    tuple
        First and last of each.

    Raises
    ------
    ConfigurationError
        It is nothing of the kind.
    """
    found = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        first = int(match[1]) if match else 0
        last = int(match[2]) if match and match[2] else first
        if not 1 <= first <= last:
            raise ConfigurationError(
                f"--rows: found {part.strip()[:40]!r}, expected numbers from 1 such as 120-140"
            )
        found.append((first, last))
    return tuple(found)


def instant(text: str, begun: datetime, option: str) -> datetime:
    """Return the time that a person means.

    Parameters
    ----------
    text
        ISO 8601, or a time of day such as ``02:10``: the first one after the campaign began. UTC,
        as everything in a campaign, unless it says otherwise.
    begun
        When the campaign began.
    option
        Its name, for the message.

    Returns
    -------
    datetime
        With its time zone.

    Raises
    ------
    ConfigurationError
        It is no time.
    """
    try:
        if (match := _CLOCK.fullmatch(text.strip())) is None:
            found = datetime.fromisoformat(text.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found
        parts = [int(part or 0) for part in match.groups()]
        begun = begun.astimezone(UTC)
        found = begun.replace(hour=parts[0], minute=parts[1], second=parts[2], microsecond=0)
    except ValueError:
        raise ConfigurationError(
            f"{option}: found {text[:40]!r}, expected a time (UTC) such as 02:10 or"
            " 2026-11-21T02:10"
        ) from None
    return found if found >= begun.replace(second=0, microsecond=0) else found + timedelta(days=1)


def chosen_run(folder: Path, number: int | None) -> Run:
    """Return the run that a person means.

    Parameters
    ----------
    folder
        Of the campaign.
    number
        Of the run; may be omitted where there is only one.

    Returns
    -------
    Run
        With its attempts.

    Raises
    ------
    ConfigurationError
        There is no such run, or it is not said which.
    """
    numbers = sorted({name.number for name in run_names(folder)})
    if number is None and len(numbers) == 1:
        number = numbers[0]
    if number is None:
        raise ConfigurationError(f"{folder.name} has {_runs(numbers)}; say which one with --run")
    if number not in numbers:
        raise ConfigurationError(f"--run: found {number}, but {folder.name} has {_runs(numbers)}")
    return open_run(folder, number)


def rows_by_number(run: Run, wanted: Sequence[tuple[int, int]] | None) -> tuple[Rows, ...]:
    """Return rows of a run by their numbers.

    Parameters
    ----------
    run
        The run.
    wanted
        First and last number of each range, counted from 1 as in `Run.data`: over all attempts
        where these are joined. All rows if None.

    Returns
    -------
    tuple of Rows
        File by file.

    Raises
    ------
    ConfigurationError
        The run has no such rows.
    """
    count = run.rows
    meant = np.zeros(count, dtype=np.bool_)
    for first, last in ((1, count),) if wanted is None else wanted:
        if count == 0 or last > count:
            there = f"rows 1 to {count}" if count else "no rows yet"
            raise ConfigurationError(
                f"--rows: found {first}-{last}, but run {run.number} has {there}"
            )
        meant[first - 1 : last] = True
    found: list[Rows] = []
    begin = 0
    for attempt in run.counted:
        end = begin + len(attempt.content.data)
        found += _stretches(attempt, meant[begin:end])
        begin = end
    return tuple(found)


def rows_by_time(
    runs: Sequence[Run], events: Sequence[Event], begin: datetime | None, end: datetime | None
) -> tuple[Rows, ...]:
    """Return the rows of runs that were taken in a window of time.

    Parameters
    ----------
    runs
        The runs.
    events
        Of the journal.
    begin
        Of the window; open if None.
    end
        The same.

    Returns
    -------
    tuple of Rows
        File by file.

    Raises
    ------
    ConfigurationError
        No row was taken then.
    """
    low = -np.inf if begin is None else begin.timestamp()
    high = np.inf if end is None else end.timestamp()
    found: list[Rows] = []
    for run in runs:
        for attempt in run.counted:
            times = row_times(attempt, events)
            found += _stretches(attempt, (times >= low) & (times <= high))
    if not found:
        told = "" if begin is None else f" from {begin:%F %TZ}"
        told += "" if end is None else f" to {end:%F %TZ}"
        raise ConfigurationError(f"no row was taken{told}; look at the column {TIME!r} of a run")
    return tuple(found)


def _stretches(attempt: Attempt, meant: BoolArray) -> Iterator[Rows]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], meant, [False]]).astype(np.int8)))
    for first, after in edges.reshape(-1, 2).tolist():
        yield Rows(attempt.path.name, first + 1, after)


def _runs(numbers: Sequence[int]) -> str:
    if not numbers:
        return "no runs"
    return f"run {numbers[0]}" if len(numbers) == 1 else f"runs {numbers[0]} to {numbers[-1]}"
