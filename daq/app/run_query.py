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
from daq.runs.catalog_table import ENTRY, LATEST_FIRST, RUNS, Entry, below, criteria
from instruments.errors import ConfigurationError

UNITS = ("A", "V", "K", "T", "s", "Hz", "ohm", "deg", "m", "W", "K/s", "T/s", "A/s", "V/s", "")
"""Of settings, in SI; the empty one is a fraction in %."""
SLACK = 1e-9
"""By what part of itself an end of a range is widened."""
TOGETHER = 500
"""Runs that are asked for by their paths at a time."""
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

    def holds(self, value: object) -> bool:
        """Tell whether a value lies in it."""
        if self.word:
            return self.word in str(value).lower()
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        slack = SLACK * abs(value)
        return self.low - slack <= value <= self.high + slack


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
    wanted = criteria(
        query.words, query.since, query.until, query.procedure or None, query.outcome or None
    )
    wanted.append(below(data))
    if query.sample:
        wanted.append(sa.func.lower(RUNS.c.sample).contains(query.sample, autoescape=True))
    known = [_numbers(each) for each in query.ranges if catalogue.is_sqlite and not each.word]
    wanted += known
    rows = sa.select(*ENTRY).where(*wanted).order_by(*LATEST_FIRST)
    if len(known) < len(query.ranges):  # settings are JSON, and not every database looks into it
        return catalogue.ask(rows, lambda found: _sifted(found, query.ranges, most))
    if known:
        return _limited(catalogue, wanted, most)
    count = sa.select(sa.func.count()).select_from(RUNS).where(*wanted)
    total = catalogue.ask(count, lambda found: int(next(iter(found))[0]))
    limited = rows.limit(most) if most < total else rows
    return catalogue.ask(limited, lambda found: [Entry(*row) for row in found]), total


def _numbers(wanted: Range) -> sa.ColumnElement[bool]:
    """Return what `Range.holds` says of a number, in the words of SQLite."""
    names = dict.fromkeys((wanted.name, ALIASES.get(wanted.name, wanted.name)))
    found = [sa.func.json_extract(RUNS.c.settings, f'$."{name}"') for name in names]
    value = sa.func.coalesce(*found) if len(found) > 1 else found[0]
    low, high = wanted.low - SLACK * abs(wanted.low), wanted.high + SLACK * abs(wanted.high)
    ends = [value >= low] if low > -math.inf else []
    ends += [value <= high] if high < math.inf else []
    if len(ends) == 2:
        ends = [value.between(low, high)]  # the value is worked out once
    # Looked at last: texts and truth values, which SQLite would compare with numbers, too.
    kinds = [sa.func.json_type(RUNS.c.settings, f'$."{name}"') for name in names]
    kind = sa.func.coalesce(*kinds) if len(kinds) > 1 else kinds[0]
    return sa.and_(*ends, kind.in_(("integer", "real")))


def _limited(
    catalogue: Catalogue, wanted: list[sa.ColumnElement[bool]], most: int
) -> tuple[list[Entry], int]:
    """Return the latest runs and the number of all, looking into every run once."""
    # Put in order here: a database that follows its index of times jumps to and fro in the table.
    paths = sa.select(RUNS.c.started, RUNS.c.path).where(*wanted)
    latest = catalogue.ask(paths, lambda rows: sorted(map(tuple, rows), reverse=True))
    found = [path for _, path in latest]
    entries: list[Entry] = []
    for begin in range(0, min(most, len(found)), TOGETHER):
        some = found[begin : min(begin + TOGETHER, most)]
        rows = sa.select(*ENTRY).where(RUNS.c.path.in_(some)).order_by(*LATEST_FIRST)
        entries += catalogue.ask(rows, lambda found: [Entry(*row) for row in found])
    return entries, len(found)


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
        wanted.holds(settings.get(wanted.name, settings.get(ALIASES.get(wanted.name, ""))))
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
