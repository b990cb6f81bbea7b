"""Follow files that grow: from the last byte that was read, into numpy arrays in memory.

A poll costs what is new, whatever is there already. A last line that is not whole yet waits.
"""

import csv
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from daq.analysis.result import FloatArray
from daq.runs.header import Header, parse_header
from instruments.errors import StorageError

CHUNK = 1 << 18
"""Bytes that one poll reads at most, so that it is over within some milliseconds."""
_ROOM = 256
_BEGINNINGS = ("#Procedure:", "#format:")  # of a run, and of the log of the cryostat


class GrowingFile:
    """Read the lines that were appended to a file since the last time.

    Parameters
    ----------
    path
        The file; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.behind = False
        """Whether more was there than one poll may read."""

    def poll(self, most: int = CHUNK) -> bytes:
        """Return the whole lines that are new.

        Parameters
        ----------
        most
            Bytes to read, unless a single line is longer.

        Returns
        -------
        bytes
            Nothing, or text that ends with a line end.

        Raises
        ------
        StorageError
            The file has become shorter than what was read of it, or cannot be read.
        """
        try:
            return self._poll(most)
        except FileNotFoundError:
            return b""
        except OSError as failure:
            raise StorageError(f"{self.path} cannot be read: {failure}; look at the disk") from None

    def _poll(self, most: int) -> bytes:
        with self.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < self.offset:
                raise StorageError(
                    f"{self.path} was cut from {self.offset} to {size} bytes while it was read;"
                    " open it again"
                )
            file.seek(self.offset)
            found = file.read(min(most, size - self.offset))
            while b"\n" not in found and self.offset + len(found) < size:
                found += file.read(len(found))
        # After a power failure some systems leave zeros where lines had been promised.
        whole = found.split(b"\0", maxsplit=1)[0]
        whole = whole[: whole.rfind(b"\n") + 1]
        self.offset += len(whole)
        self.behind = bool(whole) and self.offset < size
        return whole


class FollowedCsv:
    """A data file that grows, as arrays.

    Parameters
    ----------
    path
        The file; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: Header | None = None
        self.rows = 0
        self.outcome: str | None = None
        """What the end of the file says; None while it has none."""
        self.acknowledged: int | None = None
        """Rows that the end of the file promises; None while it has none."""
        self.broken = 0
        """Rows that were left out because they are no numbers."""
        self._file = GrowingFile(path)
        self._head: list[str] = []
        self._values = np.empty((0, 0))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns; none before the header is there."""
        return () if self.header is None else self.header.columns

    @property
    def behind(self) -> bool:
        """Tell whether another poll would find more at once."""
        return self._file.behind

    def column(self, name: str) -> FloatArray:
        """Return the values of a column, shape (rows,).

        Parameters
        ----------
        name
            With its unit, as in the file.

        Returns
        -------
        array
            A view that must not be changed.

        Raises
        ------
        KeyError
            There is no such column.
        """
        if name not in self.columns:
            raise KeyError(name)
        return self._values[self.columns.index(name), : self.rows]

    def poll(self, most: int = CHUNK) -> int:
        """Take what is new.

        Parameters
        ----------
        most
            Bytes to read.

        Returns
        -------
        int
            How many rows are new.

        Raises
        ------
        StorageError
            The file cannot be read, was cut, or has no header of a run.
        """
        text = self._file.poll(most)
        if self.header is None:
            text = self._take_head(text)
        if not text:
            return 0
        if b"#" in text:
            text = self._take_end(text)
        return self._append(text)

    def _take_head(self, text: bytes) -> bytes:
        """Take the header and return what stands below it."""
        while text:
            line, _, text = text.partition(b"\n")
            words = line.decode("utf-8", errors="replace").rstrip("\r")
            if line.startswith(b"#"):
                self._head.append(words)
                continue
            columns = next(csv.reader([words]), [])
            if not self._head or not self._head[0].startswith(_BEGINNINGS) or not columns:
                raise StorageError(f"{self.path} has no header of a run; leave it out")
            self.header = parse_header(self._head, columns)
            self._head = []
            self._values = np.empty((len(columns), _ROOM))
            break
        return text

    def _take_end(self, text: bytes) -> bytes:
        """Take the lines that are no rows and return the others."""
        rows = []
        for line in text.splitlines(keepends=True):
            if not line.startswith(b"#"):
                rows.append(line)
                continue
            name, _, value = line.decode("utf-8", errors="replace").strip().partition(": ")
            if name == "#Outcome":
                self.outcome = value
            elif name == "#Rows" and value.isdecimal():
                self.acknowledged = int(value)
        return b"".join(rows)

    def _append(self, text: bytes) -> int:
        if not text.strip():
            return 0
        values = self._numbers(text)
        new = len(values)
        if self.rows + new > self._values.shape[1]:
            # Half as much again: what is copied in all stays in proportion to what was read.
            room = max(self.rows + new, 3 * self._values.shape[1] // 2)
            larger = np.empty((len(self.columns), room))
            larger[:, : self.rows] = self._values[:, : self.rows]
            self._values = larger
        self._values[:, self.rows : self.rows + new] = values.T
        self.rows += new
        return new

    def _numbers(self, text: bytes) -> FloatArray:
        try:
            values = np.loadtxt(io.BytesIO(text), delimiter=",", comments=None, ndmin=2)
            if values.shape[1] == len(self.columns):
                return values
        except ValueError:
            pass
        return self._good_rows(text)

    def _good_rows(self, text: bytes) -> FloatArray:
        rows: list[list[float]] = []
        for line in text.splitlines():
            try:
                row = [float(value) for value in line.split(b",")]
            except ValueError:
                row = []
            if len(row) == len(self.columns):
                rows.append(row)
            else:
                self.broken += bool(line.strip())
        return np.array(rows, dtype=np.float64).reshape(-1, len(self.columns))


class FollowedJournal:
    """A journal that grows.

    Parameters
    ----------
    path
        The file; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan: Mapping[str, Any] | None = None
        """What the campaign set out to do; None before the first line is there."""
        self.broken = 0
        """Lines that were left out because they are no JSON."""
        self._file = GrowingFile(path)

    def poll(self) -> tuple[Mapping[str, Any], ...]:
        """Return the events that are new, in order; the plan is the first.

        Returns
        -------
        tuple of event
            As the journal has them.

        Raises
        ------
        StorageError
            The file cannot be read, or was cut.
        """
        found: list[Mapping[str, Any]] = []
        for line in self._file.poll().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if not isinstance(event, dict) or "event" not in event:
                self.broken += 1
                continue
            if event["event"] == "plan" and self.plan is None:
                plan = event.get("plan")
                self.plan = plan if isinstance(plan, dict) else {}
            found.append(event)
        return tuple(found)
