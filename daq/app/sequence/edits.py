"""Where steps go when a person adds, pastes or moves them, and what a new one says."""

from collections.abc import Sequence

from daq.app.sequence.outline import Piece
from daq.app.sequence.step_text import STEPS, moved, outermost, with_steps
from daq.config.document import parse_document
from daq.config.problem import Place
from instruments.errors import ConfigurationError, RefusedError

_NEW = {
    "loop": "- loop: {field: {}}\n  steps: []\n",
    "wait": "- wait:\n",
    "note": "- note:\n",
    "contact": "- contact:\n",
}


def added(text: str, root: Piece, kind: str, current: Place) -> tuple[str, Place]:
    """Return the text with a new step: in the loop that is chosen, else behind the chosen step.

    Parameters
    ----------
    text
        Of the sequence.
    root
        Its outline.
    kind
        Key of the step.
    current
        The chosen step; empty for the head.

    Returns
    -------
    tuple
        The changed text, and the place of the new step.
    """
    parent, index = (current, _count(root, current))
    if current and not _is_loop(root, current):
        parent, index = current[:-2], int(current[-1]) + 1
    return added_at(text, kind, parent, index)


def added_at(text: str, kind: str, parent: Place, index: int) -> tuple[str, Place]:
    """Return the text with a new step in a loop, or at the top, and the place of the step."""
    block = _NEW.get(kind, f"- {kind}: {{}}\n")
    return with_steps(text, parent, index, block), (*parent, STEPS, index)


def pasted(text: str, root: Piece, block: str, current: Place) -> tuple[str, Place]:
    """Return the text with copied steps: behind the chosen step, or in a loop that is empty.

    Parameters
    ----------
    text
        Of the sequence.
    root
        Its outline.
    block
        The steps as `steps_block` returned them, or as somebody has written them.
    current
        The chosen step; empty for the head.

    Returns
    -------
    tuple
        The changed text, and the place of the first of them.

    Raises
    ------
    RefusedError
        These are no steps.
    """
    try:
        lines = block.replace("\r\n", "\n").strip("\n").splitlines()
        found = parse_document("steps:\n" + "\n".join(f"    {line}" for line in lines), "").data
    except ConfigurationError:
        found = {}
    steps = found.get(STEPS)
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise RefusedError("sequence: what was copied is no step; copy steps and paste again")
    parent, index = current[:-2], int(current[-1]) + 1 if current else _count(root, ())
    if current and _is_loop(root, current) and not _count(root, current):
        parent, index = current, 0
    return with_steps(text, parent, index, "\n".join(lines) + "\n"), (*parent, STEPS, index)


def shifted(text: str, root: Piece, places: Sequence[Place], way: str) -> tuple[str, Place] | None:
    """Return the text with steps moved by one.

    Parameters
    ----------
    text
        Of the sequence.
    root
        Its outline.
    places
        The chosen steps; all in the same loop.
    way
        ``up``, ``down``, ``in`` (to the loop above, or below) or ``out`` of a loop.

    Returns
    -------
    tuple or None
        The changed text and the new place of the first; None if they cannot go there.
    """
    places = sorted(outermost(places), key=lambda place: int(place[-1]))
    if not places or len({place[:-2] for place in places}) > 1:
        return None
    target = _target(root, places[0][:-2], int(places[0][-1]), int(places[-1][-1]), way)
    return None if target is None else moved(text, places, *target)


def _target(
    root: Piece, parent: Place, first: int, last: int, way: str
) -> tuple[Place, int] | None:
    """Return the loop and the index where steps go that are moved by one."""
    if way == "up":
        return (parent, first - 1) if first else None
    if way == "down":
        return (parent, last + 2) if last + 1 < _count(root, parent) else None
    if way == "out":
        return (parent[:-2], int(parent[-1]) + 1) if parent else None
    above, below = (*parent, STEPS, first - 1), (*parent, STEPS, last + 1)
    if first and _is_loop(root, above):
        return above, _count(root, above)
    return (below, 0) if _is_loop(root, below) else None


def after_removal(places: Sequence[Place]) -> Place:
    """Return what is chosen when steps are gone: the step before the first, its loop, or the head.

    Parameters
    ----------
    places
        The steps that go.

    Returns
    -------
    Place
        The place.
    """
    first = min(outermost(places), key=lambda place: [p for p in place if isinstance(p, int)])
    index = int(first[-1])
    return (*first[:-1], index - 1) if index else first[:-2]


def _count(root: Piece, parent: Place) -> int:
    steps = root.at((*parent, STEPS))
    return 0 if steps is None else len(steps.parts)


def _is_loop(root: Piece, place: Place) -> bool:
    return root.at((*place, "loop")) is not None
