"""The catalogue: an index of runs that can be thrown away and rebuilt from the folders."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from daq.runs.catalog_file import (
    engine_of,
    file_of,
    is_damage,
    make_tables,
    put_aside,
)
from daq.runs.catalog_folders import KnownFolders
from daq.runs.catalog_rows import place, row_of
from daq.runs.catalog_table import ENTRY, LATEST_FIRST, RUNS, Entry, below, criteria
from daq.runs.catalog_update import Folders, Updated, folders, update
from daq.runs.catalog_writing import put
from daq.runs.files import RUNNING, Run, open_run
from instruments.clock import Clock, SystemClock
from instruments.closing import Closing
from instruments.errors import StorageError

T = TypeVar("T")


class Catalogue(Closing):
    """An index of runs.

    An SQLite file that is damaged is put aside, and one that is damaged or gone is made anew from
    the folders that have been indexed before.

    Parameters
    ----------
    url
        Of the database, as SQLAlchemy writes it; SQLite in the user's cache folder if omitted.
    clock
        Tells whether a folder has been left alone for long enough to trust its time of change.
    refill
        Whether one that is made anew is filled at once; else an `update` fills it.
    """

    def __init__(
        self, url: str | None = None, *, clock: Clock | None = None, refill: bool = True
    ) -> None:
        if url is None:
            file = platformdirs.user_cache_path("coldpoint") / "catalogue.sqlite"
            url = f"sqlite:///{file}"
        parsed = make_url(url)
        self._clock = SystemClock() if clock is None else clock
        self._refill = refill
        self._file = file_of(parsed)
        self._folders = KnownFolders(self._file)
        self._engine = engine_of(parsed, self._file)

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
            Called after every run that was read; what it raises leaves the rest as it was.

        Returns
        -------
        int
            How many runs were found; one that cannot be read is left out.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        self.update(data, read, anew=True)
        count = sa.select(sa.func.count()).select_from(RUNS).where(below(data))
        return self.ask(count, lambda rows: int(next(iter(rows))[0]))

    def update(
        self, data: Path, read: Callable[[], None] = lambda: None, *, anew: bool = False
    ) -> Updated:
        """Index what is new or has changed below a folder, and forget what is gone.

        Parameters
        ----------
        data
            The folder of all campaigns.
        read
            Called after every run that was read; what it raises leaves the rest as it was.
        anew
            Whether what has not changed is read too.

        Returns
        -------
        Updated
            What came of it.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        done = self._try(lambda: self._update(data, read, anew=anew))
        self._folders.add(data)  # not before: tables that are made anew are filled with all of them
        return done

    def folders(self, data: Path) -> Folders:
        """Return the folders below a folder, and which of them an update would look into.

        Parameters
        ----------
        data
            The folder of all campaigns.

        Returns
        -------
        Folders
            On the disk and in the index.

        Raises
        ------
        StorageError
            The database cannot be reached.
        """
        return self._try(lambda: folders(self._engine, data))

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
        path = place(run.path)
        row = row_of(run, str(path))
        self._try(lambda: put(self._engine, [row]))
        self._folders.add(path.parent.parent)

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

    def _try(self, work: Callable[[], T]) -> T:
        try:
            try:
                self._prepare()
                return work()
            except DatabaseError as failure:
                if self._file is None or not is_damage(failure):
                    raise
                put_aside(self._file)
                self._prepare()
                return work()
        except (SQLAlchemyError, OSError) as failure:
            reason = (str(failure) or type(failure).__name__).splitlines()[0]
            raise StorageError(
                f"the catalogue {self._engine.url!r} cannot be used: {reason};"
                " the data are not touched, give another URL or free the file"
            ) from failure

    def _prepare(self) -> None:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        if make_tables(self._engine) and self._refill:
            for folder in self._folders.all():
                self._update(folder)

    def _update(
        self, data: Path, read: Callable[[], None] = lambda: None, *, anew: bool = False
    ) -> Updated:
        now = int(1e9 * self._clock.utc().timestamp())
        return update(self._engine, data, now, read, anew=anew)

    def _find(self, query: sa.Select[Any], take: Callable[[Iterable[Any]], T]) -> T:
        self._look_again()
        with self._engine.connect() as connection:
            return take(connection.execute(query))

    def _look_again(self) -> None:
        query = sa.select(RUNS.c.path).where(RUNS.c.outcome == RUNNING)
        with self._engine.connect() as connection:
            paths = connection.execute(query).scalars().all()
        rows = [row for path in paths if (row := _now(path)) is not None]
        if rows:
            put(self._engine, rows)


def _now(path: str) -> dict[str, Any] | None:
    """Return the row of a run with the attempts that it has by now."""
    try:
        return row_of(open_run(path), path)
    except StorageError:
        return None
