"""Bring the catalogue up to date for the window: a little at once, much in another process."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from daq.app.run_index import FEW, GivenUpError, Known, RunIndex
from instruments.errors import StorageError

MODULE = "daq.app.index_process"


class CatalogueWork:
    """Updates of the catalogue of one data folder; called in a thread of the window.

    Parameters
    ----------
    data
        The folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._wanted = True
        self._told = 0
        self.index = RunIndex(data, lambda: self._wanted)

    @property
    def read(self) -> int:
        """Return how many runs the work in hand has read so far."""
        return self._told or self.index.read

    def update(self) -> Known:
        """Take what is new on the disk, and forget what is gone.

        Returns
        -------
        Known
            What there is now.

        Raises
        ------
        StorageError
            The catalogue cannot be used.
        GivenUpError
            The window was closed.
        """
        self._told = 0
        if self.index.changed() <= FEW:
            return self.index.update()
        words = [sys.executable, "-m", MODULE, str(self._data)]
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            with self._lock:
                if not self._wanted:
                    raise GivenUpError
                self._process = subprocess.Popen(  # noqa: S603 (our own program)
                    words, stdout=subprocess.PIPE, stderr=errors, text=True
                )
            with self._process as process:
                known = self._follow(process, errors)
        fate, self.index.fate = self.index.fate, ""
        return replace(known, words="; ".join(filter(None, (fate, known.words))))

    def close(self) -> None:
        """Give up what is being done; the catalogue keeps what has been written."""
        with self._lock:
            self._wanted = False
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def _follow(self, process: "subprocess.Popen[str]", errors: IO[str]) -> Known:
        known = self._known(process.stdout or ())
        if known is not None:
            return known
        if not self._wanted:
            raise GivenUpError
        errors.seek(0)
        last = (errors.readlines() or ["no reason"])[-1]
        raise StorageError(
            f"the update of the catalogue ended before its time: {last.strip()};"
            " press F5, or list the runs by `coldpoint runs`"
        )

    def _known(self, lines: Iterable[str]) -> Known | None:
        for line in lines:
            told = json.loads(line)
            if "failed" in told:
                raise StorageError(told["failed"])
            if "known" in told:
                known: dict[str, Any] = {
                    name: tuple(value) if isinstance(value, list) else value
                    for name, value in told["known"].items()
                }
                return Known(**known)
            self._told = int(told["read"])
        return None
