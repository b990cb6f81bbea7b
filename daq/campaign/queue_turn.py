"""The turn of one entry of a queue: its process, what is noted of it, the wait for its landing."""

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from daq.campaign.landing import DEADLINE
from daq.campaign.queue import Queue
from daq.campaign.queue_campaigns import campaign_ending, campaign_of, ending_in_queue
from daq.campaign.queue_process import Spawn, lines_of, owner_of, told, why
from daq.campaign.queue_store import Entry
from daq.runs.campaign_folder import JOURNAL
from daq.runs.lock import Owner
from instruments.clock import Clock
from instruments.errors import StorageError

T = TypeVar("T")
LOOK = 0.1
"""Time in s between two looks whether a run has ended."""
SETTLE = 60.0
"""Longest time in s that the outputs may need after a crash before the next run is begun."""
ROOM = 1.0
"""Time in s of life between two tries to write on a disk that refuses."""


@dataclass(frozen=True, slots=True)
class Notes:
    """Write down what happens, and wait for room on a disk that is full.

    Parameters
    ----------
    clock
        Of life.
    stop
        Set by anybody to end the present run, and to go no further.
    say
        Told in one line what happens.
    """

    clock: Clock
    stop: threading.Event
    say: Callable[[str], None]

    def write(self, note: Callable[[], T]) -> T:
        """Call `note` until it is written; give up only when asked to stop.

        Parameters
        ----------
        note
            Writes it.

        Returns
        -------
        T
            What `note` has returned.

        Raises
        ------
        StorageError
            The disk refuses, and somebody has asked to stop.
        """
        said = False
        while True:
            try:
                return note()
            except StorageError as failure:
                if self.stop.is_set():
                    raise
                if not said:
                    self.say(f"{failure}; the queue waits until it can write")
                    said = True
                self.clock.sleep(ROOM, self.stop)


def carry_out(queue: Queue, entry: Entry, notes: Notes, start: Spawn) -> Entry:
    """Carry out an entry in a process of its own, until it has ended and its outputs are down.

    Parameters
    ----------
    queue
        The queue.
    entry
        That was begun.
    notes
        Writes down what happens.
    start
        Starts the process.

    Returns
    -------
    Entry
        As it ended.

    Raises
    ------
    StorageError
        The disk refuses, and somebody has asked to stop; the run has been asked to end.
    """
    output = queue.folder / f"{entry.id:04d}.out"
    words = ["run", str((queue.folder / entry.sequence).absolute()), "--json"]
    words += ["--data", str(queue.data.absolute())]
    words += ["--station", entry.station_file] if entry.station_file else []
    words += ["--measure", entry.measure] if entry.measure else []
    words += ["--confirm-above"] if entry.confirmed_above else []
    run = _Run(notes.write(partial(_started, start, words, output)))
    try:
        _wait_for(run, queue, entry, notes, owner_of(run.process, words))
        entry = notes.write(partial(_ended, queue, entry, run.process, output))
    except StorageError:
        run.end()  # nobody would be left to end it
        raise
    if entry.campaign:
        _let_the_guardian_land(Path(entry.campaign), notes.clock, notes.stop)
    return entry


@dataclass(slots=True)
class _Run:
    """A process that is asked to end once: it lands when it is asked."""

    process: subprocess.Popen[bytes]
    asked: bool = False

    def end(self) -> None:
        if not self.asked:
            self.asked = True
            with suppress(OSError):
                self.process.send_signal(signal.SIGTERM)


def _started(start: Spawn, words: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
    try:
        return start(words, output)
    except OSError as failure:
        raise StorageError(f"{output.name}: its run cannot be started: {failure}") from failure


def _wait_for(run: _Run, queue: Queue, entry: Entry, notes: Notes, owner: Owner) -> None:
    """Wait for the end of a run; note meanwhile who it is and where its campaign is."""
    notes.write(partial(queue.told_owner, entry.id, owner))
    campaign: Path | None = None
    while run.process.poll() is None:
        if notes.stop.is_set():
            run.end()
        if campaign is None:
            campaign = notes.write(partial(_note_campaign, queue, entry, owner))
        notes.clock.sleep(LOOK)
    if campaign is None:
        notes.write(partial(_note_campaign, queue, entry, owner))


def _note_campaign(queue: Queue, entry: Entry, owner: Owner) -> Path | None:
    campaign = campaign_of(queue.data, owner)
    if campaign is not None:
        queue.told_campaign(entry.id, campaign)
    return campaign


def _ended(
    queue: Queue,
    entry: Entry,
    process: subprocess.Popen[bytes],
    output: Path,
) -> Entry:
    """Note how a run ended whose process is gone."""
    said = told(output)
    if said is not None:
        campaign = Path(str(said["campaign"]))
        ended: tuple[str, str] | None = (str(said["outcome"]), str(said["error"]))
    else:
        found = queue.entry(entry.id).campaign  # known to the entry, or else never begun
        if not found:
            return queue.end(entry.id, "failed", "", why(process, output), "")
        campaign = Path(found)
        ended = campaign_ending(campaign)
        if ended is None and (process.returncode or 0) > 0:  # it could not write its end
            ended = ("failed", why(process, output))
    return queue.end(entry.id, *ending_in_queue(ended), str(campaign))


def _let_the_guardian_land(campaign: Path, clock: Clock, stop: threading.Event) -> None:
    """After a crash, or an end that is not safe, wait until the guardian has landed the station."""
    patience = left_to_guardian(lines_of(campaign / JOURNAL))
    until = clock.now() + patience
    while clock.now() < until and not stop.is_set():
        if left_to_guardian(lines_of(campaign / JOURNAL)) == 0.0:
            return
        clock.sleep(LOOK)


def left_to_guardian(journal: Sequence[bytes]) -> float:
    """Return for how many s a guardian may still be landing a station; 0 if none is.

    Parameters
    ----------
    journal
        The lines of a campaign's journal.

    Returns
    -------
    float
        Longer if the runner itself could not reach an instrument.
    """
    watched, patience = False, SETTLE
    for line in journal:
        if b'"guardian watches"' in line:
            watched, patience = True, SETTLE
        elif b'"made safe"' in line or b'"guardian acted"' in line:
            watched = False
        elif b'"not safe"' in line:
            patience = DEADLINE + SETTLE
    return patience if watched else 0.0
