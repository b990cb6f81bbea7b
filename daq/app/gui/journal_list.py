"""The journal in words, the latest line at the end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.theme import Theme
from daq.campaign.journal_words import event_in_words, event_weight

MOST = 5000
"""Lines that are shown at most."""
LONGEST = 110
"""Characters of a line; the whole of it is shown where the mouse rests."""


class JournalList(QtWidgets.QListWidget):
    """One line per event.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWordWrap(True)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)

    def take(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Add lines; the end stays in sight if it was."""
        bar = self.verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum() - 4
        for event in events[-MOST:]:
            words = event_in_words(event)
            if not words:
                continue
            short = words if len(words) <= LONGEST else f"{words[: LONGEST - 4]} ..."
            item = QtWidgets.QListWidgetItem(f"{_time(event)}  {short}")
            item.setToolTip(words)
            item.setData(QtCore.Qt.ItemDataRole.UserRole, event_weight(event))
            self._colour(item)
            self.addItem(item)
        while self.count() > MOST:
            self.takeItem(0)
        if at_end:
            self.scrollToBottom()

    def words(self) -> list[str]:
        """Return the lines."""
        return [item.text() for row in range(self.count()) if (item := self.item(row)) is not None]

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self._theme = theme
        for row in range(self.count()):
            item = self.item(row)
            if item is not None:
                self._colour(item)

    def _colour(self, item: QtWidgets.QListWidgetItem) -> None:
        weight = item.data(QtCore.Qt.ItemDataRole.UserRole)
        colours = {"good": self._theme.good, "warning": self._theme.warning, "bad": self._theme.bad}
        item.setForeground(QtGui.QColor(colours.get(weight, self._theme.text)))


def _time(event: Mapping[str, Any]) -> str:
    try:
        return f"{datetime.fromisoformat(str(event.get('utc'))).astimezone():%H:%M:%S}"
    except ValueError:
        return "--:--:--"
