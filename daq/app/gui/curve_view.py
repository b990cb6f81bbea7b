"""Curves over one pair of axes, with legend, colour bar, flagged points and crosshair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from qtpy import QtCore, QtGui, QtWidgets

from daq.analysis.result import FloatArray
from daq.app.gui.axes import Ramp, colour_bar, dress_axis, label_axis
from daq.app.gui.curve_marks import CurveMarks, Marks
from daq.app.gui.drawing import Drawing
from daq.app.gui.quantities import Quantity
from daq.app.gui.theme import Theme
from daq.app.gui.timed_plot import TimedPlot

NOTHING: FloatArray = np.empty(0)
MOST_IN_LEGEND = 10
SEEN_THROUGH = 150
NO_MARKS = Marks()
USUAL_HEIGHT = 16.0
"""Of a line of text in pixels; on a screen of 4K that is not scaled it is more."""
WIDE = 1.4
"""Pixels of the screen, over the usual, from which on lines of few points are wider."""
FEW = 1000
"""Points of such a line at most."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve as it is drawn.

    Parameters
    ----------
    key
        The same from one drawing to the next.
    label
        For the legend.
    x, y
        Shape (n,), few enough to be drawn.
    colour
        Of the line.
    spoiled, doubtful
        Flagged points.
    bad
        Points that people have marked bad.
    remarks
        Where remarks stand.
    strong
        Whether it is the run that grows.
    """

    key: str
    label: str
    x: FloatArray
    y: FloatArray
    colour: str
    spoiled: Marks = NO_MARKS
    doubtful: Marks = NO_MARKS
    bad: Marks = NO_MARKS
    remarks: Marks = NO_MARKS
    strong: bool = False


class CurveView(Drawing):
    """A plot of curves.

    Parameters
    ----------
    theme
        The colours.
    """

    range_changed = QtCore.Signal()
    """Another part of the x axis is seen."""
    pointed = QtCore.Signal(str)
    """What is under the crosshair, in words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._scale = 1.0
        self.lines: dict[str, pg.PlotDataItem] = {}
        self._units = ("", "")
        self._labels = ("", "")
        self._drawn: tuple[Drawn, ...] = ()
        self._bar: pg.ColorBarItem | None = None
        self._ramp: Ramp | None = None
        self.plot = TimedPlot()
        self.item = self.plot.getPlotItem()
        self._legend = self.item.addLegend(offset=(-12, 12))
        self.marks = CurveMarks(self.item, self._mapped)
        self.fit = pg.PlotDataItem(connect="finite")
        self.fit.setZValue(15)
        self.item.addItem(self.fit, ignoreBounds=True)
        self._cross = tuple(pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0))
        for line in self._cross:
            line.setZValue(30)
            line.hide()
            self.item.addItem(line, ignoreBounds=True)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.item.setContentsMargins(0, 8, 0, 0)  # room for the uppermost number of a colour bar
        self.item.showGrid(x=True, y=True, alpha=0.25)
        self.item.getViewBox().sigXRangeChanged.connect(self._ranged)
        self.plot.scene().sigMouseMoved.connect(self.point)
        self._crosshair = False
        self.retheme(theme)

    def set_axes(self, x: Quantity, y: Quantity, *, log_x: bool, log_y: bool) -> None:
        """Label the axes and forget the curves.

        Parameters
        ----------
        x
            What is drawn along the horizontal one.
        y
            What is drawn along the vertical one.
        log_x
            Whether the horizontal one is logarithmic.
        log_y
            Whether the vertical one is logarithmic.
        """
        self.clear()
        self._units, self._labels = (x.unit, y.unit), (x.name, y.name)
        for side, quantity, log in (("bottom", x, log_x), ("left", y, log_y)):
            label_axis(self.item.getAxis(side), quantity, log=log)
        self.item.setLogMode(x=log_x, y=log_y)
        self.fit.setLogMode(log_x, log_y)
        self.item.enableAutoRange()

    def clear(self) -> None:
        """Take every curve away."""
        for key in tuple(self.lines):
            self._remove(key)
        self.marks.clear()
        self.draw_fit(None)
        self._drawn = ()

    def draw(self, curves: Sequence[Drawn], ramp: Ramp | None = None) -> None:
        """Draw these curves; those that are drawn already are changed in place.

        Parameters
        ----------
        curves
            In the order of the legend.
        ramp
            By what they are coloured; None for colours of their own.
        """
        keys = {curve.key for curve in curves}
        for key in tuple(self.lines):
            if key not in keys:
                self._remove(key)
        named = len(curves) <= MOST_IN_LEGEND and ramp is None
        self._legend.setVisible(named and bool(curves))
        before = {curve.key: curve for curve in self._drawn}
        for curve in curves:
            self._draw_one(curve, before.get(curve.key), named=named)
        self.marks.show("spoiled", [curve.spoiled for curve in curves])
        self.marks.show("doubtful", [curve.doubtful for curve in curves])
        self.marks.show("bad", [curve.bad for curve in curves])
        self.marks.show("remarks", [curve.remarks for curve in curves])
        self._drawn = tuple(curves)
        self._set_ramp(ramp)

    def draw_fit(self, points: tuple[FloatArray, FloatArray] | None, name: str = "fit") -> None:
        """Draw a model over the data, or none.

        Parameters
        ----------
        points
            Along both axes, shape (n,) each.
        name
            For the legend.
        """
        label = self._legend.getLabel(self.fit)
        if points is None or (label is not None and label.text != name):
            self._legend.removeItem(self.fit)
            label = None
        self.fit.setData(*(points or ([], [])))
        if points is not None and label is None:
            self._legend.addItem(self.fit, name)

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Return the curves that are seen."""
        return self._drawn

    def seen(self) -> tuple[float, float]:
        """Return the part of the x axis that is seen; everything while it follows the data."""
        box = self.item.getViewBox()
        if box.autoRangeEnabled()[0]:
            return (-np.inf, np.inf)
        low, high = box.viewRange()[0]
        return (10.0**low, 10.0**high) if self._logs()[0] else (low, high)

    def see_all(self) -> None:
        """Follow the data again."""
        self.item.enableAutoRange()

    def use_crosshair(self, *, on: bool) -> None:
        """Show or hide the crosshair."""
        self._crosshair = on
        for line in self._cross:
            line.setVisible(on)
        if not on:
            self.pointed.emit("")

    def retheme(self, theme: Theme) -> None:
        """Use other colours."""
        super().retheme(theme)
        self.plot.setBackground(theme.plot)
        for side in ("left", "bottom"):
            dress_axis(self.item.getAxis(side), theme, self.font())
        self._legend.setLabelTextColor(theme.text)
        behind = QtGui.QColor(theme.surface)
        behind.setAlpha(SEEN_THROUGH)  # a curve may lie below
        self._legend.setBrush(pg.mkBrush(behind))
        self._legend.setPen(pg.mkPen(theme.line))
        self._scale = self.fontMetrics().height() / USUAL_HEIGHT
        self.marks.retheme(theme, self._scale)
        self._legend.setLabelTextSize(f"{self.font().pointSizeF():.1f}pt")
        self.fit.setPen(pg.mkPen(theme.text, width=2, style=QtCore.Qt.PenStyle.DashLine))
        for line in self._cross:
            line.setPen(pg.mkPen(theme.muted, style=QtCore.Qt.PenStyle.DashLine))
        drawn, ramp, fit = self._drawn, self._ramp, self.fit.getOriginalDataset()
        named = self._legend.getLabel(self.fit)
        self._set_ramp(None)
        self.clear()
        self.draw(drawn, ramp)
        if named is not None:
            self.draw_fit(fit, named.text)

    def _draw_one(self, curve: Drawn, before: Drawn | None, *, named: bool) -> None:
        line = self.lines.get(curve.key)
        if line is None:
            line = pg.PlotDataItem(connect="finite", skipFiniteCheck=False)
            line.setLogMode(*self._logs())
            self.item.addItem(line)
            self.lines[curve.key] = line
            before = None
        if before is None or (before.colour, before.strong) != (curve.colour, curve.strong):
            # Wider lines are drawn by a slower path of Qt; what grows must stay fast.
            wide = self._scale * self.devicePixelRatioF() >= WIDE and len(curve.x) <= FEW
            line.setPen(pg.mkPen(curve.colour, width=2 if wide else 1))
            line.setZValue(10 if curve.strong else 1)
        if before is None or before.x is not curve.x or before.y is not curve.y:
            line.setData(curve.x, curve.y)
        if before is None or before.label != curve.label or named != bool(line.name()):
            self._legend.removeItem(line)
            line.opts["name"] = curve.label if named else None
            if named:
                self._legend.addItem(line, curve.label)

    def _remove(self, key: str) -> None:
        line = self.lines.pop(key)
        self._legend.removeItem(line)
        self.item.removeItem(line)

    def _set_ramp(self, ramp: Ramp | None) -> None:
        if ramp == self._ramp:
            return
        self._ramp = ramp
        if self._bar is not None:
            self.item.layout.removeItem(self._bar)
            self.plot.scene().removeItem(self._bar)
            self._bar = None
        if ramp is None:
            return
        self._bar = colour_bar(self._theme, ramp, self.font())
        self.item.layout.addItem(self._bar, 2, 5)
        self.item.layout.setColumnFixedWidth(4, 8)

    def _logs(self) -> tuple[bool, bool]:
        return (self.item.getAxis("bottom").logMode, self.item.getAxis("left").logMode)

    def _mapped(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return points where the view draws them: a scatter knows no logarithmic axes."""
        x, y = points[:, 0], points[:, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            log_x, log_y = self._logs()
            return (np.log10(x) if log_x else x), (np.log10(y) if log_y else y)

    def _ranged(self, *_: object) -> None:
        if not self.item.getViewBox().autoRangeEnabled()[0]:
            self.range_changed.emit()

    def point(self, where: QtCore.QPointF) -> None:
        """Move the crosshair to a place of the scene."""
        if not self._crosshair or not self.item.sceneBoundingRect().contains(where):
            return
        point = self.item.getViewBox().mapSceneToView(where)
        self._cross[0].setPos(point.x())
        self._cross[1].setPos(point.y())
        log_x, log_y = self._logs()
        x, y = point.x(), point.y()
        values = (10.0**x if log_x else x, 10.0**y if log_y else y)
        told = (
            f"{name} = {value:.6g} {unit}".rstrip()
            for name, value, unit in zip(self._labels, values, self._units, strict=True)
        )
        self.pointed.emit("   ".join(told))
