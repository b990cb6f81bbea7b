"""One instrument on the station panel: its numbers and its lamps, by role."""

from collections.abc import Mapping, Sequence

from qtpy import QtWidgets

from daq.app.gui.inputs import muted
from daq.app.gui.lamp import Lamp, tell, trouble_label
from daq.app.gui.station_readings import UNKNOWN, Unit


class UnitGroup(QtWidgets.QGroupBox):
    """Numbers and lamps of the instruments of a kind; one of them is seen.

    Parameters
    ----------
    title
        Of the group.
    numbers
        Names of the numbers, in order; the first ones are large.
    large
        How many of them are large.
    lamps
        Names of the lamps.
    """

    def __init__(
        self, title: str, numbers: Sequence[str], large: int, lamps: Sequence[str]
    ) -> None:
        super().__init__(title)
        self._units: Mapping[str, Unit] = {}
        self.trouble = trouble_label()
        self.numbers: dict[str, QtWidgets.QLabel] = {}
        self._names: dict[str, QtWidgets.QLabel] = {}
        self.lamps = {name: Lamp(name) for name in lamps}
        self.role = QtWidgets.QComboBox()
        self.role.setToolTip("Which of them, by its role in the station file")
        self.role.hide()
        self.role.activated.connect(self._show)
        grid = QtWidgets.QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(numbers):
            self.numbers[name] = QtWidgets.QLabel(UNKNOWN)
            if row < large:
                self.numbers[name].setProperty("role", "number")
            self._names[name] = muted(name)
            grid.addWidget(self._names[name], row, 0)
            grid.addWidget(self.numbers[name], row, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.role)
        layout.addWidget(self.trouble)
        layout.addLayout(grid)
        for lamp in self.lamps.values():
            layout.addWidget(lamp)
        layout.addStretch(1)

    def offer(self, name: str, *, offered: bool) -> None:
        """Show a number only where the station has it."""
        for label in (self._names[name], self.numbers[name]):
            label.setVisible(offered)

    def show_units(self, units: Mapping[str, Unit]) -> None:
        """Show the latest values of every instrument of the kind, by role."""
        if list(units) != list(self._units):
            before = self.role.currentText()
            self.role.clear()
            self.role.addItems(list(units))
            self.role.setCurrentText(before)
            self.role.setVisible(len(units) > 1)
        self._units = units
        self._show()

    def _show(self) -> None:
        unit = self._units.get(self.role.currentText(), Unit())
        tell(self.trouble, f"No answer: {unit.trouble}" if unit.trouble else "")
        for name, label in self.numbers.items():
            text = unit.numbers.get(name, UNKNOWN)
            if label.text() != text:
                label.setText(text)
        for name, lamp in self.lamps.items():
            lamp.light(lit=unit.lamps.get(name))
