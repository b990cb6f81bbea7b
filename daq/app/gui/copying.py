"""Copy what is drawn: as a picture, as a drawing, and as a table of numbers."""

from collections.abc import Sequence

import numpy as np
from qtpy import QtCore, QtGui, QtSvg, QtWidgets

from daq.app.gui.curve_view import Drawn


def copy_png(widget: QtWidgets.QWidget) -> None:
    """Put a widget into the clipboard as a picture."""
    _clipboard().setPixmap(widget.grab())


def svg(view: QtWidgets.QGraphicsView) -> bytes:
    """Return a plot as SVG.

    Parameters
    ----------
    view
        The plot.

    Returns
    -------
    bytes
        The file.
    """
    buffer = QtCore.QBuffer()
    generator = QtSvg.QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(view.size())
    generator.setViewBox(QtCore.QRect(QtCore.QPoint(0, 0), view.size()))
    generator.setTitle("Coldpoint")
    painter = QtGui.QPainter(generator)
    view.render(painter)
    painter.end()
    return bytes(buffer.data().data())


def copy_svg(view: QtWidgets.QGraphicsView) -> None:
    """Put a plot into the clipboard as a drawing, and as its text where drawings are not known."""
    drawing = svg(view)
    mime = QtCore.QMimeData()
    mime.setData("image/svg+xml", QtCore.QByteArray(drawing))
    mime.setText(drawing.decode())
    _clipboard().setMimeData(mime)


def table(curves: Sequence[Drawn], x: str, y: str) -> str:
    """Return curves as text, columns apart by tabs, curves one below the other.

    Parameters
    ----------
    curves
        As they are drawn.
    x
        What is along the horizontal axis, with its unit.
    y
        What is along the vertical axis, with its unit.

    Returns
    -------
    str
        A heading line, then one line per point.
    """
    lines = [f"run\t{x}\t{y}"]
    for curve in curves:
        lines += [
            f"{curve.label}\t{a!r}\t{b!r}"
            for a, b in zip(np.asarray(curve.x).tolist(), np.asarray(curve.y).tolist(), strict=True)
        ]
    return "\n".join(lines) + "\n"


def copy_text(text: str) -> None:
    """Put a text into the clipboard."""
    _clipboard().setText(text)


def _clipboard() -> QtGui.QClipboard:
    found = QtWidgets.QApplication.clipboard()
    if found is None:
        raise RuntimeError("there is no clipboard before the program has begun")
    return found
