"""Strict YAML 1.2: plain mappings, lists and scalars, with the line of every key.

A file is read event by event from ruamel.yaml's parser, so that what has no business in a
configuration (tags, anchors, aliases, directives, duplicate keys, several documents, deep nesting)
is refused before anything is built from it. Plain scalars follow the core schema of YAML 1.2:
``off`` is text, ``1e-3`` a number. `Document.edited` changes values and keeps the comments.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from daq.config.problem import Place, Problem, key_text, normalised, printable, shown
from instruments.errors import ConfigurationError

LARGEST = 1_000_000
"""Bytes of the largest file that is read."""
DEEPEST = 40
"""Nesting that is read."""
WIDEST = 20_000
"""Characters of the longest line that is read."""
MOST_VALUES = 50_000
"""Keys, items and scalars that are read."""

Scalar = str | int | float | bool | None
Node = Scalar | list["Node"] | dict[str, "Node"]
Scan: TypeAlias = Callable[[str], Iterable[Any]]
"""Turns a text into the events of ruamel.yaml's parser."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"), None)
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_WORDS |= dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf"))
_WORDS |= {"-.inf": float("-inf")} | dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan"))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file that has been read.

    Parameters
    ----------
    file
        Its name, for messages.
    text
        What it says, verbatim.
    data
        Its top-level mapping.
    lines
        The line of every key and list item, by place; spaces in keys are underscores there.
    """

    file: str
    text: str
    data: Mapping[str, Node]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest place above it that is in the file."""
        wanted = _normalised(place)
        while wanted and wanted not in self.lines:
            wanted = wanted[:-1]
        return self.lines.get(wanted, 1)

    def problem(self, place: Place, found: str, expected: str, advice: str) -> Problem:
        """Return what is wrong at a place."""
        return Problem(self.file, self.line(place), key_text(place), found, expected, advice)

    def error(self, place: Place, found: str, expected: str, advice: str) -> ConfigurationError:
        """Return the error to raise for a place."""
        return self.problem(place, found, expected, advice).error()

    def edited(self, changes: Mapping[Place, Node]) -> str:
        """Return the text with other values at some places; comments and order stay.

        Parameters
        ----------
        changes
            New values by place, with keys as they are written in the file; the last key may be new.

        Returns
        -------
        str
            The text to write.

        Raises
        ------
        ConfigurationError
            There is no such place.
        """
        yaml = YAML(typ="rt")
        yaml.preserve_quotes = True
        yaml.width = 4096
        tree: Any = yaml.load(self.text)
        for place, value in changes.items():
            branch = tree
            try:
                for part in place[:-1]:
                    branch = branch[part]
                branch[place[-1]] = value
            except (KeyError, IndexError, TypeError):
                raise self.error(
                    place, "no such key", "a key of the file", "change a key that is there"
                ) from None
        stream = io.StringIO()
        yaml.dump(tree, stream)
        return stream.getvalue()


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Parameters
    ----------
    path
        A regular file of at most 1 MB in UTF-8.

    Returns
    -------
    Document
        Its content.

    Raises
    ------
    ConfigurationError
        The file cannot be read or is not what it should be.
    """
    file = str(path)

    def refuse(found: str, expected: str, advice: str) -> ConfigurationError:
        return Problem(file, 1, key_text(()), found, expected, advice).error()

    try:
        if not path.is_file():
            what = "a folder or device" if path.exists() else "no such file"
            raise refuse(what, "a YAML file", "check the name")
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        what = getattr(problem, "strerror", None) or str(problem)
        raise refuse(printable(what), "a readable file", "check name and rights") from None
    if len(raw) > LARGEST:
        raise refuse("more than 1 MB", "a small text file", "check the name")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("a binary file", "text in UTF-8", "check the name or the encoding") from None
    return parse_document(text, file)


def scan(text: str) -> Iterator[Any]:
    """Yield the events of a text; raises the errors of ruamel.yaml."""
    yield from YAML(typ="safe", pure=True).parse(text)


def parse_document(text: str, file: str, scan: Scan = scan) -> Document:
    """Read YAML from a text.

    Parameters
    ----------
    text
        The text.
    file
        The name that messages carry.
    scan
        Where the events come from, such as from a scan that was kept.

    Returns
    -------
    Document
        Its content.

    Raises
    ------
    ConfigurationError
        It is not the strict YAML that is read here.
    """
    if len(text) > LARGEST:
        found, advice = "more than 1 MB", "check the name"
        raise Problem(file, 1, key_text(()), found, "a small text", advice).error()
    if "\0" in text:
        found, advice = "a binary file", "check the name"
        raise Problem(file, 1, key_text(()), found, "text in UTF-8", advice).error()
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > WIDEST:
            found, expected = "a very long line", f"at most {WIDEST} characters"
            raise Problem(file, number, key_text(()), found, expected, "divide it").error()
    reader = _Reader(file, scan, text)
    data = reader.read()
    return Document(file, text, data, reader.lines)


class _Reader:
    """Build the content of one document from events, refusing what it must not contain."""

    def __init__(self, file: str, scan: Scan, text: str) -> None:
        self.lines: dict[Place, int] = {(): 1}
        self._file = file
        self._values = 0
        self._events = self._parsed(scan, text)

    def read(self) -> dict[str, Node]:
        self._next()  # the start of the stream
        start = self._next()
        if not isinstance(start, ev.DocumentStartEvent):
            raise self._error(
                1, (), "an empty file", "a mapping", "write at least one 'key: value'"
            )
        if start.version not in {None, (1, 2)} or start.tags:
            raise self._error(1, (), "a % directive", "plain YAML 1.2", "remove the directive")
        data = self._node((), self._next())
        self._next()  # the end of the document
        after = self._next()
        if not isinstance(after, ev.StreamEndEvent):
            line = _line(after)
            raise self._error(line, (), "a second document", "one", "remove '---' and what follows")
        if data is None:
            raise self._error(
                1, (), "an empty file", "a mapping", "write at least one 'key: value'"
            )
        if not isinstance(data, dict):
            raise self._error(1, (), shown(data), "a mapping", "begin with 'key: value'")
        return data

    def _node(self, place: Place, event: Any) -> Node:
        self._refuse_machinery(place, event)
        self._values += 1
        if self._values > MOST_VALUES:
            found, expected = f"more than {MOST_VALUES} values", "less"
            raise self._error(_line(event), place[:2], found, expected, "divide the file")
        if len(place) > DEEPEST:
            raise self._error(
                _line(event), place[:2], f"more than {DEEPEST} levels", "less", "nest less deeply"
            )
        if isinstance(event, ev.MappingStartEvent):
            return self._mapping(place)
        if isinstance(event, ev.SequenceStartEvent):
            return self._list(place)
        return _scalar(event)

    def _mapping(self, place: Place) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := self._next(), ev.MappingEndEvent):
            self._refuse_machinery(place, event)
            line = _line(event)
            if not isinstance(event, ev.ScalarEvent) or not event.value.strip():
                raise self._error(line, place, "a key without a name", "a text", "name the key")
            key = str(event.value)
            inside = (*place, key)
            known = _normalised(inside)
            if known in self.lines:
                first = self.lines[known]
                raise self._error(
                    line, inside, "the key twice", "it once", f"remove this one or line {first}"
                )
            self.lines[known] = line
            found[key] = self._node(inside, self._next())
        return found

    def _list(self, place: Place) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := self._next(), ev.SequenceEndEvent):
            inside = (*place, len(found))
            self.lines[_normalised(inside)] = _line(event)
            found.append(self._node(inside, event))
        return found

    def _refuse_machinery(self, place: Place, event: Any) -> None:
        line = _line(event)
        if isinstance(event, ev.AliasEvent):
            raise self._error(line, place, "an alias (*)", "a value", "write the value out")
        if event.anchor is not None:
            raise self._error(line, place, "an anchor (&)", "a value", "remove the anchor")
        if event.tag is not None:
            raise self._error(
                line, place, f"the tag {shown(event.tag)}", "a value", "remove the tag"
            )

    def _next(self) -> Any:
        return next(self._events)

    def _parsed(self, scan: Scan, text: str) -> Iterator[Any]:
        try:
            yield from scan(text)
        except MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            found = printable(str(problem.problem or problem.context or "no YAML"), 100)
            advice = f"check indentation, colons, quotes and brackets near column {column}"
            raise self._error(line, (), found, "YAML", advice) from None
        except YAMLError:
            advice = "remove characters that are not text"
            raise self._error(1, (), "no YAML", "YAML", advice) from None

    def _error(
        self, line: int, place: Place, found: str, expected: str, advice: str
    ) -> ConfigurationError:
        return Problem(self._file, line, key_text(place), found, expected, advice).error()


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _normalised(place: Place) -> Place:
    return tuple(normalised(part) if isinstance(part, str) else part for part in place)


def _scalar(event: Any) -> Scalar:
    text = str(event.value)
    if not event.implicit[0]:  # quoted or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
