"""Mistakes that pydantic finds, told like all others: one line with file and line."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from daq.config.document import Document
from daq.config.problem import Place, Problem, UnacceptableError, normalised, shown, suggestion


def first_problem(document: Document, error: ValidationError) -> Problem:
    """Return the problem that stands first in the file.

    Parameters
    ----------
    document
        What was validated.
    error
        What pydantic found.

    Returns
    -------
    Problem
        The first by line.
    """
    problems = [_problem(document, dict(found)) for found in error.errors(include_url=False)]
    return min(problems, key=lambda problem: problem.line)


def _problem(document: Document, error: Mapping[str, Any]) -> Problem:
    kind = str(error["type"])
    context: Mapping[str, Any] = error.get("ctx", {})
    place, node = _place(document, error["loc"], kind)
    cause = context.get("error")
    if isinstance(cause, UnacceptableError):
        inside = (*place, *cause.place)
        return document.problem(inside, cause.found, cause.expected, cause.advice)
    if kind == "missing":
        return document.problem(place, "no such key", "a value", f"add '{place[-1]}'")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return _unknown_driver(document, place, node, context)
    expected = _EXPECTED.get(kind, str(error["msg"]).removeprefix("Input should be "))
    expected = expected.format_map({key: shown_bound(value) for key, value in context.items()})
    return document.problem(place, shown(node), expected, "correct the value")


_EXPECTED = {
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "a text (put it in quotes)",
    "string_too_short": "a text that is not empty",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "one line of text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "more than {gt}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "literal_error": "{expected}",
    "missing_argument": "two values",
}


def shown_bound(value: object) -> str:
    """Return a bound as text; long lists of words stay whole."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unknown_driver(
    document: Document, place: Place, node: object, context: Mapping[str, Any]
) -> Problem:
    key = str(context["discriminator"]).strip("'")
    value = node.get(key) if isinstance(node, dict) else None
    known = [word.strip(" '") for word in str(context.get("expected_tags", "")).split(",")]
    expected = f"one of {', '.join(known)}" if any(known) else "the name of a driver"
    found = shown(value) if value is not None else "no such key"
    advice = suggestion(str(value), known) if value is not None else f"add '{key}'"
    return document.problem((*place, key), found, expected, advice)


def _place(document: Document, loc: Sequence[str | int], kind: str) -> tuple[Place, object]:
    """Return the place in the file: pydantic puts names of models between the keys."""
    place: list[str | int] = []
    node: object = document.data
    for index, part in enumerate(loc):
        missing = kind == "missing" and index == len(loc) - 1
        if isinstance(node, dict):
            keys = {normalised(key): key for key in node}
            written = keys.get(normalised(str(part)))
            if written is not None:
                place.append(written)
                node = node[written]
            elif missing:
                place.append(str(part))
                node = None
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            place.append(part)
            node = node[part]
    return tuple(place), node
