"""Where everything stands in the text of a YAML file, so that one value can be changed in place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from ruamel.yaml import events as ev

from daq.config.document import scan
from daq.config.problem import Place, normalised

SCANS = 4
"""Texts whose events are kept: a text is judged, outlined and changed right after each other."""
OUTLINES = 32
"""Texts whose outlines are kept, for undoing."""


@dataclass(slots=True)
class Piece:
    """A scalar, a mapping or a list, and where it stands.

    Parameters
    ----------
    kind
        Which of the three.
    start, end
        Of its text, as positions in the whole text.
    line, last_line
        The first and the last line it stands on, counted from 0.
    column
        Where it begins on its first line; for a list in lines, the column of its dashes.
    flow
        Whether it is written in braces or brackets.
    text
        What a scalar says; empty for others.
    quoted
        Whether a scalar is a text whatever it says.
    keys
        Of a mapping: the keys as they are written.
    parts
        Of a mapping or a list, in order.
    """

    kind: Literal["scalar", "mapping", "list"]
    start: int
    end: int
    line: int
    last_line: int
    column: int
    flow: bool
    text: str = ""
    quoted: bool = False
    keys: list["Piece"] = field(default_factory=list)
    parts: list["Piece"] = field(default_factory=list)

    def place_of(self, key: str) -> int | None:
        """Return which part stands at a key; None if there is none."""
        for index, written in enumerate(self.keys):
            if normalised(written.text) == normalised(key):
                return index
        return None

    def at(self, place: Place) -> "Piece | None":
        """Return what stands at a place below; None if there is nothing."""
        found: Piece | None = self
        for step in place:
            if found is None:
                return None
            index = found.place_of(step) if isinstance(step, str) else step
            inside = index is not None and index < len(found.parts)
            found = found.parts[index] if inside and index is not None else None
        return found

    def start_column(self, text: str) -> int:
        """Return in which column it begins."""
        return self.start - (text.rfind("\n", 0, self.start) + 1)

    def is_empty(self) -> bool:
        """Tell whether it is a scalar that says nothing."""
        return self.kind == "scalar" and not self.quoted and self.text in {"", "~", "null"}


@lru_cache(maxsize=SCANS)
def scanned(text: str) -> tuple[Any, ...]:
    """Return the events of a text, for `parse_document`: the scan is what takes long."""
    return tuple(scan(text))


@lru_cache(maxsize=OUTLINES)
def outline(text: str) -> Piece:
    """Return where everything stands in a text that `parse_document` accepts.

    Parameters
    ----------
    text
        Of the file.

    Returns
    -------
    Piece
        The top-level mapping; kept, so nobody may change it.

    Raises
    ------
    ValueError
        There is no mapping.
    """
    events = iter(scanned(text))
    for event in events:
        if isinstance(event, ev.MappingStartEvent):
            return _piece(event, events, text)
    raise ValueError("a text without a mapping")


def _piece(event: Any, events: Iterator[Any], text: str) -> Piece:
    if isinstance(event, ev.ScalarEvent):
        return _scalar(event)
    start = event.start_mark
    kind: Literal["mapping", "list"] = (
        "mapping" if isinstance(event, ev.MappingStartEvent) else "list"
    )
    flow = bool(event.flow_style)
    found = Piece(kind, start.index, start.index, start.line, start.line, start.column, flow)
    while not isinstance(event := next(events), ev.MappingEndEvent | ev.SequenceEndEvent):
        if kind == "mapping":
            found.keys.append(_scalar(event))
            event = next(events)
        part = _piece(event, events, text)
        if part.kind == "scalar" and part.start == part.end and found.keys:
            _put_behind(part, found.keys[-1], text)
        found.parts.append(part)
    if flow:
        found.end, found.last_line = event.end_mark.index, event.end_mark.line
    elif found.parts:
        found.end, found.last_line = found.parts[-1].end, found.parts[-1].last_line
    return found


def _put_behind(part: Piece, key: Piece, text: str) -> None:
    """Say that nothing stands right behind a key, and not where the next thing begins."""
    part.start = part.end = text.index(":", key.end) + 1
    part.line = part.last_line = key.last_line


def _scalar(event: Any) -> Piece:
    start, end = event.start_mark, event.end_mark
    last_line = end.line
    if event.style in {"|", ">"} and end.column == 0:
        last_line = max(start.line, end.line - 1)
    quoted = not event.implicit[0]
    return Piece(
        "scalar",
        start.index,
        end.index,
        start.line,
        last_line,
        start.column,
        flow=False,
        text=str(event.value),
        quoted=quoted,
    )
