"""Fits made in another process: one at a time, and each can be cancelled."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from qtpy import QtCore

from daq.app.fit_answer import Answer
from daq.app.fit_models import Asked
from daq.app.fit_process import from_mapping, question
from daq.app.gui.processes import end_child

MODULE = "daq.app.fit_process"


class FitWork(QtCore.QObject):
    """Ask for fits; a new question cancels the one before.

    Parameters
    ----------
    parent
        Who owns it.
    """

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QtCore.QProcess | None = None
        self._number = 0
        self._then: Callable[[Answer], None] | None = None
        self._failed: Callable[[str], None] | None = None
        self._found = b""
        self._open = True

    @property
    def fitting(self) -> bool:
        """Tell whether an answer is being waited for."""
        return self._then is not None

    @property
    def pid(self) -> int | None:
        """Return the process that fits; None while there is none."""
        return None if self._process is None else int(self._process.processId()) or None

    def prepare(self) -> None:
        """Start the process, so that the first fit need not wait for it."""
        if self._process is not None or not self._open:
            return
        process = QtCore.QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._gone)
        process.errorOccurred.connect(self._broken)
        self._process, self._found = process, b""
        process.start(sys.executable, ["-m", MODULE])

    def ask(
        self,
        path: Path,
        model: str,
        asked: Asked,
        then: Callable[[Answer], None],
        failed: Callable[[str], None],
    ) -> None:
        """Ask for a fit; one that is still being made is cancelled.

        Parameters
        ----------
        path
            A file of the run.
        model
            Its name.
        asked
            What is given beside the file.
        then
            Takes the answer.
        failed
            Takes the reason why there is none.
        """
        self.cancel()
        self.prepare()
        if self._process is None:
            return
        self._number += 1
        self._then, self._failed = then, failed
        said = question(self._number, path, model, asked)
        self._process.write(json.dumps(said).encode() + b"\n")

    def cancel(self) -> None:
        """End the fit that is being made, and its process; nobody is told."""
        if self.fitting:
            self._end()

    def close(self) -> None:
        """Fit no more."""
        self._open = False
        self._end()

    def _read(self) -> None:
        if self._process is None:
            return
        self._found += bytes(self._process.readAllStandardOutput().data())
        *lines, self._found = self._found.split(b"\n")
        for line in lines:
            said = json.loads(line)
            if said["number"] != self._number or self._then is None or self._failed is None:
                continue
            then, failed, self._then, self._failed = self._then, self._failed, None, None
            if "answer" in said:
                then(from_mapping(said["answer"]))
            else:
                failed(said["refused"])

    def _broken(self, error: QtCore.QProcess.ProcessError) -> None:
        if error == QtCore.QProcess.ProcessError.FailedToStart:
            self._gone()  # after any other error Qt says that the process has finished

    def _gone(self) -> None:
        """Tell that the process has ended by itself."""
        failed, words = self._failed, b""
        if self._process is not None:
            words = bytes(self._process.readAllStandardError().data())
        self._end()
        if failed is not None:
            last = words.decode(errors="replace").strip().rpartition("\n")[2]
            failed(f"the process that fits has ended: {last or 'without a word'}; fit once more")

    def _end(self) -> None:
        process, self._process = self._process, None
        self._then = self._failed = None
        if process is not None:
            end_child(process)
