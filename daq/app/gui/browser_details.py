"""What the files of a run say, as a tree; and in what two runs differ, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy import QtCore, QtWidgets

from daq.app.loaded_run import LoadedRun
from daq.app.run_differences import SEPARATOR, differences, in_words

OPEN = frozenset({"run", "settings", "remarks"})
"""Branches that are open at first."""
MOST_WIDE = 400
"""Pixels of a column at most."""
Item = QtWidgets.QTreeWidgetItem


class RunDetails(QtWidgets.QTreeWidget):
    """Names and values of one run."""

    def __init__(self) -> None:
        super().__init__()
        _dress(self, ["What", "Value"])
        self.setAccessibleName("Details of the run")

    def show_run(self, run: LoadedRun | None) -> None:
        """Show what a run says; nothing without one."""
        self.clear()
        if run is None:
            return
        if run.troubles:
            self._branch("troubles", dict.fromkeys(run.troubles, ""), opened=True)
        for name, values in run.facts.items():
            if isinstance(values, Mapping):
                self._branch(name, values, opened=name in OPEN)
        if run.remarks:
            moments = (remark.partition("  ") for remark in run.remarks)
            branch = self._top("remarks", opened=True)
            for moment, _, text in moments:
                branch.addChild(_item(moment, text))

    def words(self) -> str:
        """Return all that is shown, a line each."""
        return "\n".join(_lines(self.topLevelItem(row)) for row in range(self.topLevelItemCount()))

    def _branch(self, name: str, values: Mapping[str, Any], *, opened: bool) -> None:
        _fill(self._top(name, opened=opened), values)

    def _top(self, name: str, *, opened: bool) -> Item:
        branch = _item(name, "")
        self.addTopLevelItem(branch)
        branch.setExpanded(opened)
        return branch


class RunDifferences(QtWidgets.QWidget):
    """What two runs do not have in common."""

    def __init__(self) -> None:
        super().__init__()
        self.said = QtWidgets.QLabel()
        self.said.setWordWrap(True)
        self.table = QtWidgets.QTreeWidget()
        _dress(self.table, ["What", "", ""])
        self.table.setRootIsDecorated(False)
        self.table.setAccessibleName("Differences of two runs")
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.said)
        layout.addWidget(self.table, 1)
        self.show_runs(())

    def show_runs(self, runs: Sequence[LoadedRun]) -> None:
        """Show the differences of two runs; with any other number, say what to do."""
        self.table.clear()
        if len(runs) != 2:
            self.said.setText(
                f"Choose two runs to compare: {len(runs)} chosen."
                " Hold Ctrl and click a second one in the list."
            )
            self.table.setHeaderLabels(["What", "", ""])
            return
        left, right = runs
        self.table.setHeaderLabels(["What", left.title, right.title])
        found = differences(left.facts, right.facts)
        for one in found:
            name = one.name.removeprefix(f"instruments{SEPARATOR}")
            item = Item([name, one.left, one.right])
            for column, text in enumerate((one.name, one.left, one.right)):
                item.setToolTip(column, text)
            self.table.addTopLevelItem(item)
        count = f"{len(found)} differences" if found else "No difference"
        self.said.setText(
            f"{count} in settings, instruments and versions; what is the same is left out."
        )

    def words(self) -> str:
        """Return all that is shown, a line each."""
        items = (self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount()))
        return "\n".join(
            "\t".join(item.text(column) for column in range(3)) for item in items if item
        )


def _dress(tree: QtWidgets.QTreeWidget, names: list[str]) -> None:
    tree.setHeaderLabels(names)
    tree.setAlternatingRowColors(True)
    tree.setUniformRowHeights(True)
    tree.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
    header = tree.header()
    if header is not None:
        header.setMaximumSectionSize(MOST_WIDE)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        for column in range(1, len(names)):
            header.setSectionResizeMode(column, QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft)


def _item(name: str, value: str) -> Item:
    item = Item([name, value])
    item.setToolTip(0, name)
    item.setToolTip(1, value)
    return item


def _fill(branch: Item, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, Mapping):
            below = _item(str(name), "")
            branch.addChild(below)
            _fill(below, value)
        else:
            branch.addChild(_item(str(name), "" if value == "" else in_words(value)))


def _lines(item: Item | None) -> str:
    if item is None:
        return ""
    below = (_lines(item.child(row)) for row in range(item.childCount()))
    return "\n".join([f"{item.text(0)}: {item.text(1)}".rstrip(), *below])
