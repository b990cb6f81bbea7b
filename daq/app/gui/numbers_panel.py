"""The numbers of one run, one below the other."""

from collections.abc import Sequence

from qtpy import QtCore, QtWidgets

from daq.app.gui.numbers import Number


class NumbersPanel(QtWidgets.QFrame):
    """Names at the left, values below them."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._title = QtWidgets.QLabel("no run yet")
        self._title.setWordWrap(True)
        self._title.setProperty("role", "title")
        self._rows = QtWidgets.QVBoxLayout()
        self._rows.setSpacing(2)
        self._labels: list[tuple[QtWidgets.QLabel, QtWidgets.QLabel]] = []
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self._title)
        layout.addLayout(self._rows)
        layout.addStretch(1)

    def show_numbers(self, title: str, numbers: Sequence[Number]) -> None:
        """Show these numbers.

        Parameters
        ----------
        title
            Of which run.
        numbers
            From the top.
        """
        self._title.setText(title)
        while len(self._labels) < len(numbers):
            self._labels.append(self._row())
        for index, (name, value) in enumerate(self._labels):
            seen = index < len(numbers)
            name.setVisible(seen)
            value.setVisible(seen)
            if seen:
                number = numbers[index]
                name.setText(number.name)
                value.setText(number.text)
                value.setToolTip(number.definition)
                role = "" if number.good else "muted"
                if value.property("role") != role:
                    value.setProperty("role", role)
                    style = value.style()
                    if style is not None:
                        style.polish(value)

    def text(self) -> str:
        """Return what is shown, as text."""
        shown = (pair for pair in self._labels if not pair[0].isHidden())
        return "\n".join(f"{name.text()}: {value.text()}" for name, value in shown)

    def _row(self) -> tuple[QtWidgets.QLabel, QtWidgets.QLabel]:
        name, value = QtWidgets.QLabel(), QtWidgets.QLabel()
        name.setProperty("role", "muted")
        value.setWordWrap(True)
        value.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows.addWidget(name)
        self._rows.addWidget(value)
        return name, value
