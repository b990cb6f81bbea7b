"""Entries of the queue are rehearsed behind the window, in a process that ends with it."""

from pathlib import Path

from qtpy import QtCore

from daq.app.gui.processes import Question

PATIENT_LOOKS = 3
"""Looks at an entry without a rehearsal before it is rehearsed: others may be at it already."""


class QueueRehearser(QtCore.QObject):
    """Have each entry rehearsed once.

    Parameters
    ----------
    data
        The folder of all campaigns.
    parent
        Who owns it.
    """

    ended = QtCore.Signal()

    def __init__(self, data: Path, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._data = data
        self._looks = 0
        self._tried: set[int] = set()
        self._process: Question | None = None

    def consider(self, missing: tuple[int, ...]) -> None:
        """Begin, if entries have been without a rehearsal for some looks.

        Parameters
        ----------
        missing
            The numbers of entries that were not rehearsed.
        """
        self._looks = self._looks + 1 if missing else 0
        if self._process is not None or self._looks < PATIENT_LOOKS or self._tried >= set(missing):
            return
        self._looks = 0
        self._tried |= set(missing)
        words = ["queue", "rehearse", "--data", str(self._data)]
        self._process = Question(words, self._end, self)

    def close(self) -> None:
        """End the process; another window, or `coldpoint queue list`, begins again."""
        if self._process is not None:
            self._process.close()

    def _end(self, _answer: str) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self.ended.emit()
