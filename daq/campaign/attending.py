"""Those who attend to a campaign: a forecast of its end, and messages to people elsewhere."""

import math
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from daq.campaign.control import Control
from daq.campaign.cryostat_news import CryostatNews
from daq.campaign.forecast import Forecast
from daq.campaign.foresight import Foreseen, Foresight
from daq.campaign.herald import Herald, Watched
from daq.campaign.notify import Messenger, Notifier
from daq.campaign.pauses import PATIENCE
from daq.campaign.post import Post, posting
from daq.config.notify import ALIVE, OCCASIONS, NotifyConfig
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Follower
from instruments.clock import VirtualClock
from instruments.errors import StorageError
from instruments.station import Station
from instruments.waiting import Event

RESISTANCE = "100 ohm"
"""Of the resistor with which a campaign is rehearsed whose sample has no model."""
HANG = 60.0
"""Time in s of life without a heartbeat after which the guardian takes a program for hung."""
Announce = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Attending:
    """What a conductor is to tell, and to whom.

    Parameters
    ----------
    forecast
        Of the end.
    followers
        Told of every event.
    """

    forecast: Forecast
    followers: tuple[Follower, ...] = ()

    def offer(self, event: Event, rows: int) -> None:
        """Tell every follower of an event."""
        for follower in self.followers:
            follower.offer(event, rows)

    def announcing(self, announce: Announce) -> Announce:
        """Return an announcement that the forecast hears too."""

        def both(index: int, words: str) -> None:
            self.forecast.announce(index, words)
            announce(index, words)

        return both


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wished for while a campaign runs.

    Parameters
    ----------
    notify_from
        Name of the environment variable with the address for messages; empty for the one that the
        station file names.
    notifier
        Carries the messages, instead of what the address says.
    resistance
        Of the resistor with which a campaign is rehearsed whose sample has no model.
    foreseen
        Given the forecast when the rehearsal has arrived.
    rehearsal
        Returns program and arguments of the rehearsal, given the folder and the resistance, such
        as `daq.campaign.foresight.rehearsal_command`; None for no forecast.
    """

    notify_from: str = ""
    notifier: Notifier | None = None
    resistance: str = RESISTANCE
    foreseen: Callable[[Forecast, Station], None] = lambda _forecast, _station: None
    rehearsal: Callable[[Path, str], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who attends to a campaign while it runs.

    Parameters
    ----------
    stop
        Set by anybody to abort; a `Control` can be asked for more.
    follower
        Told of every event.
    announce
        Told in words when a step begins.
    say
        Told in words what a person must know at once.
    patience
        Time in s that a pause waits for a decision before the station is made safe.
    hang
        Time in s of life after which the guardian takes the program for hung.
    wishes
        What is wished for besides: messages, and a forecast of the end.
    trace
        Whether every message to and from an instrument is kept in ``trace.jsonl``.
    """

    stop: threading.Event | None = None
    follower: Follower | None = None
    announce: Callable[[int, str], None] = lambda _index, _words: None
    say: Callable[[str], None] = lambda _words: None
    patience: float = PATIENCE
    hang: float = HANG
    wishes: Wishes = field(default_factory=Wishes)
    trace: bool = False


@contextmanager
def attended(
    station: Station,
    folder: CampaignFolder,
    control: Control,
    wishes: Wishes,
    *,
    title: str,
    steps: int,
    first: int,
    follower: Follower | None,
    say: Callable[[str], None],
    notify: NotifyConfig | None,
    post: Post | None = None,
) -> Iterator[Attending]:
    """Attend to a campaign until it has ended.

    Parameters
    ----------
    station
        The open station.
    folder
        Of the campaign.
    control
        Its heartbeat is listened to.
    wishes
        What is wished for.
    title
        Of the campaign.
    steps
        How many there are.
    first
        Index of the first that is carried out.
    follower
        Who is told of events besides.
    say
        Told in words what a person must know at once.
    notify
        What the station file says of messages.
    post
        Carries messages already; made here if omitted.

    Yields
    ------
    Attending
        For the conductor.
    """
    forecast = Forecast(station.clock, lambda: _temperature(station), first=first)
    followers = (forecast,) if follower is None else (forecast, follower)
    with ExitStack() as leaving:
        if post is None:
            own = posting(title, notify, say, variable=wishes.notify_from, notifier=wishes.notifier)
            post = leaving.enter_context(own)
        post.attach(folder.journal)
        if station.cryostat is not None:
            _hear(control, CryostatNews(station.cryostat, folder.journal).look)
        messages = post.messages
        if messages is not None:
            leaving.callback(messages.close)  # while the journal can still be told of it
            herald = _herald(
                messages, station, folder.path, title=title, forecast=forecast, notify=notify
            )
            _attach(herald, messages, folder, control)
            herald.begin(station.name)
        # On a virtual clock the campaign is as quick as its rehearsal.
        if wishes.rehearsal is not None and not isinstance(station.clock, VirtualClock):

            def arrived(found: Foreseen) -> None:
                forecast.expect(found.paces)
                with suppress(StorageError):  # the next row will say so, where somebody listens
                    folder.journal.event("rehearsed", seconds=found.seconds, sample=found.sample)
                wishes.foreseen(forecast, station)

            command = wishes.rehearsal(folder.path, wishes.resistance)
            try:
                leaving.enter_context(Foresight(command, steps, arrived))
            except OSError as failure:  # no reason not to measure
                post.report(f"the end is not foreseen: {failure.strerror or failure}")
        yield Attending(forecast, followers)


def _herald(
    messages: Messenger,
    station: Station,
    folder: Path,
    *,
    title: str,
    forecast: Forecast,
    notify: NotifyConfig | None,
) -> Herald:
    """Return the herald of a campaign."""
    cryostat = station.cryostat

    def free() -> int:
        return shutil.disk_usage(folder).free

    watched = Watched(free, left=lambda: _left(forecast))
    if cryostat is not None:
        watched = replace(
            watched,
            helium=lambda: cryostat.helium_alarm,
            cryostat=lambda: cryostat.trouble,
            where=lambda: _where(station),
        )

    return Herald(
        title,
        str(folder),
        station.clock,
        messages.send,
        watched,
        occasions=OCCASIONS if notify is None else notify.events,
        alive=ALIVE if notify is None else notify.alive,
    )


def _attach(herald: Herald, messages: Messenger, folder: CampaignFolder, control: Control) -> None:
    """Let a herald hear the journal and the heartbeat."""
    folder.journal.listen(herald.heard)
    _hear(control, herald.looked)
    _hear(control, messages.look)


def _hear(control: Control, look: Callable[[], None]) -> None:
    """Have somebody look at every heartbeat."""
    beat = control.looked

    def looked() -> None:
        beat()
        look()

    control.looked = looked


def _left(forecast: Forecast) -> float | None:
    left = forecast.seconds_left()
    return None if math.isnan(left) else left


def _temperature(station: Station) -> float:
    return math.nan if station.cryostat is None else float(station.cryostat.reading.temperature)


def _where(station: Station) -> str:
    if station.cryostat is None:
        return ""
    reading = station.cryostat.reading
    return f"{reading.temperature:.4g} K, {reading.field:.4g} T, {reading.angle:.4g} deg"
