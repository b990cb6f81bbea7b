"""Change one thing in the text of a sequence file; every other character stays as it is.

A place is what it is in the messages about the file: keys, and positions in lists counted from 0.
"""

import json
from collections.abc import Mapping, Sequence

from daq.app.sequence.outline import Piece, outline
from daq.campaign.sequence import TOP_KEYS
from daq.config.document import parse_document
from daq.config.problem import Place
from instruments.errors import ConfigurationError

SOLE_KEYS: Mapping[str, str] = {
    "temperature": "to",
    "field": "to",
    "angle": "to",
    "position": "to",
    "contact": "to",
    "wait": "for",
    "sample": "name",
}
"""What is meant where a step or the sample is no mapping but one value."""


def plain(value: str, *, is_text: bool = False) -> str:
    """Return a value as YAML: as it was typed if that is one scalar, else in quotes.

    Parameters
    ----------
    value
        What was typed.
    is_text
        Whether it is a text even if it looks like a number.

    Returns
    -------
    str
        It may stand anywhere in a file.
    """
    value = value.strip()
    try:
        found = parse_document(f"k: [{value}]", "").data["k"]
    except ConfigurationError:
        found = None
    if isinstance(found, list) and len(found) == 1 and value[:1] not in {"", "'", '"'}:
        said = found[0]
        if said == value or (isinstance(said, int | float) and not is_text):
            return value
    return json.dumps(value, ensure_ascii=False)


def shown_at(root: Piece, text: str, place: Place) -> str:
    """Return what a person reads at a place: a text without quotes, a list without brackets.

    Parameters
    ----------
    root
        The outline of the text.
    text
        The text.
    place
        Where; the value alone counts as its own ``to``.

    Returns
    -------
    str
        Empty if nothing is there.
    """
    piece = root.at(_meant(root, place))
    if piece is None or piece.kind == "mapping":
        return ""
    if piece.kind == "list":
        return ", ".join(_words(part, text) for part in piece.parts)
    return _words(piece, text)


def said_at(root: Piece, places: Sequence[Place]) -> Place:
    """Return the first of some places where a value stands; the very first if none does."""
    for place in places:
        piece = root.at(_meant(root, place))
        if piece is not None and piece.kind != "mapping" and not piece.is_empty():
            return place
    return places[0]


def with_value(text: str, place: Place, source: str | None) -> str:
    """Return the text with another value at a place.

    Parameters
    ----------
    text
        The text of the file.
    place
        Where; mappings that are not there are made.
    source
        The value as YAML; None takes the key away.

    Returns
    -------
    str
        The changed text.
    """
    root = outline(text)
    place = _meant(root, place)
    if source is None:
        return _without(text, root, place)
    depth, standing = len(place), root.at(place)
    while standing is None:
        depth -= 1
        standing = root.at(place[:depth])
    for key in reversed(place[depth + 1 :]):
        source = f"{{{key}: {source}}}"
    if depth == len(place):
        return _replaced(text, standing, source)
    if standing.kind == "mapping":
        return _with_key(text, standing, str(place[depth]), source)
    return _replaced(text, standing, _opened(text, standing, place, depth, source))


def _opened(text: str, standing: Piece, place: Place, depth: int, source: str) -> str:
    """Return what takes the place of one value when another setting is said beside it."""
    key, sole = str(place[depth]), SOLE_KEYS.get(str(place[depth - 1]), "to")
    if standing.is_empty():
        return source if key == sole and depth + 1 == len(place) else f"{{{key}: {source}}}"
    sole = "values" if standing.kind == "list" else sole
    return f"{{{sole}: {text[standing.start : standing.end]}, {key}: {source}}}"


def _meant(root: Piece, place: Place) -> Place:
    """Return the place of a value that stands without its key, as in ``wait: 10 s``."""
    if len(place) < 2:
        return place
    above = root.at(place[:-1])
    if above is None or above.kind == "mapping" or above.is_empty():
        return place
    sole = "values" if above.kind == "list" else SOLE_KEYS.get(str(place[-2]), "")
    return place[:-1] if place[-1] == sole else place


def _words(piece: Piece, text: str) -> str:
    if piece.kind == "scalar":
        return "" if piece.is_empty() else " ".join(piece.text.split())
    return text[piece.start : piece.end]


def _replaced(text: str, piece: Piece, source: str) -> str:
    gap = " " if source and text[piece.start - 1 : piece.start] == ":" else ""
    end = piece.end
    if piece.kind == "scalar" and text[piece.start : piece.start + 1] in {"|", ">"}:
        source += "\n"
    return f"{text[: piece.start]}{gap}{source}{text[end:]}"


def _with_key(text: str, mapping: Piece, key: str, source: str) -> str:
    if mapping.flow:
        if not mapping.parts:
            return f"{text[: mapping.start]}{{{key}: {source}}}{text[mapping.end :]}"
        end = mapping.parts[-1].end
        return f"{text[:end]}, {key}: {source}{text[end:]}"
    lines = text.splitlines(keepends=True)
    at, indent = mapping.last_line + 1, " " * mapping.keys[0].column
    if mapping.column == 0 and mapping.line == mapping.keys[0].line and key in TOP_KEYS:
        at = _line_of_head(mapping, key)
    return _inserted(lines, at, [f"{indent}{key}: {source}\n"])


def _line_of_head(top: Piece, key: str) -> int:
    """Return the line where a key of the head belongs."""
    before = TOP_KEYS[: TOP_KEYS.index(key)]
    places = [top.place_of(known) for known in before]
    lines = [top.parts[place].last_line + 1 for place in places if place is not None]
    return max(lines, default=top.line)


def _without(text: str, root: Piece, place: Place) -> str:
    above, piece = root.at(place[:-1]), root.at(place)
    index = None if above is None else above.place_of(str(place[-1]))
    if above is None or piece is None or index is None:
        return text
    if place == ("title",) or (len(place) > 1 and isinstance(place[-2], int)):
        return _replaced(text, piece, "")  # the title, and the key of a step, stay
    if len(above.parts) == 1:
        # a section of the head goes with its last key
        return _without(text, root, place[:-1]) if len(place) == 2 else _replaced(text, above, "{}")
    if above.flow:
        return _without_part(text, above, index)
    lines = text.splitlines(keepends=True)
    del lines[above.keys[index].line : piece.last_line + 1]
    return "".join(lines)


def _without_part(text: str, above: Piece, index: int) -> str:
    if index + 1 < len(above.keys):
        return text[: above.keys[index].start] + text[above.keys[index + 1].start :]
    return text[: above.parts[index - 1].end] + text[above.parts[index].end :]


def _inserted(lines: list[str], at: int, new: Sequence[str]) -> str:
    if 0 < at <= len(lines) and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], *new, *lines[at:]])
