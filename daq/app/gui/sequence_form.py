"""The form of a step, or of the head: one row per setting, red with the reason when it is wrong."""

from collections.abc import Callable, Sequence
from functools import partial

from qtpy import QtCore, QtWidgets

from daq.app.gui.lamp import tell, trouble_label
from daq.app.gui.sequence_field_row import FieldRow
from daq.app.gui.theme import Theme
from daq.app.sequence.fields import Field
from daq.app.sequence.head import Group
from daq.config.problem import Place


class SequenceForm(QtWidgets.QScrollArea):
    """Groups of settings.

    Parameters
    ----------
    theme
        The colours.
    """

    typed = QtCore.Signal(object, str)
    ended = QtCore.Signal()
    file_asked = QtCore.Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: dict[Place, FieldRow] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.trouble = trouble_label()
        self.retheme(theme)

    def show_groups(
        self,
        groups: Sequence[Group],
        top: QtWidgets.QWidget | None = None,
        *,
        keep: bool = False,
    ) -> None:
        """Show other settings.

        Parameters
        ----------
        groups
            The settings; a group without a title has no frame.
        top
            Shown above them.
        keep
            Whether what is being typed into a setting goes on there.
        """
        before, self.rows = self.rows, {}
        inner = QtWidgets.QWidget()
        inner.setObjectName("form")
        down = QtWidgets.QVBoxLayout(inner)
        down.setContentsMargins(4, 4, 8, 4)
        if top is not None:
            down.addWidget(top)
        self.trouble = trouble_label()
        down.addWidget(self.trouble)
        for group in groups:
            box = QtWidgets.QGroupBox(group.title) if group.title else QtWidgets.QWidget()
            self._fill(box, group.fields)
            down.addWidget(box)
        down.addStretch(1)
        typing = next((row for row in before.values() if keep and row.editor.hasFocus()), None)
        going_on = None if typing is None else self.rows.get(typing.field.path)
        if typing is not None and going_on is not None:
            going_on.take_over(typing)
        self.setWidget(inner)
        if going_on is not None:
            going_on.editor.setFocus()

    def renew(self, fields: Sequence[Field]) -> None:
        """Tell of other defaults, such as those of another station."""
        for field in fields:
            self.rows[field.path].renew(field)

    def focus_first(self) -> None:
        """Bring the first setting to the keyboard."""
        for row in self.rows.values():
            row.editor.setFocus()
            if row.line is not None:
                row.line.selectAll()
            return

    def settle(self) -> None:
        """Take what is being typed."""
        for row in list(self.rows.values()):
            row.settle()

    def refresh(self, value: Callable[[Field], str], reason: Callable[[Field], str]) -> None:
        """Show what the file says and why it is wrong.

        Parameters
        ----------
        value
            Returns what the file says of a setting.
        reason
            Returns why that is wrong.
        """
        for row in self.rows.values():
            row.show_value(value(row.field))
            row.show_reason(reason(row.field))

    def tell(self, words: str) -> None:
        """Show what is wrong with the whole."""
        tell(self.trouble, words)

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self._theme = theme
        self.setStyleSheet(
            f'QComboBox[role="muted"] {{ color: {theme.muted}; }}'
            f'QComboBox[wrong="true"] {{ border: 2px solid {theme.bad}; }}'
            f"QWidget#form {{ background: {theme.background}; }}"
        )

    def _browse(self) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton()
        button.setText("File")
        button.setToolTip("Choose a file")
        button.clicked.connect(self.file_asked)
        return button

    def _fill(self, box: QtWidgets.QWidget, fields: Sequence[Field]) -> None:
        grid = QtWidgets.QGridLayout(box)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 120)
        grid.setColumnMinimumWidth(2, 34)
        grid.setVerticalSpacing(4)
        for number, field in enumerate(fields):
            row = FieldRow(field, self._theme, box)
            self.rows[field.path] = row
            grid.addWidget(row.label, 2 * number, 0)
            grid.addWidget(row.editor, 2 * number, 1)
            grid.addWidget(self._browse() if field.browse else row.unit, 2 * number, 2)
            grid.addWidget(row.reason, 2 * number + 1, 0, 1, 3)
            row.typed.connect(self.typed)
            row.ended.connect(partial(self.ended.emit))
