"""What a person chooses above the curves: which runs, along which axes, in which colours."""

from collections.abc import Sequence

from qtpy import QtCore, QtWidgets

from daq.app.gui.inputs import choices, muted
from daq.app.gui.quantities import Quantity, first_choice, quantities
from daq.app.gui.run_curve import Choice

BY = {
    "run": "",
    "temperature": "Temperature (K)",
    "field": "Field (T)",
    "angle": "Angle (deg)",
}
"""By what runs are told apart: name and column."""


class LiveControls(QtWidgets.QWidget):
    """Two rows of choices."""

    changed = QtCore.Signal()
    """Something else is to be drawn."""
    crosshair = QtCore.Signal(bool)
    see_all = QtCore.Signal()
    copy = QtCore.Signal(str)
    """``png``, ``svg`` or ``text``."""

    def __init__(self) -> None:
        super().__init__()
        self._quantities: tuple[Quantity, ...] = ()
        self._filling = False
        self._by_hand = False
        self._chosen: dict[str, tuple[str, str]] = {}
        self.procedure = choices("Runs of which procedure", 16)
        self.along = choices("Along the horizontal axis", 14)
        self.up = choices("Along the vertical axis", 14)
        self.by = choices("By what runs are coloured, and laid out in a map", 12)
        self.kind = choices("Curves, or a map of all runs", 8)
        self.kind.addItems(["curves", "map"])
        self.by.addItems(list(BY))
        self.log_x, self.log_y = QtWidgets.QCheckBox("log &x"), QtWidgets.QCheckBox("log &y")
        self.cross = QtWidgets.QCheckBox("cross&hair")
        self.pointed = QtWidgets.QLabel()
        self._lay_out()
        for combo in (self.along, self.up):
            combo.currentIndexChanged.connect(self._axes_chosen)
        for combo in (self.by, self.kind):
            combo.currentIndexChanged.connect(self._changed)
        self.procedure.currentIndexChanged.connect(self._changed)
        self.by.activated.connect(self._by_chosen)
        for box in (self.log_x, self.log_y):
            box.toggled.connect(self._changed)
        self.cross.toggled.connect(self.crosshair)

    def offer_procedures(self, names: Sequence[str], latest: str) -> None:
        """Offer procedures; a new latest one is chosen unless a person has chosen another.

        Parameters
        ----------
        names
            All of them.
        latest
            The one that runs now.
        """
        known = [self.procedure.itemText(index) for index in range(self.procedure.count())]
        if list(names) == known:
            return
        self._filling = True
        self.procedure.clear()
        self.procedure.addItems(list(names))
        self.procedure.setCurrentText(latest)
        self._filling = False
        self.changed.emit()

    def offer_columns(self, columns: Sequence[str]) -> bool:
        """Offer the columns of the chosen procedure; tell whether they are others than before."""
        found = quantities(columns)
        if found == self._quantities or not found:
            return False
        self._quantities = found
        x, y = first_choice(self.procedure.currentText(), found)
        names = self._chosen.get(self.procedure.currentText(), (x.name, y.name))
        self._filling = True
        for combo, name in ((self.along, names[0]), (self.up, names[1])):
            combo.clear()
            combo.addItems([quantity.label for quantity in found])
            combo.setCurrentIndex(next((i for i, q in enumerate(found) if q.name == name), 0))
        self._filling = False
        return True

    def suggest_by(self, column: str) -> None:
        """Colour by a column, unless a person has chosen by what."""
        name = next((name for name, known in BY.items() if known == column), "run")
        if not self._by_hand and self.by.currentText() != name:
            self._filling = True
            self.by.setCurrentText(name)
            self._filling = False

    @property
    def choice(self) -> Choice | None:
        """Return what is to be drawn; None before there are columns."""
        if not self._quantities or self.along.currentIndex() < 0:
            return None
        return Choice(
            self._quantities[self.along.currentIndex()],
            self._quantities[self.up.currentIndex()],
            log_x=self.log_x.isChecked(),
            log_y=self.log_y.isChecked(),
        )

    @property
    def is_map(self) -> bool:
        """Tell whether a map is to be drawn."""
        return self.kind.currentText() == "map"

    def _axes_chosen(self) -> None:
        # While the boxes are filled, what is chosen may not be among the quantities yet.
        choice = None if self._filling else self.choice
        if choice is None:
            return
        self._chosen[self.procedure.currentText()] = (choice.x.name, choice.y.name)
        self.changed.emit()

    def _by_chosen(self) -> None:
        self._by_hand = True

    def _changed(self) -> None:
        if not self._filling:
            self.changed.emit()

    def _lay_out(self) -> None:
        first, second = QtWidgets.QHBoxLayout(), QtWidgets.QHBoxLayout()
        for words, widget in (
            ("show", self.procedure),
            ("draw", self.up),
            ("over", self.along),
            ("by", self.by),
            ("as", self.kind),
        ):
            first.addWidget(muted(words, widget))
            first.addWidget(widget)
        first.addStretch(1)
        everything = QtWidgets.QPushButton("see &all")
        everything.setToolTip("Follow the data again")
        everything.clicked.connect(self.see_all)
        copies = QtWidgets.QPushButton("&copy")
        menu = QtWidgets.QMenu(copies)
        for words, kind in (
            ("as a picture (PNG)", "png"),
            ("as a drawing (SVG)", "svg"),
            ("as text", "text"),
        ):
            action = menu.addAction(words)
            if action is not None:
                action.setData(kind)
        menu.triggered.connect(self._copy)
        copies.setMenu(menu)
        for control in (self.log_x, self.log_y, self.cross, everything, copies):
            second.addWidget(control)
        second.addSpacing(12)
        second.addWidget(self.pointed, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(first)
        layout.addLayout(second)

    def _copy(self, action: QtWidgets.QAction) -> None:
        self.copy.emit(str(action.data()))
