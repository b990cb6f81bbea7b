"""What it takes for bytes to survive: the one place that knows how an operating system syncs.

Everything here works on POSIX and on Windows. Where a call does not exist (``fdatasync`` on macOS
and Windows, syncing a folder on Windows) the nearest one that does is used, or nothing is done
where the system needs nothing.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from instruments.errors import StorageError

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
_READABLE_BY_OTHERS = 0o644


def _sync_data(descriptor: int) -> None:
    """Bring the content of an open file to the disk; raise OSError if that failed."""
    if sys.platform == "darwin" and _full_sync(descriptor):
        return
    sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)
    sync(descriptor)


def _full_sync(descriptor: int) -> bool:
    # On macOS fsync stops at the drive's cache; F_FULLFSYNC does not, where the volume knows it.
    try:
        import fcntl  # noqa: PLC0415 (absent on Windows)
    except ImportError:
        return False
    command = getattr(fcntl, "F_FULLFSYNC", None)
    if command is None:
        return False
    try:
        fcntl.fcntl(descriptor, command)
    except OSError:
        return False
    return True


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk; Windows does so by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Disk:
    """The calls by which data reach a disk; a test puts a failing one in.

    Parameters
    ----------
    write
        Hands bytes to the kernel and returns how many it took.
    sync
        Brings the content of an open file to the disk.
    truncate
        Cuts an open file to a length in bytes.
    rename
        Renames a file, replacing the one that has the name.
    sync_folder
        Brings the names in a folder to the disk.
    """

    write: Callable[[int, bytes], int] = os.write
    sync: Callable[[int], None] = _sync_data
    truncate: Callable[[int, int], None] = os.ftruncate
    rename: Callable[[Path, Path], None] = os.replace
    sync_folder: Callable[[Path], None] = sync_folder


DISK = Disk()
"""The disk of this computer."""


def append_to(path: Path) -> int:
    """Open a file for appending without a buffer and return its descriptor."""
    return os.open(path, _APPEND)


def write_all(descriptor: int, content: bytes, disk: Disk = DISK) -> None:
    """Hand all of `content` to the kernel; raise OSError as soon as it refuses a part."""
    taken = disk.write(descriptor, content)
    while taken < len(content):
        content = content[taken:]
        taken = disk.write(descriptor, content)


def write_new(path: Path, content: bytes, disk: Disk = DISK) -> None:
    """Make a file that is seen whole or not at all; refuse to replace one.

    The folder is not synced; `Disk.sync_folder` does that once for several files.

    Parameters
    ----------
    path
        Where the file is to be.
    content
        All of its bytes.
    disk
        The calls by which they get there.

    Raises
    ------
    StorageError
        A file of this name exists already.
    OSError
        The disk refused.
    """
    if path.exists():
        raise StorageError(f"{path} exists already and is not overwritten; choose a new name")
    temporary = _write_beside(path, content, disk)
    try:
        os.link(temporary, path)  # refuses an existing name in the same instant
    except FileExistsError:
        temporary.unlink()
        raise StorageError(
            f"{path} exists already and is not overwritten; choose a new name"
        ) from None
    except OSError:  # no hard links here (FAT, some network shares)
        disk.rename(temporary, path)
    else:
        temporary.unlink()


def replace(path: Path, content: bytes, disk: Disk = DISK) -> None:
    """Put new content in the place of a file: a reader sees the old or the new one, never a part.

    The folder is not synced.

    Parameters
    ----------
    path
        The file.
    content
        All of its new bytes.
    disk
        The calls by which they get there.

    Raises
    ------
    OSError
        The disk refused; the old file stands.
    """
    temporary = _write_beside(path, content, disk)
    try:
        disk.rename(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _write_beside(path: Path, content: bytes, disk: Disk) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, _CREATE, _READABLE_BY_OTHERS)
    try:
        write_all(descriptor, content, disk)
        disk.sync(descriptor)
    except OSError:
        os.close(descriptor)
        with suppress(OSError):
            temporary.unlink()
        raise
    os.close(descriptor)
    return temporary
