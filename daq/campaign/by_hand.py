"""Hold a station for a person: a runner without a sequence, for as long as somebody asks.

The process that holds the station opens it under its lock, with a guardian as in a campaign, and
carries out what it is asked one thing after the other. When nobody has asked for a while, it takes
current and excitation to zero and lets go; temperature, field and angle stay as they were set.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import platformdirs

from daq.campaign.guarding import guarding
from daq.campaign.hands import Hands, Said
from daq.campaign.local_port import LocalPort
from daq.config.station import StationConfig
from daq.runs.campaign_folder import JOURNAL
from daq.runs.durability import replace
from daq.runs.journal import Journal
from daq.runs.lock import Owner
from daq.runs.names import slug
from daq.runs.plain import to_document
from daq.station_file import open_configured
from instruments.clock import Clock, SystemClock, VirtualClock
from instruments.errors import ColdpointError, InstrumentError, one_line

IDLE = 15.0
"""Time in s of life without a request after which the station is let go."""
PATIENCE = 60.0
"""Longest time in s of life that one request may take."""
TICK = 0.2
"""Longest time in s of life between two looks at the clock of a virtual station."""
HANG = 90.0
"""Time in s of life without a beat after which the guardian takes the process for hung."""


@dataclass(slots=True)
class _Asked:
    """A request, and where its answer is waited for."""

    said: Said
    answer: "SimpleQueue[Mapping[str, Any]]"


def hold(
    config: StationConfig, *, idle: float = IDLE, say: Callable[[str], None] = lambda _: None
) -> None:
    """Hold a station until somebody asks to release it, or nobody asks for anything.

    Parameters
    ----------
    config
        The station.
    idle
        Time in s of life without a request after which the station is let go.
    say
        Told in words when the station is held and when it is let go.

    Raises
    ------
    ColdpointError
        The station cannot be opened, or its outputs could not be taken to zero at the end.
    """
    asked: SimpleQueue[_Asked] = SimpleQueue()
    stop = threading.Event()

    def pass_on(said: Said) -> Mapping[str, Any]:
        if said["do"] in {"make safe", "release"}:
            stop.set()
        one = _Asked(said, SimpleQueue())
        asked.put(one)
        if said["do"] == "make safe":
            return {"ok": True}  # at once: who asks waits until the station is free
        try:
            return one.answer.get(timeout=PATIENCE)
        except Empty:
            return {"ok": False, "error": f"{said['do']} takes longer than {PATIENCE:g} s"}

    with guarding(config) as guard:
        station = open_configured(config)
        try:
            if guard is not None:
                say(guard.arm(_folder(config.name, station.clock), HANG))
            station.finish()  # whoever was here before may have left a current on
            with LocalPort(held_address(config.name), pass_on, "by hand", together=True):
                say(f"station {config.name} is held for {idle:g} s after each request")
                beat = (lambda: None) if guard is None else guard.beat
                last = _answer_all(Hands(station, stop, beat), asked, beat, idle)
            station.bias.release()
            if last.get("made safe") and not last["ok"]:  # its guardian tries again
                raise InstrumentError(str(last["error"]))
            if guard is not None:
                guard.dismiss()
        finally:
            station.close()
    say(f"station {config.name} is free")


def _answer_all(
    hands: Hands,
    asked: "SimpleQueue[_Asked]",
    beat: Callable[[], None],
    idle: float,
) -> Mapping[str, Any]:
    """Carry out requests until the end; return the answer to the one that ended it, if any did."""
    life = SystemClock()
    last = shown = life.now()
    try:
        while life.now() - last < idle:
            one = _next(asked)
            now = life.now()
            _let_pass(hands.station.clock, now - shown)
            shown = now
            beat()
            if one is None:
                continue
            answer = _answer(hands, one.said)
            if one.said["do"] == "make safe":
                answer = {**answer, "made safe": True}
                _tell_landing(hands.station.name, answer)
            one.answer.put(answer)
            last = life.now()
            if one.said["do"] in {"make safe", "release"}:
                return answer
    finally:
        life.close()
        while (left := _next(asked, 0.0)) is not None:
            left.answer.put({"ok": False, "error": "the station was let go"})
    return {}


def _next(asked: "SimpleQueue[_Asked]", patience: float = TICK) -> _Asked | None:
    try:
        return asked.get(timeout=patience)
    except Empty:
        return None


def _answer(hands: Hands, said: Said) -> Mapping[str, Any]:
    try:
        return {"ok": True, **hands.carry_out(said)}
    except (ColdpointError, ExceptionGroup, OSError, ValueError) as failure:
        return {"ok": False, "error": one_line(failure)}


def _let_pass(clock: Clock, seconds: float) -> None:
    """Let the time of a virtual station pass as it does in life; other clocks do so themselves."""
    if isinstance(clock, VirtualClock):
        clock.sleep(seconds)


def _folder(station: str, clock: Clock) -> Path:
    """Return a folder with a journal in which a guardian can report."""
    stamp = clock.utc().strftime("%Y%m%dT%H%M%S.%fZ")
    folder = platformdirs.user_state_path("coldpoint") / "by-hand" / f"{slug(station)}-{stamp}"
    folder.mkdir(parents=True)
    with Journal.create(folder / JOURNAL, {"title": f"{station} by hand"}, clock) as journal:
        journal.event("held by hand", sync=True)
    return folder


def held_address(station: str) -> Path:
    """Return where address and token of the process that holds a station are kept."""
    return platformdirs.user_state_path("coldpoint") / "control" / f"held-{slug(station)}.json"


def _tell_landing(station: str, answer: Mapping[str, Any]) -> None:
    """Keep what became of a request to make a station safe for who has asked and still waits."""
    path = landing_file(station)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, to_document({**answer, "owner": Owner.this_process().to_json()}))


def landing_file(station: str) -> Path:
    """Return where the last holder of a station that was asked to make it safe told the result."""
    return platformdirs.user_state_path("coldpoint") / "by-hand" / f"{slug(station)}.json"
