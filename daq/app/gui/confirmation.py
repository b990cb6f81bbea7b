"""A question in the window itself: nothing waits for its answer, and the default is no."""

from collections.abc import Callable

from qtpy import QtCore, QtGui, QtWidgets


class Confirmation(QtWidgets.QFrame):
    """Ask a person to confirm something; hidden until there is something to ask."""

    def __init__(self) -> None:
        super().__init__()
        self._then: Callable[[], None] | None = None
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "warning")
        self.no = QtWidgets.QPushButton("&No")
        self.no.setProperty("role", "primary")
        self.no.setToolTip("Esc")
        self.yes = QtWidgets.QPushButton()
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.no)
        layout.addWidget(self.yes)
        self.no.clicked.connect(self.refuse)
        self.yes.clicked.connect(self._accept)
        self.hide()

    def ask(self, words: str, yes: str, then: Callable[[], None]) -> None:
        """Ask.

        Parameters
        ----------
        words
            What is to be confirmed, and why.
        yes
            On the button that confirms it.
        then
            Called if it is confirmed.
        """
        self._then = then
        self.words.setText(words)
        self.yes.setText(yes)
        self.show()
        self.no.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)

    def refuse(self) -> None:
        """Ask no more; nothing is done."""
        self._then = None
        self.hide()

    def keyPressEvent(self, event: QtGui.QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take Esc for no, and Enter for the button that has the focus."""
        if event is None:
            return
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.refuse()
        elif event.key() in {QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter}:
            (self.yes if self.yes.hasFocus() else self.no).click()
        else:
            super().keyPressEvent(event)

    def _accept(self) -> None:
        then = self._then
        self.refuse()
        if then is not None:
            then()
