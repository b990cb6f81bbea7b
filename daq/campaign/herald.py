"""What people are told of a campaign, and when: by its journal, by the time, by the station."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from daq.campaign.plain_words import in_plain_words
from daq.config.notify import ALIVE, OCCASIONS
from instruments.clock import Clock

LOOK = 30.0
"""Time in s between two looks at disk, helium and cryostat."""
LITTLE_SPACE = 1_000_000_000
"""Free bytes below which a disk is nearly full."""

Send = Callable[[str, str], None]


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at from time to time; everything answers at once, from what is known.

    Parameters
    ----------
    free
        Returns the free bytes where the data go.
    helium
        Returns what is wrong with the helium; None if nothing is.
    cryostat
        Returns why the cryostat brings no samples; None while it does.
    left
        Returns the time left in s; None while it is not known.
    where
        Returns where the station stands, in words.
    """

    free: Callable[[], int]
    helium: Callable[[], str | None] = _nothing
    cryostat: Callable[[], str | None] = _nothing
    left: Callable[[], float | None] = _nothing
    where: Callable[[], str] = str


class Herald:
    """Turn what happens into messages.

    Parameters
    ----------
    title
        Of the campaign.
    folder
        Name of its folder.
    clock
        Of the station.
    send
        Takes title and text of a message, at once.
    watched
        What is looked at.
    occasions
        Of what people are told.
    alive
        Time in s between two signs of life.
    """

    def __init__(
        self,
        title: str,
        folder: str,
        clock: Clock,
        send: Send,
        watched: Watched,
        *,
        occasions: tuple[str, ...] = OCCASIONS,
        alive: float = ALIVE,
    ) -> None:
        self._title = title
        self._folder = folder
        self._clock = clock
        self._send = send
        self._watched = watched
        self._occasions = frozenset(occasions)
        self._alive = alive
        self._next_alive = clock.now() + alive
        self._next_look = clock.now()
        self._doing = "beginning"
        self._told: set[str] = set()

    def begin(self, station: str) -> None:
        """Tell that the campaign has started."""
        self._tell("start", f"started on station {station}{self._time_left()}")

    def heard(self, event: str, fields: Mapping[str, Any]) -> None:
        """Take a line of the journal.

        Parameters
        ----------
        event
            What has happened.
        fields
            What belongs to it.
        """
        match event:
            case "step begun":
                self._doing = f"step {fields['step'] + 1}: {fields['what']}"
            case "step failed" if fields.get("then") == "skip":
                step = fields["step"] + 1
                error = in_plain_words(str(fields["error"]))
                self._tell("failure", f"step {step} failed and is skipped: {error}")
            case "paused":
                self._tell("pause", self._pause(fields))
            case "not safe":
                error = in_plain_words(str(fields["error"]))
                self._tell("failure", f"the station could NOT be made safe: {error}")
            case "campaign ended" if fields.get("outcome") == "finished":
                self._tell("end", "finished; the station is safe")
            case "campaign ended":
                why = f"{fields.get('outcome')}: {in_plain_words(str(fields.get('error')))}"
                self._tell("failure", f"{why}; to go on: coldpoint resume {self._folder}")

    def looked(self) -> None:
        """Look at the time, the disk, the helium and the cryostat; the engine's heartbeat."""
        now = self._clock.now()
        if now >= self._next_alive:
            self._next_alive = now + self._alive
            where = self._watched.where()
            self._tell("alive", f"{self._doing}{f'; {where}' if where else ''}{self._time_left()}")
        if now < self._next_look:
            return
        self._next_look = now + LOOK
        free = self._watched.free()
        little = f"{free / 1e9:.2f} GB are free; make room" if free < LITTLE_SPACE else None
        self._onset("disk", little, "the disk is nearly full: ")
        self._onset("helium", self._watched.helium(), "")
        self._onset("cryostat", self._watched.cryostat(), "the cryostat does not answer: ")

    def _onset(self, occasion: str, problem: str | None, words: str) -> None:
        """Tell of something when it begins, and again only after it has been over."""
        if problem is None:
            self._told.discard(occasion)
        elif occasion not in self._told:
            self._told.add(occasion)
            self._tell(occasion, f"{words}{problem}")

    def _pause(self, fields: Mapping[str, Any]) -> str:
        minutes = float(fields.get("patience", 0.0)) / 60.0
        return (
            f"waits for a decision at step {fields['step'] + 1}: {fields['why']}; within"
            f" {minutes:.0f} min: coldpoint tell {self._folder} go-on, skip or abort"
        )

    def _time_left(self) -> str:
        left = self._watched.left()
        return "" if left is None else f"; {timedelta(seconds=round(left))} left"

    def _tell(self, occasion: str, words: str) -> None:
        if occasion in self._occasions and (occasion != "alive" or self._alive > 0.0):
            self._send(f"Coldpoint: {self._title}", words)
