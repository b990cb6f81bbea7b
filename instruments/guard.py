"""Read program messages well enough to know what they would put out, before they are sent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

_PARTS = re.compile(r"""((?:"[^"\r\n]*"|'[^'\r\n]*'|[^;"'\r\n]|["'])*)([;\r\n]|$)""")
_NODE = re.compile(r"([A-Z*]+)([a-z]*)")
_BLANKS = dict.fromkeys((*range(10), 11, 12, *range(14, 32)), " ")


class Guard(Protocol):
    """Refuse messages that would exceed a limit, and remember what passed."""

    def check(self, message: str) -> None:
        """Raise LimitError if `message` would exceed a limit."""
        ...

    def commit(self) -> None:
        """Remember what the last checked message sets: it has been sent."""
        ...

    def forget(self) -> None:
        """Forget what the instrument was last set to: it may not have taken it."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a program message.

    Parameters
    ----------
    path
        The header path before it, upper case, without the leading colon.
    header
        Its own header, upper case, without the leading colon and the question mark.
    arguments
        What follows.
    is_query
        Whether it only asks.
    """

    path: str
    header: str
    arguments: str
    is_query: bool


def scpi_commands(message: str) -> Iterator[Command]:
    """Yield the commands of a SCPI message with the path at which each stands.

    Parameters
    ----------
    message
        One or more program messages.

    Yields
    ------
    Command
        In order; empty ones are left out.
    """
    path = ""
    for part, end in _split(message):
        words = part.split(None, 1)
        if words:
            word = words[0].upper()
            is_query = word.endswith("?")
            header = word.rstrip("?")
            if header.startswith(":"):
                path, header = "", header[1:]
            yield Command(path, header, words[1].strip() if len(words) > 1 else "", is_query)
            if not header.startswith("*"):
                above = f"{path}:{header}" if path else header
                path = above.rpartition(":")[0]
        if end != ";":
            path = ""


def _split(message: str) -> Iterator[tuple[str, str]]:
    if message.isprintable() and '"' not in message and "'" not in message:
        for part in message.split(";"):
            yield part, ";"
        return
    for match in _PARTS.finditer(message.translate(_BLANKS)):
        yield match.group(1), match.group(2)


@lru_cache(maxsize=512)
def header_pattern(form: str) -> re.Pattern[str]:
    """Return a pattern for a header as the manuals print it, such as ``OUTPut[:STATe]``.

    Capitals are the short form; every length up to the long form is taken, and any numeric suffix,
    since a guard must rather know one header too many.

    Parameters
    ----------
    form
        The header; optional nodes in brackets with their colon.

    Returns
    -------
    re.Pattern[str]
        Matches whole headers in upper case.
    """
    out = form.replace("[", "(?:").replace("]", ")?")
    return re.compile(_NODE.sub(_node, out))


def _node(match: re.Match[str]) -> str:
    short, rest = match.group(1), match.group(2).upper()
    optional = ""
    for letter in reversed(rest):
        optional = f"(?:{letter}{optional})?"
    return re.escape(short) + optional + r"\d*"


def candidates(path: str, header: str) -> Iterator[str]:
    """Yield the absolute headers that a relative one could mean, the most likely first.

    Instruments differ in whether optional nodes count for the path, so every part of the path is
    tried.

    Parameters
    ----------
    path
        The header path before it.
    header
        The relative header.

    Yields
    ------
    str
        An absolute header.
    """
    if header.startswith("*"):
        yield header
        return
    while path:
        yield f"{path}:{header}"
        path = path.rpartition(":")[0]
    yield header
