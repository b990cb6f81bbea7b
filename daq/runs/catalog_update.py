"""Bring the catalogue up to date with the folders: only what has changed is read, in batches.

A folder whose time of change is the one at which it was read last has the same runs; it is not even
listed. Several programs may update one catalogue at the same time: every batch replaces whatever
is there.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from daq.runs.catalog_rows import Row, readable
from daq.runs.catalog_table import FOLDERS, RUNS, below, inside
from daq.runs.catalog_writing import BATCH, Batch, forget, write
from daq.runs.files import RUNNING, UNKNOWN
from daq.runs.names import csv_names

READERS = 4
"""Files that are read at a time: a disk and a network share answer several at once."""
FEW = 8
"""Folders whose runs are asked for one by one."""
MOST_UNKNOWN = 200
"""Files without an end that are read again each time; where there are more, none is."""
SETTLED = 3_000_000_000
"""Nanoseconds after which the time of change of a folder tells of the next change too."""
UNSETTLED = 0
"""The stamp of a folder that is to be listed again."""
Runs = dict[str, list[str]]
"""The data files of runs, by the first of them."""
Known = dict[str, tuple[int, str]]
"""Attempts and outcome of runs, by their first data file."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of an update.

    Parameters
    ----------
    read
        How many runs were read.
    unreadable
        Data files of runs, and folders, that could not be read.
    """

    read: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders on the disk and those of the index.

    Parameters
    ----------
    there
        When each was changed last, in ns since 1970.
    known
        The same as of the index.
    unended
        Folders in which a run had no end when it was read.
    """

    there: dict[str, int]
    known: dict[str, int]
    unended: frozenset[str] = frozenset()

    @property
    def changed(self) -> list[str]:
        """Return those to be listed, in order."""
        return [
            path
            for path, stamp in self.there.items()
            if stamp == UNSETTLED or self.known.get(path) != stamp or path in self.unended
        ]

    @property
    def gone(self) -> list[str]:
        """Return those that the index knows and the disk does not."""
        return [path for path in self.known if path not in self.there]


def folders(engine: sa.Engine, data: Path) -> Folders:
    """Return the folders below a data folder, on the disk and in the index."""
    root = str(data.resolve())
    here = sa.or_(FOLDERS.c.path == root, inside(FOLDERS.c.path, root))
    unknown = sa.select(RUNS.c.path).where(RUNS.c.outcome == UNKNOWN, below(data))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(FOLDERS.c.path, FOLDERS.c.stamp).where(here))
        known = {row.path: row.stamp for row in rows}
        unended = connection.execute(unknown.limit(MOST_UNKNOWN + 1)).scalars().all()
    there = dict(sorted(_folders_on_disk(root)))
    if len(unended) > MOST_UNKNOWN:
        return Folders(there, known)
    return Folders(there, known, frozenset(_folder(path) for path in unended))


def update(
    engine: sa.Engine,
    data: Path,
    now: int,
    read: Callable[[], None] = lambda: None,
    *,
    anew: bool = False,
) -> Updated:
    """Bring the index up to date with everything below a data folder.

    Parameters
    ----------
    engine
        Of the database, with its tables.
    data
        The folder of all campaigns.
    now
        The time of day in ns since 1970.
    read
        Called after every run that was read; what it raises ends the update, and what has been
        written by then stays.
    anew
        Whether runs are read that have not changed.

    Returns
    -------
    Updated
        What came of it.
    """
    seen = folders(engine, data)
    changed = list(seen.there) if anew else seen.changed
    known = _known(engine, data, changed if seen.known else None)
    forget(engine, [*seen.gone, *(path for path in known if path not in seen.there)])
    readers = ThreadPoolExecutor(READERS, thread_name_prefix="catalogue")
    try:
        work = _Work(engine, now, read, readers, anew=anew)
        for folder in changed:
            work.take(folder, seen.there[folder], known.get(folder, {}))
        work.write()
    finally:
        readers.shutdown(cancel_futures=True)
    return Updated(work.count, tuple(work.unreadable))


class _Work:
    """Read the runs of folders and write them in batches."""

    def __init__(
        self,
        engine: sa.Engine,
        now: int,
        read: Callable[[], None],
        readers: ThreadPoolExecutor,
        *,
        anew: bool,
    ) -> None:
        self._readers = readers
        self._engine = engine
        self._now = now
        self._read = read
        self._anew = anew
        self._batch = Batch()
        self.count = 0
        self.unreadable: list[str] = []

    def take(self, folder: str, stamp: int, known: Known) -> None:
        """Bring one folder up to date."""
        runs = _listed(folder)
        if runs is None:
            self.unreadable.append(folder)
            return
        self._batch.gone += [path for path in known if path not in runs]
        new = [p for p, files in runs.items() if self._anew or _is_new(known.get(p), files)]
        before = len(self.unreadable)
        for begin in range(0, len(new), BATCH):
            paths = new[begin : begin + BATCH]
            rows = self._readers.map(readable, [runs[path] for path in paths])
            for path, row in zip(paths, rows, strict=True):
                self._take_row(path, row, known=path in known)
            self._write_full()
        whole = len(self.unreadable) == before
        settled = whole and self._now - stamp > SETTLED
        self._batch.stamps[folder] = stamp if settled else UNSETTLED
        self._write_full()

    def write(self) -> None:
        """Write what has not been written yet."""
        batch, self._batch = self._batch, Batch()
        try:
            write(self._engine, batch)
        except IntegrityError:  # somebody else has written the same in between
            write(self._engine, batch)

    def _take_row(self, path: str, row: Row | None, *, known: bool) -> None:
        if row is not None:
            self._batch.rows.append(row)
        else:
            self.unreadable.append(path)
            if known:
                self._batch.gone.append(path)
        self.count += 1
        self._read()

    def _write_full(self) -> None:
        if self._batch.full:
            self.write()


def _is_new(known: tuple[int, str] | None, files: list[str]) -> bool:
    return known is None or known[0] != len(files) or known[1] in {RUNNING, UNKNOWN}


def _listed(folder: str) -> Runs | None:
    """Return the runs of a folder; None if it cannot be listed."""
    try:
        numbers = csv_names(folder)
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    found = ([f"{folder}{os.sep}{name}" for name in names] for names in numbers.values())
    return {files[0]: files for files in found}


def _folders_on_disk(root: str) -> Iterator[tuple[str, int]]:
    """Yield every folder that may hold runs, and when it was changed last."""
    try:
        yield root, Path(root).stat().st_mtime_ns
        with os.scandir(root) as entries:
            for entry in entries:
                with suppress(OSError, UnicodeEncodeError):  # gone by now; no name for a database
                    if entry.is_dir() and entry.path.encode():
                        yield entry.path, entry.stat().st_mtime_ns
    except OSError:
        return


def _known(engine: sa.Engine, data: Path, wanted: Sequence[str] | None) -> dict[str, Known]:
    """Return what the index says of the runs in some folders; of all below a folder if None."""
    query = sa.select(RUNS.c.path, RUNS.c.attempts, RUNS.c.outcome)
    if wanted is None or len(wanted) > FEW:
        query = query.where(below(data))
    else:
        query = query.where(sa.or_(sa.false(), *(inside(RUNS.c.path, path) for path in wanted)))
    found: dict[str, Known] = {}
    with engine.connect() as connection:
        for path, attempts, outcome in connection.execute(query):
            found.setdefault(_folder(path), {})[path] = (attempts, outcome)
    return found


def _folder(path: str) -> str:
    return path.rpartition(os.sep)[0]
