"""Names in a campaign folder: ``0003-bias_spectrum.csv``; ``0003.2-...`` is a second attempt."""

import os
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from instruments.errors import StorageError

_STEM = re.compile(r"(\d{4,})(?:\.(\d+))?-([A-Za-z0-9_]+)")
_FILE = re.compile(_STEM.pattern + r"\.(csv|json)")
_UNSAFE = re.compile(r"[^\w.+=-]+")
_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True, order=True)
class RunName:
    """Which run a file belongs to.

    Parameters
    ----------
    number
        Of the run in its campaign, from 1.
    attempt
        From 1.
    procedure
        Its name in snake case.
    """

    number: int
    attempt: int
    procedure: str

    @property
    def stem(self) -> str:
        """Return the name of the files without their ending."""
        attempt = "" if self.attempt == 1 else f".{self.attempt}"
        return f"{self.number:04d}{attempt}-{self.procedure}"

    def next_attempt(self) -> Self:
        """Return the name of the next attempt at the same run."""
        return replace(self, attempt=self.attempt + 1)

    @classmethod
    def parse(cls, path: Path) -> Self | None:
        """Return the name that a file has, or None if it is no file of a run."""
        found = _STEM.fullmatch(path.stem)
        if found is None:
            return None
        return cls(int(found[1]), int(found[2] or 1), found[3])


def run_names(folder: Path) -> list[RunName]:
    """Return the runs and attempts of which a folder has a CSV or JSON file, in order."""
    found = filter(None, map(_FILE.fullmatch, _listed(folder)))
    names = {(int(name[1]), int(name[2] or 1), name[3]) for name in found}
    return [RunName(*name) for name in sorted(names)]


def csv_names(folder: str) -> dict[int, list[str]]:
    """Return the names of the data files of every run in a folder, attempts in order."""
    names = filter(None, map(_FILE.fullmatch, _listed(folder)))
    data = sorted((int(n[1]), int(n[2] or 1), n[0]) for n in names if n[4] == "csv")
    runs: dict[int, list[str]] = {}
    for number, _, name in data:
        runs.setdefault(number, []).append(name)
    return runs


def _listed(folder: Path | str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def check_procedure_name(name: str) -> str:
    """Return the name of a procedure if it can stand in a file name.

    Parameters
    ----------
    name
        In snake case.

    Returns
    -------
    str
        The same.

    Raises
    ------
    StorageError
        It is empty or has other characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise StorageError(
            f"procedure name {name!r} cannot stand in a file name; use letters, digits and _"
        )
    return name


def slug(title: str) -> str:
    """Return a title as part of a file name that every system takes."""
    text = unicodedata.normalize("NFC", title)
    return _UNSAFE.sub("-", text).strip("-. ")[:_LONGEST_TITLE].rstrip("-. ") or "untitled"
