"""A data file that grows by one row at a time and never says more than is on the disk."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from daq.runs.durability import DISK, Disk, append_to, write_all, write_new
from daq.runs.header import Header, footer
from daq.runs.rows import RowFormat
from daq.runs.sync import Tail
from instruments.errors import StorageError
from instruments.waiting import Value

Durability = Literal["ten-a-second", "every-row"]
STORAGE_ERROR = "storage error"


class CsvFile:
    """A pymeasure CSV file that is being written.

    Rows are handed to the kernel one by one, without a buffer, so that they outlive this process; a
    thread brings them to the disk, so that they outlive the power.

    Parameters
    ----------
    path
        Where the file is to be; nothing is overwritten.
    header
        What stands above the data.
    durability
        ``ten-a-second`` syncs in a thread, ``every-row`` before each row is acknowledged.
    disk
        The calls by which data reach the disk.

    Raises
    ------
    StorageError
        The file exists, cannot be made, or the columns cannot stand in a header.
    """

    def __init__(
        self,
        path: Path,
        header: Header,
        *,
        durability: Durability = "ten-a-second",
        disk: Disk = DISK,
    ) -> None:
        self.path = path
        self.header = header
        self._line = RowFormat(header.columns).line
        self._above = header.to_bytes()
        self._disk = disk
        self._write = disk.write
        try:
            write_new(path, self._above, disk)
            disk.sync_folder(path.parent)
            self._descriptor = append_to(path)
        except OSError as failure:
            raise StorageError(
                f"{path} cannot be made: {failure}; free space or choose another folder"
            ) from failure
        self._tail = Tail(partial(disk.sync, self._descriptor))
        self._note = self._tail.note
        self._every_row = durability == "every-row"
        self._closed = False
        self._refused: bytes = b""
        self.failure: OSError | None = None
        if not self._every_row:
            self._tail.start()

    @property
    def rows(self) -> int:
        """Return how many rows have been acknowledged; exact once the file is closed."""
        return self._tail.synced_rows + len(self._tail.rows())

    @property
    def safe_rows(self) -> int:
        """Return how many rows are known to be on the disk."""
        return self._tail.synced_rows

    def append(self, values: Mapping[str, Value]) -> None:
        """Hand a row to the kernel; when this returns, the row outlives this process.

        Parameters
        ----------
        values
            A Python float or int for every column.

        Raises
        ------
        RowError
            The row is not what the columns ask for; nothing has been written.
        StorageError
            The disk has refused this row, or a sync of earlier ones.
        """
        if self.failure is not None or self._tail.failure is not None or self._closed:
            raise self._no_more()
        line = self._line(values)
        try:
            taken = self._write(self._descriptor, line)
            if taken != len(line):  # the next call takes the rest, or says why not
                write_all(self._descriptor, line[taken:], self._disk)
        except OSError as failure:
            self.failure, self._refused = failure, line
            raise self._no_more() from failure
        self._note(line)
        if self._every_row:
            self._tail.sync()
            if self._tail.failure is not None:
                raise self._no_more() from self._tail.failure

    def close(self, outcome: str) -> str:
        """End the file: cut what was never acknowledged, sync, write the outcome below the data.

        Parameters
        ----------
        outcome
            The outcome if the disk agrees.

        Returns
        -------
        str
            The outcome that holds: ``storage error`` if the disk has refused anything.
        """
        if self._closed:
            return outcome if self.failure is None else STORAGE_ERROR
        self._closed = True
        self._tail.stop()
        self._attempt(self._cut)
        self._attempt(self._tail.sync)
        if self.failure is None:
            self._attempt(partial(self._end, outcome))
        if self.failure is not None:
            self._say_so()
        self._attempt(partial(os.close, self._descriptor))
        return outcome if self.failure is None else STORAGE_ERROR

    def mark_failed(self) -> None:
        """Say below the data of a closed file, if the disk lets us, that storing has failed."""
        with suppress(OSError):
            descriptor = append_to(self.path)
            try:
                write_all(descriptor, footer(STORAGE_ERROR, self.rows), self._disk)
            finally:
                os.close(descriptor)

    def unsaved(self) -> list[bytes]:
        """Return the lines that may not be on the disk, the one it refused included."""
        return self._tail.rows() + ([self._refused] if self._refused else [])

    def rescue(self, path: Path) -> None:
        """Write the lines that may not be on the disk to another file, with a header of its own.

        Parameters
        ----------
        path
            The new file.

        Raises
        ------
        StorageError
            The file exists.
        OSError
            That disk refuses too.
        """
        lines = self.unsaved()
        first = self._tail.synced_rows
        metadata = {**self.header.metadata, "first row": str(first), "rescued from": str(self.path)}
        above = Header(self.header.procedure, self.header.parameters, metadata, self.header.columns)
        content = above.to_bytes() + b"".join(lines) + footer(STORAGE_ERROR, len(lines))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, content)
        DISK.sync_folder(path.parent)

    def _acknowledged_size(self) -> int:
        tail = self._tail
        return len(self._above) + tail.synced_bytes + sum(map(len, tail.rows()))

    def _cut(self) -> None:
        size = self._acknowledged_size()
        if os.fstat(self._descriptor).st_size > size:
            self._disk.truncate(self._descriptor, size)

    def _end(self, outcome: str) -> None:
        write_all(self._descriptor, footer(outcome, self.rows), self._disk)
        self._disk.sync(self._descriptor)

    def _say_so(self) -> None:
        with suppress(
            OSError
        ):  # the outcome is in the JSON too, and a file without one is no success
            write_all(self._descriptor, footer(STORAGE_ERROR, self.rows), self._disk)

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except OSError as failure:
            self.failure = self.failure or failure
        self.failure = self.failure or self._tail.failure

    def _no_more(self) -> StorageError:
        reason = self.failure or self._tail.failure or "it is closed"
        return StorageError(
            f"{self.path.name}: no row can be stored: {reason};"
            " the run stops here, free space or check the disk"
        )
