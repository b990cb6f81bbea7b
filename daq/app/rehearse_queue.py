"""Rehearse what waits in a queue, once: in a process of its own, behind everything else."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from filelock import FileLock, Timeout

from daq.app.kept_check import kept_or_rehearsed
from daq.campaign.foresight import NICE
from daq.campaign.kept_rehearsals import KeptRehearsal, keep
from daq.campaign.prepared import prepare
from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import entry_key, unrehearsed
from daq.campaign.queue_store import AHEAD, Entry
from daq.campaign.rehearsal import rehearse
from instruments.errors import ColdpointError, one_line

LOCK = "rehearsing.lock"
PATIENCE = 900.0
"""Longest time in s of life that one rehearsal may take in the background."""
LOOK = 1.0
"""Time in s of life between two looks whether anybody still waits for it."""
TOO_LONG = (
    "it was broken off after {:g} min, so that its end is not known; 'coldpoint check' takes all"
    " the time that it needs"
)


def rehearse_waiting(queue: Queue, say: Callable[[str], None] = lambda _words: None) -> int:
    """Rehearse every entry that waits and was not rehearsed, those that are added meanwhile too.

    What cannot be rehearsed is kept with the reason.

    Parameters
    ----------
    queue
        The queue.
    say
        Told in one line what was rehearsed.

    Returns
    -------
    int
        How many were rehearsed; none if another process does so already.
    """
    done = 0
    while (missing := unrehearsed(queue.data, queue.entries())) and (before := len(missing)):
        try:
            with FileLock(queue.folder / LOCK, timeout=0):
                done += _rehearse_all(queue, say)
        except Timeout:
            return done
        if len(unrehearsed(queue.data, queue.entries())) >= before:
            return done  # what was found cannot be kept
    return done


def _rehearse_all(queue: Queue, say: Callable[[str], None]) -> int:
    tried: set[int] = set()
    while True:
        missing = unrehearsed(queue.data, queue.entries())
        entry = next((entry for entry in missing if entry.id not in tried), None)
        if entry is None:
            return len(tried)
        tried.add(entry.id)
        problem = _rehearse(queue, entry)
        say(f"{entry.id} {entry.title}: {problem or 'rehearsed'}")


def _rehearse(queue: Queue, entry: Entry) -> str:
    """Rehearse an entry and keep what was found; return why it could not be rehearsed."""
    try:
        key = entry_key(queue.data, entry)
    except OSError as failure:
        return one_line(failure)
    stop, done = threading.Event(), threading.Event()
    watching = threading.Thread(
        target=_watch, args=(queue, entry, stop, done), name="patience", daemon=True
    )
    watching.start()
    problem = ""
    try:
        file = queue.folder / entry.sequence
        prepared = prepare(file, entry.station_file or None, measure=entry.measure)
        prepared = replace(prepared, confirmed_above=entry.confirmed_above)
        kept_or_rehearsed(key, prepared, lambda: rehearse(prepared, stop=stop))
    except ColdpointError as failure:
        problem = one_line(failure)
    except Exception as failure:  # noqa: BLE001 (whatever it is, the entry says so and the next one has its turn)
        problem = f"{type(failure).__name__}: {one_line(failure)}"
    finally:
        done.set()
        watching.join()
    if stop.is_set():
        if not _waits(queue, entry):
            return "waits no more"
        problem = problem or TOO_LONG.format(PATIENCE / 60.0)
    if problem:
        keep(key, KeptRehearsal({}, problem=problem))
    return problem


def _watch(queue: Queue, entry: Entry, stop: threading.Event, done: threading.Event) -> None:
    """Break a rehearsal off that takes too long, or that nobody waits for any more."""
    looks = 0
    while not done.wait(LOOK):
        looks += 1
        if looks * LOOK >= PATIENCE or not _waits(queue, entry):
            stop.set()
            return


def _waits(queue: Queue, entry: Entry) -> bool:
    return any(one.id == entry.id and one.state in AHEAD for one in queue.entries())


def step_behind() -> None:
    """Let everything else on this computer come first."""
    if hasattr(os, "nice"):  # not on Windows
        with suppress(OSError):
            os.nice(NICE)
