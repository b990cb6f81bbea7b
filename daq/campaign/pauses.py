"""Pauses of a campaign: the outputs at rest until somebody decides or has moved the wires."""

from contextlib import suppress
from dataclasses import dataclass

from daq.campaign.attempts import Attempts
from daq.campaign.policy import Sentry, UnansweredError
from daq.campaign.stage import Stage
from instruments.switch import OperatorNeededError
from instruments.waiting import Steps, Stop, Wait

PATIENCE = 1800.0
"""Time in s that a pause waits for a decision before the station is made safe."""
LOOK = 1.0
"""Time in s between two looks for a decision."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Follow what people ask for, and wait for them where they are needed.

    Parameters
    ----------
    stage
        Where the campaign takes place.
    patience
        Time in s that a pause waits for a decision before the station is made safe.
    """

    stage: Stage
    patience: float = PATIENCE

    def goes_on(self, attempts: Attempts) -> bool:
        """Take note of what was asked for; tell whether the step is to be carried out again.

        Parameters
        ----------
        attempts
            At the step that was interrupted.

        Returns
        -------
        bool
            False if it is skipped.

        Raises
        ------
        Stop
            The campaign is aborted.
        """
        request = self.stage.control.take()
        if request == "skip":
            self.stage.tell("step skipped", attempts.planned, why="on request")
            return False
        if request == "pause":
            return self.decided(attempts, "on request")
        if request == "abort":
            raise Stop
        return True

    def decided(self, attempts: Attempts, why: str) -> bool:
        """Wait, at rest, until somebody decides; tell whether the step is to be carried out.

        Parameters
        ----------
        attempts
            At the step that waits; it is not watched from now on.
        why
            In words.

        Returns
        -------
        bool
            False if it is skipped.

        Raises
        ------
        Stop
            The campaign is aborted.
        UnansweredError
            Nobody has decided in time.
        """
        stage, planned = self.stage, attempts.planned
        stage.tell("paused", planned, why=why, patience=self.patience)
        stage.say(f"paused at step {planned.index + 1}: {why}")
        while True:
            with suppress(Stop):
                stage.drive(self._pause(why))
            request = stage.control.take()
            if request == "abort":
                raise Stop
            if request in {"go on", "skip"}:
                break
        stage.tell("decided", planned, decision=request)
        attempts.unwatched = True
        Sentry(stage.station).accept()
        if request == "go on" and attempts.repeatable:
            return True
        stage.tell("step skipped", planned, why=f"paused and {request}")
        return False

    def wired(self, attempts: Attempts, needed: OperatorNeededError) -> bool:
        """Pause, with the outputs at rest, until a person has moved the wires; tell whether.

        Parameters
        ----------
        attempts
            At the step that needs the wires.
        needed
            Says which contact.

        Returns
        -------
        bool
            False if the step is skipped.
        """
        why = f"wire {needed.contact!r} by hand, the outputs are off; then tell it to go on"
        if not self.decided(attempts, why):
            return False
        self.stage.station.instruments["switch"].confirm(needed.contact)
        self.stage.tell("wired by hand", attempts.planned, contact=needed.contact)
        return True

    def _pause(self, why: str) -> Steps[None]:
        clock = self.stage.station.clock
        until = clock.now() + self.patience
        while not self.stage.control.answered():
            if clock.now() >= until:
                raise UnansweredError(f"{why}; nobody decided within {self.patience:g} s")
            yield Wait(clock.now() + LOOK, "a decision")
