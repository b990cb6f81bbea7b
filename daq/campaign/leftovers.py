"""Files in the user's state folder that nobody needs any more, and how they are cleaned away.

Copies of sequences that were rehearsed in a window, what rehearsals have found, and what programs
said that the window has started. Nothing goes that is young, or that a living window, a running
program or an entry of the queue refers to.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import psutil

from daq.campaign.kept_rehearsals import kept_file
from daq.campaign.queue_estimates import entry_key
from daq.campaign.queue_store import FOLDER, STATE_FILE, Entry

COPIES = "rehearsed"
DAY = 86400.0
OLD_COPY = DAY
"""Age in s from which a copy of a sequence may go."""
OLD_LOG = 30 * DAY
"""The same for what a program said that was started from the window."""
OLD_REHEARSAL = 90 * DAY
"""The same for a rehearsal, since it was last asked for."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InUse:
    """What must not go, however old it is.

    Parameters
    ----------
    commands
        Command lines of every program that runs, as one text.
    queue
        What the state file of the queue says.
    keys
        Names of the rehearsals of its entries.
    """

    commands: str
    queue: str
    keys: frozenset[str]

    @classmethod
    def now(cls, data: Path, entries: tuple[Entry, ...]) -> "InUse":
        """Return what refers to files at this moment: programs, and the queue of a folder."""
        lines = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
        try:
            queue = (data / FOLDER / STATE_FILE).read_text(encoding="utf-8", errors="replace")
        except OSError:
            queue = ""
        return cls("\n".join(lines), queue, frozenset(_keys(data, entries)))

    def mention(self, path: Path) -> bool:
        """Tell whether a program that runs, or the queue, names a file."""
        return str(path) in self.commands or str(path) in self.queue


def clean_state(in_use: InUse, now: float) -> tuple[Path, ...]:
    """Remove what is old and not referred to.

    Parameters
    ----------
    in_use
        What must not go.
    now
        The time of day in s since 1970.

    Returns
    -------
    tuple of Path
        The files that were removed; one that cannot be removed is logged.
    """
    state = platformdirs.user_state_path("coldpoint")
    gone = []
    for path in (
        *_copies(state / COPIES, now),
        *_old(state / "started", "*", now - OLD_LOG),
        *_rehearsals(in_use, now),
    ):
        if in_use.mention(path):
            continue
        try:
            path.unlink()
        except OSError as failure:
            log.warning("%s cannot be removed: %s", path, failure)
        else:
            gone.append(path)
    for folder in {path.parent for path in gone if path.parent.parent.name == COPIES}:
        with suppress(OSError):  # there is something else in it
            folder.rmdir()
    return tuple(gone)


def next_copy() -> Path:
    """Return the name of the next copy of a sequence that this program rehearses."""
    folder = platformdirs.user_state_path("coldpoint") / COPIES / str(psutil.Process().pid)
    folder.mkdir(parents=True, exist_ok=True)
    highest = max((int(path.stem) for path in folder.glob("*.yaml")), default=0)
    return folder / f"{highest + 1:04d}.yaml"


def _copies(folder: Path, now: float) -> Iterator[Path]:
    for window in folder.iterdir() if folder.is_dir() else ():
        files = sorted(window.glob("*.yaml"), key=_age)
        if files and _lives(window.name, _age(files[-1])):
            files = files[:-1]  # the last is what may be started
        yield from (path for path in files if _age(path) < now - OLD_COPY)


def _rehearsals(in_use: InUse, now: float) -> Iterator[Path]:
    for path in _old(kept_file("").parent, "*", now - OLD_REHEARSAL):
        if path.stem not in in_use.keys:
            yield path


def _old(folder: Path, pattern: str, before: float) -> Iterator[Path]:
    return (path for path in sorted(folder.glob(pattern)) if path.is_file() and _age(path) < before)


def _lives(number: str, used: float) -> bool:
    """Tell whether the program of a number has made a file: it began before, and runs still."""
    try:
        return psutil.Process(int(number)).create_time() <= used + 1.0
    except (psutil.Error, ValueError):
        return False


def _keys(data: Path, entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        try:
            yield entry_key(data, entry)
        except OSError:  # it says so itself
            continue


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")
