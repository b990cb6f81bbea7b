"""A plane of runs as a coloured map with labelled axes and a colour bar."""

import numpy as np
import pyqtgraph as pg
from qtpy import QtCore, QtWidgets

from daq.app.gui.axes import colour_map, dress_axis, label_axis
from daq.app.gui.drawing import Drawing
from daq.app.gui.plane import Plane
from daq.app.gui.quantities import Quantity
from daq.app.gui.theme import Theme
from daq.app.gui.timed_plot import TimedPlot


class PlaneView(Drawing):
    """A map.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.plot = TimedPlot()
        self.item = self.plot.getPlotItem()
        self.image = pg.ImageItem(axisOrder="row-major")
        self.item.addItem(self.image)
        self._bar = pg.ColorBarItem(interactive=False, width=16)
        self._bar.setImageItem(self.image, insert_in=self.item)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.retheme(theme)

    def set_axes(self, x: Quantity, y: Quantity, z: Quantity) -> None:
        """Label the axes and the colour bar.

        Parameters
        ----------
        x
            What is along.
        y
            What is up.
        z
            What is coloured.
        """
        for side, quantity in (("bottom", x), ("left", y)):
            label_axis(self.item.getAxis(side), quantity)
        self._bar.getAxis("right").enableAutoSIPrefix(False)  # noqa: FBT003 (pyqtgraph's signature)
        self._bar.getAxis("right").setLabel(z.label)
        self.image.clear()

    def draw(self, plane: Plane | None) -> None:
        """Draw a plane; None takes it away."""
        if plane is None or not np.any(np.isfinite(plane.z)):
            self.image.clear()
            return
        self.image.setImage(plane.z, autoLevels=False)
        self.image.setRect(
            QtCore.QRectF(
                plane.left, plane.bottom, plane.right - plane.left, plane.top - plane.bottom
            )
        )
        low, high = np.nanpercentile(plane.z, (0.5, 99.5))
        if high <= low:
            high = low + max(1e-12, abs(low) * 1e-6)
        self._bar.setLevels((float(low), float(high)))

    def retheme(self, theme: Theme) -> None:
        """Use other colours."""
        super().retheme(theme)
        self.plot.setBackground(theme.plot)
        axes = [self.item.getAxis(side) for side in ("left", "bottom")]
        for axis in (*axes, self._bar.getAxis("right")):
            dress_axis(axis, theme, self.font())
        self._bar.setColorMap(colour_map(theme))
