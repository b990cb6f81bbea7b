"""A plot that knows how long it takes to be painted."""

import pyqtgraph as pg
from qtpy import QtCore, QtGui


class TimedPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph carries no types
    """A plot; `painting` is the time in ms of life that the last painting took."""

    painting = 0

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint, and note the time."""
        clock = QtCore.QElapsedTimer()
        clock.start()
        super().paintEvent(event)
        self.painting = int(clock.elapsed())
