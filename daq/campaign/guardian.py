"""The guardian: a process of its own that takes the outputs down when the runner cannot.

It listens to beats of the runner's engine. It needs nothing of the runner: it opens each instrument
anew with the same drivers, each in a thread of its own, and tries again until a deadline.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Literal, Self

from daq.campaign.detached import end_process
from daq.campaign.guarding import BEAT, DISMISSED
from daq.config.document import parse_document
from daq.config.station import StationConfig, station_from
from daq.runs.campaign_folder import JOURNAL
from daq.runs.durability import write_new
from daq.runs.journal import Journal
from daq.runs.lock import Owner, StationLock
from daq.runs.plain import FORMAT, to_document
from daq.runs.reserve import Reserve
from daq.runs.run_file import Storage
from daq.station_file import clock_of, openers
from instruments.clock import Clock, SystemClock
from instruments.errors import ColdpointError, ConfigurationError, StationBusyError

DEADLINE = 180.0
"""Time in s of life within which an instrument must be reached."""
RETRY = 0.5
"""Time in s of life between two tries."""
FIRST_ANSWER = 1000.0
"""Time-out in ms of the first question: a link that is not free yet is tried again soon."""
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


@dataclass(slots=True)
class Landing:
    """What became of one instrument.

    Parameters
    ----------
    role
        Of the instrument.
    tries
        How often it was tried.
    reached
        Whether it is safe.
    problem
        What went wrong last, in one line.
    seconds
        Time of life from the alarm until it was safe.
    """

    role: str
    tries: int = 0
    reached: bool = False
    problem: str = ""
    seconds: float | None = None


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


def land(
    openers_by_role: Mapping[str, Callable[[], Any]],
    make_safe: Callable[[str, Any], None],
    clock: Clock,
    deadline: float,
    *,
    leave: float = LEAVE,
) -> list[Landing]:
    """Open every instrument and make it safe, each by itself, trying again until a deadline.

    Parameters
    ----------
    openers_by_role
        Open one instrument each.
    make_safe
        Takes the outputs of an open instrument down; given role and driver.
    clock
        Of life.
    deadline
        Time in s of life within which an instrument must be reached.
    leave
        Time in s of life after that until a try that never returns is left behind.

    Returns
    -------
    list of Landing
        What became of each.
    """
    began = clock.now()
    landings = [Landing(role) for role in openers_by_role]
    threads = [
        threading.Thread(
            target=_bring_down,
            args=(landing, openers_by_role[landing.role], make_safe, clock, began + deadline),
            name=f"landing {landing.role}",
            daemon=True,
        )
        for landing in landings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, began + deadline - clock.now()) + leave)
    return landings


def secure(config: StationConfig, role: str, instrument: Any) -> None:
    """Clear half-sent messages, take every output down and give the link free.

    Parameters
    ----------
    config
        The station; its ``safe`` says where the cryostat goes.
    role
        Of the instrument.
    instrument
        Its open driver.
    """
    if role == "cryostat":
        try:
            instrument.make_safe(field=config.safe.field, temperature=config.safe.temperature)
        finally:
            instrument.close()
        return
    try:
        with instrument.adapter.patience(FIRST_ANSWER):
            instrument.resynchronise()
        instrument.make_safe()
    finally:
        instrument.adapter.close()


def _bring_down(
    landing: Landing,
    opener: Callable[[], Any],
    make_safe: Callable[[str, Any], None],
    clock: Clock,
    end: float,
) -> None:
    began = clock.now()
    while not landing.reached and clock.now() < end:
        landing.tries += 1
        try:
            make_safe(landing.role, opener())
        except Exception as failure:  # noqa: BLE001 (whatever it is, it is tried again)
            landing.problem = " ".join(str(failure).split())
            log.warning("%s: try %d: %s", landing.role, landing.tries, landing.problem)
            clock.sleep(RETRY)
        else:
            landing.reached, landing.problem = True, ""
            landing.seconds = clock.now() - began


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


def land_station(config: StationConfig, clock: Clock, deadline: float) -> list[Landing]:
    """Open every instrument of a station and make it safe; see `land`.

    Parameters
    ----------
    config
        The station; nobody else may use it.
    clock
        Of life.
    deadline
        Time in s of life within which an instrument must be reached.

    Returns
    -------
    list of Landing
        What became of each.
    """
    station_clock = clock_of(config)
    try:
        return land(
            openers(config, station_clock),
            lambda role, instrument: secure(config, role, instrument),
            clock,
            deadline,
        )
    finally:
        station_clock.close()


def _kept(path: Path, report: Mapping[str, Any]) -> str:
    """Write the report where there is room; return its name, or its path in the spare folder."""
    content = to_document(report)
    try:
        write_new(path, content)
    except OSError as failure:
        log.warning("%s: %s", path, failure)
    else:
        return path.name
    Reserve(path.parent).give_back()
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
