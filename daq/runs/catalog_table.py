"""The tables of the catalogue, what one row of them is, and how runs are asked for."""

import os
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from pathlib import Path

import sqlalchemy as sa

META = sa.MetaData()
RUNS = sa.Table(
    "runs",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("procedure", sa.Text, nullable=False, index=True),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("sample", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("started", sa.Text, nullable=False, index=True),
    sa.Column("outcome", sa.Text, nullable=False, index=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)
NUMBERS = sa.Table(
    "numbers",
    META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("run", sa.Integer, primary_key=True, index=True),
    sa.Column("value", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
"""The settings of runs that are numbers, by name and ``id``: a range is looked for here."""
FOLDERS = sa.Table(
    "folders",
    META,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("stamp", sa.BigInteger, nullable=False),
)
"""When a folder was changed last, in ns, as of its runs in the index; 0 if that is not known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as the catalogue knows it.

    Parameters
    ----------
    path
        The CSV of the first attempt.
    campaign
        Name of its folder.
    number
        Of the run in the campaign.
    attempts
        How many there are.
    procedure
        In snake case.
    station
        Its name.
    sample
        Its name.
    contact
        Its name.
    started
        Time of day in UTC at which the last attempt started, as ISO 8601.
    outcome
        Of the last attempt.
    rows
        Of all attempts, or of the last one if each begins the run anew.
    settings
        In SI units, as JSON.
    """

    path: str
    campaign: str
    number: int
    attempts: int
    procedure: str
    station: str
    sample: str
    contact: str
    started: str
    outcome: str
    rows: int
    settings: str


ENTRY = tuple(RUNS.c[item.name] for item in fields(Entry))
"""The columns of an `Entry`."""
LATEST_FIRST = (RUNS.c.started.desc(), RUNS.c.path.desc())


def criteria(
    text: str,
    since: date | None,
    until: date | None,
    procedure: str | None,
    outcome: str | None,
    *,
    by_time: bool = False,
) -> list[sa.ColumnElement[bool]]:
    """Return what a run must fulfil to be found; see `Catalogue.search`.

    Parameters
    ----------
    text
        Words that must all occur.
    since
        Not started before.
    until
        Not started after.
    procedure
        In snake case.
    outcome
        Of the last attempt.
    by_time
        Whether runs are to be looked at in the order of their start, which is quicker where only
        the latest of very many are wanted: no other index is offered then.

    Returns
    -------
    list
        Expressions.
    """
    found = [RUNS.c.words.contains(word, autoescape=True) for word in text.lower().split()]
    if since is not None:
        found.append(RUNS.c.started >= _moment(since, time.min))
    if until is not None:
        found.append(RUNS.c.started <= _moment(until, time.max))
    for column, wanted in ((RUNS.c.procedure, procedure), (RUNS.c.outcome, outcome)):
        if wanted is not None:
            found.append((column.concat("") if by_time else column) == wanted)
    return found


def below(data: Path) -> sa.ColumnElement[bool]:
    """Return that a run lies below a folder."""
    return inside(RUNS.c.path, str(data.resolve()))


def inside(column: sa.Column[str], folder: str) -> sa.ColumnElement[bool]:
    """Return that a path lies inside a folder."""
    return column.startswith(folder.removesuffix(os.sep) + os.sep, autoescape=True)


def _moment(day: date, otherwise: time) -> str:
    moment = day if isinstance(day, datetime) else datetime.combine(day, otherwise)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
