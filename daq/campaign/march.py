"""The way through the steps of a plan: each begun, carried out, ended, repeated or skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daq.campaign import plan
from daq.campaign.attempts import Attempts, may_repeat, where
from daq.campaign.measuring import Runs
from daq.campaign.outcome import Ending, Start
from daq.campaign.pauses import Pauses
from daq.campaign.plan import PlannedStep
from daq.campaign.policy import Policy, Sentry, WatchError
from daq.campaign.reference import References
from daq.campaign.stage import Stage
from daq.campaign.surroundings import set_surroundings
from daq.campaign.words import in_words
from instruments.errors import ColdpointError, StorageError, one_line
from instruments.switch import OperatorNeededError
from instruments.waiting import Stop


@dataclass(slots=True)
class March:
    """Carry out one step after the other; what fails or is asked for decides how it goes on.

    Parameters
    ----------
    stage
        Where the campaign takes place.
    runs
        Carries out the measuring steps.
    pauses
        Waits for people.
    policy
        Says what follows a failure.
    announce
        Told in words when a step begins: index, and what it does.
    references
        What is measured in between; None for nothing.
    skipped
        How many steps failed, or could not be meant, and were skipped.
    """

    stage: Stage
    runs: Runs
    pauses: Pauses
    policy: Policy
    announce: Callable[[int, str], None]
    references: References | None = None
    skipped: int = 0
    _contact: str | None = None

    def through(self, steps: Sequence[PlannedStep], start: Start) -> tuple[Ending, str]:
        """Carry out the steps of a plan in order.

        Parameters
        ----------
        steps
            In the order of execution.
        start
            Where to begin.

        Returns
        -------
        tuple
            How it ended, and why unless it finished.
        """
        planned = None
        try:
            for planned in start.before:
                self._bring_back(self._attempts(planned))
            for planned in steps[start.index :]:
                attempts = self._attempts(planned)
                if planned.index == start.index:
                    attempts.run, attempts.unwatched = start.run, start.unwatched
                self._with_policy(attempts)
        except Stop:
            return "aborted", "stopped on request"
        except ColdpointError as failure:
            step = "" if planned is None else f"step {planned.index + 1}: "
            return "failed", f"{step}{failure}"
        return "finished", ""

    def _attempts(self, planned: PlannedStep) -> Attempts:
        return Attempts(planned, may_repeat(planned.step, self.runs.procedures))

    def _bring_back(self, attempts: Attempts) -> None:
        planned, journal = attempts.planned, self.stage.folder.journal
        self._note_contact(planned)
        words = in_words(planned.step)
        journal.event("bringing back", sync=True, step=planned.index, what=words)
        self.announce(planned.index, f"bringing back: {words}")
        while True:
            try:
                sentry = Sentry(self.stage.station, foreign=False)
                self.stage.drive(set_surroundings(self.stage.station, planned.step), sentry)
            except OperatorNeededError as needed:
                if not self.pauses.wired(attempts, needed):
                    raise
            else:
                break
        journal.event("brought back", step=planned.index, **where(self.stage.station))

    def _with_policy(self, attempts: Attempts) -> None:
        tried = 0
        while True:
            try:
                self._once(attempts)
            except Stop:
                if not self.pauses.goes_on(attempts):
                    return
            except ColdpointError as failure:
                tried += 1
                if not self._repeats(attempts, failure, tried):
                    return
            else:
                return

    def _once(self, attempts: Attempts) -> None:
        planned, control = attempts.planned, self.stage.control
        if control.is_set():
            raise Stop
        self._note_contact(planned)
        self._refer(planned)
        if self._is_on_wrong_contact(planned):
            return
        words = in_words(planned.step)
        loops = [str(point) for point in planned.loops]
        self.stage.tell("step begun", planned, what=words, loops=loops)
        self.announce(planned.index, words)
        if attempts.repeatable:
            self._step(attempts)
        else:
            with control.undisturbed():
                self._step(attempts)
        self.stage.tell("step ended", planned, **where(self.stage.station))

    def _step(self, attempts: Attempts) -> None:
        step = attempts.planned.step
        if isinstance(step, plan.ProcedureStep):
            self.runs.measure(attempts, step)
        elif isinstance(step, plan.NoteStep):
            self.stage.tell("note", attempts.planned, text=step.text)
        else:
            station = self.stage.station
            self.stage.drive(set_surroundings(station, step), Sentry(station))

    def _repeats(self, attempts: Attempts, failure: ColdpointError, tried: int) -> bool:
        """Follow the policy; tell whether the step is to be carried out again."""
        then = self.policy.after(failure, tried=tried, repeatable=attempts.repeatable)
        try:
            self.stage.tell(
                "step failed",
                attempts.planned,
                error=one_line(failure),
                then=then,
                tried=tried,
                retries=self.policy.on_error.retry,
                watch=isinstance(failure, WatchError),
                **where(self.stage.station),
            )
        except StorageError as unwritten:  # the first failure says more than the second
            raise StorageError(f"{one_line(failure)}; {unwritten}") from failure
        if then == "land":
            raise failure
        if isinstance(failure, OperatorNeededError):
            return self.pauses.wired(attempts, failure)
        if then == "pause":
            return self.pauses.decided(attempts, one_line(failure))
        self.skipped += then == "skip"
        return then == "retry"

    def _note_contact(self, planned: PlannedStep) -> None:
        if isinstance(planned.step, plan.ContactStep):
            self._contact = planned.step.to

    def _is_on_wrong_contact(self, planned: PlannedStep) -> bool:
        """Tell whether a step would measure another contact than the plan means; say so.

        A contact step that was skipped leaves the old contact wired. What was meant for the other
        one is then skipped up to the next contact step; temperature, field and angle are still set,
        since what comes after builds on them.
        """
        wired = self.stage.station.contact
        if not isinstance(planned.step, plan.ProcedureStep) or self._contact in {None, wired}:
            return False
        why = f"meant for {self._contact!r}, and {wired or 'nothing known'!r} is wired"
        self.stage.tell("step skipped", planned, why=why)
        self.stage.say(f"step {planned.index + 1} is skipped: {why}")
        self.skipped += 1
        return True

    def _refer(self, planned: PlannedStep) -> None:
        """Take a reference if one is due; a request to skip skips only the reference."""
        if self.references is None or not self.references.wanted(planned):
            return
        self.announce(planned.index, "reference")
        try:
            self.references.before(planned)
        except Stop:
            control = self.stage.control
            request = control.take()
            if request != "skip":
                control.ask("abort" if request is None else request)
                raise
            self.references.go_back()
