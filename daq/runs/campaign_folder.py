"""The folder of a campaign: what was asked, what happened, and every run with its number."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from daq.runs.durability import write_new
from daq.runs.engine import Outcome
from daq.runs.header import Described
from daq.runs.journal import Journal, JournalContent, read_journal
from daq.runs.names import RunName, check_procedure_name, run_names, slug
from daq.runs.reserve import Reserve
from daq.runs.run_file import RunFile, StationView, Storage
from instruments.clock import Clock
from instruments.closing import Closing
from instruments.errors import StorageError

JOURNAL = "journal.jsonl"
_MOST_NAMESAKES = 1000


class Named(Described, Protocol):
    """A procedure that knows its name in snake case."""

    @property
    def name(self) -> str:
        """Return the name."""
        ...


class CampaignFolder(Closing):
    """A campaign on disk, open for writing; make one with `create` or `reopen`.

    Parameters
    ----------
    path
        The folder.
    journal
        Its journal, open.
    sample
        Name of the sample.
    storage
        How runs are stored; with the defaults if omitted.
    """

    def __init__(
        self, path: Path, journal: Journal, *, sample: str = "", storage: Storage | None = None
    ) -> None:
        self.path = path
        self.journal = journal
        self.sample = sample
        self._storage = Storage() if storage is None else storage
        # A number is used once, even if its files could never be made.
        self._highest = max((event.get("run", 0) for event in self.history().events), default=0)

    @classmethod
    def create(
        cls,
        data: Path,
        title: str,
        clock: Clock,
        plan: Mapping[str, Any],
        *,
        sequence: str | bytes,
        station: str | bytes,
        sample: str = "",
        storage: Storage | None = None,
    ) -> Self:
        """Make the folder of a new campaign; all of it is on the disk when this returns.

        Parameters
        ----------
        data
            The folder of all campaigns; made if it is not there.
        title
            Of the campaign; what a file name cannot hold becomes ``-``.
        clock
            The clock of the station; it names the folder.
        plan
            The resolved plan, for the first line of the journal.
        sequence
            The sequence file, verbatim.
        station
            The station file, verbatim.
        sample
            Name of the sample.
        storage
            How runs are stored; with the defaults if omitted.

        Returns
        -------
        CampaignFolder
            Ready for runs.

        Raises
        ------
        StorageError
            The folder cannot be made.
        """
        storage = Storage() if storage is None else storage
        try:
            path = _new_folder(data, f"{clock.utc():%Y-%m-%dT%H%M%SZ}-{slug(title)}")
            write_new(path / "sequence.yaml", _verbatim(sequence), storage.disk)
            write_new(path / "station.yaml", _verbatim(station), storage.disk)
            room = Reserve(path)
            journal = Journal.create(path / JOURNAL, plan, clock, storage.disk, reserve=room)
            storage.disk.sync_folder(data)
        except OSError as failure:
            raise StorageError(
                f"no campaign can be made in {data}: {failure}; free space or give another folder"
            ) from failure
        return cls(path, journal, sample=sample, storage=storage)

    @classmethod
    def reopen(
        cls, path: Path, clock: Clock, *, sample: str = "", storage: Storage | None = None
    ) -> Self:
        """Open a campaign to go on with it.

        Parameters
        ----------
        path
            The folder.
        clock
            The clock of the station.
        sample
            Name of the sample.
        storage
            How runs are stored; with the defaults if omitted.

        Returns
        -------
        CampaignFolder
            Ready for more runs.

        Raises
        ------
        StorageError
            There is no journal that can be read and written.
        """
        storage = Storage() if storage is None else storage
        journal = Journal.reopen(path / JOURNAL, clock, storage.disk, reserve=Reserve(path))
        return cls(path, journal, sample=sample, storage=storage)

    def history(self) -> JournalContent:
        """Return the plan and what has happened so far."""
        return read_journal(self.path / JOURNAL)

    def begin_run(
        self, procedure: Named, station: StationView, *, repeat: int | None = None, **step: Any
    ) -> RunFile:
        """Make the files of a run and say so in the journal.

        Closing the run writes ``run ended`` into the journal, synced, after the files.

        Parameters
        ----------
        procedure
            The procedure with its settings.
        station
            The open station.
        repeat
            Number of the run of which this is another attempt; a new run if omitted.
        **step
            What else belongs to both lines of the journal, such as the step of the plan.

        Returns
        -------
        RunFile
            The sink for `daq.runs.engine.execute`.

        Raises
        ------
        StorageError
            A file cannot be made, or there is no such run to repeat.
        """
        name = self._next_name(check_procedure_name(procedure.name), repeat)
        about = {**step, "run": name.number, "attempt": name.attempt, "procedure": name.procedure}
        about["file"] = f"{name.stem}.csv"

        def closed(outcome: Outcome) -> None:
            self.journal.event(
                "run ended",
                sync=True,
                **about,
                outcome=outcome.status,
                rows=outcome.rows,
                error=outcome.error,
            )

        # The line comes first: a run that may have touched the sample is never unknown to resume.
        self.journal.event("run begun", sync=True, **about)
        return RunFile(
            self.path,
            name,
            procedure,
            station,
            sample=self.sample,
            storage=self._storage,
            closed=closed,
            make_room=self.journal.make_room,
        )

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    def _next_name(self, procedure: str, repeat: int | None) -> RunName:
        names = run_names(self.path)
        if repeat is None:
            self._highest = max(self._highest, names[-1].number if names else 0) + 1
            return RunName(self._highest, 1, procedure)
        earlier = [name for name in names if name.number == repeat]
        if not earlier:
            raise StorageError(f"there is no run {repeat} in {self.path} to try again")
        if earlier[-1].procedure != procedure:
            raise StorageError(
                f"run {repeat} in {self.path} is {earlier[-1].procedure}, not {procedure};"
                " begin a new run"
            )
        return earlier[-1].next_attempt()


def _new_folder(data: Path, name: str) -> Path:
    data.mkdir(parents=True, exist_ok=True)
    for count in range(1, _MOST_NAMESAKES):
        path = data / (name if count == 1 else f"{name}-{count}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise StorageError(
        f"{data / name} and all its namesakes exist; give the campaign another title"
    )


def _verbatim(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
