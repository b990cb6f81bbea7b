"""What every widget of plots is: it has the colours of a theme and the letters of the window."""

from qtpy import QtCore, QtWidgets

from daq.app.gui.theme import Theme
from daq.app.gui.work import soon


class Drawing(QtWidgets.QWidget):
    """A widget of plots; when the text grows, ticks and labels are written anew.

    Parameters
    ----------
    theme
        The colours at first.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rewrite = soon(self, lambda: self.retheme(self._theme))

    def retheme(self, theme: Theme) -> None:
        """Use other colours; what is drawn is dressed by who draws it."""
        self._theme = theme

    def changeEvent(self, event: QtCore.QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Write ticks and labels in the size of the window."""
        if event is not None and event.type() == QtCore.QEvent.Type.FontChange:
            self._rewrite.start()
        super().changeEvent(event)
