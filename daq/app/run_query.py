"""The query language of ``coldpoint runs`` and of the data browser: words, and ``key:value``.

Words must all occur in the names or settings of a run. Keys are ``since``, ``until`` and ``date``
(days in UTC, such as 2026-11-21), ``procedure``, ``sample``, ``outcome``, and every setting:
``points:61``, ``excitation_rms:0.5uA..2uA``, ``to:..4K``, ``from:5K..``. Quotes keep a value with
spaces together: ``sample:"contact 1"``.
"""

import json
import math
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from daq.campaign.settings import ALIASES
from daq.config.problem import UnacceptableError
from daq.config.quantity import parse_quantity
from daq.runs.catalog import Catalogue
from daq.runs.catalog_table import (
    ENTRY,
    LATEST_FIRST,
    NUMBERS,
    RUNS,
    Entry,
    below,
    criteria,
)
from instruments.errors import ConfigurationError

UNITS = ("A", "V", "K", "T", "s", "Hz", "ohm", "deg", "m", "W", "K/s", "T/s", "A/s", "V/s", "")
"""Of settings, in SI; the empty one is a fraction in %."""
SLACK = 1e-9
"""By what part of itself an end of a range is widened."""
_SETTINGS = [column.name for column in ENTRY].index("settings")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?) ?(\S*)")


@dataclass(frozen=True, slots=True)
class Range:
    """A setting that must be between two values, or be a word.

    Parameters
    ----------
    name
        Of the setting, its keyword.
    low, high
        Ends in SI units, both included.
    word
        The word; empty for a number.
    """

    name: str
    low: float = -math.inf
    high: float = math.inf
    word: str = ""

    def is_in(self, value: object) -> bool:
        """Tell whether the word is in a value."""
        return self.word in str(value).lower()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Parameters
    ----------
    words
        That must all occur.
    since, until
        Days in UTC, both included.
    procedure
        In snake case; empty for any.
    sample
        A part of its name in small letters; empty for any.
    outcome
        Such as ``finished``; empty for any.
    ranges
        Of settings.
    """

    words: str = ""
    since: date | None = None
    until: date | None = None
    procedure: str = ""
    sample: str = ""
    outcome: str = ""
    ranges: tuple[Range, ...] = ()


def parse_query(text: str) -> Query:
    """Read a query.

    Parameters
    ----------
    text
        As it was typed.

    Returns
    -------
    Query
        What it means.

    Raises
    ------
    ConfigurationError
        A day or a range cannot be read.
    """
    query = Query()
    words = []
    for term in _terms(text):
        key, colon, value = term.partition(":")
        if colon and value and key.isidentifier():
            query = _with(query, key.lower(), value.strip())
        elif not (colon and not value and key.isidentifier()):  # a key that is being typed
            words.append(term)
    return replace(query, words=" ".join(words))


def find(catalogue: Catalogue, query: Query, data: Path) -> list[Entry]:
    """Find the runs below a folder, the latest first.

    Parameters
    ----------
    catalogue
        The index.
    query
        What is looked for.
    data
        The folder.

    Returns
    -------
    list of Entry
        What was found.
    """
    return find_some(catalogue, query, data, sys.maxsize)[0]


def find_some(catalogue: Catalogue, query: Query, data: Path, most: int) -> tuple[list[Entry], int]:
    """Find the latest runs below a folder.

    Parameters
    ----------
    catalogue
        The index.
    query
        What is looked for.
    data
        The folder.
    most
        How many are wanted.

    Returns
    -------
    tuple
        The runs, the latest first, and how many there are in all.
    """
    wanted = _wanted(query, data)
    rows = sa.select(*ENTRY).where(*wanted).order_by(*LATEST_FIRST)
    texts = tuple(each for each in query.ranges if each.word)
    if texts:  # settings are JSON, and not every database looks into it
        return catalogue.ask(rows, lambda found: _sifted(found, texts, most))
    count = sa.select(sa.func.count()).select_from(RUNS).where(*wanted)
    total = catalogue.ask(count, lambda found: int(next(iter(found))[0]))
    if most < total:  # sorting all that was found would take the longest
        by_time = _wanted(query, data, by_time=True)
        rows = sa.select(*ENTRY).where(*by_time).order_by(*LATEST_FIRST).limit(most)
    return catalogue.ask(rows, lambda found: [Entry(*row) for row in found]), total


def _wanted(query: Query, data: Path, *, by_time: bool = False) -> list[sa.ColumnElement[bool]]:
    """Return what a run must fulfil, in the words of a database; words of settings are left out."""
    names = (query.procedure or None, query.outcome or None)
    wanted = criteria(query.words, query.since, query.until, *names, by_time=by_time)
    wanted.append(below(data))
    if query.sample:
        wanted.append(sa.func.lower(RUNS.c.sample).contains(query.sample, autoescape=True))
    return wanted + [_numbers(each, by_time=by_time) for each in query.ranges if not each.word]


def _numbers(wanted: Range, *, by_time: bool) -> sa.ColumnElement[bool]:
    """Return that a number lies in a range; see `criteria`."""
    names = {wanted.name, ALIASES.get(wanted.name, wanted.name)}
    found = sa.select(NUMBERS.c.run).where(NUMBERS.c.name.in_(sorted(names)))
    if wanted.low > -math.inf:
        found = found.where(NUMBERS.c.value >= wanted.low - SLACK * abs(wanted.low))
    if wanted.high < math.inf:
        found = found.where(NUMBERS.c.value <= wanted.high + SLACK * abs(wanted.high))
    return (RUNS.c.id + 0 if by_time else RUNS.c.id).in_(found)


def _sifted(rows: Iterable[Any], ranges: tuple[Range, ...], most: int) -> tuple[list[Entry], int]:
    found, count, place = [], 0, _SETTINGS
    for row in rows:
        if _in_ranges(row[place], ranges):
            count += 1
            if count <= most:
                found.append(Entry(*row))
    return found, count


def _in_ranges(text: str, ranges: Iterable[Range]) -> bool:
    settings = json.loads(text)
    return all(
        wanted.is_in(settings.get(wanted.name, settings.get(ALIASES.get(wanted.name, ""))))
        for wanted in ranges
    )


def _terms(text: str) -> list[str]:
    try:
        lexer = shlex.shlex(text, posix=True)
        lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
        return list(lexer)
    except ValueError:  # a quotation that is still open
        return text.replace('"', " ").replace("'", " ").split()


def _with(query: Query, key: str, value: str) -> Query:
    words = {
        "procedure": "_".join(value.lower().split()),
        "sample": value.lower(),
        "outcome": value.lower(),
    }
    if key in words:
        return replace(query, **{key: words[key]})  # type: ignore[arg-type]  # names of texts
    if key == "since":
        return replace(query, since=_day(key, value))
    if key == "until":
        return replace(query, until=_day(key, value))
    if key == "date":
        return _dated(query, value)
    return replace(query, ranges=(*query.ranges, _range(key, value)))


def _dated(query: Query, value: str) -> Query:
    first, dots, last = value.partition("..")
    since = _day("date", first) if first else None
    until = _day("date", last) if last else (None if dots else since)
    return replace(query, since=since, until=until)


def _day(key: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ConfigurationError(
            f"query: {key}: found {value!r}, expected a day; write it as 2026-11-21"
        ) from None


def _range(name: str, value: str) -> Range:
    low, dots, high = value.partition("..")
    if not dots and _NUMBER.fullmatch(value) is None:
        return Range(name, word=value.lower())
    if not dots:
        number = _number(name, value)
        return Range(name, number, number)
    unit = re.sub(r"^[\d.eE+-]+ ?", "", high) if high else ""
    if low and unit and re.fullmatch(r"[\d.eE+-]+", low):
        low = f"{low} {unit}"  # the unit behind the last counts for both
    return Range(
        name,
        _number(name, low) if low else -math.inf,
        _number(name, high) if high else math.inf,
    )


def _number(name: str, text: str) -> float:
    found = _NUMBER.fullmatch(text.strip())
    if found is not None and not found[2]:
        return float(found[1])
    for unit in UNITS if found is not None else ():
        try:
            return parse_quantity(f"{found[1]} {found[2]}", unit) if found else math.nan
        except UnacceptableError:
            continue
    raise ConfigurationError(
        f"query: {name}: found {text!r}, expected a number with or without a unit;"
        f" write such as {name}:1mA..3mA"
    )
