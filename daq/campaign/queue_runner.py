"""Work through the queue of a data folder: one sequence after the other, each its own process.

A run that crashes does not take the queue with it, and a queue that crashes does not take the run
with it: whoever works through the queue next waits for the end of a run that still goes on.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from daq.campaign.queue import Queue
from daq.campaign.queue_process import Spawn, last_line, owner_of, spawn
from daq.campaign.queue_store import Entry
from daq.campaign.queue_turn import LOOK, Notes, carry_out
from daq.runs.durability import replace
from daq.runs.lock import Owner
from instruments.clock import Clock
from instruments.errors import ColdpointError, StationBusyError

OnFailure = Literal["hold", "go-on"]
DETACH_PATIENCE = 30.0
"""Longest time in s of life until a detached runner has the queue."""
_OWNER = "runner.json"
_LOCK = "runner.lock"
_LOG = "runner.log"


def runner_of(folder: Path) -> Owner | None:
    """Return who works through the queue in `folder`; None if nobody living does."""
    try:
        owner = Owner.from_json((folder / _OWNER).read_text(encoding="utf-8"))
    except OSError:
        return None
    if owner is None or owner.is_alive() is not False:
        return owner
    # A clock that was set makes a living process look like another one; its lock tells.
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return None
    except Timeout:
        return owner


def work_through(
    queue: Queue,
    clock: Clock,
    *,
    on_failure: OnFailure = "hold",
    notify: str = "",
    stop: threading.Event | None = None,
    say: Callable[[str], None] = lambda _words: None,
    start: Spawn = spawn,
) -> tuple[Entry, ...]:
    """Carry out every waiting entry of a queue, those that are added meanwhile included.

    Parameters
    ----------
    queue
        The queue.
    clock
        Of life.
    on_failure
        What becomes of the others when one does not finish: ``hold`` or ``go-on``.
    notify
        Name of the environment variable with the address for messages; empty for the one that the
        station file names.
    stop
        Set by anybody to end the present run, as Ctrl-C would, and to go no further.
    say
        Told in one line what happens.
    start
        Starts a run.

    Returns
    -------
    tuple of Entry
        Those that were carried out, as they ended.

    Raises
    ------
    StationBusyError
        Somebody else works through this queue already.
    """
    stop = threading.Event() if stop is None else stop
    ended: list[Entry] = []
    notes = Notes(clock, stop, say)
    with _only_runner(queue.folder):
        _wait_for_orphan(queue, clock, stop, say)
        while not stop.is_set():
            entry = notes.write(queue.begin_next)
            if entry is None:
                break
            say(f"{entry.id} {entry.title}: begun")
            entry = carry_out(queue, entry, notes, _telling(start, notify))
            ended.append(entry)
            why_not = f": {entry.error}" if entry.error else ""
            say(f"{entry.id} {entry.title}: {entry.state}{why_not}")
            if entry.state != "done" and on_failure == "hold" and not stop.is_set():
                since = f"held, since entry {entry.id} did not finish"
                held = notes.write(partial(queue.hold_all, since))
                if held:
                    say(f"{held} waiting held, since entry {entry.id} did not finish")
    return tuple(ended)


def start_detached_runner(
    data: Path, on_failure: OnFailure, clock: Clock, *, notify: str = "", start: Spawn = spawn
) -> Owner:
    """Start a process that works through the queue and outlives this one.

    Parameters
    ----------
    data
        The folder of all campaigns.
    on_failure
        As for `work_through`.
    clock
        Of life.
    notify
        As for `work_through`.
    start
        Starts it.

    Returns
    -------
    Owner
        The process; it has the queue.

    Raises
    ------
    StationBusyError
        Somebody else works through this queue already.
    ColdpointError
        It has not begun; the message says why.
    """
    folder = Queue(data, clock).folder
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_second(folder)
    words = ["queue", "start", "--data", str(data.absolute()), "--on-failure", on_failure]
    words += ["--notify", notify] if notify else []
    process = start(words, folder / _LOG)
    until = clock.now() + DETACH_PATIENCE
    while clock.now() < until:
        runner = runner_of(folder)
        if runner is not None and runner.pid == process.pid:
            return runner
        code = process.poll()
        if code == 0:  # nothing was waiting, or it was quick
            return owner_of(process, words)
        if code is not None:
            break
        clock.sleep(LOOK)
    raise ColdpointError(
        f"queue: the detached runner has not begun ({last_line(folder / 'runner.err')}); try"
        " 'coldpoint queue start' without --detach"
    )


@contextmanager
def _only_runner(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        _refuse_second(folder)
        raise StationBusyError(
            f"queue: another program works through {folder}; end it first"
        ) from None
    try:
        replace(folder / _OWNER, Owner.this_process().to_json().encode())
        yield
    finally:
        (folder / _OWNER).unlink(missing_ok=True)
        lock.release()


def _refuse_second(folder: Path) -> None:
    runner = runner_of(folder)
    if runner is not None:
        raise StationBusyError(
            f"queue: process {runner.pid} works through {folder} already; what is added now is"
            " carried out by it"
        )


def _telling(start: Spawn, notify: str) -> Spawn:
    """Return a starter of runs that tell people."""
    if not notify:
        return start
    return lambda words, output: start([*words, "--notify", notify], output)


def _wait_for_orphan(
    queue: Queue, clock: Clock, stop: threading.Event, say: Callable[[str], None]
) -> None:
    """Wait for a run that a queue before this one has left behind."""
    announced = False
    while not stop.is_set():
        running = [entry for entry in queue.entries() if entry.state == "running"]
        if not running:
            return
        if not announced:
            say(f"{running[0].id} {running[0].title}: still running; waiting for its end")
            announced = True
        clock.sleep(LOOK)
