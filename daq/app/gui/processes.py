"""Programs that the window starts: campaigns that outlive it, and questions that do not."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs
import psutil
from qtpy import QtCore

from daq.app.gui.work import timer
from daq.config.folder import configs_folder

LOOK = 500
"""Milliseconds between two looks at a program that has been started."""
DEMO_CLOCK = "scaled:20"
"""How fast the demo runs: a spectrum in some seconds."""
PATIENCE = 5000
"""Milliseconds that a process which was killed may take to be gone: it has stepped back itself."""


def demo_station() -> Path:
    """Write the station file of the demo: the simulated one, cold already, on a watchable clock.

    Returns
    -------
    Path
        The file, in the user's state folder.
    """
    text = (configs_folder() / "stations" / "simulated.yaml").read_text(encoding="utf-8")
    text = text.replace("clock: virtual", f"clock: {DEMO_CLOCK}")
    text = text.replace("{temperature: 300 K", "{temperature: 4 K")
    path = platformdirs.user_state_path("coldpoint") / "demo" / "station.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class Started(QtCore.QObject):
    """A campaign that was started as a process of its own; it outlives the window.

    Parameters
    ----------
    arguments
        Of the command ``coldpoint``.
    parent
        Who owns it.
    """

    failed = QtCore.Signal(str)
    """It ended at once, and why."""

    def __init__(self, arguments: Sequence[str], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        folder = platformdirs.user_state_path("coldpoint") / "started"
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{os.getpid()}-{id(self)}.log"
        process = QtCore.QProcess()
        process.setProgram(sys.executable)
        process.setArguments(["-m", "daq", *arguments])
        process.setStandardOutputFile(str(self.log))
        process.setStandardErrorFile(str(self.log), QtCore.QIODevice.OpenModeFlag.Append)
        started, self.pid = process.startDetached()
        self._looks = timer(self, LOOK)
        self._looks.timeout.connect(self._look)
        if started:
            self._looks.start()

    def close(self) -> None:
        """Look no more; the process goes on."""
        self._looks.stop()

    def _look(self) -> None:
        if self.pid is not None and psutil.pid_exists(self.pid):
            return
        self._looks.stop()
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        told = [line for line in lines if line.startswith("coldpoint:")]
        if told:
            self.failed.emit(told[-1])


class Question(QtCore.QObject):
    """Ask another process something and take its answer; it ends with the window.

    Parameters
    ----------
    arguments
        Of the command ``coldpoint``.
    then
        Takes what it printed, errors included.
    parent
        Who owns it.
    """

    def __init__(
        self, arguments: Sequence[str], then: Callable[[str], None], parent: QtCore.QObject
    ) -> None:
        super().__init__(parent)
        self._then = then
        process = QtCore.QProcess(self)
        process.setProcessChannelMode(QtCore.QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(self._finished)
        process.start(sys.executable, ["-m", "daq", *arguments])
        self._process: QtCore.QProcess | None = process

    def close(self) -> None:
        """Ask no more."""
        if self._process is not None:
            process, self._process = self._process, None
            end_child(process)

    def _finished(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        answer = bytes(process.readAllStandardOutput().data())
        process.deleteLater()
        self._then(answer.decode(errors="replace").strip())


def end_child(process: QtCore.QProcess) -> None:
    """End a process that holds nothing, and be done with it: nobody is told any more.

    Parameters
    ----------
    process
        It is gone afterwards, and its object as soon as the window is at rest.
    """
    process.blockSignals(True)  # noqa: FBT003 (Qt)
    if process.state() != QtCore.QProcess.ProcessState.NotRunning:
        process.kill()
        process.waitForFinished(PATIENCE)
    process.deleteLater()
