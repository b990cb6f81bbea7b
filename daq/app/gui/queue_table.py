"""The entries of the queue, one line each; those that were not begun can be dragged."""

from collections.abc import Callable
from datetime import datetime

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.queue_work import AHEAD, ahead
from daq.app.gui.theme import Theme
from daq.campaign.queue import Entry

HEADS = ("", "sequence", "station", "state", "when", "what became of it")
WIDTHS = (40, 260, 130, 120, 210)
STATE, WHEN = 3, 4
_NUMBER = QtCore.Qt.ItemDataRole.UserRole
_WORDS = {
    "waiting": "○ waiting",
    "held": "= held",
    "running": "▶ running",
    "done": "✓ done",
    "failed": "✗ failed",
    "interrupted": "! interrupted",
}


class QueueTable(QtWidgets.QTreeWidget):
    """Show entries, and tell where one was dragged.

    Parameters
    ----------
    theme
        The colours.
    """

    dragged = QtCore.Signal(int, int)
    """An entry, and its new place among those that were not begun; 1 is next."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self._theme = theme
        self.setHeaderLabels(list(HEADS))
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)
        self.setDragDropMode(QtWidgets.QAbstractItemView.DragDropMode.InternalMove)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)

    @property
    def chosen(self) -> Entry | None:
        """Return the entry that is selected, or None."""
        items = self.selectedItems()
        number = items[0].data(0, _NUMBER) if items else None
        return next((entry for entry in self.entries if entry.id == number), None)

    def choose(self, number: int) -> None:
        """Select an entry."""
        for row in range(self.topLevelItemCount()):
            item = self.topLevelItem(row)
            if item is not None and item.data(0, _NUMBER) == number:
                self.setCurrentItem(item)

    def show_entries(
        self, entries: tuple[Entry, ...], left: Callable[[Entry], str] = lambda _entry: ""
    ) -> None:
        """Show entries; the selection stays with its entry.

        Parameters
        ----------
        entries
            In the order in which they are carried out.
        left
            Says how long a running one still takes.
        """
        chosen = self.chosen
        if entries != self.entries:
            self.entries = entries
            self.blockSignals(True)  # noqa: FBT003 (Qt)
            self.clear()
            self.addTopLevelItems([self._item(entry) for entry in entries])
            if chosen is not None:
                self.choose(chosen.id)
            self.blockSignals(False)  # noqa: FBT003 (Qt)
            self.itemSelectionChanged.emit()
        for row, entry in enumerate(entries):
            item = self.topLevelItem(row)
            if item is not None and entry.state == "running":
                item.setText(WHEN, _when(entry, left(entry)))

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self._theme = theme
        entries, chosen = self.entries, self.chosen
        self.entries = ()
        self.show_entries(entries)
        if chosen is not None:
            self.choose(chosen.id)

    def words(self) -> list[list[str]]:
        """Return what stands in the lines."""
        items = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        return [[item.text(i) for i in range(len(HEADS))] for item in items if item is not None]

    def dropEvent(self, event: QtGui.QDropEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Tell where an entry was dropped; the queue itself is changed by others."""
        if event is None:
            return
        target = self.itemAt(event.pos())
        below = self.dropIndicatorPosition() == self.DropIndicatorPosition.BelowItem
        event.setDropAction(QtCore.Qt.DropAction.IgnoreAction)
        event.accept()
        self.drop_at(None if target is None else target.data(0, _NUMBER), below=below)

    def drop_at(self, number: int | None, *, below: bool) -> None:
        """Tell that the chosen entry is wanted beside another one.

        Parameters
        ----------
        number
            The other one; None for the end.
        below
            Whether below it, not above.
        """
        entry = self.chosen
        if entry is None or entry.state not in AHEAD or number == entry.id:
            return
        others = [one for one in ahead(self.entries) if one != entry.id]
        if number is None:
            place = len(others) + 1
        elif number in others:
            place = others.index(number) + 1 + below
        else:  # beside one that was begun: next
            place = 1
        self.dragged.emit(entry.id, place)

    def _item(self, entry: Entry) -> QtWidgets.QTreeWidgetItem:
        fate = entry.error or entry.outcome
        item = QtWidgets.QTreeWidgetItem(
            [
                str(entry.id),
                entry.title,
                entry.station,
                _WORDS.get(entry.state, entry.state),
                _when(entry, ""),
                fate,
            ]
        )
        item.setData(0, _NUMBER, entry.id)
        for column in range(len(HEADS)):
            item.setToolTip(column, fate or entry.title)
        colours = {
            "waiting": self._theme.text,
            "held": self._theme.warning,
            "running": self._theme.accent,
            "done": self._theme.good,
        }
        colour = QtGui.QColor(colours.get(entry.state, self._theme.bad))
        item.setForeground(STATE, colour)
        flags = QtCore.Qt.ItemFlags()
        flags |= QtCore.Qt.ItemFlag.ItemIsEnabled
        flags |= QtCore.Qt.ItemFlag.ItemIsSelectable
        if entry.state in AHEAD:
            flags |= QtCore.Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(flags)
        return item


def _when(entry: Entry, left: str) -> str:
    if entry.state == "running":
        return f"since {_time(entry.begun)}{' · ' if left else ''}{left}"
    if entry.ended:
        return f"ended {_time(entry.ended)}"
    return f"added {_time(entry.added)}"


def _time(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone():%a %H:%M}"
    except ValueError:
        return "—"
