"""The campaign that the window follows: found, polled, and asked, never owned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from qtpy import QtCore

from daq.app.gui.local_request import Answered, LocalRequest, Refused, to_runner
from daq.app.gui.work import Work, timer
from daq.campaign.following import FollowedCampaign, FollowedRun, News, campaigns, running
from daq.campaign.standing import Standing, State
from daq.runs.follow import FollowedCsv

POLL = 100
"""Milliseconds between two looks at the files."""
LOOK = 1000
"""Milliseconds between two looks for campaigns, and whether the runner lives."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the data folder has found.

    Parameters
    ----------
    known
        Every campaign, the youngest last.
    live
        Those that run now.
    """

    known: tuple[Path, ...]
    live: tuple[Path, ...]


class CampaignClient(QtCore.QObject):
    """Follow one campaign of a data folder; by itself the youngest that runs.

    A campaign that begins later is followed from then on, unless the person has chosen one that
    still runs.

    Parameters
    ----------
    data
        The folder of all campaigns.
    work
        Where the folder is looked through and the campaign is asked.
    parent
        Who owns it.
    """

    chosen = QtCore.Signal(object)
    """Another campaign is followed: its folder, or None."""
    told = QtCore.Signal(object)
    """New lines of the journal, a tuple of events."""
    grown = QtCore.Signal(object)
    """Runs that have new rows, a tuple of `FollowedRun`."""
    stood = QtCore.Signal(str)
    """The state has changed."""
    listed = QtCore.Signal(object, object)
    """Campaigns in the folder, and those of them that run now."""
    sampled = QtCore.Signal()
    """There are new samples of the cryostat."""
    refused = QtCore.Signal(str)
    """What was asked did not arrive: why."""

    def __init__(self, data: Path, work: Work, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.data = data
        self.known: tuple[Path, ...] = ()
        self.live: tuple[Path, ...] = ()
        self.state: State = "unknown"
        self.simulated = False
        self._work = work
        self._looking = False
        self._requests: list[LocalRequest] = []
        self._asked_for: Path | None = None
        self._campaign: FollowedCampaign | None = None
        self._news = QtCore.QElapsedTimer()
        self._polls = timer(self, POLL)
        self._polls.timeout.connect(self.poll)
        self._looks = timer(self, LOOK)
        self._looks.timeout.connect(self.look)

    @property
    def folder(self) -> Path | None:
        """Return the folder of the campaign that is followed, or None."""
        return None if self._campaign is None else self._campaign.folder

    @property
    def standing(self) -> Standing:
        """Return how it stands, as its journal tells."""
        return Standing() if self._campaign is None else self._campaign.standing

    @property
    def runs(self) -> tuple[FollowedRun, ...]:
        """Return its runs, with their rows as arrays."""
        return () if self._campaign is None else tuple(self._campaign.runs)

    @property
    def events(self) -> tuple[Mapping[str, Any], ...]:
        """Return the lines of its journal."""
        return () if self._campaign is None else tuple(self._campaign.events)

    @property
    def steps(self) -> tuple[str, ...]:
        """Return its planned steps in words."""
        return () if self._campaign is None else self._campaign.words()

    @property
    def trouble(self) -> str:
        """Return why a file cannot be followed; empty as a rule."""
        return "" if self._campaign is None else self._campaign.trouble

    @property
    def cryostat(self) -> FollowedCsv | None:
        """Return every sample of the cryostat, or None."""
        return None if self._campaign is None else self._campaign.cryostat

    def now(self) -> float:
        """Return the time of the station's clock as far as the files tell, in s."""
        return 0.0 if self._campaign is None else self._campaign.now()

    def utc(self) -> datetime | None:
        """Return the time of day of the station's clock as far as the files tell."""
        standing = self.standing
        if standing.utc is None:
            return None
        return standing.utc + timedelta(seconds=self.now() - standing.now)

    @property
    def is_live(self) -> bool:
        """Tell whether its runner can be asked for something."""
        return self.folder is not None and self.state in {"running", "paused"}

    @property
    def silence(self) -> float:
        """Return for how many seconds of life no file has grown."""
        return self._news.elapsed() / 1000.0 if self._news.isValid() else 0.0

    def start(self) -> None:
        """Begin to look and to follow."""
        self._polls.start()
        self._looks.start()
        self.look()

    def close(self) -> None:
        """End the timers; what the runner was told is on its way."""
        self._polls.stop()
        self._looks.stop()
        for request in self._requests:
            request.deliver()

    def choose(self, folder: Path | None) -> None:
        """Follow a campaign from now on, as a person asks."""
        self._asked_for = folder
        self._follow(folder)

    def look(self) -> None:
        """Look for campaigns now, and whether the runner of this one lives."""
        if self._looking:
            return
        self._looking = True
        self._work.do(partial(_look, self.data), self._looked, self._not_looked)

    def ask(self, what: str, text: str = "") -> None:
        """Ask the campaign for something; `refused` tells if it does not arrive.

        Parameters
        ----------
        what
            ``pause``, ``go on``, ``skip``, ``abort`` or ``note``.
        text
            Of a note.
        """
        if self.folder is None:
            self.refused.emit("no campaign is shown; choose one first")
            return
        asked = self.tell_runner(
            self.folder, {"do": what, "text": text}, lambda _: None, self.refused.emit
        )
        if not asked:
            self.refused.emit(f"{self.folder.name} does not run any more on this computer")

    def tell_runner(
        self, folder: Path, said: Mapping[str, Any], answered: Answered, refused: Refused
    ) -> bool:
        """Tell a runner something; what was told reaches it even if the window closes.

        Parameters
        ----------
        folder
            Of its campaign.
        said
            What to say, with ``do``.
        answered
            Takes the answer.
        refused
            Takes the reason why it was not done.

        Returns
        -------
        bool
            False if the campaign does not run on this computer: nothing was told.
        """
        request = to_runner(folder, said, self)
        if request is None:
            return False

        def failed(why: str) -> None:
            hint = "; if it hangs its guardian will end it" if request.silent else ""
            refused(f"{folder.name}: {why}{hint}")

        self._requests = [one for one in self._requests if not one.over]
        self._requests.append(request.then(answered, failed))
        return True

    def _not_looked(self, failure: BaseException) -> None:
        self._looking = False
        self.refused.emit(f"{self.data} cannot be looked through: {failure}")

    def _looked(self, found: Look) -> None:
        self._looking = False
        begun = [path for path in found.live if path not in self.live]
        self.known, self.live = found.known, found.live
        self.listed.emit(found.known, found.live)
        if begun and self.folder not in found.live:
            self._asked_for = None  # what the person has chosen is over, and another one has begun
        if self._asked_for is None and self.folder not in found.live:
            wanted = found.live[-1:] or (found.known[-1:] if self.folder is None else ())
            for folder in wanted:
                self._follow(folder)
        self._stand()

    def _stand(self) -> None:
        state: State = "unknown" if self._campaign is None else self._campaign.state()
        if state != self.state:
            self.state = state
            self.stood.emit(state)

    def _follow(self, folder: Path | None) -> None:
        if folder == self.folder:
            return
        self._campaign = None if folder is None else FollowedCampaign(folder)
        self.state = "unknown"
        self._news.start()
        self.simulated = self._campaign is not None and self._campaign.simulated()
        self.chosen.emit(folder)
        self.poll()
        self.look()

    def poll(self) -> None:
        """Take what is new in the files of the campaign, and tell it."""
        if self._campaign is None:
            return
        news: News = self._campaign.poll()
        if news.events or news.grown or news.samples:
            self._news.start()
        if news.events:
            self.told.emit(news.events)
            self._stand()
        if news.grown:
            self.grown.emit(news.grown)
        if news.samples:
            self.sampled.emit()
        if news.behind:
            QtCore.QTimer.singleShot(0, self.poll)


def _look(data: Path) -> Look:
    return Look(campaigns(data), running(data))
