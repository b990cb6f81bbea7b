"""Carry out a plan, step by step, and write down what happens before and after each."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daq.campaign import plan
from daq.campaign.attempts import begin_attempt, is_complete, where
from daq.campaign.control import Control
from daq.campaign.outcome import CampaignOutcome, Ending, RunSummary, Start
from daq.campaign.plan import LeafStep, OnError, PlannedStep, Watch
from daq.campaign.policy import (
    NotAtRestError,
    Policy,
    Sentry,
    UnansweredError,
    WatchError,
    Watchman,
)
from daq.campaign.reference import References, RowKeeper, past_of
from daq.campaign.surroundings import set_surroundings
from daq.campaign.words import in_words
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import CleanUpError, Follower, Outcome, execute
from daq.runs.run_file import RunFile
from instruments.errors import ColdpointError, StorageError
from instruments.station import Station
from instruments.switch import OperatorNeededError
from instruments.waiting import Event, Steps, Stop, Value, Wait, drive
from procedures.base import Resume, StationProcedure

__all__ = ["CampaignOutcome", "Conductor", "RunSummary", "Start", "StepFailedError"]

PATIENCE = 1800.0
"""Time in s that a pause waits for a decision before the station is made safe."""
LOOK = 1.0
"""Time in s between two looks for a decision."""


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
        Set by anybody to abort; a `Control` can be asked for more.
    follower
        Told of every event of every step.
    announce
        Told in words when a step begins: index, and what it does.
    say
        Told in words what a person must know at once.
    watch
        What is judged at every point.
    patience
        Time in s that a pause waits for a decision before the station is made safe.
    reference
        What is measured again and again between the runs; None for nothing.
    """

    station: Station
    folder: CampaignFolder
    procedures: Mapping[str, type[StationProcedure]]
    stop: threading.Event = field(default_factory=threading.Event)
    follower: Follower | None = None
    announce: Callable[[int, str], None] = lambda _index, _words: None
    say: Callable[[str], None] = lambda _words: None
    watch: Watch | None = None
    patience: float = PATIENCE
    reference: plan.Reference | None = None
    _runs: list[RunSummary] = field(default_factory=list)
    _skipped: int = 0
    _run: int | None = None
    _unwatched: bool = False
    _contact: str | None = None
    _references: References | None = None
    landed: bool = False
    """Whether the campaign has ended and everything was made safe."""

    def __post_init__(self) -> None:
        self._control = self.stop if isinstance(self.stop, Control) else Control(self.stop)

    def carry_out(
        self, steps: Sequence[PlannedStep], on_error: OnError, start: Start | None = None
    ) -> CampaignOutcome:
        """Carry out `steps` in order, and make the station safe at the end, whatever the end is.

        Parameters
        ----------
        steps
            In the order of execution.
        on_error
            What happens when a step fails.
        start
            Where to begin; at the first step if omitted.

        Returns
        -------
        CampaignOutcome
            How it ended.
        """
        start = Start() if start is None else start
        if self.reference is not None:
            past = past_of(self.folder.history().events)
            self._references = References(self.reference, steps, self, past)
        land = self.station.foreign_setpoint == "land"
        policy = Policy(on_error, self.watch, "land" if land else "pause")
        try:
            status, error = self._carry_out(steps, policy, start)
        except BaseException as failure:
            interrupted = isinstance(failure, KeyboardInterrupt)
            self._end("aborted" if interrupted else "failed", _one_line(failure))
            raise
        return self._end(status, error)

    def _end(self, status: Ending, error: str) -> CampaignOutcome:
        problem = self._land()
        if problem:
            status, error = "failed", f"{error}; {problem}" if error else problem
        self.folder.journal.event("campaign ended", sync=True, outcome=status, error=error)
        return CampaignOutcome(
            status,
            self.folder.path,
            tuple(self._runs),
            error,
            skipped=self._skipped,
            references=() if self._references is None else tuple(self._references.readings),
        )

    def _carry_out(
        self, steps: Sequence[PlannedStep], policy: Policy, start: Start
    ) -> tuple[Ending, str]:
        planned = None
        try:
            for planned in start.before:
                self._bring_back(planned)
            for planned in steps[start.index :]:
                first = planned.index == start.index
                self._run = start.run if first else None
                self._unwatched = first and start.unwatched
                self._with_policy(planned, policy)
        except Stop:
            return "aborted", "stopped on request"
        except ColdpointError as failure:
            step = "" if planned is None else f"step {planned.index + 1}: "
            return "failed", f"{step}{failure}"
        return "finished", ""

    def _bring_back(self, planned: PlannedStep) -> None:
        self._note_contact(planned)
        words = in_words(planned.step)
        self.folder.journal.event("bringing back", sync=True, step=planned.index, what=words)
        self.announce(planned.index, f"bringing back: {words}")
        while True:
            try:
                self._drive(set_surroundings(self.station, planned.step))
            except OperatorNeededError as needed:
                if not self._wired(planned, needed):
                    raise
            else:
                break
        self.folder.journal.event("brought back", step=planned.index, **where(self.station))

    def _with_policy(self, planned: PlannedStep, policy: Policy) -> None:
        tried = 0
        while True:
            try:
                self._once(planned)
            except Stop:
                if not self._goes_on(planned):
                    return
            except ColdpointError as failure:
                tried += 1
                if not self._repeats(planned, policy, failure, tried):
                    return
            else:
                return

    def _once(self, planned: PlannedStep) -> None:
        if self._control.is_set():
            raise Stop
        self._note_contact(planned)
        self._refer(planned)
        if self._is_on_wrong_contact(planned):
            return
        words = in_words(planned.step)
        loops = [str(point) for point in planned.loops]
        self._tell_journal("step begun", planned, what=words, loops=loops)
        self.announce(planned.index, words)
        if self._may_repeat(planned.step):
            self._step(planned)
        else:
            with self._control.undisturbed():
                self._step(planned)
        self._tell_journal("step ended", planned, **where(self.station))

    def _note_contact(self, planned: PlannedStep) -> None:
        if isinstance(planned.step, plan.ContactStep):
            self._contact = planned.step.to

    def _is_on_wrong_contact(self, planned: PlannedStep) -> bool:
        """Tell whether a step would measure another contact than the plan means; say so.

        A contact step that was skipped leaves the old contact wired. What was meant for the other
        one is then skipped up to the next contact step; temperature, field and angle are still set,
        since what comes after builds on them.
        """
        wired = self.station.contact
        if not isinstance(planned.step, plan.ProcedureStep) or self._contact in {None, wired}:
            return False
        why = f"meant for {self._contact!r}, and {wired or 'nothing known'!r} is wired"
        self._tell_journal("step skipped", planned, why=why)
        self.say(f"step {planned.index + 1} is skipped: {why}")
        self._skipped += 1
        return True

    def _refer(self, planned: PlannedStep) -> None:
        """Take a reference if one is due; a request to skip skips only the reference."""
        if self._references is None or not self._references.wanted(planned):
            return
        self.announce(planned.index, "reference")
        try:
            self._references.before(planned)
        except Stop:
            request = self._control.take()
            if request != "skip":
                self._control.ask("abort" if request is None else request)
                raise
            self._references.go_back()

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
        sink = self.folder.begin_run(procedure, self.station, reference=True)
        keeper = RowKeeper()
        self._execute(procedure, sink, Sentry(self.station), keeper)
        return keeper.rows, sink.csv.name

    def go(self, story: Steps[None]) -> None:
        """Carry out a story that sets the surroundings."""
        self._drive(story, Sentry(self.station))

    def note(self, event: str, **fields: Any) -> None:
        """Write a line into the journal that belongs to no step."""
        self.folder.journal.event(event, sync=True, **fields, **where(self.station))

    def _goes_on(self, planned: PlannedStep) -> bool:
        """Take note of what was asked for; tell whether the step is to be carried out again."""
        request = self._control.take()
        if request == "skip":
            self._tell_journal("step skipped", planned, why="on request")
            return False
        if request == "pause":
            return self._decided(planned, "on request")
        if request == "abort":
            raise Stop
        return True

    def _repeats(
        self, planned: PlannedStep, policy: Policy, failure: ColdpointError, tried: int
    ) -> bool:
        """Follow the policy; tell whether the step is to be carried out again."""
        repeatable = self._may_repeat(planned.step)
        then = policy.after(failure, tried=tried, repeatable=repeatable)
        self._tell_journal(
            "step failed",
            planned,
            error=_one_line(failure),
            then=then,
            tried=tried,
            retries=policy.on_error.retry,
            watch=isinstance(failure, WatchError),
            **where(self.station),
        )
        if then == "land":
            raise failure
        if isinstance(failure, OperatorNeededError):
            return self._wired(planned, failure)
        if then == "pause":
            return self._decided(planned, _one_line(failure))
        self._skipped += then == "skip"
        return then == "retry"

    def _decided(self, planned: PlannedStep, why: str) -> bool:
        """Wait, at rest, until somebody decides; tell whether the step is to be carried out."""
        self._tell_journal("paused", planned, why=why, patience=self.patience)
        self.say(f"paused at step {planned.index + 1}: {why}")
        while True:
            with suppress(Stop):
                self._drive(self._pause(why))
            request = self._control.take()
            if request == "abort":
                raise Stop
            if request in {"go on", "skip"}:
                break
        self._tell_journal("decided", planned, decision=request)
        self._unwatched = True
        Sentry(self.station).accept()
        if request == "go on" and self._may_repeat(planned.step):
            return True
        self._tell_journal("step skipped", planned, why=f"paused and {request}")
        return False

    def _wired(self, planned: PlannedStep, needed: OperatorNeededError) -> bool:
        """Pause, with the outputs at rest, until a person has moved the wires; tell whether."""
        why = f"wire {needed.contact!r} by hand, the outputs are off; then tell it to go on"
        if not self._decided(planned, why):
            return False
        self.station.instruments["switch"].confirm(needed.contact)
        self._tell_journal("wired by hand", planned, contact=needed.contact)
        return True

    def _pause(self, why: str) -> Steps[None]:
        clock = self.station.clock
        until = clock.now() + self.patience
        while not self._control.answered():
            if clock.now() >= until:
                raise UnansweredError(f"{why}; nobody decided within {self.patience:g} s")
            yield Wait(clock.now() + LOOK, "a decision")

    def _may_repeat(self, step: LeafStep) -> bool:
        if not isinstance(step, plan.ProcedureStep):
            return True
        return self.procedures[step.name].resume is not Resume.ASK

    def _step(self, planned: PlannedStep) -> None:
        step = planned.step
        if isinstance(step, plan.ProcedureStep):
            self._measure(planned, step)
        elif isinstance(step, plan.NoteStep):
            self._tell_journal("note", planned, text=step.text)
        else:
            self._drive(set_surroundings(self.station, step), Sentry(self.station))

    def _measure(self, planned: PlannedStep, step: plan.ProcedureStep) -> None:
        procedure = self.procedures[step.name](**step.settings)
        sink = begin_attempt(
            self.folder, procedure, self.station, step=planned.index, run=self._run
        )
        self._run = sink.name.number
        if is_complete(procedure):
            self._note_run(step.name, sink.close(Outcome("finished")), sink.csv)
            return
        watchman = None
        if self.watch is not None and not self._unwatched:
            watchman = Watchman(self.watch)
        self._execute(procedure, sink, Sentry(self.station), watchman)

    def _execute(
        self,
        procedure: StationProcedure,
        sink: RunFile,
        sentry: Sentry,
        judge: Watchman | RowKeeper | None,
    ) -> None:
        """Carry out a run and store it; raise unless it finished and nobody is alarmed."""
        followers: list[Follower] = [] if self.follower is None else [self.follower]
        followers += [sentry] if judge is None else [sentry, judge]
        try:
            outcome = execute(
                procedure, self.station, sink, self._control, followers, look=sentry.look
            )
        except CleanUpError as failure:
            outcome = failure.outcome
            self._rest()
        self._note_run(procedure.name, outcome, sink.csv)
        if sentry.alarm is not None:
            raise sentry.alarm
        if isinstance(judge, Watchman) and judge.alarm is not None:
            raise judge.alarm
        _raise_unless_finished(procedure.name, outcome)

    def _rest(self) -> None:
        """Bring the outputs down a second time: the link may have been lost for a moment only."""
        try:
            self.station.finish()
        except (ColdpointError, ExceptionGroup) as failure:
            raise NotAtRestError(
                f"the outputs did not come down after the run: {_one_line(failure)}; look at the"
                " source and the lock-in"
            ) from failure

    def _note_run(self, name: str, outcome: Outcome, csv: Path) -> None:
        self._runs.append(RunSummary(name, outcome.status, csv, outcome.error))

    def _drive(self, story: Steps[None], sentry: Sentry | None = None) -> None:
        def tell(event: Event) -> None:
            for follower in (self.follower, sentry):
                if follower is not None:
                    follower.offer(event, 0)

        drive(
            story,
            self.station.clock,
            stopped=self._control.is_set,
            handle=tell,
            stop=self._control,
            look=None if sentry is None else sentry.look,
        )

    def _tell_journal(self, event: str, planned: PlannedStep, **fields: Any) -> None:
        self.folder.journal.event(event, sync=True, step=planned.index, **fields)

    def _land(self) -> str:
        """Make the station safe and return what could not be made so."""
        try:
            steps = self.station.make_safe()
        except ExceptionGroup as failures:
            problem = _one_line(failures)
            self.folder.journal.event("not safe", sync=True, error=problem)
            return problem
        roles = [step.role for step in steps]
        self.landed = True
        self.folder.journal.event("made safe", sync=True, instruments=roles, **where(self.station))
        return ""


def _raise_unless_finished(name: str, outcome: Outcome) -> None:
    if outcome.status == "aborted":
        raise Stop
    if outcome.status == "storage error":
        raise StorageError(f"{name}: {outcome.error}")
    if outcome.status != "finished":
        raise StepFailedError(f"{name} {outcome.status}: {outcome.error}")


def _one_line(failure: BaseException) -> str:
    return " ".join(str(failure).split()) or type(failure).__name__
