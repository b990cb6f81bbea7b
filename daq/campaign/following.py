"""Follow a campaign through its files, from outside the process that runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.campaign.control_port import address_file
from daq.campaign.local_port import listening
from daq.campaign.plan import PlannedStep, flatten
from daq.campaign.plan_json import from_mapping
from daq.campaign.standing import Standing, State
from daq.campaign.words import in_words
from daq.runs.campaign_folder import JOURNAL
from daq.runs.follow import FollowedCsv, FollowedJournal
from instruments.errors import StorageError

Event = Mapping[str, Any]
STATION = "station.yaml"
CRYOSTAT = "cryostat.csv"
TIME = "Time (s)"


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """One attempt at a run.

    Parameters
    ----------
    number, attempt
        As in the name of its file.
    step
        Index of its step, or None.
    procedure
        Its name.
    csv
        Its rows as far as they have been read.
    """

    number: int
    attempt: int
    step: int | None
    procedure: str
    csv: FollowedCsv


@dataclass(frozen=True, slots=True)
class News:
    """What one poll has found.

    Parameters
    ----------
    events
        New lines of the journal.
    grown
        Runs that have new rows or an end.
    samples
        New samples of the cryostat.
    behind
        Whether more is there already.
    """

    events: tuple[Event, ...] = ()
    grown: tuple[FollowedRun, ...] = ()
    samples: int = 0
    behind: bool = False


class FollowedCampaign:
    """A campaign that is being carried out, or was, by whatever process.

    Parameters
    ----------
    folder
        Of the campaign.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.standing = Standing()
        self.runs: list[FollowedRun] = []
        self.events: list[Event] = []
        self.steps: tuple[PlannedStep, ...] = ()
        self.cryostat = FollowedCsv(folder / CRYOSTAT)
        """Every sample of the cryostat."""
        self.trouble = ""
        """Why a file could not be followed any more; empty as a rule."""
        self._journal = FollowedJournal(folder / JOURNAL)
        self._open: list[FollowedRun] = []
        self._spoiled: set[Path] = set()

    def poll(self) -> News:
        """Take what is new in the journal and the data files; never raises for what is on disk."""
        events = self._guarded(self._journal.path, self._journal.poll, ())
        for event in events:
            self._take(event)
        grown = []
        behind = False
        for run in tuple(self._open):
            before = (run.csv.rows, run.csv.outcome)
            self._guarded(run.csv.path, run.csv.poll, 0)
            if (run.csv.rows, run.csv.outcome) != before:
                grown.append(run)
            behind = behind or run.csv.behind
            if (run.csv.outcome is not None and not run.csv.behind) or self._is_left(run):
                self._open.remove(run)
        samples = self._guarded(self.cryostat.path, self.cryostat.poll, 0)
        return News(events, tuple(grown), samples, behind or self.cryostat.behind)

    def now(self) -> float:
        """Return the last time of the station's clock that any of the files tells, in s."""
        followed = [self.cryostat, *(run.csv for run in self.runs[-1:])]
        return max(self.standing.now, *map(_last_time, followed))

    def state(self) -> State:
        """Return how it stands now; asks whether its process lives."""
        owner = self.standing.owner
        return self.standing.state(alive=False if owner is None else owner.is_alive())

    def words(self) -> tuple[str, ...]:
        """Return every planned step in words."""
        return tuple(in_words(planned.step) for planned in self.steps)

    def simulated(self) -> bool:
        """Tell whether its station is made of twins, as the station file in the folder says."""
        try:
            text = (self.folder / STATION).read_text(encoding="utf-8")
        except OSError:
            return False
        return any(line.startswith("simulated:") for line in text.splitlines())

    def _take(self, event: Event) -> None:
        self.events.append(event)
        try:
            self.standing = self.standing.after(event)
            if event["event"] == "plan":
                self.steps = flatten(from_mapping(event["plan"]))
            elif event["event"] == "run begun":
                self._begin(event)
        except (StorageError, KeyError, TypeError, ValueError) as failure:
            self.trouble = f"the journal has a line that is not understood: {failure}"

    def _begin(self, event: Event) -> None:
        run = FollowedRun(
            int(event["run"]),
            int(event["attempt"]),
            event.get("step"),
            str(event["procedure"]),
            FollowedCsv(self.folder / Path(str(event["file"])).name),
        )
        self.runs.append(run)
        self._open.append(run)

    def _is_left(self, run: FollowedRun) -> bool:
        """Tell whether nobody writes to a file any more although it has no end."""
        if run.csv.path in self._spoiled:
            return True
        later = bool(self.runs) and self.runs[-1] is not run
        return (later or self.standing.over) and not run.csv.behind and run.csv.header is not None

    def _guarded(self, path: Path, poll: Callable[[], Any], nothing: Any) -> Any:
        if path in self._spoiled:
            return nothing
        try:
            return poll()
        except StorageError as failure:
            self._spoiled.add(path)
            self.trouble = str(failure)
            return nothing


def _last_time(csv: FollowedCsv) -> float:
    return float(csv.column(TIME)[-1]) if csv.rows and TIME in csv.columns else 0.0


def campaigns(data: Path) -> tuple[Path, ...]:
    """Return the campaigns in a data folder, the youngest last."""
    try:
        found = [path for path in data.iterdir() if (path / JOURNAL).is_file()]
    except OSError:
        return ()
    return tuple(sorted(found, key=_age))


def _age(folder: Path) -> tuple[float, str]:
    try:
        return ((folder / JOURNAL).stat().st_mtime, folder.name)
    except OSError:
        return (0.0, folder.name)


def running(data: Path) -> tuple[Path, ...]:
    """Return the campaigns in a data folder that are being carried out now, the youngest last.

    Parameters
    ----------
    data
        The folder of all campaigns.

    Returns
    -------
    tuple of Path
        Those whose control port is there and whose process lives.
    """
    return tuple(path for path in campaigns(data) if listening(address_file(path)) is not None)
