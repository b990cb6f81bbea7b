"""What a MultiPyVu server answers, verified: unit, number of fields, words that are known."""

import math
import re
from typing import TypeVar

from instruments.errors import CommunicationError

_SETPOINTS = re.compile(r"\(([^()]*)\),([^,]*),")

T = TypeVar("T")
S = TypeVar("S")


class UnbelievableError(CommunicationError):
    """Raise when the server has answered, but with something that cannot be true."""


def parse_state(
    action: str, result: str, unit: str, words: dict[str, tuple[int, S]]
) -> tuple[float, tuple[int, S], str]:
    """Parse a value with its unit and state, such as ``300.0,K,Stable``.

    Parameters
    ----------
    action
        The question, for messages.
    result
        The answer.
    unit
        That must be named.
    words
        The states that can be.

    Returns
    -------
    tuple of float, tuple and str
        Value in that unit, code and status, and the word itself.

    Raises
    ------
    CommunicationError
        It is anything else: a state that is not in the table, no number, zero kelvin.
    """
    parts = result.split(",", 2)
    if len(parts) != 3 or parts[1].strip() != unit or parts[2].strip() not in words:
        raise UnbelievableError(
            f"MultiVu: {action} was answered by {result!r}; expected value, {unit!r}, known state"
        )
    word = parts[2].strip()
    value = _number(action, parts[0])
    if not math.isfinite(value) or (unit == "K" and value <= 0.0):
        raise UnbelievableError(f"MultiVu: {action} was answered by {result!r}, no reading")
    return value, words[word], word


def parse_setpoints(action: str, result: str, unit: str, count: int) -> tuple[float, ...] | None:
    """Parse setpoints, such as ``(300.0, 1.0, 0),K,Call was successful``.

    Parameters
    ----------
    action
        The question, for messages.
    result
        The answer.
    unit
        That must be named.
    count
        How many numbers there must be.

    Returns
    -------
    tuple of float or None
        The numbers; None if the server knows none yet.

    Raises
    ------
    CommunicationError
        It is anything else.
    """
    found = _SETPOINTS.match(result.strip())
    parts = found.group(1).split(",") if found else []
    if found is None or found.group(2).strip() != unit or len(parts) != count:
        raise UnbelievableError(
            f"MultiVu: {action} was answered by {result!r}; expected {count} numbers in {unit}"
        )
    numbers = tuple(_number(action, part) for part in parts)
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _number(action: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnbelievableError(
            f"MultiVu: {action} was answered by {text!r}; expected a number"
        ) from None


def member(words: tuple[T, ...], code: float) -> T:
    """Return the word that belongs to a code of the server."""
    if code not in range(len(words)):
        raise UnbelievableError(f"MultiVu: {code:g} is no code of {', '.join(map(str, words))}")
    return words[int(code)]
