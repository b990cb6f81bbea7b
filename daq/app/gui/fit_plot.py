"""Data and fit above, what is left of the data below."""

import numpy as np
import pyqtgraph as pg
from qtpy import QtWidgets

from daq.app.fit_answer import Layer
from daq.app.gui.axes import dress_axis, label_axis
from daq.app.gui.drawing import Drawing
from daq.app.gui.quantities import Quantity, split_unit
from daq.app.gui.theme import Theme

AXIS = 7
"""Characters of the vertical axes, so that both plots begin at the same place."""


class FitPlot(Drawing):
    """Two plots over one horizontal axis.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.layer: Layer | None = None
        self.above, self.below = pg.PlotWidget(), pg.PlotWidget()
        self.below.setXLink(self.above)
        self._data = pg.ScatterPlotItem(size=4)
        self._curve = pg.PlotDataItem()
        self._left = pg.ScatterPlotItem(size=4)
        self._zero = pg.InfiniteLine(angle=0, movable=False)
        self.above.addItem(self._data)
        self.above.addItem(self._curve)
        self.below.addItem(self._left)
        self.below.addItem(self._zero, ignoreBounds=True)
        for plot in (self.above, self.below):
            plot.getPlotItem().showGrid(x=True, y=True, alpha=0.25)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.above, 5)
        layout.addWidget(self.below, 4)
        self.retheme(theme)
        self.show_layer(None)

    def show_layer(self, layer: Layer | None) -> None:
        """Draw what a fit has seen and found; nothing without one."""
        self.layer = layer
        for item in (self._data, self._left):
            item.setData([], [])
        self._curve.setData([], [])
        self.below.setVisible(layer is not None and layer.curve is not None)
        self.above.getPlotItem().setVisible(layer is not None)  # no axes without numbers
        if layer is None:
            return
        item = self.above.getPlotItem()
        label_axis(item.getAxis("left"), _quantity(layer.y_label))
        self._data.setData(layer.x, layer.y)
        item.getAxis("bottom").setStyle(showValues=layer.curve is None)
        if layer.curve is None:
            label_axis(item.getAxis("bottom"), _quantity(layer.x_label))
        else:
            item.getAxis("bottom").setLabel("")
            item.getAxis("bottom").showLabel(show=False)
            self._show_model(layer, layer.curve)
        self._name_curves()
        item.enableAutoRange()
        self._align()

    def residuals(self) -> tuple[list[float], list[float]]:
        """Return the points of the lower plot."""
        x, y = self._left.getData()
        return list(x), list(y)

    def retheme(self, theme: Theme) -> None:
        """Use other colours."""
        super().retheme(theme)
        for plot in (self.above, self.below):
            plot.setBackground(theme.plot)
            for side in ("left", "bottom"):
                dress_axis(plot.getPlotItem().getAxis(side), theme, self.font())
        for points in (self._data, self._left):
            points.setPen(pg.mkPen(None))
            points.setBrush(pg.mkBrush(theme.curves[0]))
        self._curve.setPen(pg.mkPen(theme.curves[1], width=2))
        self._zero.setPen(pg.mkPen(theme.curves[1], width=1))
        self._name_curves()
        self._align()

    def _show_model(self, layer: Layer, curve: np.ndarray) -> None:
        order = np.argsort(layer.x, kind="stable")
        self._curve.setData(layer.x[order], curve[order])
        left, words = layer.y - curve, Quantity("residual", split_unit(layer.y_label)[1], ())
        if layer.sigma is not None:
            left, words = left / layer.sigma, Quantity("residual", "sigma", ())
        self._left.setData(layer.x, left)
        label_axis(self.below.getPlotItem().getAxis("left"), words)
        label_axis(self.below.getPlotItem().getAxis("bottom"), _quantity(layer.x_label))
        self.below.getPlotItem().enableAutoRange()

    def _name_curves(self) -> None:
        """Say above the plot what is what: a legend inside would lie on the data."""
        if self.layer is None:
            return
        named = [("measured", 0)] if self.layer.curve is None else [("measured", 0), ("fit", 1)]
        words = " &nbsp; ".join(
            f'<span style="color: {self._theme.curves[place]}">{name}</span>'
            for name, place in named
        )
        self.above.getPlotItem().setTitle(words, size=f"{self.font().pointSizeF():.1f}pt")

    def _align(self) -> None:
        width = (AXIS + 3) * self.fontMetrics().horizontalAdvance("0")
        for plot in (self.above, self.below):
            plot.getPlotItem().getAxis("left").setWidth(width)


def _quantity(label: str) -> Quantity:
    name, unit = split_unit(label)
    return Quantity(name, unit, ())
