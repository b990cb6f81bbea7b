"""Runs of a campaign: carried out into files of their own, watched, and brought to rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daq.campaign import plan
from daq.campaign.attempts import Attempts, begin_attempt, is_complete, where
from daq.campaign.outcome import RunSummary
from daq.campaign.plain_words import in_plain_words
from daq.campaign.plan import Watch
from daq.campaign.policy import NotAtRestError, Sentry, Watchman
from daq.campaign.reference import RowKeeper
from daq.campaign.stage import Stage
from daq.runs.csv_file import STORAGE_ERROR
from daq.runs.engine import CleanUpError, Follower, Outcome, execute
from daq.runs.run_file import RunFile
from instruments.errors import ColdpointError, StorageError, one_line
from instruments.station import Station
from instruments.waiting import Steps, Stop, Value
from procedures.base import StationProcedure


class StepFailedError(ColdpointError):
    """Raise when a run did not finish; its own error is in the message."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Carry out the measuring steps, and what a reference needs.

    Parameters
    ----------
    stage
        Where the campaign takes place.
    procedures
        By the name that a sequence uses.
    watch
        What is judged at every point.
    done
        What has been run, in order; the list grows.
    """

    stage: Stage
    procedures: Mapping[str, type[StationProcedure]]
    watch: Watch | None = None
    done: list[RunSummary] = field(default_factory=list)

    @property
    def station(self) -> Station:
        """The open station."""
        return self.stage.station

    def measure(self, attempts: Attempts, step: plan.ProcedureStep) -> None:
        """Carry out a measuring step, or what is missing of it.

        Parameters
        ----------
        attempts
            At the step so far.
        step
            What is measured.

        Raises
        ------
        ColdpointError
            The run did not finish, or somebody is alarmed.
        """
        procedure = self.procedures[step.name](**step.settings)
        sink = begin_attempt(
            self.stage.folder,
            procedure,
            self.station,
            step=attempts.planned.index,
            run=attempts.run,
        )
        attempts.run = sink.name.number
        if is_complete(procedure):
            self._note_run(step.name, sink.close(Outcome("finished")), sink.csv)
            return
        watchman = None
        if self.watch is not None and not attempts.unwatched:
            watchman = Watchman(self.watch)
        self._execute(procedure, sink, Sentry(self.station), watchman)

    def take_reference(self, step: plan.ProcedureStep) -> tuple[Sequence[Mapping[str, Value]], str]:
        """Measure a reference as a run of its own; see `daq.campaign.reference.Taker`.

        Parameters
        ----------
        step
            What is measured.

        Returns
        -------
        tuple
            The rows, and the name of their file.
        """
        procedure = self.procedures[step.name](**step.settings)
        # No step is named: it is a run of none of them, and no resume takes it for one.
        sink = self.stage.folder.begin_run(procedure, self.station, reference=True)
        keeper = RowKeeper()
        self._execute(procedure, sink, Sentry(self.station), keeper)
        return keeper.rows, sink.csv.name

    def go(self, story: Steps[None]) -> None:
        """Carry out a story that sets the surroundings."""
        self.stage.drive(story, Sentry(self.station))

    def note(self, event: str, **fields: Any) -> None:
        """Write a line into the journal that belongs to no step."""
        self.stage.folder.journal.event(event, sync=True, **fields, **where(self.station))

    def _execute(
        self,
        procedure: StationProcedure,
        sink: RunFile,
        sentry: Sentry,
        judge: Watchman | RowKeeper | None,
    ) -> None:
        """Carry out a run and store it; raise unless it finished and nobody is alarmed."""
        followers: list[Follower] = [] if self.stage.follower is None else [self.stage.follower]
        followers += [sentry] if judge is None else [sentry, judge]
        control = self.stage.control
        try:
            outcome = execute(procedure, self.station, sink, control, followers, look=sentry.look)
        except CleanUpError as failure:
            outcome = failure.outcome
            self._rest()
        self._note_run(procedure.name, outcome, sink.csv)
        if outcome.status != STORAGE_ERROR:  # what an alarm is followed by may go on measuring
            if sentry.alarm is not None:
                raise sentry.alarm
            if isinstance(judge, Watchman) and judge.alarm is not None:
                raise judge.alarm
        _raise_unless_finished(procedure.name, outcome, sink.json)

    def _rest(self) -> None:
        """Bring the outputs down a second time: the link may have been lost for a moment only."""
        try:
            self.station.finish()
        except (ColdpointError, ExceptionGroup) as failure:
            raise NotAtRestError(
                f"the outputs did not come down after the run: {one_line(failure)}; look at the"
                " source and the lock-in"
            ) from failure

    def _note_run(self, name: str, outcome: Outcome, csv: Path) -> None:
        self.done.append(RunSummary(name, outcome.status, csv, outcome.error))


def _raise_unless_finished(name: str, outcome: Outcome, json: Path) -> None:
    if outcome.status == "aborted":
        raise Stop
    if outcome.status == STORAGE_ERROR:
        raise StorageError(f"{name}: {outcome.error}")
    if outcome.flaw:
        raise StepFailedError(
            f"{name} broke off by a flaw in its own code ({in_plain_words(outcome.error)}); the"
            f" {outcome.rows} rows before it are stored, and {json.name} has the place for its"
            " author"
        )
    if outcome.status != "finished":
        raise StepFailedError(f"{name} {outcome.status}: {outcome.error}")
