"""Insert, remove, copy and move whole steps in the text of a sequence file, with their comments.

What stands above a step, comments and empty lines, belongs to it.
"""

from collections.abc import Sequence

from daq.app.sequence.outline import Piece, outline
from daq.config.problem import Place
from instruments.errors import RefusedError

STEPS = "steps"
INDENT = 2
"""Columns by which steps stand in from their key, where the file does not show another way."""


def with_steps(text: str, parent: Place, index: int, block: str) -> str:
    """Return the text with steps inserted.

    Parameters
    ----------
    text
        The text of the file.
    parent
        The place of the loop; empty for the top.
    index
        Before which step of it.
    block
        The steps, as `steps_block` returns them.

    Returns
    -------
    str
        The changed text.
    """
    text, found, key = _opened(text, parent)
    lines = text.splitlines(keepends=True)
    if found is None or not found.parts:
        column = key.column + INDENT
        lines[key.line] = _key_line(lines[key.line])
        at = key.line + 1
    else:
        column = found.column
        at = found.last_line + 1
        if index < len(found.parts):
            at = _extent(found, key, index)[0]
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], *_shifted(block.splitlines(keepends=True), column), *lines[at:]])


def without_steps(text: str, places: Sequence[Place]) -> str:
    """Return the text without some steps."""
    for place in sorted(outermost(places), reverse=True, key=_order):
        parent, index = _split(place)
        text, found, key = _opened(text, parent)
        if found is None:
            continue
        first, last = _extent(found, key, index)
        lines = text.splitlines(keepends=True)
        if len(found.parts) == 1:
            lines[key.line] = _key_line(lines[key.line], " []")
        del lines[first : last + 1]
        text = "".join(lines)
    return text


def steps_block(text: str, places: Sequence[Place]) -> str:
    """Return some steps as YAML that can stand alone, in the order of the file."""
    block: list[str] = []
    for place in sorted(outermost(places), key=_order):
        parent, index = _split(place)
        opened, found, key = _opened(text, parent)
        if found is None:
            continue
        first, last = _extent(found, key, index)
        lines = opened.splitlines(keepends=True)[first : last + 1]
        block += _shifted([line if line.endswith("\n") else line + "\n" for line in lines], 0)
    return "".join(block)


def moved(text: str, places: Sequence[Place], parent: Place, index: int) -> tuple[str, Place]:
    """Return the text with some steps at another place.

    Parameters
    ----------
    text
        The text of the file.
    places
        The steps.
    parent
        The loop they go into; empty for the top.
    index
        Before which step of it, counted as the file is now.

    Returns
    -------
    tuple
        The changed text, and the place of the first of them in it.

    Raises
    ------
    RefusedError
        A loop cannot go into itself.
    """
    places = outermost(places)
    if any(parent[: len(place)] == place for place in places):
        raise RefusedError("sequence: a loop cannot be moved into itself; choose another place")
    block = steps_block(text, places)
    for place in sorted(places, reverse=True, key=_order):
        above, taken = _split(place)
        depth = len(above) + 1
        if above == parent:
            index -= taken < index
        elif parent[:depth] == (*above, STEPS) and len(parent) > depth:
            behind = int(parent[depth]) > taken
            parent = (*parent[:depth], int(parent[depth]) - behind, *parent[depth + 1 :])
    remaining = without_steps(text, places)
    return with_steps(remaining, parent, index, block), (*parent, STEPS, index)


def outermost(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places that are in no other one of them, each once."""
    once = dict.fromkeys(places)
    return tuple(
        place for place in once if not any(place[: len(o)] == o for o in once if o != place)
    )


def _split(place: Place) -> tuple[Place, int]:
    return place[:-2], int(place[-1])


def _order(place: Place) -> tuple[int, ...]:
    return tuple(part for part in place if isinstance(part, int))


def _opened(text: str, parent: Place) -> tuple[str, Piece | None, Piece]:
    """Return the text with the steps of a loop on lines of their own, the steps, and their key."""
    root = outline(text)
    above = root.at(parent)
    if above is None or above.kind != "mapping":
        raise RefusedError("sequence: there is no loop to put steps into; choose another place")
    if above.flow:
        if parent:
            text = _opened(text, parent[:-2])[0]
            above = outline(text).at(parent) or above
        gap = "\n" + " " * above.start_column(text)
        pairs = zip(above.keys, above.parts, strict=True)
        body = gap.join(
            f"{text[k.start : k.end]}: {text[p.start : p.end]}".rstrip() for k, p in pairs
        )
        return _opened(text[: above.start] + body + text[above.end :], parent)
    at = above.place_of(STEPS)
    if at is None:
        lines = text.splitlines(keepends=True)
        if not lines[above.last_line].endswith("\n"):
            lines[above.last_line] += "\n"
        lines.insert(above.last_line + 1, f"{' ' * above.keys[0].column}{STEPS}: []\n")
        return _opened("".join(lines), parent)
    key, found = above.keys[at], above.parts[at]
    if found.kind == "list" and found.flow and found.parts:
        gap = "\n" + " " * (key.column + INDENT) + "- "
        items = "".join(gap + text[part.start : part.end] for part in found.parts)
        return _opened(text[: found.start].rstrip(" ") + items + text[found.end :], parent)
    return text, found if found.kind == "list" else None, key


def _extent(found: Piece, key: Piece, index: int) -> tuple[int, int]:
    """Return the first line of a step, with what stands above it, and its last line."""
    first = found.parts[index - 1].last_line + 1 if index else key.line + 1
    return first, found.parts[index].last_line


def _key_line(line: str, value: str = "") -> str:
    """Return the line of the key ``steps`` with only that value behind it, and its comment."""
    head, _, rest = line.partition(f"{STEPS}:")
    _, mark, comment = rest.partition("#")
    tail = f"  #{comment}" if mark else "\n"
    return f"{head}{STEPS}:{value}{tail}"


def _shifted(lines: list[str], column: int) -> list[str]:
    """Return lines whose first dash stands in a column; the others move with it."""
    dashes = (
        len(line) - len(line.lstrip()) for line in lines if line.lstrip().startswith(("- ", "-\n"))
    )
    by = column - next(dashes, 0)
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[min(-by, len(line) - len(line.lstrip(" "))) :] for line in lines]
