"""The catalogue: an index of runs that can be thrown away and rebuilt from the folders."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import platformdirs
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from daq.runs.catalog_rows import readable, row_of, runs_below
from daq.runs.durability import replace as replace_file
from daq.runs.files import RUNNING, Run, open_run, run_of
from instruments.errors import StorageError

_META = sa.MetaData()
RUNS = sa.Table(
    "runs",
    _META,
    sa.Column("path", sa.Text, primary_key=True),
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
T = TypeVar("T")


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


class Catalogue:
    """An index of runs.

    An SQLite file that is damaged is put aside, and one that is damaged or gone is made anew from
    the folders that have been indexed before.

    Parameters
    ----------
    url
        Of the database, as SQLAlchemy writes it; SQLite in the user's cache folder if omitted.
    """

    def __init__(self, url: str | None = None) -> None:
        if url is None:
            file = platformdirs.user_cache_path("coldpoint") / "catalogue.sqlite"
            url = f"sqlite:///{file}"
        parsed = make_url(url)
        self._file = (
            Path(parsed.database)
            if parsed.drivername.startswith("sqlite") and parsed.database
            else None
        )
        self._engine = sa.create_engine(parsed, poolclass=NullPool if self._file else None)

    @property
    def file(self) -> Path | None:
        """Return the file of the index; None for a database that is no file."""
        return self._file

    def rebuild(self, data: Path, read: Callable[[], None] = lambda: None) -> int:
        """Index every run below a folder anew.

        Parameters
        ----------
        data
            The folder of all campaigns.
        read
            Called after every run that was read; what it raises leaves the index as it was.

        Returns
        -------
        int
            How many runs were found; one that cannot be read is left out.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        self._remember(data)
        return self._try(lambda: self._index(data, read))

    def add(self, run: Run) -> None:
        """Index a run, or index it anew.

        Parameters
        ----------
        run
            The run.

        Raises
        ------
        StorageError
            The run cannot be read, or the database cannot be reached.
        """
        row = row_of(run)
        self._try(lambda: self._put([row]))
        self._remember(run.path.resolve().parent.parent)

    def search(
        self,
        text: str = "",
        *,
        since: date | None = None,
        until: date | None = None,
        procedure: str | None = None,
        outcome: str | None = None,
    ) -> list[Entry]:
        """Find runs, the latest first.

        Parameters
        ----------
        text
            Words that must all occur: in names of campaign, procedure, station, sample, contact, in
            the names and values of settings; small and capital letters are the same.
        since
            Not started before this day or time.
        until
            Not started after this day (it is included) or time.
        procedure
            Name in snake case.
        outcome
            Such as ``finished``.

        Returns
        -------
        list of Entry
            What was found; a run that was running when it was indexed is looked at again.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        query = sa.select(*ENTRY).where(*criteria(text, since, until, procedure, outcome))
        query = query.order_by(*LATEST_FIRST)
        return self.ask(query, lambda rows: [Entry(*row) for row in rows])

    def ask(self, query: sa.Select[Any], take: Callable[[Iterable[Any]], T]) -> T:
        """Ask the table of runs something else.

        Parameters
        ----------
        query
            On the table `RUNS`.
        take
            Makes the answer of the rows, which come one by one.

        Returns
        -------
        T
            What `take` has made.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        return self._try(lambda: self._find(query, take))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _try(self, work: Callable[[], T]) -> T:
        try:
            try:
                self._prepare()
                return work()
            except DatabaseError as failure:
                if self._file is None or not _is_damage(failure):
                    raise
                self._put_aside(self._file)
                self._prepare()
                return work()
        except (SQLAlchemyError, OSError) as failure:
            reason = str(failure).splitlines()[0]
            raise StorageError(
                f"the catalogue {self._engine.url!r} cannot be used: {reason};"
                " the data are not touched, give another URL or free the file"
            ) from failure

    def _prepare(self) -> None:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        if sa.inspect(self._engine).has_table(RUNS.name):
            return
        _META.create_all(self._engine)
        for folder in self._remembered():
            self._index(folder)

    def _put_aside(self, file: Path) -> None:
        # Not deleted: a wrong URL may have named a file that is no catalogue at all.
        aside = file.with_name(f"{file.name}.damaged")
        count = 1
        while aside.exists():
            count += 1
            aside = file.with_name(f"{file.name}.damaged-{count}")
        file.rename(aside)

    def _index(self, data: Path, read: Callable[[], None] = lambda: None) -> int:
        data = data.resolve()
        rows = []
        for files in runs_below(data):
            if (row := readable(partial(run_of, files))) is not None:
                rows.append(row)
            read()
        with self._engine.begin() as connection:
            connection.execute(RUNS.delete().where(below(data)))
        self._put(rows)
        return len(rows)

    def _put(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        with self._engine.begin() as connection:
            for row in rows:
                connection.execute(RUNS.delete().where(RUNS.c.path == row["path"]))
            connection.execute(RUNS.insert(), rows)

    def _find(self, query: sa.Select[Any], take: Callable[[Iterable[Any]], T]) -> T:
        self._look_again()
        with self._engine.connect() as connection:
            return take(connection.execute(query))

    def _look_again(self) -> None:
        query = sa.select(RUNS.c.path).where(RUNS.c.outcome == RUNNING)
        with self._engine.connect() as connection:
            paths = [Path(path) for (path,) in connection.execute(query)]
        self._put([row for path in paths if (row := readable(partial(open_run, path))) is not None])

    def _remember(self, data: Path) -> None:
        if self._file is None:
            return
        known = {str(folder) for folder in self._remembered()}
        if str(data.resolve()) in known:
            return
        with suppress(OSError):  # forgotten folders cost one rebuild by hand
            self._file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(sorted({*known, str(data.resolve())}))
            replace_file(self._folders, text.encode())

    def _remembered(self) -> list[Path]:
        if self._file is None:
            return []
        try:
            return [Path(folder) for folder in json.loads(self._folders.read_bytes())]
        except (OSError, ValueError, TypeError):
            return []

    @property
    def _folders(self) -> Path:
        file = self._file or Path()
        return file.with_name(f"{file.name}.folders.json")


ENTRY = tuple(RUNS.c[item.name] for item in fields(Entry))
"""The columns of an `Entry`."""
LATEST_FIRST = (RUNS.c.started.desc(), RUNS.c.path.desc())


def criteria(
    text: str,
    since: date | None,
    until: date | None,
    procedure: str | None,
    outcome: str | None,
) -> list[sa.ColumnElement[bool]]:
    """Return what a run must fulfil to be found; see `Catalogue.search`."""
    found = [RUNS.c.words.contains(word, autoescape=True) for word in text.lower().split()]
    if since is not None:
        found.append(RUNS.c.started >= _moment(since, time.min))
    if until is not None:
        found.append(RUNS.c.started <= _moment(until, time.max))
    if procedure is not None:
        found.append(RUNS.c.procedure == procedure)
    if outcome is not None:
        found.append(RUNS.c.outcome == outcome)
    return found


def below(data: Path) -> sa.ColumnElement[bool]:
    """Return that a run lies below a folder."""
    return RUNS.c.path.startswith(f"{data.resolve()}{os.sep}", autoescape=True)


def _is_damage(failure: DatabaseError) -> bool:
    name = getattr(failure.orig, "sqlite_errorname", "")
    # A column that is not there: an older version has made the table.
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "column" in str(failure.orig)


def _moment(day: date, otherwise: time) -> str:
    moment = day if isinstance(day, datetime) else datetime.combine(day, otherwise)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
