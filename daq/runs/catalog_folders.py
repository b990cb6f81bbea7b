"""Which data folders the catalogue has been made of: the list from which it is made anew."""

import json
from contextlib import suppress
from pathlib import Path

from daq.runs.durability import replace as replace_file


class KnownFolders:
    """A list of folders, beside the file of the catalogue.

    Parameters
    ----------
    file
        Of the catalogue; None for a database that is no file, which remembers nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = None if file is None else file.with_name(f"{file.name}.folders.json")

    def all(self) -> list[Path]:
        """Return the folders; none if the list is lost or damaged."""
        if self._file is None:
            return []
        try:
            return [Path(folder) for folder in json.loads(self._file.read_bytes())]
        except (OSError, ValueError, TypeError):
            return []

    def add(self, data: Path) -> None:
        """Remember a folder; one that cannot be written down costs an update by hand later."""
        known = {str(folder) for folder in self.all()}
        if self._file is None or str(data.resolve()) in known:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(sorted({*known, str(data.resolve())}))
            replace_file(self._file, text.encode())
