"""Every sample of the cryostat poller of a campaign, in one CSV beside the runs."""

import math
import threading
from collections.abc import Callable
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
            begun = path.exists()
            self._file = path.open("ab", buffering=0)
            if not begun:
                self._file.write(f"#format: 1\n{','.join(COLUMNS)}\n".encode())
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
            self._file.write(f"{line}\n".encode())
        except OSError as failure:
            self._file.close()
            self._report(f"{self._path.name} ends here: {failure}")


def _known(value: float | None) -> float:
    return math.nan if value is None else value
