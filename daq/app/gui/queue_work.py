"""The queue of a data folder as the window looks at it and changes it, in the worker thread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import Estimate, estimates, unrehearsed
from daq.campaign.queue_runner import runner_of
from daq.campaign.queue_store import AHEAD, Entry
from instruments.clock import SystemClock
from instruments.errors import StorageError

Change = Callable[[Queue], object]


@dataclass(frozen=True, slots=True)
class QueueLook:
    """What one look at the queue has found.

    Parameters
    ----------
    entries
        In the order in which they are carried out.
    runner
        Number of the process that works through them; None if none does.
    said
        What a person must know, such as that a damaged file was written again.
    expected
        When those that have not ended begin and end, by number.
    unrehearsed
        The numbers of those that wait and were not rehearsed yet.
    """

    entries: tuple[Entry, ...] = ()
    runner: int | None = None
    said: tuple[str, ...] = ()
    expected: Mapping[int, Estimate] = field(default_factory=dict)
    unrehearsed: tuple[int, ...] = ()


def look(data: Path, change: Change | None = None) -> QueueLook:
    """Change the queue if that is wanted, and look at it.

    Parameters
    ----------
    data
        The folder of all campaigns.
    change
        What to do first.

    Returns
    -------
    QueueLook
        As it is then.
    """
    said: list[str] = []
    clock = SystemClock()
    try:
        queue = Queue(data, clock, said.append)
        if change is not None:
            change(queue)
        entries = queue.entries()
        runner = runner_of(queue.folder)
        expected = estimates(data, entries, queue.now())
        missing = tuple(entry.id for entry in unrehearsed(data, entries))
    finally:
        clock.close()
    pid = None if runner is None else runner.pid
    return QueueLook(entries, pid, tuple(said), expected, missing)


def sequence_text(data: Path, entry: Entry) -> str:
    """Return the sequence of an entry as it was given.

    Parameters
    ----------
    data
        The folder of all campaigns.
    entry
        Of its queue.

    Returns
    -------
    str
        The text.

    Raises
    ------
    StorageError
        The copy cannot be read.
    """
    path = data / "queue" / entry.sequence
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as failure:
        raise StorageError(f"{path} cannot be read: {failure}; look at the disk") from failure


def ahead(entries: tuple[Entry, ...]) -> list[int]:
    """Return the numbers of the entries that were not begun, in order."""
    return [entry.id for entry in entries if entry.state in AHEAD]
