"""An input for the name of a configuration that comes with Coldpoint, or for the path of a file."""

from qtpy import QtCore, QtWidgets

from daq.app.gui.inputs import keep_width
from daq.config.folder import Kind, config_names


class NameOrFile(QtWidgets.QComboBox):
    """Names to choose from, and room for a path; what is typed is never completed unasked.

    Parameters
    ----------
    kind
        Which names are offered.
    hint
        What stands there while it is empty.
    characters
        How many must be seen.
    """

    def __init__(self, kind: Kind, hint: str, characters: int) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
        self.addItems(list(config_names(kind)))
        self.setCurrentText("")
        keep_width(self, characters)
        self.setToolTip(hint)
        self.setCompleter(None)
        edit = self.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(hint)


class OpenButton(QtWidgets.QPushButton):
    """A button that asks for a file, in a dialogue beside the window.

    Parameters
    ----------
    title
        Of the dialogue.
    kinds
        Which files are offered, as Qt writes it.
    """

    found = QtCore.Signal(str)

    def __init__(self, title: str, kinds: str) -> None:
        super().__init__("&Open...")
        self._title, self._kinds = title, kinds
        self._dialog: QtWidgets.QFileDialog | None = None
        self.clicked.connect(self._ask)

    def close_dialog(self) -> None:
        """Ask for no file any more."""
        if self._dialog is not None:
            self._dialog.close()

    def _ask(self) -> None:
        self._dialog = QtWidgets.QFileDialog(self, self._title, "", self._kinds)
        self._dialog.fileSelected.connect(self.found)
        self._dialog.open()
