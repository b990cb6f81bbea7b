"""One runner per station, and everybody is told who it is."""

import json
import os
import re
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs
import psutil
from filelock import FileLock, Timeout

from daq.runs.durability import replace
from daq.runs.names import slug
from instruments.errors import StationBusyError, StorageError

_SAME_START = 5.0  # s; the kernel works a start time out from a boot time that may be corrected
_SAME_TICK = 0.1  # s; of a start that is counted from the boot, and never corrected
_PROC = Path("/proc")
_STARTTIME = 19  # of /proc/PID/stat behind the name of the program: field 22 of proc(5)
_SECRET = re.compile(r"(?i)(token|password|secret)([= ]?)(\S+)")


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """A process, so that it can be told from a later one with the same number.

    Linux counts the start of a process from the boot, and
    works the time of day out from that: it moves when the clock of the computer is set. So there
    the count itself is kept too, and decides. Files without it are compared by the time of day.

    Parameters
    ----------
    pid
        Number of the process.
    host
        Name of the computer.
    started
        When the process started, in s since 1970.
    command
        How it was started.
    since_boot
        When the process started, in s since the computer did; None where that is not counted.
    boot
        Names the time for which the computer runs without a break; empty where it has no name.
    """

    pid: int
    host: str
    started: float
    command: str
    since_boot: float | None = None
    boot: str = ""

    @classmethod
    def this_process(cls) -> Self:
        """Return the process that asks."""
        return cls.of(os.getpid(), _SECRET.sub(r"\1\2...", " ".join(sys.argv))[:200])

    @classmethod
    def of(cls, pid: int, command: str) -> Self:
        """Return a process of this computer.

        Parameters
        ----------
        pid
            Its number.
        command
            How it was started.

        Returns
        -------
        Owner
            One that never started if it is gone.
        """
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            started = 0.0
        return cls(pid, socket.gethostname(), started, command, _since_boot(pid), _boot())

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Return the owner that a text names, or None if it names none."""
        try:
            found = json.loads(text)
            return cls(
                int(found["pid"]),
                str(found["host"]),
                float(found["started"]),
                str(found["command"]),
                None if found.get("since_boot") is None else float(found["since_boot"]),
                str(found.get("boot", "")),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Owner):
            return NotImplemented
        return self.command == other.command and self.is_same(other)

    def __hash__(self) -> int:
        return hash((self.pid, self.host))

    def is_same(self, other: "Owner") -> bool:
        """Tell whether it is the same process, whatever is said of how it was started."""
        if (self.pid, self.host) != (other.pid, other.host):
            return False
        if self.since_boot is None or other.since_boot is None:
            return abs(self.started - other.started) < _SAME_START
        return self.boot == other.boot and abs(self.since_boot - other.since_boot) < _SAME_TICK

    def to_json(self) -> str:
        """Return the owner as one line."""
        return json.dumps(asdict(self))

    def is_alive(self) -> bool | None:
        """Tell whether the process still runs, or None if it is on another computer."""
        if self.host != socket.gethostname():
            return None
        try:
            gone = psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
            return not gone and self.is_same(Owner.of(self.pid, self.command))
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


class StationLock:
    """The right to use a station; one process has it at a time.

    The lock itself is the operating system's and ends with the process, however it ends. A file
    beside it names the owner; where the system has no such locks, the lock is a file, and one whose
    owner has died is taken over.

    Parameters
    ----------
    station
        Name of the station.
    folder
        Where locks are kept; the user's state folder if omitted. Two users of one bench give the
        same.
    """

    def __init__(self, station: str, folder: Path | None = None) -> None:
        self.station = station
        folder = platformdirs.user_state_path("coldpoint") / "locks" if folder is None else folder
        self._owner_file = folder / f"{slug(station)}.owner.json"
        self._path = folder / f"{slug(station)}.lock"
        self._lock: FileLock | None = None

    def owner(self) -> Owner | None:
        """Return who owns the station, or None if nobody living does."""
        try:
            found = Owner.from_json(self._owner_file.read_text(encoding="utf-8"))
        except OSError:
            return None
        return found if found is not None and found.is_alive() is not False else None

    def acquire(self) -> None:
        """Become the owner.

        Raises
        ------
        StationBusyError
            Somebody is already; the message names who.
        StorageError
            The folder of the locks cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path, timeout=0, thread_local=False)
            lock.acquire()
        except Timeout:
            raise self._busy(self.owner()) from None
        except OSError as failure:
            raise StorageError(
                f"station {self.station}: the lock {self._path} cannot be made: {failure};"
                " give another folder"
            ) from failure
        # If the lock file was deleted under a living owner, the file beside it still names it.
        other = self.owner()
        if other is not None and other.is_alive():
            lock.release()
            raise self._busy(other)
        self._lock = lock
        replace(self._owner_file, Owner.this_process().to_json().encode())

    def release(self) -> None:
        """Give the station back; nothing happens if it is not ours."""
        if self._lock is None:
            return
        self._owner_file.unlink(missing_ok=True)
        self._lock.release()
        self._lock = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _busy(self, owner: Owner | None) -> StationBusyError:
        if owner is None:
            return StationBusyError(
                f"station {self.station} is in use by an unknown process ({self._path} is locked);"
                " end the program that uses it"
            )
        return StationBusyError(
            f"station {self.station} is in use by process {owner.pid} on {owner.host}"
            f" ({owner.command}), started {_when(owner)}; end it, or wait"
        )


def _since_boot(pid: int) -> float | None:
    """Return when a process started, in s since the boot; None where the system does not say."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return int(fields[_STARTTIME]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _when(owner: Owner) -> str:
    return datetime.fromtimestamp(owner.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
