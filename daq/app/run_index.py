"""The runs below one data folder: the catalogue kept up to date, and searched, for the window."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from daq.app.run_query import Query, find_some
from daq.runs.catalog import RUNS, Catalogue, Entry, below
from daq.runs.files import open_run
from daq.runs.names import run_names
from instruments.errors import StorageError

MOST_ADDED = 2000
"""New runs that are added one by one; more are indexed with all the others, which is quicker."""
MOST_TOLD = 3
Names = tuple[str, ...]


class GivenUpError(Exception):
    """Raise when nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to be searched.

    Parameters
    ----------
    total
        How many runs there are.
    procedures, samples, outcomes
        Their names.
    words
        What happened to the catalogue, or which files cannot be read; empty as a rule.
    """

    total: int
    procedures: tuple[str, ...]
    samples: tuple[str, ...]
    outcomes: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found.

    Parameters
    ----------
    entries
        The latest first.
    count
        How many there are in all.
    words
        What happened to the catalogue; empty as a rule.
    """

    entries: list[Entry]
    count: int
    words: str = ""


class RunIndex:
    """The catalogue of one data folder.

    Parameters
    ----------
    data
        The folder.
    wanted
        Tells whether anybody waits for the answer; asked after every run that is read.
    """

    def __init__(self, data: Path, wanted: Callable[[], bool] = lambda: True) -> None:
        self._data = data
        self._wanted = wanted
        self.read = 0
        """How many runs the work in hand has read so far."""

    def update(self) -> Known:
        """Take what is new on the disk, and forget what is gone.

        Returns
        -------
        Known
            What there is now.

        Raises
        ------
        StorageError
            The catalogue cannot be used.
        """
        self.read = 0
        with Catalogue() as catalogue:
            before = _state(catalogue)
            known = self._known(catalogue)
            words = _fate(before, _state(catalogue))
            there = self._there()
            new = [path for path, attempts in there.items() if known.get(path) != attempts]
            unreadable: list[str] = []
            if len(new) > MOST_ADDED or known.keys() - there.keys():
                catalogue.rebuild(self._data, self._count)
            else:
                unreadable = self._add(catalogue, new)
            names = self._names(catalogue)
        told = "; ".join(filter(None, (words, _unreadable(unreadable))))
        return Known(
            *names,
            words=told,
        )

    def find(self, query: Query, most: int = sys.maxsize) -> Found:
        """Search.

        Parameters
        ----------
        query
            What is looked for.
        most
            How many runs are wanted.

        Returns
        -------
        Found
            The runs.

        Raises
        ------
        StorageError
            The catalogue cannot be used.
        """
        with Catalogue() as catalogue:
            before = _state(catalogue)
            entries, count = find_some(catalogue, query, self._data, most)
            return Found(entries, count, _fate(before, _state(catalogue)))

    def _known(self, catalogue: Catalogue) -> dict[str, int]:
        query = sa.select(RUNS.c.path, RUNS.c.attempts).where(below(self._data))
        return catalogue.ask(query, lambda rows: {row[0]: row[1] for row in rows})

    def _names(self, catalogue: Catalogue) -> tuple[int, Names, Names, Names]:
        here = below(self._data)
        total = catalogue.ask(
            sa.select(sa.func.count()).select_from(RUNS).where(here),
            lambda rows: int(next(iter(rows))[0]),
        )
        procedures, samples, outcomes = (
            catalogue.ask(
                sa.select(column).where(here).distinct(),
                lambda rows: tuple(sorted(name for (name,) in rows if name)),
            )
            for column in (RUNS.c.procedure, RUNS.c.sample, RUNS.c.outcome)
        )
        return total, procedures, samples, outcomes

    def _there(self) -> dict[str, int]:
        """Return the first file of every run on the disk, and how many attempts there are."""
        data = self._data.resolve()
        if not data.is_dir():
            return {}
        there: dict[str, int] = {}
        for folder in sorted(path for path in (data, *data.glob("*/")) if path.is_dir()):
            if not self._wanted():
                raise GivenUpError
            names = run_names(folder)
            attempts = Counter(name.number for name in names)
            first = {name.number: name for name in reversed(names)}
            there |= {
                str(folder / f"{name.stem}.csv"): attempts[number] for number, name in first.items()
            }
        return there

    def _add(self, catalogue: Catalogue, paths: list[str]) -> list[str]:
        unreadable = []
        for path in paths:
            try:
                catalogue.add(open_run(path))
            except StorageError:
                unreadable.append(path)
            self._count()
        return unreadable

    def _count(self) -> None:
        self.read += 1
        if not self._wanted():
            raise GivenUpError


def _state(catalogue: Catalogue) -> tuple[bool, int]:
    """Return whether the catalogue is there, and how many damaged ones lie beside it."""
    file = catalogue.file
    if file is None:
        return True, 0
    return file.exists(), len(list(file.parent.glob(f"{file.name}.damaged*")))


def _fate(before: tuple[bool, int], after: tuple[bool, int]) -> str:
    if after[1] > before[1]:
        return (
            "the catalogue was damaged: it was put aside and made anew from the folders;"
            " the data are not touched"
        )
    if not before[0]:
        return "there was no catalogue: it was made from the folders"
    return ""


def _unreadable(paths: list[str]) -> str:
    if not paths:
        return ""
    names = ", ".join(f"{Path(path).parent.name}/{Path(path).name}" for path in paths[:MOST_TOLD])
    more = f" and {len(paths) - MOST_TOLD} more" if len(paths) > MOST_TOLD else ""
    return f"left out because the beginning of the file is not readable: {names}{more}"
