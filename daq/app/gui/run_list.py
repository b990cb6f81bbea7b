"""The runs that can be drawn, each with a tick and a stroke in the colour of its curve."""

from collections.abc import Mapping

from qtpy import QtCore, QtGui, QtWidgets

STROKE = 4
"""Height of a stroke over that of a letter is one over this."""


class RunList(QtWidgets.QListWidget):
    """A list of runs with ticks; ticked at first."""

    ticked = QtCore.Signal()
    """A tick was set or taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip("Draw a run or leave it out")
        self._items: dict[str, QtWidgets.QListWidgetItem] = {}
        self._colours: dict[str, str] = {}
        self.itemChanged.connect(self.ticked)

    def add(self, key: str, label: str) -> None:
        """Add a run."""
        item = QtWidgets.QListWidgetItem(label)
        item.setFlags(item.flags() | QtCore.Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(QtCore.Qt.CheckState.Checked)
        self._items[key] = item
        with QtCore.QSignalBlocker(self):
            self.addItem(item)

    def colour(self, colours: Mapping[str, str]) -> None:
        """Show in which colours runs are drawn; those that are not drawn have none."""
        with QtCore.QSignalBlocker(self):
            for key, item in self._items.items():
                colour = colours.get(key, "transparent")
                if colour != self._colours.get(key):
                    self._colours[key] = colour
                    item.setIcon(self._stroke(colour))

    def forget(self) -> None:
        """Take all away."""
        self._items.clear()
        self._colours.clear()
        with QtCore.QSignalBlocker(self):
            self.clear()

    def is_ticked(self, key: str) -> bool:
        """Tell whether a run is to be drawn."""
        item = self._items.get(key)
        return item is None or item.checkState() == QtCore.Qt.CheckState.Checked

    def _stroke(self, colour: str) -> QtGui.QIcon:
        wide = self.fontMetrics().height()
        picture = QtGui.QPixmap(wide, wide)
        picture.fill(QtCore.Qt.GlobalColor.transparent)
        painter = QtGui.QPainter(picture)
        high = max(2, wide // STROKE)
        painter.fillRect(0, (wide - high) // 2, wide, high, QtGui.QColor(colour))
        painter.end()
        return QtGui.QIcon(picture)
