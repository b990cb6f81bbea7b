"""The entries of the queue, one line each; those that were not begun can be dragged."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.queue_work import ahead
from daq.app.gui.theme import Theme
from daq.campaign.plain_words import in_plain_words
from daq.campaign.queue_estimates import UNKNOWN, Estimate, in_words
from daq.campaign.queue_store import AHEAD, Entry

HEADS = ("", "sequence", "station", "state", "begins", "takes", "ends", "what becomes of it")
WIDTHS = (40, 240, 120, 115, 100, 130, 100)
STATE, BEGINS, TAKES, ENDS, FATE = range(3, 8)
UNKNOWN_TIME = "—"
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
        self._expected: Mapping[int, Estimate] = {}
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

    @property
    def unconfirmed(self) -> bool:
        """Tell whether the chosen entry waits for a person to confirm something."""
        entry = self.chosen
        return entry is not None and self._expected.get(entry.id, Estimate()).unconfirmed

    def choose(self, number: int) -> None:
        """Select an entry."""
        for row in range(self.topLevelItemCount()):
            item = self.topLevelItem(row)
            if item is not None and item.data(0, _NUMBER) == number:
                self.setCurrentItem(item)

    def show_entries(
        self, entries: tuple[Entry, ...], expected: Mapping[int, Estimate] | None = None
    ) -> None:
        """Show entries; the selection stays with its entry.

        Parameters
        ----------
        entries
            In the order in which they are carried out.
        expected
            When those that have not ended begin and end, by number; as before if omitted.
        """
        chosen = self.chosen
        self._expected = self._expected if expected is None else expected
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
            if item is not None:
                self._tell_times(item, entry, self._expected.get(entry.id, Estimate()))

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
        fate = in_plain_words(entry.error) if entry.error else entry.outcome
        item = QtWidgets.QTreeWidgetItem(
            [
                str(entry.id),
                entry.title,
                entry.station,
                _WORDS.get(entry.state, entry.state),
                *("",) * (FATE - BEGINS),
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

    def _tell_times(
        self, item: QtWidgets.QTreeWidgetItem, entry: Entry, expected: Estimate
    ) -> None:
        begins, takes, ends = _times(entry, expected)
        for column, words in ((BEGINS, begins), (TAKES, takes), (ENDS, ends)):
            if item.text(column) != words:
                item.setText(column, words)
        open_end = entry.state in {*AHEAD, "running"}
        fate = expected.problem or entry.error
        if open_end and item.text(FATE) != fate:
            item.setText(FATE, fate)
            item.setForeground(FATE, QtGui.QColor(self._theme.warning))
        if open_end:
            tip = f"added {_at(_moment(entry.added))}; {in_words(expected)}"
            for column in range(BEGINS, len(HEADS)):
                item.setToolTip(column, tip)


def _times(entry: Entry, expected: Estimate) -> tuple[str, str, str]:
    """Return begin, duration and end in words; what is only expected has a mark of its own."""
    if entry.state in AHEAD:
        if not expected.rehearsed:
            return UNKNOWN_TIME, UNKNOWN, UNKNOWN_TIME
        return _about(expected.start), _planned(expected), _about(expected.end)
    begun, ended = _moment(entry.begun), _moment(entry.ended)
    if entry.state == "running":
        return _at(begun), _planned(expected), _about(expected.end)
    took = None if begun is None or ended is None else (ended - begun).total_seconds()
    return _at(begun), _long(took), _at(ended)


def _planned(expected: Estimate) -> str:
    """Return how long an entry takes; the tool tip says by which clock."""
    told = _long(expected.duration)
    return f"{told} sim." if expected.in_simulated_time else told


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _at(moment: datetime | None) -> str:
    return UNKNOWN_TIME if moment is None else f"{moment.astimezone():%a %H:%M}"


def _about(moment: datetime | None) -> str:
    return UNKNOWN_TIME if moment is None else f"≈ {_at(moment)}"


def _long(seconds: float | None) -> str:
    return UNKNOWN_TIME if seconds is None else str(timedelta(seconds=round(seconds)))
