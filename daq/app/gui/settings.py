"""What the window remembers from one day to the next, in an ini file that a person can read."""

from pathlib import Path

import platformdirs
from qtpy import QtCore


class Settings:
    """Texts, numbers and layouts by key.

    Parameters
    ----------
    path
        The file; in the user's configuration folder if omitted.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            path = platformdirs.user_config_path("coldpoint") / "window.ini"
        self._file = QtCore.QSettings(str(path), QtCore.QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return str(self._file.value(key, default))

    def number(self, key: str, default: float) -> float:
        """Return a number; the default if the file holds none."""
        try:
            return float(self.text(key, repr(default)))
        except ValueError:
            return default

    def layout(self, key: str) -> QtCore.QByteArray | None:
        """Return a layout as Qt saved it, or None."""
        found = self._file.value(key)
        return found if isinstance(found, QtCore.QByteArray) else None

    def remember(self, key: str, value: str | float | QtCore.QByteArray) -> None:
        """Keep a value; it is on disk when `flush` returns or the window closes."""
        self._file.setValue(key, value)

    def flush(self) -> None:
        """Write the file."""
        self._file.sync()
