"""A run being written: the CSV that suffices, the JSON beside it, and the spare folder."""

import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import platformdirs

from daq.runs.csv_file import STORAGE_ERROR, CsvFile, Durability
from daq.runs.durability import DISK, Disk, write_new
from daq.runs.durability import replace as replace_file
from daq.runs.engine import Outcome
from daq.runs.header import Described, describe
from daq.runs.lock import Owner
from daq.runs.names import RunName
from daq.runs.plain import FORMAT, to_document
from instruments.clock import Clock
from instruments.errors import StorageError


class StationView(Protocol):
    """A station as far as its runs describe it."""

    @property
    def name(self) -> str:
        """Return the name of the station."""
        ...

    @property
    def contact(self) -> str:
        """Return the name of the contact that is wired."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock of the station."""
        ...

    def snapshot(self) -> Mapping[str, Any]:
        """Return the state of every instrument."""
        ...


@dataclass(frozen=True, slots=True)
class Storage:
    """How runs are stored.

    Parameters
    ----------
    durability
        ``ten-a-second`` or ``every-row``.
    spare
        Where rows go that the disk of the campaign refuses.
    disk
        The calls by which data reach the disk.
    """

    durability: Durability = "ten-a-second"
    spare: Path = field(default_factory=lambda: platformdirs.user_data_path("coldpoint") / "spare")
    disk: Disk = DISK


class RunFile:
    """The two files of a run; a sink for `daq.runs.engine.execute`.

    Parameters
    ----------
    folder
        The campaign folder.
    name
        Number, attempt and procedure.
    procedure
        The procedure with its settings.
    station
        The station, whose snapshot is taken now.
    sample
        Name of the sample.
    storage
        How the run is stored; with the defaults if omitted.
    closed
        Called with the outcome when CSV and JSON are on the disk: writes the line of the journal.
    make_room
        Called when the disk has refused, before the end is written: frees room that was kept.

    Raises
    ------
    StorageError
        A file exists, or cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        name: RunName,
        procedure: Described,
        station: StationView,
        *,
        sample: str = "",
        storage: Storage | None = None,
        closed: Callable[[Outcome], None] | None = None,
        make_room: Callable[[], object] = lambda: None,
    ) -> None:
        self.name = name
        self.csv = folder / f"{name.stem}.csv"
        self.json = folder / f"{name.stem}.json"
        self.outcome: Outcome | None = None
        self._clock = station.clock
        self._storage = Storage() if storage is None else storage
        self._closed = closed
        self._make_room = make_room
        if self.json.exists():
            raise StorageError(f"{self.json} exists already and is not overwritten")
        self._document = _document(folder, name, procedure, station, sample)
        header = describe(procedure, _metadata(self._document))
        content = to_document(self._document)
        self._file = CsvFile(
            self.csv, header, durability=self._storage.durability, disk=self._storage.disk
        )
        self.append = self._file.append
        try:
            write_new(self.json, content, self._storage.disk)
            self._storage.disk.sync_folder(folder)
        except (OSError, StorageError) as failure:
            self._file.close(STORAGE_ERROR)
            raise StorageError(f"{self.json} cannot be made: {failure}; free space") from failure

    def close(self, outcome: Outcome) -> Outcome:
        """End the run on disk: CSV synced, JSON renamed, folder synced, journal told, in order.

        Parameters
        ----------
        outcome
            How the story ended.

        Returns
        -------
        Outcome
            The same with the number of rows stored, or a storage error if a disk has refused
            anything.
        """
        if self.outcome is not None:
            return self.outcome
        if outcome.status == STORAGE_ERROR:
            self._make_room()
        status = self._file.close(outcome.status)
        outcome = replace(outcome, rows=self._file.rows)
        if status == STORAGE_ERROR:
            self._make_room()
            outcome = _refused(outcome, self._file.failure)
        if self._file.unsaved() and self._file.failure is not None:
            outcome = self._rescue(outcome)
        outcome = self._end_json(outcome)
        if self._closed is not None:
            try:
                self._closed(outcome)
            except StorageError as failure:
                outcome = _refused(outcome, failure)
                self._file.mark_failed()
        self.outcome = outcome
        return outcome

    def _rescue(self, outcome: Outcome) -> Outcome:
        path = self._spare(".csv")
        try:
            self._file.rescue(path)
        except (OSError, StorageError) as failure:
            return _with(outcome, f"the spare folder refused too: {failure}")
        return _with(outcome, f"rows from index {self._file.safe_rows} on are in {path}")

    def _end_json(self, outcome: Outcome) -> Outcome:
        try:
            replace_file(self.json, self._ended(outcome), self._storage.disk)
            self._storage.disk.sync_folder(self.json.parent)
        except OSError as failure:
            outcome = _refused(outcome, failure)
            self._file.mark_failed()
            path = self._spare(".json")
            with suppress(OSError, StorageError):  # the CSV has all but the snapshot
                path.parent.mkdir(parents=True, exist_ok=True)
                write_new(path, self._ended(outcome))
        return outcome

    def _ended(self, outcome: Outcome) -> bytes:
        ending = {
            "ended": self._clock.utc(),
            "outcome": outcome.status,
            "rows": outcome.rows,
            "error": outcome.error,
            "traceback": outcome.traceback,
        }
        return to_document(self._document | ending)

    def _spare(self, ending: str) -> Path:
        return self._storage.spare / f"{self.csv.parent.name}--{self.csv.stem}{ending}"


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of what has a say in the data."""
    found = {"python": platform.python_version()}
    for name in ("coldpoint", "pymeasure", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def _document(
    folder: Path, name: RunName, procedure: Described, station: StationView, sample: str
) -> dict[str, Any]:
    kind = type(procedure)
    return {
        "format": FORMAT,
        "campaign": folder.name,
        "run": name.number,
        "attempt": name.attempt,
        "procedure": {
            "name": name.procedure,
            "class": f"{kind.__module__}.{kind.__qualname__}",
            "resume": getattr(getattr(procedure, "resume", None), "value", "restart"),
        },
        "settings": {
            key: {
                "name": setting.name,
                "value": setting.value if setting.is_set() else None,
                "unit": getattr(setting, "units", None),
            }
            for key, setting in procedure.parameter_objects().items()
        },
        "columns": list(procedure.DATA_COLUMNS),
        "station": station.name,
        "contact": station.contact,
        "sample": sample,
        "snapshot": station.snapshot(),
        "versions": versions(),
        "owner": Owner.this_process().to_json(),
        "started": station.clock.utc(),
        "ended": None,
        "outcome": "running",
        "rows": None,
        "error": "",
        "traceback": "",
    }


def _metadata(document: Mapping[str, Any]) -> dict[str, str]:
    # Nothing that tells one process or folder from another: one seed gives the same bytes.
    procedure = document["procedure"]
    return {
        "started": document["started"].isoformat(),
        "run": str(document["run"]),
        "attempt": str(document["attempt"]),
        "procedure": procedure["name"],
        "resume": procedure["resume"],
        "station": document["station"],
        "contact": document["contact"],
        "sample": document["sample"],
        "coldpoint": document["versions"]["coldpoint"],
    }


def _refused(outcome: Outcome, failure: object) -> Outcome:
    already = outcome.status == STORAGE_ERROR and outcome.error
    refused = replace(outcome, status="storage error")
    return refused if already else _with(refused, f"StorageError: {failure}")


def _with(outcome: Outcome, error: str) -> Outcome:
    return replace(outcome, error=f"{outcome.error}; {error}" if outcome.error else error)
