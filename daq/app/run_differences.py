"""In what two runs differ: settings, state of the instruments, versions, and nothing else."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEPARATOR = " / "
ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same.

    Parameters
    ----------
    name
        Where it stands, from the top.
    left, right
        What the first and the second run say, in words.
    """

    name: str
    left: str
    right: str


def differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what two runs do not have in common.

    Parameters
    ----------
    left
        What the first run says; mappings may be nested.
    right
        What the second run says.

    Returns
    -------
    tuple of Difference
        In the order of the first, then what only the second has; empty if nothing differs.
    """
    first, second = flattened(left), flattened(right)
    return tuple(
        Difference(name, _words(first, name), _words(second, name))
        for name in dict.fromkeys([*first, *second])
        if name not in first or name not in second or not _same(first[name], second[name])
    )


def flattened(mapping: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return a nested mapping as one level, with the way from the top as names."""
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        name = f"{above}{SEPARATOR}{key}" if above else str(key)
        if isinstance(value, Mapping) and value:
            flat |= flattened(value, name)
        else:
            flat[name] = value
    return flat


def in_words(value: Any) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    return str(value) if value != "" else '""'


def _words(flat: Mapping[str, Any], name: str) -> str:
    return in_words(flat[name]) if name in flat else ABSENT


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    # True is 1 for Python, not for a person.
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)
