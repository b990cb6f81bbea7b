"""Widgets in a row that goes on in a second line where it has no room."""

from qtpy import QtCore, QtWidgets

GAP = 4
"""Pixels between two widgets, and between two lines."""


class WrappingRow(QtWidgets.QLayout):
    """A row that is never wider than its widest widget must be."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QtWidgets.QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QtWidgets.QLayoutItem | None) -> None:  # noqa: N802 (Qt's name)
        """Take an item at the end."""
        if item is not None:
            self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QtWidgets.QLayoutItem | None:  # noqa: N802 (Qt's name)
        """Return an item; None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QtWidgets.QLayoutItem | None:  # noqa: N802 (Qt's name)
        """Take an item out; None where there is none."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> QtCore.Qt.Orientations:  # noqa: N802 (Qt's name)
        """Take no room that others could use."""
        return QtCore.Qt.Orientations()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 (Qt's name)
        """Tell that it is higher where it is narrower."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 (Qt's name)
        """Return the height of all lines."""
        places = self._places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 (Qt's name)
        """Return the room of a single line."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() + GAP for size in sizes) - GAP
        return QtCore.QSize(max(0, width), max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QtCore.QSize:  # noqa: N802 (Qt's name)
        """Return the room of the largest widget."""
        found = QtCore.QSize()
        for item in self._items:
            found = found.expandedTo(item.minimumSize())
        return found

    def setGeometry(self, rect: QtCore.QRect) -> None:  # noqa: N802 (Qt's name)
        """Put every widget into its place."""
        super().setGeometry(rect)
        for item, place in zip(self._items, self._places(rect.width()), strict=True):
            item.setGeometry(place.translated(rect.topLeft()))

    def _places(self, width: int) -> list[QtCore.QRect]:
        found: list[QtCore.QRect] = []
        x = y = high = 0
        for item in self._items:
            size = item.sizeHint()
            if x and x + size.width() > width:
                x, y, high = 0, y + high + GAP, 0
            found.append(QtCore.QRect(QtCore.QPoint(x, y), size))
            x, high = x + size.width() + GAP, max(high, size.height())
        return found
