"""What happened in a campaign, as rows of a table: steps with begin and end, and all between."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from daq.campaign.journal_words import event_in_words, event_weight

Event = Mapping[str, Any]
_SILENT = frozenset({"plan", "rehearsed", "brought back", "step ended"})
_DAMAGED = " (damaged)"
_CLOSES = frozenset({"step ended", "step failed", "step skipped"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    Parameters
    ----------
    day
        Where a new day begins.
    begin, end
        Times of day; the end is empty where there is none.
    took
        How long, in words.
    words
        What.
    weight
        How much it matters: ``plain``, ``good``, ``warning`` or ``bad``.
    """

    day: str
    begin: str
    end: str
    took: str
    words: str
    weight: str


def timeline(events: Sequence[Event]) -> tuple[Entry, ...]:
    """Return what a journal tells, in order.

    Parameters
    ----------
    events
        Of the journal.

    Returns
    -------
    tuple of Entry
        A step that never ended says so.
    """
    entries: list[Entry] = []
    steps: dict[int, tuple[int, Event]] = {}
    day = ""
    for event in events:
        name, step = event["event"], event.get("step")
        if name in _CLOSES and isinstance(step, int) and step in steps:
            place, begun = steps.pop(step)
            entries[place] = _closed(entries[place], begun, event)
        if not _is_shown(event):
            continue
        entry = _entry(event, day)
        day = entry.day or day
        if name == "step begun" and isinstance(step, int):
            steps[step] = (len(entries), event)
        entries.append(entry)
    for place, _ in steps.values():
        entries[place] = replace(entries[place], end="not ended")
    return tuple(entries)


def guardian_reports(folder: Path) -> tuple[str, ...]:
    """Return what the guardian has written, a line each."""
    return tuple(_report(path) for path in sorted(folder.glob("guardian-*.json")))


def duration(seconds: float) -> str:
    """Return a time in words, such as ``2 h 05 min``."""
    if not seconds < 60.0:
        minutes = round(seconds / 60.0)
        return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
    return f"{seconds:.0f} s"


def seconds_between(first: Event, last: Event) -> float | None:
    """Return the time between two events in s; None if it is not known."""
    try:
        begin, end = (datetime.fromisoformat(event["utc"]) for event in (first, last))
    except (KeyError, TypeError, ValueError):
        return None
    return (end - begin).total_seconds()


def _is_shown(event: Event) -> bool:
    name = event["event"]
    if name == "run begun":
        return bool(event.get("attempt", 1) != 1)
    if name == "run ended":
        return bool(event.get("outcome") != "finished")
    return name not in _SILENT


def _entry(event: Event, day: str) -> Entry:
    utc = str(event.get("utc", ""))
    date = utc[:10]
    words = _words(event)
    weight = "bad" if words.endswith(_DAMAGED) else event_weight(event)
    return Entry(date if date != day else "", utc[11:19], "", "", words, weight)


def _words(event: Event) -> str:
    try:
        return event_in_words(event)
    except (TypeError, ValueError, KeyError, AttributeError):
        return f"{event['event']}{_DAMAGED}"


def _closed(entry: Entry, begun: Event, ended: Event) -> Entry:
    seconds = seconds_between(begun, ended)
    took = "" if seconds is None else duration(seconds)
    where = _words(ended).partition(" done")[2] if ended["event"] == "step ended" else ""
    end = str(ended.get("utc", ""))[11:19]
    return replace(entry, end=end, took=took, words=f"{entry.words}{where}")


def _report(path: Path) -> str:
    try:
        said = json.loads(path.read_bytes())
        words = f"{said['found']}; noticed {said['noticed']}"
        safe = "the station was made safe" if said["safe"] else "NOT everything was made safe"
        seconds = f" within {float(said['seconds']):.1f} s"
        return f"{path.name}: {words}; {safe}{seconds}{_landings(said.get('instruments', ()))}"
    except (OSError, ValueError, KeyError, TypeError) as failure:
        return f"{path.name} cannot be read: {' '.join(str(failure).split())[:80]}"


def _landings(instruments: Iterable[Any]) -> str:
    failed = [
        f"{one.get('role')}: {one.get('problem')}"
        for one in instruments
        if isinstance(one, Mapping) and not one.get("reached")
    ]
    return f" ({'; '.join(failed)})" if failed else ""
