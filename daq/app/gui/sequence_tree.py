"""The tree of steps, and the list of all steps that there are."""

from collections.abc import Mapping, Sequence
from typing import cast

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.theme import Theme
from daq.app.sequence.fields import PALETTE
from daq.app.sequence.judgement import Judgement
from daq.app.sequence.rows import Row
from daq.config.problem import Place

_NO_DROP = (
    QtCore.Qt.ItemFlags(QtCore.Qt.ItemFlag.ItemIsEnabled)
    | QtCore.Qt.ItemFlag.ItemIsSelectable
    | QtCore.Qt.ItemFlag.ItemIsDragEnabled
)
"""Of a step that takes no others in."""


class StepItem(QtWidgets.QTreeWidgetItem):
    """A row: a step, or the head of the sequence.

    Parameters
    ----------
    row
        The step.
    """

    def __init__(self, row: Row) -> None:
        name = row.kind or "?"
        super().__init__([f"{name}   {row.words}".strip(), ""])
        self.row = row
        if row.place and not row.is_loop:
            self.setFlags(_NO_DROP)
        self.setTextAlignment(1, int(QtCore.Qt.AlignmentFlag.AlignRight))


class Palette(QtWidgets.QListWidget):
    """Every step that there is; Enter or a double click adds it, or it is dragged."""

    wanted = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.addItems(PALETTE)
        self.setCurrentRow(0)
        self.setDragEnabled(True)
        self.setDragDropMode(QtWidgets.QAbstractItemView.DragDropMode.DragOnly)
        self.setToolTip("Double click, Enter or drag to add")
        self._fit_width()
        self.itemDoubleClicked.connect(self._want)

    def keyPressEvent(self, event: QtGui.QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Add what is chosen when Enter is pressed."""
        if event is not None and event.key() in {
            QtCore.Qt.Key.Key_Return,
            QtCore.Qt.Key.Key_Enter,
        }:
            self._want(self.currentItem())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QtCore.QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Keep every name whole when the text grows."""
        super().changeEvent(event)
        kinds = {QtCore.QEvent.Type.FontChange, QtCore.QEvent.Type.StyleChange}
        if event is not None and event.type() in kinds:
            self._fit_width()

    def _fit_width(self) -> None:
        bar = self.fontMetrics().height() + 24
        self.setMinimumWidth(max(120, self.sizeHintForColumn(0) + bar))

    def _want(self, item: QtWidgets.QListWidgetItem | None) -> None:
        if item is not None:
            self.wanted.emit(item.text())


class SequenceTree(QtWidgets.QTreeWidget):
    """The steps; the first row is the head.

    Parameters
    ----------
    theme
        The colours.
    """

    chosen = QtCore.Signal(object)
    moved = QtCore.Signal(object, object, int)
    """Places, and the loop and the index they are dropped at."""
    dropped = QtCore.Signal(str, object, int)
    """A step of the palette, and the loop and the index."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._quiet = False
        self.setColumnCount(2)
        self.setHeaderLabels(["step", "time"])
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QtWidgets.QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(QtCore.Qt.DropAction.MoveAction)
        self.setUniformRowHeights(True)
        header = self.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(1, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self.head = StepItem(Row((), "sequence", ""))
        self.currentItemChanged.connect(self._tell)

    def show_rows(self, title: str, rows: Sequence[Row], current: Place) -> None:
        """Show the steps, all loops open.

        Parameters
        ----------
        title
            Of the sequence.
        rows
            The steps.
        current
            Which one is chosen; empty for the head.
        """
        self._quiet = True
        bar = self.verticalScrollBar()
        at = 0 if bar is None else bar.value()
        self.clear()
        self.head = StepItem(Row((), "sequence", title))
        self.addTopLevelItem(self.head)
        self._add(self.head, rows)
        self.expandAll()
        if bar is not None:
            bar.setValue(at)
        self.setCurrentItem(self._item(current) or self.head)
        self._quiet = False

    def places(self) -> list[Place]:
        """Return the places of the chosen steps, without the head."""
        return [item.row.place for item in self._items() if item.isSelected() and item.row.place]

    def mark(self, judgement: Judgement | None) -> None:
        """Show which steps are wrong, and why."""
        for item in self._items():
            place = item.row.place
            wrong: list[str] = []
            if judgement is not None:
                wrong = judgement.below(place) if place else _of_head(judgement)
                for inner in item.row.inner:
                    wrong = [
                        reason for reason in wrong if reason not in judgement.below(inner.place)
                    ]
            colour = self._theme.bad if wrong else self._theme.text
            item.setForeground(0, QtGui.QColor(colour))
            item.setToolTip(0, "\n".join([item.row.words, *wrong]).strip())

    def time(self, words: Mapping[Place, str]) -> None:
        """Show how long each step takes; the empty place stands for all."""
        for item in self._items():
            item.setText(1, words.get(item.row.place, ""))
            item.setForeground(1, QtGui.QColor(self._theme.muted))

    def retheme(self, theme: Theme) -> None:
        """Write in other colours, as soon as it is marked again."""
        self._theme = theme

    def dragEnterEvent(self, event: QtGui.QDragEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take steps of this tree and of the palette."""
        super().dragEnterEvent(event)
        if event is not None and isinstance(event.source(), Palette | SequenceTree):
            event.accept()

    def dropEvent(self, event: QtGui.QDropEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Say what was dropped where; whoever owns the sequence moves it."""
        if event is None:
            return
        source = event.source()
        self.setState(QtWidgets.QAbstractItemView.State.NoState)
        parent, index = self._target(event.pos())
        event.setDropAction(QtCore.Qt.DropAction.CopyAction)  # Qt must not take the rows away
        event.accept()
        if isinstance(source, Palette):
            item = source.currentItem()
            if item is not None:
                self.dropped.emit(item.text(), parent, index)
        elif source is self:
            self.moved.emit(self.places(), parent, index)

    def _target(self, at: QtCore.QPoint) -> tuple[Place, int]:
        """Return the loop and the index where something dropped there belongs."""
        item = cast("StepItem | None", self.itemAt(at))
        if item is None or item is self.head:
            return (), self.head.childCount() if item is None or self._on(item, at) else 0
        row = item.row
        if row.is_loop and self._on(item, at):
            return row.place, len(row.inner)
        index = int(row.place[-1])
        above = at.y() < self.visualItemRect(item).center().y()
        if row.is_loop and row.inner and item.isExpanded() and not above:
            return row.place, 0
        return row.place[:-2], index if above else index + 1

    def _on(self, item: StepItem, at: QtCore.QPoint) -> bool:
        """Tell whether a point is on a row and not near its edges."""
        rect = self.visualItemRect(item)
        return abs(at.y() - rect.center().y()) <= rect.height() // 4

    def _add(self, above: StepItem, rows: Sequence[Row]) -> None:
        for row in rows:
            item = StepItem(row)
            above.addChild(item)
            self._add(item, row.inner)

    def _items(self) -> list[StepItem]:
        found: list[StepItem] = []
        waiting = [self.head]
        while waiting:
            item = waiting.pop()
            found.append(item)
            inner = [cast("StepItem", item.child(i)) for i in range(item.childCount())]
            waiting += reversed(inner)
        return found

    def _item(self, place: Place) -> StepItem | None:
        return next((item for item in self._items() if item.row.place == place), None)

    def _tell(self, item: QtWidgets.QTreeWidgetItem | None, _before: object) -> None:
        if not self._quiet and isinstance(item, StepItem):
            self.chosen.emit(item.row.place)


def _of_head(judgement: Judgement) -> list[str]:
    """Return what is wrong besides the steps."""
    return [
        f"{key}: {reason}"
        for key, reason in judgement.problems.items()
        if not key.startswith("steps[")
    ]
