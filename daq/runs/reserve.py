"""Room on a disk that is kept for the last words of a campaign.

A disk that is full refuses also the line that says so. So a campaign holds some room from its
beginning and gives it back when a write is refused: what happened is then still written down.
"""

import errno
import os
from pathlib import Path

from daq.runs.durability import DISK, Disk, replace

SIZE = 64 * 1024
"""Bytes: some hundred lines of a journal, and the settings of a run."""
NAME = ".reserve"
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


class Reserve:
    """A file that is nothing but room.

    Parameters
    ----------
    folder
        Where it is kept; room on the same disk.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def keep(self, disk: Disk = DISK) -> None:
        """Take the room, anew if it was given back; raise OSError if there is none."""
        if not self.path.exists():
            # Random, since a disk that compresses keeps no room for zeros.
            replace(self.path, os.urandom(SIZE), disk)

    def give_back(self) -> bool:
        """Free the room; tell whether there was any."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True


def is_full(failure: OSError) -> bool:
    """Tell whether a disk has refused for want of room."""
    return failure.errno in _FULL
