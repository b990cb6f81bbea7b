"""Open a run that is on disk: its data, its settings, how it ended. The CSV alone suffices."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from daq.runs.campaign_folder import JOURNAL
from daq.runs.csv_reader import CsvContent, Glance, glance, read_csv
from daq.runs.lock import Owner
from daq.runs.names import RunName, run_names
from daq.runs.plain import check_format
from daq.runs.remarks import BoolArray, Remark, bad_rows, remarks
from daq.runs.salvage import salvage
from instruments.errors import StorageError

RUNNING, INTERRUPTED, UNKNOWN = "running", "interrupted", "unknown"


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run: one CSV, and the JSON beside it if there is one.

    Parameters
    ----------
    path
        The CSV file.
    document
        The JSON, empty if there is none.
    """

    path: Path
    document: Mapping[str, Any]

    @cached_property
    def number(self) -> int:
        """Return the number of the attempt, from 1."""
        name = RunName.parse(self.path)
        return 1 if name is None else name.attempt

    @cached_property
    def glance(self) -> Glance:
        """Return what the file says without its data."""
        return glance(self.path)

    @cached_property
    def content(self) -> CsvContent:
        """Return the whole file."""
        return read_csv(self.path)

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return what the header says beside the settings."""
        return self.glance.header.metadata

    @property
    def outcome(self) -> str:
        """Return how it ended; ``running``, ``interrupted`` or ``unknown`` if it did not say."""
        told = self.glance.ending.outcome or self.document.get("outcome", RUNNING)
        if told != RUNNING:
            return str(told)
        owner = Owner.from_json(str(self.document.get("owner", "")))
        if owner is None:
            return UNKNOWN  # the JSON is lost, or somebody else wrote the file
        if owner.is_alive() is False or self._is_superseded():
            return INTERRUPTED
        return RUNNING

    def _is_superseded(self) -> bool:
        # One runner, one run at a time: whoever came later has taken the place of this one.
        name = RunName.parse(self.path)
        return name is not None and run_names(self.path.parent)[-1] > name


@dataclass(frozen=True)
class Run:
    """A run with all its attempts.

    Parameters
    ----------
    path
        The CSV of the first attempt.
    attempts
        In order; one unless the run was tried again.
    """

    path: Path
    attempts: tuple[Attempt, ...]

    @property
    def number(self) -> int | None:
        """Return its number in the campaign, or None for a file that is in none."""
        name = RunName.parse(self.path)
        return None if name is None else name.number

    @property
    def procedure(self) -> str:
        """Return the name of the procedure in snake case, or its class in a foreign file."""
        return self.metadata.get("procedure", self._last.glance.header.procedure)

    @property
    def data(self) -> pd.DataFrame:
        """Return the rows.

        Attempts of a procedure that goes on where it stopped are joined in order. One that starts
        again repeats its points: then these are the rows of the last attempt that has any, and the
        others are in `attempts`. Rows that are marked bad are among them: see `bad`.
        """
        frames = [attempt.content.data for attempt in self.counted if len(attempt.content.data)]
        if not frames:
            return self._last.content.data
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    @cached_property
    def noted(self) -> tuple[Remark, ...]:
        """Return every remark of its campaign, in order; none if there is no journal."""
        return remarks(salvage(self.path.parent / JOURNAL).events)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """Return what has been noted about this run, as the journal of its campaign tells."""
        files = [attempt.path.name for attempt in self.attempts]
        return tuple(remark for remark in self.noted if remark.is_about(self.number, files))

    @property
    def bad(self) -> BoolArray:
        """Return which rows of `data` a person has marked bad, shape (rows,); a later mark wins."""
        marks = [
            bad_rows(self.remarks, attempt.path.name, len(attempt.content.data))
            for attempt in self.counted
        ]
        return np.concatenate([np.zeros(0, dtype=np.bool_), *marks])

    @property
    def good_data(self) -> pd.DataFrame:
        """Return the rows of `data` that nobody has marked bad, with the index they have there."""
        bad = self.bad
        return self.data[~bad] if bad.any() else self.data

    @property
    def rows(self) -> int:
        """Return how many rows `data` has."""
        return len(self.data)

    @property
    def torn(self) -> int:
        """Return how many torn lines were dropped from all attempts."""
        return sum(attempt.content.torn for attempt in self.attempts)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._last.glance.header.columns

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings in SI units, by keyword."""
        return self._last.glance.header.settings

    @property
    def outcome(self) -> str:
        """Return how the last attempt ended; see `Attempt.outcome`."""
        return self._last.outcome

    @property
    def error(self) -> str:
        """Return what went wrong in the last attempt; empty if nothing did or the JSON is lost."""
        return str(self._last.document.get("error", ""))

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return what the header of the last attempt says beside the settings."""
        return self._last.metadata

    @property
    def document(self) -> Mapping[str, Any]:
        """Return the JSON of the last attempt: snapshot, versions, traceback; empty if lost."""
        return self._last.document

    @property
    def _last(self) -> Attempt:
        return self.attempts[-1]

    @property
    def counted(self) -> tuple[Attempt, ...]:
        """Return the attempts whose rows are `data`, in order."""
        if self.metadata.get("resume", "continue") == "continue":
            return self.attempts
        filled = [attempt for attempt in self.attempts if len(attempt.content.data)]
        return tuple(filled[-1:] or self.attempts[-1:])


def open_run(path: Path | str, number: int | None = None) -> Run:
    """Open a run.

    Parameters
    ----------
    path
        One of its CSV or JSON files, or its campaign folder.
    number
        Number of the run, if `path` is a campaign folder.

    Returns
    -------
    Run
        All attempts of the run; data are read when they are asked for.

    Raises
    ------
    StorageError
        There is no such run, or its header cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        if number is None:
            raise StorageError(f"{path} is a folder; say which run of it by its number")
        files = _attempts(path, number)
    else:
        name = RunName.parse(path)
        alone = [path.with_suffix(".csv")]
        files = alone if name is None else _attempts(path.parent, name.number) or alone
    if not files or not files[0].is_file():
        wanted = path if number is None else f"run {number} in {path}"
        raise StorageError(f"there is no {wanted}; `coldpoint runs` lists what there is")
    return run_of(files)


def run_of(files: Sequence[Path]) -> Run:
    """Return the run of these CSV files, its attempts in order; the folder is not listed."""
    return Run(files[0], tuple(Attempt(file, _document(file)) for file in files))


def glimpse_of(files: Sequence[Path]) -> Run:
    """Return the same as `run_of`; a JSON is read when somebody asks it something."""
    return Run(files[0], tuple(Attempt(file, _Later(file)) for file in files))


class _Later(Mapping[str, Any]):
    """The JSON beside a file, once it is asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def _found(self) -> Mapping[str, Any]:
        return _document(self._file)

    def __getitem__(self, key: str) -> Any:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _attempts(folder: Path, number: int) -> list[Path]:
    if not folder.is_dir():
        return []
    files = [folder / f"{name.stem}.csv" for name in run_names(folder) if name.number == number]
    return [file for file in files if file.is_file()]


def _document(file: Path) -> Mapping[str, Any]:
    path = file.with_suffix(".json")
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # lost or torn: the CSV suffices
    if not isinstance(found, dict):
        return {}
    check_format(found, str(path))
    return found
