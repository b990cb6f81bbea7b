"""Carry out a plan, step by step, and write down what happens before and after each."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from daq.campaign import plan
from daq.campaign.plan import LeafStep, OnError, PlannedStep
from daq.campaign.words import in_words
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import CleanUpError, Follower, Outcome, execute
from instruments.errors import ColdpointError
from instruments.station import Station
from instruments.waiting import Event, Steps, Stop, drive, wait
from procedures.base import Resume, StationProcedure
from procedures.environment import reach_angle, reach_field, reach_temperature

Ending = Literal["finished", "aborted", "failed"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run of a campaign.

    Parameters
    ----------
    procedure
        Its name.
    outcome
        How it ended.
    csv
        Its file.
    error
        What went wrong, in one line.
    """

    procedure: str
    outcome: str
    csv: Path
    error: str = ""


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """How a campaign ended.

    Parameters
    ----------
    status
        ``finished`` only if every step was done.
    folder
        The campaign folder.
    runs
        In order.
    error
        Why it did not finish, in one line.
    skipped
        Steps that failed and were skipped, as the sequence says.
    """

    status: Ending
    folder: Path
    runs: tuple[RunSummary, ...]
    error: str = ""
    skipped: int = 0


class StepFailedError(ColdpointError):
    """Raise when a run did not finish; its own error is in the message."""


@dataclass
class Conductor:
    """Carry out planned steps on an open station.

    Parameters
    ----------
    station
        The station; it is neither opened nor closed here.
    folder
        Where runs and journal go.
    procedures
        By the name that a sequence uses.
    stop
        Set by anybody to abort.
    follower
        Told of every event of every step.
    announce
        Told in words when a step begins: index, and what it does.
    """

    station: Station
    folder: CampaignFolder
    procedures: Mapping[str, type[StationProcedure]]
    stop: threading.Event = field(default_factory=threading.Event)
    follower: Follower | None = None
    announce: Callable[[int, str], None] = lambda _index, _words: None
    _runs: list[RunSummary] = field(default_factory=list)
    _skipped: int = 0

    def carry_out(self, steps: Sequence[PlannedStep], on_error: OnError) -> CampaignOutcome:
        """Carry out `steps` in order, and make the station safe at the end, whatever the end is.

        Parameters
        ----------
        steps
            In the order of execution.
        on_error
            What happens when a step fails.

        Returns
        -------
        CampaignOutcome
            How it ended.
        """
        status, error = self._carry_out(steps, on_error)
        problem = self._land()
        if problem:
            status, error = "failed", f"{error}; {problem}" if error else problem
        self.folder.journal.event("campaign ended", sync=True, outcome=status, error=error)
        return CampaignOutcome(
            status, self.folder.path, tuple(self._runs), error, skipped=self._skipped
        )

    def _carry_out(self, steps: Sequence[PlannedStep], on_error: OnError) -> tuple[Ending, str]:
        for planned in steps:
            try:
                self._with_retries(planned, on_error)
            except Stop:
                return "aborted", "stopped on request"
            except ColdpointError as failure:
                if on_error.then == "land":
                    return "failed", f"step {planned.index}: {failure}"
                self._skipped += 1
        return "finished", ""

    def _with_retries(self, planned: PlannedStep, on_error: OnError) -> None:
        words = in_words(planned.step)
        where = [str(point) for point in planned.loops]
        for attempt in range(on_error.retry + 1):
            self.folder.journal.event(
                "step begun", sync=True, step=planned.index, what=words, loops=where
            )
            self.announce(planned.index, words)
            try:
                self._step(planned)
            except ColdpointError as failure:
                last = attempt == on_error.retry or not self._may_repeat(planned.step)
                self.folder.journal.event(
                    "step failed",
                    sync=True,
                    step=planned.index,
                    error=" ".join(str(failure).split()),
                    then=on_error.then if last else "retry",
                )
                if last:
                    raise
            else:
                self.folder.journal.event("step ended", sync=True, step=planned.index)
                return

    def _may_repeat(self, step: LeafStep) -> bool:
        if not isinstance(step, plan.ProcedureStep):
            return True
        return self.procedures[step.name].resume is not Resume.ASK

    def _step(self, planned: PlannedStep) -> None:
        step = planned.step
        if isinstance(step, plan.ProcedureStep):
            self._measure(planned, step)
        elif isinstance(step, plan.NoteStep):
            self.folder.journal.event("note", sync=True, text=step.text)
        else:
            self._drive(_environment(self.station, step))

    def _measure(self, planned: PlannedStep, step: plan.ProcedureStep) -> None:
        procedure = self.procedures[step.name](**step.settings)
        sink = self.folder.begin_run(procedure, self.station, step=planned.index)
        followers = () if self.follower is None else (self.follower,)
        try:
            outcome = execute(procedure, self.station, sink, self.stop, followers)
        except CleanUpError as failure:
            self._note_run(step.name, failure.outcome, sink.csv)
            raise
        self._note_run(step.name, outcome, sink.csv)
        if outcome.status == "aborted":
            raise Stop
        if outcome.status != "finished":
            raise StepFailedError(f"{step.name} {outcome.status}: {outcome.error}")

    def _note_run(self, name: str, outcome: Outcome, csv: Path) -> None:
        self._runs.append(RunSummary(name, outcome.status, csv, outcome.error))

    def _drive(self, story: Steps[None]) -> None:
        drive(
            story,
            self.station.clock,
            stopped=self.stop.is_set,
            handle=self._tell,
            stop=self.stop,
        )

    def _tell(self, event: Event) -> None:
        if self.follower is not None:
            self.follower.offer(event, 0)

    def _land(self) -> str:
        """Make the station safe and return what could not be made so."""
        try:
            steps = self.station.make_safe()
        except ExceptionGroup as failures:
            problem = " ".join(str(failures).split())
            self.folder.journal.event("not safe", sync=True, error=problem)
            return problem
        self.folder.journal.event("made safe", sync=True, instruments=[s.role for s in steps])
        return ""


def _environment(station: Station, step: LeafStep) -> Steps[None]:
    """Tell the story of a step that sets the surroundings of the sample."""
    match step:
        case plan.TemperatureStep():
            yield from reach_temperature(station, step.to, step.rate, step.approach)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.FieldStep():
            yield from reach_field(station, step.to, step.rate, step.approach, step.mode)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.AngleStep():
            yield from reach_angle(station, step.to, step.rate)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.WaitStep():
            yield from wait(station.clock, step.seconds, "as the sequence says")
        case plan.ContactStep() if step.to == station.contact:
            return
        case _:
            raise ColdpointError(
                f"station {station.name} cannot carry out {in_words(step)!r}; remove the step"
            )
