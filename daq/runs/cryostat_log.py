"""Every sample of the cryostat poller of a campaign, in one CSV beside the runs."""

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from instruments.errors import StorageError
from instruments.ppms.reading import CryostatReading

COLUMNS = (
    "Time (s)",
    "Temperature (K)",
    "Sample temperature (K)",
    "Field (T)",
    "Angle (deg)",
    "Helium (percent)",
    "Status code",
)


class CryostatLog:
    """Append every sample as it comes; a disk that refuses ends the log, not the measurement.

    Parameters
    ----------
    path
        The file; if it exists, as in a campaign that is resumed, it is continued.
    report
        Told once, in one line, when the log has to end.

    Raises
    ------
    StorageError
        The file cannot be made.
    """

    def __init__(self, path: Path, report: Callable[[str], None]) -> None:
        self._report = report
        self._path = path
        self._lock = threading.Lock()
        try:
            self._file = path.open("ab", buffering=0)
            try:
                self._size = self._cut_torn_line()
                if not self._size:
                    self._write(f"#format: 1\n{','.join(COLUMNS)}\n".encode())
            except OSError:
                self._file.close()
                raise
        except OSError as failure:
            raise StorageError(f"{path} cannot be made: {failure}; free space") from failure

    def take(self, reading: CryostatReading) -> None:
        """Append a sample."""
        with self._lock:
            if not self._file.closed:
                self._append(reading)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def _append(self, reading: CryostatReading) -> None:
        values = (
            reading.time,
            reading.temperature,
            _known(reading.sample_temperature),
            reading.field,
            reading.angle,
            _known(reading.helium),
        )
        line = ",".join([*(repr(float(value)) for value in values), str(int(reading.code))])
        try:
            self._write(f"{line}\n".encode())
        except OSError as failure:
            self._file.close()
            self._report(f"{self._path.name} ends here: {failure}")

    def _write(self, content: bytes) -> None:
        """Append whole lines: a disk takes a part of one, and refuses the rest at the next try."""
        left = content
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError:
            with suppress(OSError):  # what cannot be cut is cut when the log is continued
                self._file.truncate(self._size)
            raise
        self._size += len(content)

    def _cut_torn_line(self) -> int:
        """Cut what a crash or a full disk has left of a line; return the size."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
        return whole


def _known(value: float | None) -> float:
    return math.nan if value is None else value
