"""Temperature, field, angle and helium on the station panel, and how they are set by hand."""

from functools import partial

from qtpy import QtCore, QtWidgets

from daq.app.gui.inputs import muted
from daq.app.gui.lamp import mark, tell, trouble_label, weigh
from daq.app.gui.station_readings import AXES, Axis, Shown

HEADS = ("", "readback", "setpoint", "rate", "status", "set to", "at", "")
HINTS = {
    "temperature": ("5 K", "10 K/min"),
    "field": ("3 mT or 30 Oe", "100 Oe/s"),
    "angle": ("45 deg", "1 deg/s"),
}
STATUS = 4
OPTIONAL = "position"
"""Only shown where the station has a scanner."""


class CryostatGroup(QtWidgets.QGroupBox):
    """One line per quantity."""

    asked = QtCore.Signal(str, str, str)
    """What is to be set, to what, and at which rate; as typed."""

    def __init__(self) -> None:
        super().__init__("Cryostat")
        self.trouble = trouble_label()
        self.refusal = trouble_label()
        self.cells: dict[str, tuple[QtWidgets.QLabel, ...]] = {}
        self.edits: dict[str, tuple[QtWidgets.QLineEdit, QtWidgets.QLineEdit]] = {}
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        self._head: dict[str, QtWidgets.QLabel] = {}
        self._grid = QtWidgets.QGridLayout()
        self._grid.setHorizontalSpacing(16)
        for column, words in enumerate(HEADS):
            self._grid.addWidget(muted(words), 0, column)
            self._grid.setColumnStretch(column, 2 if column == STATUS else 1)
        for row, name in enumerate(AXES, start=1):
            self._add(row, name)
        self._offer(OPTIONAL, offered=False)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.trouble)
        layout.addLayout(self._grid)
        layout.addWidget(self.refusal)

    def show_values(self, shown: Shown) -> None:
        """Show the latest values."""
        tell(self.trouble, shown.cryostat_trouble)
        for name, cells in self.cells.items():
            axis = shown.axes.get(name, Axis())
            if name == OPTIONAL:
                self._offer(name, offered=name in shown.axes)
            texts = (axis.readback, axis.setpoint, axis.rate, axis.status)
            for cell, text in zip(cells, texts, strict=True):
                if cell.text() != text:
                    cell.setText(text)
                    cell.setToolTip(text)
            weigh(cells[-1], "warning" if shown.cryostat_trouble else axis.weight)

    def allow(self, *, allowed: bool) -> None:
        """Let a person set things, or not."""
        for name, button in self.buttons.items():
            button.setEnabled(allowed)
            for edit in self.edits[name]:
                edit.setEnabled(allowed)

    def accepted(self, what: str) -> None:
        """Say that something was set."""
        tell(self.refusal, "")
        for edit in self.edits[what]:
            mark(edit, wrong=False)

    def refuse(self, what: str, why: str) -> None:
        """Say why something was not set."""
        tell(self.refusal, f"{what} was not set: {why}")
        mark(self.edits[what][0], wrong=True)

    def _offer(self, name: str, *, offered: bool) -> None:
        for label in (self._head[name], *self.cells[name]):
            label.setVisible(offered)

    def _add(self, row: int, name: str) -> None:
        self._head[name] = QtWidgets.QLabel(name)
        self._grid.addWidget(self._head[name], row, 0)
        cells = tuple(QtWidgets.QLabel("—") for _ in range(4))
        cells[0].setProperty("role", "number")
        for column, cell in enumerate(cells, start=1):
            self._grid.addWidget(cell, row, column)
        self.cells[name] = cells
        if name not in HINTS:
            return
        edits = (QtWidgets.QLineEdit(), QtWidgets.QLineEdit())
        for column, (edit, hint) in enumerate(zip(edits, HINTS[name], strict=True), start=5):
            edit.setPlaceholderText(hint)
            edit.setToolTip(f"A number, a space and a unit, such as {hint}; then Enter")
            edit.returnPressed.connect(partial(self._ask, name))
            self._grid.addWidget(edit, row, column)
        button = QtWidgets.QPushButton("Set")
        button.setToolTip(f"Set the {name}; the cryostat goes there by itself")
        button.clicked.connect(partial(self._ask, name))
        self._grid.addWidget(button, row, 7)
        self.edits[name], self.buttons[name] = edits, button

    def _ask(self, name: str, _checked: object = None) -> None:
        to, rate = self.edits[name]
        self.asked.emit(name, to.text().strip(), rate.text().strip())
