"""A line of text that is shortened where it has no room, and never makes the window wider."""

from qtpy import QtCore, QtGui, QtWidgets


class ElidedLabel(QtWidgets.QLabel):
    """A label that shows what fits, and the whole where the mouse rests.

    Parameters
    ----------
    text
        At first.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed
        )

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 (Qt's name)
        """Return room for some letters."""
        few = 6 * self.fontMetrics().horizontalAdvance("m")
        return QtCore.QSize(few, super().minimumSizeHint().height())

    def paintEvent(self, event: QtGui.QPaintEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Paint what fits: the begin and the end, as the end often says the most."""
        if self.fontMetrics().horizontalAdvance(self.text()) <= self.contentsRect().width():
            super().paintEvent(event)
            return
        painter = QtGui.QPainter(self)
        room = self.contentsRect()
        words = self.fontMetrics().elidedText(
            self.text(), QtCore.Qt.TextElideMode.ElideMiddle, room.width()
        )
        style = self.style()
        if style is not None:
            flags = int(self.alignment() | QtCore.Qt.AlignmentFlag.AlignVCenter)
            style.drawItemText(
                painter, room, flags, self.palette(), self.isEnabled(), words, self.foregroundRole()
            )
        painter.end()

    def event(self, event: QtCore.QEvent | None) -> bool:
        """Show the whole text where it is shortened and nothing else is said."""
        if event is not None and event.type() == QtCore.QEvent.Type.ToolTip and not self.toolTip():
            wide = self.fontMetrics().horizontalAdvance(self.text())
            if wide > self.contentsRect().width() and isinstance(event, QtGui.QHelpEvent):
                QtWidgets.QToolTip.showText(event.globalPos(), self.text(), self)
                return True
        return bool(super().event(event))
