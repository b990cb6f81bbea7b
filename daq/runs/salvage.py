"""Read what is left of a journal: a damaged line is left out and told, never a reason to stop.

Going on with a campaign needs a whole journal (`daq.runs.journal.read_journal`); telling what
happened does not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.runs.plain import check_format
from instruments.errors import StorageError

_TOLD = 5


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a journal still says.

    Parameters
    ----------
    plan
        What the campaign set out to do; empty if that line is lost.
    events
        The whole lines after it, in order.
    problems
        What is missing, in words; empty as a rule.
    """

    plan: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]


def salvage(path: Path) -> Salvaged:
    """Read whatever a journal still says, also while it grows.

    Parameters
    ----------
    path
        The journal; it may be missing.

    Returns
    -------
    Salvaged
        Plan, events and what is missing.
    """
    try:
        content = path.read_bytes()
    except OSError as failure:
        return Salvaged({}, (), (f"{path.name} cannot be read: {failure.strerror or failure}",))
    *lines, torn = content.split(b"\n")
    entries = [_entry(line) for line in lines]
    problems = list(_damaged(path.name, entries))
    if torn:
        problems.append(f"{path.name}: the last line was cut off")
    events = [entry for entry in entries if entry is not None]
    first: Mapping[str, Any] = {}
    if events and events[0]["event"] == "plan":
        first = events.pop(0)
        problems += _newer(first, path.name)
    else:
        problems.append(f"{path.name}: the plan is lost")
    plan = first.get("plan")
    return Salvaged(plan if isinstance(plan, dict) else {}, tuple(events), tuple(problems))


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def _damaged(name: str, entries: list[dict[str, Any] | None]) -> Iterator[str]:
    numbers = [number for number, entry in enumerate(entries, 1) if entry is None]
    if numbers:
        told = ", ".join(map(str, numbers[:_TOLD])) + (" ..." if len(numbers) > _TOLD else "")
        lines = "line" if len(numbers) == 1 else "lines"
        yield f"{name}: {len(numbers)} damaged {lines} left out ({lines} {told})"


def _newer(first: Mapping[str, Any], name: str) -> Iterator[str]:
    try:
        check_format(first, name)
    except StorageError as problem:
        yield str(problem)
