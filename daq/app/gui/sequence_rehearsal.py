"""The rehearsal of a sequence: a child process that can be cancelled, and what it found."""

import sys
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.axes import dress_axis
from daq.app.gui.lamp import weigh
from daq.app.gui.processes import end_child
from daq.app.gui.scrolled import scrolled
from daq.app.gui.theme import Theme
from daq.app.sequence.rehearsed import LimitRow, Rehearsed, rehearsed
from daq.campaign.leftovers import next_copy
from instruments.errors import ColdpointError

AXES = (("temperature", "T (K)"), ("field", "field (T)"), ("angle", "angle (°)"))
NEEDS = 3
"""Facts that stand above the course."""
COURSE_LINES = 17
"""Height of the course, in lines of text: with the limits it fills a small screen."""
NEAR = 0.9
"""Share of a limit from which it is marked."""


class RehearsalProcess(QtCore.QObject):
    """Rehearse in a process that ends with the window.

    Parameters
    ----------
    data
        The folder of all campaigns; its disk must have room.
    parent
        Who owns it.
    """

    found = QtCore.Signal(object)
    failed = QtCore.Signal(str)
    ended = QtCore.Signal()

    def __init__(self, data: Path, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._data = data
        self._process: QtCore.QProcess | None = None
        self._text = ""

    @property
    def running(self) -> bool:
        """Tell whether it is being rehearsed."""
        return self._process is not None

    def start(self, text: str) -> Path:
        """Rehearse a sequence.

        Parameters
        ----------
        text
            Of the sequence; it is put into a file that nobody changes.

        Returns
        -------
        Path
            That file: the very one that may be started afterwards.
        """
        self.cancel()
        self._text = text
        file = next_copy()
        file.write_text(text, encoding="utf-8")
        process = QtCore.QProcess(self)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self._process = process
        words = ["-m", "daq", "check", str(file), "--json", "--data", str(self._data)]
        words += ["--confirm-above"]  # what there is to confirm is asked for at the start
        process.start(sys.executable, words)
        return file

    def cancel(self) -> None:
        """End it, if it is under way."""
        process, self._process = self._process, None
        if process is None:
            return
        end_child(process)
        self.ended.emit()

    def _finished(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        answer = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        errors = bytes(process.readAllStandardError().data()).decode(errors="replace")
        process.deleteLater()
        told = [line for line in errors.splitlines() if line.startswith("coldpoint:")]
        try:
            self.found.emit(rehearsed(self._text, answer))
        except ColdpointError as failure:
            self.failed.emit(told[-1].partition(": ")[2] if told else str(failure))
        self.ended.emit()

    def _broken(self, error: QtCore.QProcess.ProcessError) -> None:
        if error == QtCore.QProcess.ProcessError.FailedToStart:
            self._process = None
            self.failed.emit("rehearsal: Python cannot be started; check the installation")
            self.ended.emit()


class RehearsalView(QtWidgets.QWidget):
    """What a rehearsal found.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: Rehearsed | None = None
        self.verdict = QtWidgets.QLabel()
        self.verdict.setWordWrap(True)
        self.needs = QtWidgets.QLabel()
        self.needs.setWordWrap(True)
        self.facts = QtWidgets.QLabel()
        self.facts.setWordWrap(True)
        self.plot = pg.GraphicsLayoutWidget()
        self.plots: dict[str, pg.PlotItem] = {}
        self.limits = QtWidgets.QTableWidget(0, 4)
        self._lay_out()
        self.retheme(theme)
        self.say("Not rehearsed yet: F5 shows how long it takes and where the sample will be.")

    def say(self, words: str, role: str = "muted") -> None:
        """Show no rehearsal, but words."""
        self._shown = None
        self._tell(words, role)
        self.needs.setText("")
        self.facts.setText("")
        self.limits.setRowCount(0)
        self.limits.hide()
        for plot in self.plots.values():
            plot.clear()
        self.plot.hide()

    def show_found(self, found: Rehearsed) -> None:
        """Show a rehearsal."""
        self._shown = found
        self._tell(found.verdict, "good" if found.ok else "bad")
        lines = [f"{what}: {how_much}" for what, how_much in found.facts]
        self.needs.setText(" · ".join(lines[:NEEDS]))
        lines = lines[NEEDS:] + [f"Note: {words}" for words in found.warnings]
        self.facts.setText("\n".join(lines))
        self.plot.show()
        self.limits.show()
        for name, plot in self.plots.items():
            plot.clear()
            values = found.course[name]
            if np.any(np.isfinite(values)):
                plot.plot(found.hours, values, pen=self._pen(name), connect="finite")
            plot.enableAutoRange()
        self._show_limits(found.limits)

    def outdate(self) -> None:
        """Say that the sequence has been changed since."""
        if self._shown is not None:
            self._tell("Changed since it was rehearsed: rehearse it again (F5).", "warning")

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.plot.setBackground(theme.plot)
        self.plot.setFixedHeight(COURSE_LINES * self.fontMetrics().height())
        font = QtGui.QFont(self.font())
        font.setPointSizeF(0.85 * font.pointSizeF())
        for plot in self.plots.values():
            for side in ("left", "bottom"):
                dress_axis(plot.getAxis(side), theme, font)
        for name, plot in self.plots.items():
            for curve in plot.listDataItems():
                curve.setPen(self._pen(name))
        if self._shown is not None:
            self._show_limits(self._shown.limits)

    def _pen(self, name: str) -> QtGui.QPen:
        order = [axis for axis, _ in AXES]
        pen: QtGui.QPen = pg.mkPen(self._theme.curves[order.index(name)], width=1.5)
        return pen

    def _tell(self, words: str, role: str) -> None:
        self.verdict.setText(words)
        weigh(self.verdict, role)

    def _show_limits(self, rows: tuple[LimitRow, ...]) -> None:
        self.limits.setRowCount(len(rows))
        for number, row in enumerate(rows):
            cells = (row.name, row.reached, row.limit, f"{100.0 * row.used:.0f} %")
            colour = self._theme.text
            if row.used > NEAR:
                colour = self._theme.bad if row.broken else self._theme.warning
            for column, words in enumerate(cells):
                item = QtWidgets.QTableWidgetItem(words)
                item.setForeground(QtGui.QColor(colour))
                self.limits.setItem(number, column, item)
        for number in range(len(rows)):
            self.limits.setRowHeight(number, self.fontMetrics().height() + 5)
        header = self.limits.horizontalHeader()
        height = 0 if header is None else header.sizeHint().height()
        height += sum(self.limits.rowHeight(row) for row in range(len(rows)))
        self.limits.setFixedHeight(height + 2 * self.limits.frameWidth() + 2)

    def _lay_out(self) -> None:
        for row, (name, label) in enumerate(AXES):
            plot = self.plot.addPlot(row=row, col=0)
            plot.setLabel("left", label)
            plot.getAxis("left").setWidth(64)
            plot.getAxis("left").enableAutoSIPrefix(False)  # noqa: FBT003 (pyqtgraph's signature)
            plot.showGrid(x=True, y=True, alpha=0.2)
            plot.hideButtons()
            plot.setMenuEnabled(False)
            if self.plots:
                plot.setXLink(next(iter(self.plots.values())))
            if row < len(AXES) - 1:
                plot.getAxis("bottom").setStyle(showValues=False)
            self.plots[name] = plot
        self.plots["angle"].setLabel("bottom", "time (h)")
        self.plots["angle"].getAxis("bottom").enableAutoSIPrefix(False)  # noqa: FBT003 (the same)
        self.limits.setHorizontalHeaderLabels(["limit", "reached", "of", "used"])
        self.limits.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.limits.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.NoSelection)
        self.limits.setShowGrid(False)
        self.limits.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        sides, columns = self.limits.verticalHeader(), self.limits.horizontalHeader()
        if sides is not None:
            sides.hide()
            sides.setMinimumSectionSize(8)
        if columns is not None:
            mode = QtWidgets.QHeaderView.ResizeMode
            for column, how in enumerate((mode.ResizeToContents, mode.Stretch, mode.Stretch)):
                columns.setSectionResizeMode(column, how)
            columns.setSectionResizeMode(3, mode.ResizeToContents)
            columns.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft)
        around = QtWidgets.QVBoxLayout(self)
        around.addWidget(scrolled(self.verdict, self.needs, self.plot, self.limits, self.facts))
