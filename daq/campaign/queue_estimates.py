"""When the entries of a queue are expected to begin and to end, from their rehearsals.

Each is rehearsed by itself, from where its twins begin. An entry that runs counts with the time
that its own campaign has left. Nothing is rehearsed here: see `daq.app.rehearse_queue`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daq.campaign.kept_rehearsals import KeptRehearsal, kept, rehearsal_key
from daq.campaign.queue_store import AHEAD, FOLDER, Entry
from daq.campaign.standing import Standing
from daq.campaign.time_left import seconds_left
from daq.runs.campaign_folder import JOURNAL
from daq.runs.journal import read_journal
from instruments.errors import StorageError, one_line

UNKNOWN = "not rehearsed yet"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is expected of an entry that has not ended.

    Parameters
    ----------
    start
        When it begins or has begun; None if that is not known. Of the first waiting entry of a
        queue that nobody works through: now.
    duration
        How long it takes, by the clock of the station, in s; None if that is not known.
    life
        The same in life: less where the clock of the station runs faster.
    end
        When it ends; None if that is not known.
    problem
        Why it will not come to its end, in one line; empty if it will, or that is not known.
    rehearsed
        Whether it has been rehearsed, or cannot be.
    unconfirmed
        Whether the only problem is that a person has to confirm something.
    """

    start: datetime | None = None
    duration: float | None = None
    life: float | None = None
    end: datetime | None = None
    problem: str = ""
    rehearsed: bool = False
    unconfirmed: bool = False

    @property
    def in_simulated_time(self) -> bool:
        """Tell whether the duration is by a clock that runs faster than life."""
        if self.duration is None or self.life is None:
            return False
        return abs(self.life - self.duration) > 1.0

    def as_mapping(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "start": None if self.start is None else self.start.isoformat(timespec="seconds"),
            "duration_s": self.duration,
            "life_s": self.life,
            "end": None if self.end is None else self.end.isoformat(timespec="seconds"),
            "problem": self.problem,
            "rehearsed": self.rehearsed,
            "unconfirmed": self.unconfirmed,
        }


def entry_key(data: Path, entry: Entry) -> str:
    """Return under which name the rehearsal of an entry is kept.

    Parameters
    ----------
    data
        The folder of all campaigns.
    entry
        Of its queue.

    Returns
    -------
    str
        As `rehearsal_key`.

    Raises
    ------
    OSError
        Its sequence or its station file cannot be read.
    """
    sequence = (data / FOLDER / entry.sequence).read_bytes()
    station = Path(entry.station_file).read_bytes()
    return rehearsal_key(sequence, station, entry.station, measure=entry.measure)


def unrehearsed(data: Path, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries that wait and of which no rehearsal is known, the next one first."""
    return tuple(
        entry
        for entry in entries
        if entry.state in AHEAD and not (found := _found(data, entry)).problem and not found.answer
    )


def estimates(data: Path, entries: Sequence[Entry], now: datetime) -> Mapping[int, Estimate]:
    """Tell when each entry that has not ended is expected to begin and to end.

    Parameters
    ----------
    data
        The folder of all campaigns.
    entries
        Of its queue, in the order in which they are carried out.
    now
        The time of day.

    Returns
    -------
    mapping
        By number. What is held takes no time.
    """
    found: dict[int, Estimate] = {}
    at: datetime | None = now
    for entry in entries:
        if entry.state == "running":
            found[entry.id] = _running(data, entry, now)
            at = found[entry.id].end
    for entry in entries:
        if entry.state not in AHEAD:
            continue
        begins = at if entry.state == "waiting" else None
        found[entry.id] = told = _waiting(_found(data, entry), entry, begins)
        at = told.end if entry.state == "waiting" else at
    return found


def in_words(expected: Estimate) -> str:
    """Return in one line what is expected, by the time of day in UTC."""
    takes = "" if expected.duration is None else f"takes {duration_in_words(expected)}"
    if expected.problem:
        return f"rehearsal: {expected.problem}"
    if not expected.rehearsed:
        return f"{UNKNOWN}: it is being done in the background"
    if expected.start is None:
        return takes
    begins = f"{expected.start.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    if expected.end is None:
        return f"from {begins}, {takes}; its end is not known"
    return f"expected {begins} to {expected.end.astimezone(UTC):%Y-%m-%d %H:%M}Z, {takes}"


def duration_in_words(expected: Estimate) -> str:
    """Return how long an entry takes, such as ``1:43:06``; empty if that is not known."""
    if expected.duration is None:
        return ""
    told = str(timedelta(seconds=round(expected.duration)))
    return f"{told} of its simulated clock" if expected.in_simulated_time else told


def _waiting(known: KeptRehearsal, entry: Entry, start: datetime | None) -> Estimate:
    unconfirmed = "" if known.problem else _unconfirmed(known, entry)
    problem = known.problem or unconfirmed
    rehearsed = bool(known.answer or problem)
    duration, life = _finite(known.duration), _finite(known.life)
    end = None if start is None or life is None else start + timedelta(seconds=life)
    return Estimate(start, duration, life, end, problem, rehearsed, bool(unconfirmed))


def _running(data: Path, entry: Entry, now: datetime) -> Estimate:
    """Return the estimate of an entry that runs, from its rehearsal and what has passed."""
    known = _found(data, entry)
    duration, life = _finite(known.duration), _finite(known.life)
    start = _moment(entry.begun)
    end = None
    if duration and life:
        left = _left(Path(entry.campaign), known, now, duration / life) if entry.campaign else None
        passed = 0.0 if start is None else (now - start).total_seconds()
        seconds = max(0.0, life - passed) if left is None else left * life / duration
        end = now + timedelta(seconds=seconds)
    return Estimate(start, duration, life, end, rehearsed=bool(known.answer or known.problem))


def _left(campaign: Path, known: KeptRehearsal, now: datetime, speed: float) -> float | None:
    """Return how much is left of a campaign by the clock of its station, in s."""
    journal = campaign / JOURNAL
    try:
        events = read_journal(journal).events
        silent = now.timestamp() - journal.stat().st_mtime
    except (StorageError, OSError):
        return None
    standing = Standing()
    for event in events:
        standing = standing.after(event)
    if standing.step is None:
        return None
    return seconds_left(standing, known.paces, standing.now + max(0.0, silent) * speed)


def _found(data: Path, entry: Entry) -> KeptRehearsal:
    """Return what is known of an entry; nothing in it if it was not rehearsed yet."""
    try:
        key = entry_key(data, entry)
    except OSError as failure:
        return KeptRehearsal({}, problem=f"cannot be read: {one_line(failure)}")
    found = kept(key)
    return KeptRehearsal({}) if found is None else found


def _unconfirmed(known: KeptRehearsal, entry: Entry) -> str:
    why = str(known.answer.get("needs_confirmation", ""))
    if not why or entry.confirmed_above:
        return ""
    return f"needs a confirmation ('coldpoint queue confirm {entry.id}'): {why}"


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
