"""Carry out a plan on an open station, and make everything safe at its end, whatever the end is.

What belongs to it stands beside: `daq.campaign.march` goes through the steps, `stage` is where they
take place, `measuring` has the runs, `attempts` what is known of earlier ones, `pauses` what people
decide, `policy` what follows a failure, and `reference` the checks in between.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from daq.campaign import plan
from daq.campaign.attempts import where
from daq.campaign.control import Control
from daq.campaign.march import March
from daq.campaign.measuring import Runs
from daq.campaign.outcome import CampaignOutcome, Ending, Start
from daq.campaign.pauses import PATIENCE, Pauses
from daq.campaign.plan import OnError, PlannedStep, Watch
from daq.campaign.policy import Policy
from daq.campaign.reference import References
from daq.campaign.reference_readings import past_of
from daq.campaign.stage import Stage
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Follower
from instruments.errors import StorageError, one_line
from instruments.making_safe import NotSafeError
from instruments.station import Station
from procedures.base import StationProcedure


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
    dismiss
        Called when everything is safe and the end is written: nobody needs to guard it any more.
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
    dismiss: Callable[[], None] = lambda: None
    landed: bool = field(default=False, init=False)
    """Whether the campaign has ended and everything was made safe."""
    _over: bool = field(default=False, init=False)

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """Make the station safe and write the end of the campaign if something raises inside.

        Whoever has begun a campaign in its journal is inside until it has ended: without a line of
        its end it would look as if its process had died.
        """
        try:
            yield
        except BaseException as failure:
            if not self._over:
                interrupted = isinstance(failure, KeyboardInterrupt)
                self._end("aborted" if interrupted else "failed", one_line(failure))
            raise

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
        control = self.stop if isinstance(self.stop, Control) else Control(self.stop)
        stage = Stage(self.station, self.folder, control, self.follower, self.say)
        runs = Runs(stage, self.procedures, self.watch)
        land = self.station.foreign_setpoint == "land"
        policy = Policy(on_error, self.watch, "land" if land else "pause")
        pauses = Pauses(stage, self.patience)
        march = March(stage, runs, pauses, policy, self.announce)
        with self.to_its_end():
            if self.reference is not None:
                past = past_of(self.folder.history().events)
                march.references = References(self.reference, steps, runs, past)
            status, error = march.through(steps, Start() if start is None else start)
        status, error = self._end(status, error)
        references = march.references
        return CampaignOutcome(
            status,
            self.folder.path,
            tuple(march.runs.done),
            error,
            skipped=march.skipped,
            references=() if references is None else tuple(references.readings),
        )

    def _end(self, status: Ending, error: str) -> tuple[Ending, str]:
        """Land and write the end, which is written also when the landing is broken off."""
        problem = "broken off while everything was made safe"
        try:
            problem = self._land()
        finally:
            self._over = True
            if problem:
                status, error = "failed", f"{error}; {problem}" if error else problem
            unwritten = self._write("campaign ended", outcome=status, error=error)
        if unwritten and unwritten not in error:
            status, error = "failed", f"{error}; {unwritten}" if error else unwritten
        if self.landed:
            self.dismiss()
        return status, error

    def _land(self) -> str:
        """Make the station safe and return what could not be made so."""
        try:
            steps = self.station.make_safe()
        except ExceptionGroup as failures:
            problem = one_line(failures)
            tried = failures.steps if isinstance(failures, NotSafeError) else ()
            reached = [step.role for step in tried if step.reached]
            missed = {step.role: step.problem for step in tried if not step.reached}
            self._write("not safe", error=problem, reached=reached, missed=missed)
            return problem
        self.landed = True
        roles = [step.role for step in steps]
        self._write("made safe", instruments=roles, **where(self.station))
        return ""

    def _write(self, event: str, **fields: Any) -> str:
        """Write a line at the end of the journal; return why it cannot be written, if so.

        The disk may be the very reason of the end: whoever carries out the campaign is still told.
        """
        try:
            self.folder.journal.event(event, sync=True, **fields)
        except StorageError as unwritten:
            return one_line(unwritten)
        return ""
