"""Widgets one below the other that are scrolled where they have no room."""

from qtpy import QtWidgets


def scrolled(*parts: QtWidgets.QWidget | QtWidgets.QLayout) -> QtWidgets.QScrollArea:
    """Return an area without a frame; what is in it keeps the height that it needs."""
    inner = QtWidgets.QWidget()
    down = QtWidgets.QVBoxLayout(inner)
    down.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        if isinstance(part, QtWidgets.QLayout):
            down.addLayout(part)
        else:
            down.addWidget(part)
    down.addStretch(1)
    area = QtWidgets.QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setWidget(inner)
    return area
