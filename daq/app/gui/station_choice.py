"""Which station: by name or by file; read in the worker thread."""

from functools import partial

from qtpy import QtCore, QtWidgets

from daq.app.gui.name_or_file import NameOrFile, OpenButton
from daq.app.gui.page import Context
from daq.config.station import StationConfig, load_station


class StationChoice(QtWidgets.QWidget):
    """A name, a file, or a file that is looked for.

    Parameters
    ----------
    context
        What all pages share.
    """

    chosen = QtCore.Signal(str, object)
    """File or name, and what it says: a `StationConfig`."""
    refused = QtCore.Signal(str)
    """It cannot be read: why."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.by_person = False
        self.file = ""
        self.combo = NameOrFile("stations", "a station file or name", 22)
        self.open = OpenButton("Station file", "Station files (*.yaml *.yml)")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QtWidgets.QLabel("Station"))
        layout.addWidget(self.combo)
        layout.addWidget(self.open)
        self.combo.activated.connect(self._picked)
        edit = self.combo.lineEdit()
        if edit is not None:
            edit.returnPressed.connect(self._picked)
        self.open.found.connect(self._found)

    def choose(self, file: str) -> None:
        """Choose a station by file or name."""
        self.combo.setCurrentText(file)
        if file:
            self._context.work.do(
                partial(load_station, file), partial(self._read, file), self._unread
            )

    def _picked(self) -> None:
        self.by_person = True
        self.choose(self.combo.currentText().strip())

    def _read(self, file: str, config: StationConfig) -> None:
        self.file = file
        self.combo.setToolTip(file)
        if self.by_person:
            self._context.settings.remember("station", file)
        self.chosen.emit(file, config)

    def _unread(self, failure: BaseException) -> None:
        self.refused.emit(" ".join(str(failure).split()))

    def _found(self, file: str) -> None:
        self.by_person = True
        self.choose(file)
