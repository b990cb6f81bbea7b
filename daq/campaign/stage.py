"""Where a campaign takes place: the open station, its folder, and those who look on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from daq.campaign.control import Control
from daq.campaign.plan import PlannedStep
from daq.campaign.policy import Sentry
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Follower
from instruments.station import Station
from instruments.waiting import Event, Steps, drive


@dataclass(frozen=True, slots=True)
class Stage:
    """An open station with the folder of its campaign.

    Parameters
    ----------
    station
        The station; it is neither opened nor closed here.
    folder
        Where runs and journal go.
    control
        What people ask for.
    follower
        Told of every event of every step.
    say
        Told in words what a person must know at once.
    """

    station: Station
    folder: CampaignFolder
    control: Control
    follower: Follower | None
    say: Callable[[str], None]

    def drive(self, story: Steps[None], sentry: Sentry | None = None) -> None:
        """Carry out a story that stores nothing, until its end or until somebody asks.

        Parameters
        ----------
        story
            Such as one that sets the surroundings of the sample.
        sentry
            Looks for setpoints of others meanwhile.
        """

        def tell(event: Event) -> None:
            for follower in (self.follower, sentry):
                if follower is not None:
                    follower.offer(event, 0)

        drive(
            story,
            self.station.clock,
            stopped=self.control.is_set,
            handle=tell,
            stop=self.control,
            look=None if sentry is None else sentry.look,
        )

    def tell(self, event: str, planned: PlannedStep, **fields: Any) -> None:
        """Write a line of the journal that belongs to a step.

        Parameters
        ----------
        event
            What has happened.
        planned
            The step.
        **fields
            What else is to be known of it.
        """
        self.folder.journal.event(event, sync=True, step=planned.index, **fields)
