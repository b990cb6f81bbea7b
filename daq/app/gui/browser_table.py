"""The runs that were found: a table that makes its rows when they are looked at."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.theme import Theme
from daq.runs.catalog_table import Entry

BATCH = 500
"""Rows that the table takes at a time, as it is scrolled."""
BAD = frozenset({"failed", "interrupted", "unknown", "storage error"})
COLUMNS: tuple[tuple[str, Callable[[Entry], str]], ...] = (
    ("Started", lambda entry: _started(entry.started)),
    ("No.", lambda entry: f"{entry.number:04d}"),
    ("Procedure", lambda entry: entry.procedure.replace("_", " ")),
    ("Sample", lambda entry: entry.sample),
    ("Outcome", lambda entry: entry.outcome),
    ("Points", lambda entry: str(entry.rows)),
    ("Campaign", lambda entry: entry.campaign),
)
WIDTHS = (13, 4, 14, 10, 9, 6, 30)
"""Characters of each column."""
OUTCOME = 4
Index = QtCore.QModelIndex


class RunModel(QtCore.QAbstractTableModel):
    """Runs as rows.

    Parameters
    ----------
    theme
        The colours.
    """

    wanted = QtCore.Signal()
    """More runs are to be read than are here."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.entries: Sequence[Entry] = ()
        self.count = 0
        """How many runs there are in all, read or not."""
        self._shown = 0

    def take(self, entries: Sequence[Entry], count: int) -> None:
        """Show other runs."""
        self.beginResetModel()
        self.entries, self.count = entries, count
        self._shown = min(BATCH, len(entries))
        self.endResetModel()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Take the same runs and more below them."""
        self.entries = entries
        self.fetchMore(Index())

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Return how many rows have been made so far."""
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 (Qt's name)
        """Tell whether there are rows that have not been made."""
        return not parent.isValid() and self._shown < self.count

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 (Qt's name)
        """Make some more rows."""
        more = min(BATCH, len(self.entries) - self._shown)
        if parent.isValid():
            return
        if more <= 0:
            if self._shown < self.count:
                self.wanted.emit()
            return
        self.beginInsertRows(Index(), self._shown, self._shown + more - 1)
        self._shown += more
        self.endInsertRows()

    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands in a cell."""
        entry = self.entries[index.row()]
        roles = QtCore.Qt.ItemDataRole
        if role == roles.DisplayRole:
            return COLUMNS[index.column()][1](entry)
        if role == roles.ToolTipRole:
            return f"{entry.campaign}\n{Path(entry.path).name}\n{entry.settings}"
        if role == roles.ForegroundRole and index.column() == OUTCOME:
            return QtGui.QColor(self._colour(entry.outcome))
        return None

    def headerData(  # noqa: N802 (Qt's name)
        self,
        section: int,
        orientation: QtCore.Qt.Orientation,
        role: int = QtCore.Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column."""
        if (
            role == QtCore.Qt.ItemDataRole.DisplayRole
            and orientation == QtCore.Qt.Orientation.Horizontal
        ):
            return COLUMNS[section][0]
        return None

    def _colour(self, outcome: str) -> str:
        if outcome in BAD:
            return self.theme.bad
        return self.theme.good if outcome == "finished" else self.theme.warning


class RunTable(QtWidgets.QTableView):
    """The table; several runs can be chosen.

    Parameters
    ----------
    theme
        The colours.
    """

    chosen = QtCore.Signal()
    """Other runs are chosen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.runs = RunModel(theme)
        self.setModel(self.runs)
        self.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Runs")
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
        selection = self.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda *_: self.chosen.emit())
        self.resize_columns()

    def resize_columns(self) -> None:
        """Make columns as wide, and rows as high, as the text needs."""
        width = self.fontMetrics().horizontalAdvance("0")
        for column, characters in enumerate(WIDTHS):
            self.setColumnWidth(column, (characters + 1) * width + 8)
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(self.fontMetrics().height() + 6)

    def take(self, entries: Sequence[Entry], count: int) -> None:
        """Show other runs; those that were chosen stay chosen if they are among the first."""
        before = {entry.path for entry in self.picked()}
        self.runs.take(entries, count)
        self.pick([row for row in range(self.runs.rowCount()) if entries[row].path in before])

    def enter(self) -> None:
        """Go to the runs; the first one is chosen if none is."""
        self.setFocus()
        if not self.picked() and self.runs.rowCount():
            self.selectRow(0)

    def pick(self, rows: Sequence[int]) -> None:
        """Choose these rows."""
        selection = self.selectionModel()
        found = QtCore.QItemSelection()
        last = len(COLUMNS) - 1
        for row in rows:
            found.select(self.runs.index(row, 0), self.runs.index(row, last))
        if selection is not None:
            selection.select(found, QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.chosen.emit()

    def picked(self) -> list[Entry]:
        """Return the runs that are chosen, in the order of the table."""
        selection = self.selectionModel()
        if selection is None:
            return []
        rows = sorted(index.row() for index in selection.selectedRows())
        return [self.runs.entries[row] for row in rows]

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self.runs.theme = theme
        view = self.viewport()
        if view is not None:
            view.update()

    def changeEvent(self, event: QtCore.QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Follow the size of the text."""
        if event is not None and event.type() == QtCore.QEvent.Type.FontChange:
            self.resize_columns()
        super().changeEvent(event)


def _started(utc: str) -> str:
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%y-%m-%d %H:%M}"
    except ValueError:
        return "unknown"
