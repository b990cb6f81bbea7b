"""The guardian: a process of its own that takes the outputs down when the runner cannot.

It listens to beats of the runner's engine. It needs nothing of the runner: see
`daq.campaign.landing`.
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Literal, Self

from daq.campaign.detached import end_process
from daq.campaign.guarding import BEAT, DISMISSED
from daq.campaign.landing import DEADLINE, RETRY, land_station
from daq.config.document import parse_document
from daq.config.station import StationConfig, station_from
from daq.runs.campaign_folder import JOURNAL
from daq.runs.durability import write_new
from daq.runs.journal import Journal
from daq.runs.lock import Owner, StationLock
from daq.runs.plain import FORMAT, to_document
from daq.runs.reserve import Reserve
from daq.runs.run_file import Storage
from daq.station_file import clock_of
from instruments.clock import Clock, SystemClock
from instruments.errors import ColdpointError, ConfigurationError, StationBusyError

LEAVE = 5.0
"""Time in s of life that a runner gets to end after it has let go of its guardian."""

GIVEN_UP = "given up"
"""What begins the word for the lock when another living process has the station."""
Finding = Literal["dismissed", "died", "hung"]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What a guardian is to watch.

    Parameters
    ----------
    folder
        Of the campaign.
    station
        The station file, verbatim.
    owner
        The process that carries it out.
    hang
        Time in s of life without a beat after which it is taken for hung.
    """

    folder: Path
    station: str
    owner: Owner
    hang: float

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Return the orders in a line of JSON; raise ConfigurationError if there are none."""
        try:
            said = json.loads(line)
            owner = Owner.from_json(said["owner"])
            if owner is None:
                raise ValueError(said["owner"])  # noqa: TRY301 (one way out for what is no order)
            return cls(Path(said["folder"]), str(said["station"]), owner, float(said["hang"]))
        except (ValueError, KeyError, TypeError) as problem:
            raise ConfigurationError(
                f"guardian: found no orders ({problem!r}); it is started by 'coldpoint run'"
            ) from None


class Beats:
    """Read the beats of a runner in a thread; pipes cannot be waited for alike on every system.

    Parameters
    ----------
    stream
        The input of the guardian, unbuffered.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._heard: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, name="beats", daemon=True).start()

    def watch(self, hang: float) -> Finding:
        """Return when the runner needs a guardian, or needs none any more.

        Parameters
        ----------
        hang
            Time in s of life without a beat after which it is taken for hung.

        Returns
        -------
        str
            ``dismissed``, ``died`` or ``hung``.
        """
        while True:
            try:
                heard = self._heard.get(timeout=hang)
            except Empty:
                return "hung"
            if DISMISSED in heard:
                return "dismissed"
            if not heard:
                return "died"
            if heard.strip(BEAT):
                log.warning("unknown words of the runner: %r", heard)

    def _listen(self) -> None:
        while True:
            try:
                heard = self._stream.read(4096)
            except (OSError, ValueError):  # ValueError: it was closed on this side
                heard = b""
            self._heard.put(heard or b"")
            if not heard:
                return


def stand_guard(
    orders: Orders, beats: Beats, *, clock: Clock | None = None, deadline: float = DEADLINE
) -> Finding:
    """Watch until the runner ends; if it dies or hangs, end it and take the outputs down.

    Parameters
    ----------
    orders
        What to watch.
    beats
        Of the runner.
    clock
        Of life.
    deadline
        Time in s of life within which an instrument must be reached.

    Returns
    -------
    str
        What was found.
    """
    clock = SystemClock() if clock is None else clock
    finding = beats.watch(orders.hang)
    if finding == "dismissed":
        return finding
    noticed, began = clock.utc(), clock.now()
    ended = _end_runner(orders.owner, finding, clock)
    config = station_from(parse_document(orders.station, "the station file of the run"))
    with _lock(config.name, orders.owner, clock, deadline) as lock:
        landings = [] if lock.startswith(GIVEN_UP) else land_station(config, clock, deadline)
        report = {
            "format": FORMAT,
            "found": finding,
            "noticed": noticed,
            "runner": asdict(orders.owner),
            "runner_ended": ended,
            "lock": lock,
            "instruments": [asdict(landing) for landing in landings],
            "safe": bool(landings) and all(landing.reached for landing in landings),
            "done": clock.utc(),
            "seconds": clock.now() - began,
        }
        # before the lock is free: nobody resumes, and writes this journal, while it is written
        _write_report(orders.folder, report, config)
    return finding


def _end_runner(owner: Owner, finding: Finding, clock: Clock) -> bool:
    """Make sure that the runner is gone; one that has only let go gets time to end by itself."""
    until = clock.now() + (LEAVE if finding == "died" else 0.0)
    while owner.is_alive() and clock.now() < until:
        clock.sleep(0.05)
    return end_process(owner)


@contextmanager
def _lock(station: str, runner: Owner, clock: Clock, deadline: float) -> Iterator[str]:
    """Keep others out while the outputs go down; a lock that cannot be had does not stop us."""
    until = clock.now() + deadline
    lock = StationLock(station)
    with ExitStack() as held:
        found = ""
        while not found:
            try:
                held.enter_context(lock)
                found = "held"
            except StationBusyError as busy:
                owner = lock.owner()
                if clock.now() > until:
                    found = f"{GIVEN_UP}: {busy}"
                elif owner is None or owner == runner:
                    found = "not held"
                else:
                    log.warning("%s", busy)
                    clock.sleep(RETRY)
        yield found


def _kept(path: Path, report: Mapping[str, Any]) -> str:
    """Write the report where there is room; return its name, or its path in the spare folder."""
    content = to_document(report)
    try:
        write_new(path, content)
    except OSError as failure:
        log.warning("%s: %s", path, failure)
    else:
        return path.name
    spare = Storage().spare / f"{path.parent.name}--{path.name}"
    for place in (path, spare):
        with suppress(OSError, ColdpointError):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_new(place, content)
            return place.name if place is path else str(place)
    return ""


def _write_report(folder: Path, report: Mapping[str, Any], config: StationConfig) -> None:
    number = 1
    while (folder / f"guardian-{number}.json").exists():
        number += 1
    path = folder / f"guardian-{number}.json"
    Reserve(folder).give_back()  # for the report and the line in the journal
    kept = _kept(path, report)
    if not report["runner_ended"]:
        return  # it may still write the journal
    instruments = report["instruments"]
    told = {key: report[key] for key in ("found", "noticed", "safe", "seconds")}
    told["reached"] = [one["role"] for one in instruments if one["reached"]]
    told["missed"] = {one["role"]: one["problem"] for one in instruments if not one["reached"]}
    try:
        with Journal.reopen(folder / JOURNAL, clock_of(config)) as journal:
            journal.event("guardian acted", sync=True, report=kept, **told)
    except ColdpointError as failure:
        log.warning("%s", failure)
