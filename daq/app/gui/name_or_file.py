"""An input for the name of a configuration that comes with Coldpoint, or for the path of a file."""

from qtpy import QtWidgets

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
        self.setMinimumContentsLength(characters)
        policy = QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.setSizeAdjustPolicy(policy)
        self.setToolTip(hint)
        self.setCompleter(None)
        edit = self.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(hint)
