"""Make a station safe now, whoever owns it: ask the owner first, then act as its guardian would."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from daq.campaign.by_hand import landing_file
from daq.campaign.detached import end_process
from daq.campaign.landing import DEADLINE, land_station
from daq.campaign.local_port import ask, listening
from daq.config.station import StationConfig
from daq.runs.lock import Owner, StationLock
from instruments.clock import Clock, SystemClock
from instruments.errors import ColdpointError, RefusedError, StationBusyError

ANSWER = 3.0
"""Time in s of life that the owner gets to answer."""
LAND = 60.0
"""Time in s of life that an owner who has answered gets to land."""
LOOK = 0.1


@dataclass(frozen=True, slots=True)
class MadeSafe:
    """Who made a station safe, and what was reached.

    Parameters
    ----------
    by
        ``runner`` if the owner did it, ``guardian`` if it had to be done in its place, ``nobody
        else`` if nobody owned the station.
    words
        What happened, in one line.
    safe
        Whether every output is known to be down.
    """

    by: Literal["runner", "guardian", "nobody else"]
    words: str
    safe: bool


def make_safe_now(
    config: StationConfig, *, clock: Clock | None = None, answer: float = ANSWER, last: float = LAND
) -> MadeSafe:
    """Make a station safe; an owner that does not answer is ended first.

    Parameters
    ----------
    config
        The station.
    clock
        Of life.
    answer
        Time in s of life that the owner gets to answer.
    last
        Time in s of life that an owner who has answered gets to land.

    Returns
    -------
    MadeSafe
        Who did it and what was reached.

    Raises
    ------
    RefusedError
        The station's twins live in one process with whoever uses them, or the owner is on another
        computer.
    """
    if config.simulated is not None:
        raise RefusedError(
            f"station {config.name} lives inside the program that uses it: stop that program"
        )
    clock = SystemClock() if clock is None else clock
    owner = StationLock(config.name).owner()
    if owner is None:
        return _landed(config, "nobody else", "nobody owned the station", clock)
    if owner.is_alive() is None:
        raise RefusedError(f"station {config.name} is owned by a program on {owner.host}: go there")
    silent = _ask_owner(owner, answer)
    if silent is None:
        if _lets_go(config, owner, clock, last):
            return told_by_owner(config.name, owner)
        silent = f"process {owner.pid} answered and did not land within {last:g} s"
    if not end_process(owner):
        raise RefusedError(f"{silent}, and it cannot be ended: switch the outputs off by hand")
    return _landed(config, "guardian", f"{silent}; it was ended", clock)


def _ask_owner(owner: Owner, patience: float) -> str | None:
    """Ask a process to land; return None if it has agreed, and why not if it has not."""
    for path, said in _addresses(owner):
        try:
            if ask(path, {"do": said}, whom=f"process {owner.pid}", patience=patience) is not None:
                return None
        except ColdpointError as failure:
            return str(failure)
    return f"process {owner.pid} listens to nobody"


def _addresses(owner: Owner) -> Iterator[tuple[Path, str]]:
    """Yield where a process listens, and the word that makes it land."""
    for path in sorted((platformdirs.user_state_path("coldpoint") / "control").glob("*.json")):
        there = listening(path)
        if there is not None and there.owner == owner:
            yield path, "make safe" if path.name.startswith("held-") else "abort"


def _lets_go(config: StationConfig, owner: Owner, clock: Clock, patience: float) -> bool:
    """Wait until a process has landed and let the station go."""
    until = clock.now() + patience
    lock = StationLock(config.name)
    while lock.owner() == owner:
        if clock.now() > until:
            return False
        clock.sleep(LOOK)
    return True


def told_by_owner(station: str, owner: Owner) -> MadeSafe:
    """Return what an owner who was asked to land, and has gone, has reached as far as it has told.

    Parameters
    ----------
    station
        Its name.
    owner
        Who owned it.

    Returns
    -------
    MadeSafe
        By the runner.
    """
    words = f"process {owner.pid} made the station safe"
    try:
        told = json.loads(landing_file(station).read_text(encoding="utf-8"))
        mine = Owner.from_json(str(told["owner"])) == owner
    except (OSError, ValueError, KeyError, TypeError):
        mine = False
    if not mine:  # a campaign: it lands before it lets go, and its journal tells
        return MadeSafe("runner", f"{words}: it has landed and let go", safe=True)
    if not told["ok"]:
        words = f"process {owner.pid} could not: {told['error']}; its guardian tries again"
        return MadeSafe("runner", words, safe=False)
    return MadeSafe("runner", f"{words}: {', '.join(told['reached'])}", safe=True)


@contextmanager
def _locked(station: str, clock: Clock) -> Iterator[None]:
    """Own a station; the guardian of a process that was ended lands and lets go first."""
    until = clock.now() + LAND
    lock = StationLock(station)
    while True:
        try:
            lock.acquire()
            break
        except StationBusyError:
            if clock.now() > until:
                raise
            clock.sleep(LOOK)
    try:
        yield
    finally:
        lock.release()


def _landed(
    config: StationConfig, by: Literal["guardian", "nobody else"], why: str, clock: Clock
) -> MadeSafe:
    with _locked(config.name, clock):
        landings = land_station(config, clock, DEADLINE)
    reached = [landing.role for landing in landings if landing.reached]
    missed = [f"{landing.role}: {landing.problem}" for landing in landings if not landing.reached]
    words = f"{why}; safe: {', '.join(reached) or 'nothing'}"
    if missed:
        words += f"; NOT SAFE: {'; '.join(missed)}"
    return MadeSafe(by, words, safe=not missed)
