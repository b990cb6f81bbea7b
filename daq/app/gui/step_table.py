"""The planned steps: which are over, which is being carried out, how long each takes."""

from collections.abc import Sequence

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.check_report import duration
from daq.app.gui.theme import Theme
from daq.campaign.pace import Pace
from daq.campaign.standing import Standing, State


class StepTable(QtWidgets.QTableWidget):
    """One row per step.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, 3)
        self._theme = theme
        self._words: tuple[str, ...] = ()
        self._paces: tuple[Pace, ...] = ()
        self._row = -1
        self._ended = 0
        self.setHorizontalHeaderLabels(["step", "what", "time"])
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        if rows is not None:
            rows.hide()
        if columns is not None:
            mode = QtWidgets.QHeaderView.ResizeMode
            columns.setSectionResizeMode(0, mode.ResizeToContents)
            columns.setSectionResizeMode(1, mode.Stretch)
            columns.setSectionResizeMode(2, mode.ResizeToContents)
            columns.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft)

    def show_steps(self, words: Sequence[str], paces: Sequence[Pace]) -> None:
        """Show the plan.

        Parameters
        ----------
        words
            What each step does.
        paces
            Seconds by activity of each, as rehearsed; empty while they are not known.
        """
        if tuple(paces) != self._paces:
            self._paces = tuple(paces)
            self._ended = 0
        if tuple(words) == self._words:
            return
        self._words, self._row, self._ended = tuple(words), -1, 0
        self.setRowCount(len(words))
        for row, what in enumerate(words):
            for column, text in enumerate((f"{row + 1}", what, "")):
                item = QtWidgets.QTableWidgetItem(text)
                item.setToolTip(what)
                self.setItem(row, column, item)

    def stand(self, standing: Standing, state: State) -> None:
        """Mark what is over and what is being carried out."""
        ended = dict(standing.ended)
        if len(ended) != self._ended:
            self._ended = len(ended)
            for row in range(self.rowCount()):
                self._mark(row, ended)
        row = -1 if standing.step is None or standing.over else standing.step
        if row != self._row and 0 <= row < self.rowCount():
            self._mark(row, ended)
            self.scrollToItem(self.item(row, 1))
        self._row = row
        if 0 <= row < self.rowCount() and row not in ended:
            self._write(row, "▶" if state == "running" else "‖", self._planned(row))
            self._paint(row, self._theme.accent if state == "running" else self._theme.warning)

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self._theme = theme
        for row in range(self.rowCount()):
            self._paint(row, theme.text)
        self._ended = -1

    def _mark(self, row: int, ended: dict[int, float | None]) -> None:
        if row in ended:
            seconds = ended[row]
            self._write(
                row,
                "-" if seconds is None else "✓",
                "skipped" if seconds is None else duration(seconds),
            )
            self._paint(row, self._theme.muted)
        else:
            self._write(row, "", self._planned(row))
            self._paint(row, self._theme.text)

    def _planned(self, row: int) -> str:
        if row >= len(self._paces):
            return ""
        return f"~ {duration(sum(self._paces[row].values()))}"

    def _write(self, row: int, mark: str, time: str) -> None:
        number, last = self.item(row, 0), self.item(row, 2)
        if number is not None and last is not None:
            number.setText(f"{row + 1} {mark}".strip())
            last.setText(time)

    def _paint(self, row: int, colour: str) -> None:
        for column in range(self.columnCount()):
            item = self.item(row, column)
            if item is not None:
                item.setForeground(QtGui.QColor(colour))
