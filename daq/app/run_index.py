"""The runs below one data folder: the catalogue kept up to date, and searched, for the window."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from daq.app.run_query import Query, find_some
from daq.runs.catalog import Catalogue
from daq.runs.catalog_table import RUNS, Entry, below

FEW = 2
"""Changed folders that are read at once, whoever waits."""
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
    emptied
        Whether the catalogue had to be made anew and knows nothing yet: update it.
    """

    entries: list[Entry]
    count: int
    words: str = ""
    emptied: bool = False


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
        self.fate = ""
        """What has happened to the catalogue that no update has told yet."""

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
        with Catalogue(refill=False) as catalogue:
            before = _state(catalogue)
            done = catalogue.update(self._data, self._count)
            words = self.fate or _fate(before, _state(catalogue))
            names = self._names(catalogue)
        self.fate = ""
        told = "; ".join(filter(None, (words, _unreadable(done.unreadable))))
        return Known(*names, words=told)

    def changed(self) -> int:
        """Return how many folders an update would look into.

        Returns
        -------
        int
            All of them if there is no catalogue.

        Raises
        ------
        StorageError
            The catalogue cannot be used.
        """
        with Catalogue(refill=False) as catalogue:
            before = _state(catalogue)
            changed = len(catalogue.folders(self._data).changed)
            self.fate = _fate(before, _state(catalogue)) or self.fate
            return changed

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
        with Catalogue(refill=False) as catalogue:
            before = _state(catalogue)
            entries, count = find_some(catalogue, query, self._data, most)
            fate = _fate(before, _state(catalogue))
            if fate and len(catalogue.folders(self._data).changed) <= FEW:
                catalogue.update(self._data)
                entries, count = find_some(catalogue, query, self._data, most)
                return Found(entries, count, fate)
            return Found(entries, count, fate, emptied=bool(fate))

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


def _unreadable(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    names = ", ".join(f"{Path(path).parent.name}/{Path(path).name}" for path in paths[:MOST_TOLD])
    more = f" and {len(paths) - MOST_TOLD} more" if len(paths) > MOST_TOLD else ""
    return f"left out because the beginning of the file is not readable: {names}{more}"
