"""What is wrong with a file, in one line: file, line, key, found, expected, and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from instruments.errors import ConfigurationError

Place = tuple[str | int, ...]
"""Where a value stands in a file: keys, and positions in lists counted from 0."""

SHOWN = 48
"""Longest piece of a file that a message repeats, in characters."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that cannot be accepted.

    Parameters
    ----------
    file
        Name of the file.
    line
        Line of the key, counted from 1; 0 if it is not known.
    key
        Keys from the top, such as ``steps[2].temperature.rate``; list positions are counted from 1.
    found, expected, advice
        What stands there, what should, and what to do now.
    """

    file: str
    line: int
    key: str
    found: str
    expected: str
    advice: str

    def __str__(self) -> str:
        """Return the one line for the person at the bench."""
        said = printable(f"{self.key}: {self.reason}", 2000)
        return f"{printable(self.file, 200)}:{self.line}: {said}"

    @property
    def reason(self) -> str:
        """Return what is wrong without the place."""
        return f"found {self.found}, expected {self.expected}; {self.advice}"

    def error(self) -> ConfigurationError:
        """Return the error to raise."""
        return FileError(self)


class FileError(ConfigurationError):
    """Raise what is wrong with a file; who shows the file finds the place in `problem`.

    Parameters
    ----------
    problem
        What is wrong, and where.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type["FileError"], tuple[Problem]]:
        """Return how it is made again in another process."""
        return FileError, (self.problem,)


class UnacceptableError(ConfigurationError, ValueError):
    """Raise where a value is judged but its file is not known; who reads the file adds the line.

    Parameters
    ----------
    found
        What was given.
    expected
        What should have been.
    advice
        What to do now.
    place
        Where the fault stands inside the value; empty for the value itself.
    """

    def __init__(self, found: str, expected: str, advice: str, place: Place = ()) -> None:
        super().__init__(f"found {found}, expected {expected}; {advice}")
        self.found = found
        self.expected = expected
        self.advice = advice
        self.place = place


def key_text(place: Place) -> str:
    """Return a place as text, such as ``steps[2].temperature.rate``, positions counted from 1."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{printable(part)}" if text else printable(part)
    return text or "(whole file)"


def shown(value: object) -> str:
    """Return a value of a file as it may stand in a one-line message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str):
        return f"'{printable(value)}'" if value else "an empty text"
    return printable(str(value))


def printable(text: str, length: int = SHOWN) -> str:
    """Return `text` on one line, without control characters, and cut to `length` characters."""
    if len(text) > length:
        text = text[: length - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def normalised(key: str) -> str:
    """Return a key with underscores for spaces: ``both ways`` and ``both_ways`` are one key."""
    return "_".join(key.split())


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what to write instead of `word`: the nearest known word, or all of them."""
    words = list(known)
    near = difflib.get_close_matches(normalised(word[:64]), words, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"use one of: {', '.join(words)}" if words else "remove it"
