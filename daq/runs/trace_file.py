"""Read a trace: what was said to each instrument, and what it answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.runs.plain import check_format
from instruments.errors import StorageError


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message and what came back before the next one.

    Parameters
    ----------
    resource
        Of the instrument.
    line
        Of the message in the file, from 1.
    sent
        The very bytes.
    received
        The very bytes; empty if nothing came.
    status
        The status byte that was polled last; None if none was.
    """

    resource: str
    line: int
    sent: bytes
    received: bytes
    status: int | None = None


@dataclass(frozen=True, slots=True)
class TraceContent:
    """A trace that has been read.

    Parameters
    ----------
    about
        The first line: station, and role and driver of each resource.
    exchanges
        In the order of their messages.
    torn
        Whether the last line was cut off.
    """

    about: Mapping[str, Any]
    exchanges: tuple[Exchange, ...]
    torn: bool


def read_trace(path: Path) -> TraceContent:
    """Read a trace.

    Parameters
    ----------
    path
        Such as ``trace.jsonl`` of a campaign.

    Returns
    -------
    TraceContent
        Everything in it; a last line that was cut off is left out.

    Raises
    ------
    StorageError
        It cannot be read, is no trace, or has a broken line before its end.
    """
    try:
        *lines, torn = path.read_bytes().split(b"\n")
    except OSError as failure:
        raise StorageError(f"{path} cannot be read: {failure}; give a trace.jsonl") from failure
    entries = [_entry(path, number, line) for number, line in enumerate(lines, 1)]
    if not entries or entries[0].get("event") != "trace":
        raise StorageError(f"{path}: the first line is no trace's; give a trace.jsonl")
    check_format(entries[0], str(path))
    open_now: dict[str, int] = {}
    found: list[Exchange] = []
    for number, entry in enumerate(entries, 1):
        if "resource" not in entry:
            continue  # another process has gone on with the campaign
        resource, data = str(entry["resource"]), str(entry["bytes"]).encode("latin-1")
        if entry["direction"] == "write":
            open_now[resource] = len(found)
            found.append(Exchange(resource, number, data, b""))
        elif resource in open_now:
            index = open_now[resource]
            found[index] = _with(found[index], str(entry["direction"]), data)
    return TraceContent(entries[0], tuple(found), bool(torn))


def _entry(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise StorageError(f"{path}: line {number} is not JSON; restore the file from a copy")
    return found


def _with(exchange: Exchange, direction: str, data: bytes) -> Exchange:
    status = data[0] if direction == "poll" and data else exchange.status
    received = exchange.received + (data if direction == "read" else b"")
    return Exchange(exchange.resource, exchange.line, exchange.sent, received, status)
