"""The runs that can be drawn, each with a tick."""

from qtpy import QtCore, QtWidgets


class RunList(QtWidgets.QListWidget):
    """A list of runs with ticks; ticked at first."""

    ticked = QtCore.Signal()
    """A tick was set or taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip("Draw a run or leave it out")
        self._items: dict[str, QtWidgets.QListWidgetItem] = {}
        self.itemChanged.connect(self.ticked)

    def add(self, key: str, label: str) -> None:
        """Add a run."""
        item = QtWidgets.QListWidgetItem(label)
        item.setFlags(item.flags() | QtCore.Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(QtCore.Qt.CheckState.Checked)
        self._items[key] = item
        with QtCore.QSignalBlocker(self):
            self.addItem(item)

    def forget(self) -> None:
        """Take all away."""
        self._items.clear()
        with QtCore.QSignalBlocker(self):
            self.clear()

    def is_ticked(self, key: str) -> bool:
        """Tell whether a run is to be drawn."""
        item = self._items.get(key)
        return item is None or item.checkState() == QtCore.Qt.CheckState.Checked
