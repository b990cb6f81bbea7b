"""One setting in a form: its editor, its unit, and why it is wrong."""

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.inputs import keep_width, muted
from daq.app.gui.lamp import mark, tell, trouble_label, weigh
from daq.app.gui.theme import Theme
from daq.app.gui.work import timer
from daq.app.sequence.fields import NO, YES, Field
from daq.config.problem import normalised

PAUSE = 300
"""Milliseconds without a key after which what was typed is judged."""
_WORDS = {YES: "yes", NO: "no"}


class FieldRow(QtCore.QObject):
    """The editor of one setting, its unit, and why it is wrong.

    Parameters
    ----------
    field
        The setting.
    theme
        The colours.
    parent
        The form.
    """

    typed = QtCore.Signal(object, str)
    ended = QtCore.Signal()

    def __init__(self, field: Field, theme: Theme, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self.field = field
        self.label = QtWidgets.QLabel(field.label)
        self.label.setWordWrap(True)
        self.unit = muted(field.unit)
        self.reason = trouble_label()
        self.pause = timer(self, PAUSE)
        self.pause.setSingleShot(True)
        self.pause.timeout.connect(self._tell)
        self.line: QtWidgets.QLineEdit | None = None
        self.combo: QtWidgets.QComboBox | None = None
        self._told = ""
        if field.choices:
            self._choose_from(field, theme)
        else:
            self.line = QtWidgets.QLineEdit()
            self.line.setPlaceholderText(field.default or ("needed" if field.needed else ""))
        self.editor: QtWidgets.QWidget = self.combo or self.line or QtWidgets.QLineEdit()
        self.editor.setToolTip(", ".join(part for part in (field.label, field.tip) if part))
        line = self.typing()
        if line is not None:
            line.textEdited.connect(self._wait)
            line.editingFinished.connect(self._tell)
            line.editingFinished.connect(self.ended)
        self.label.setBuddy(self.editor)

    def show_value(self, value: str) -> None:
        """Show what the file says; what is being typed stays."""
        self._told = value
        if self.combo is not None:
            self._show_choice(self.combo, value)
        elif self.line is not None and not self.pause.isActive() and self.line.text() != value:
            self.line.setText(value)

    def show_reason(self, reason: str) -> None:
        """Show why it is wrong; empty if it is not."""
        if self.reason.text() == reason:
            return
        tell(self.reason, reason)
        mark(self.editor, wrong=bool(reason))

    def renew(self, field: Field) -> None:
        """Show another default and other choices of the same setting."""
        before, self.field = self.field, field
        if self.line is not None:
            self.line.setPlaceholderText(field.default or ("needed" if field.needed else ""))
        elif self.combo is not None and self.combo.isEditable() and before != field:
            words = self.combo.currentText()
            self.combo.clear()
            self.combo.addItems(field.choices)
            self.combo.setEditText(words)

    def take_over(self, other: "FieldRow") -> None:
        """Go on with what is being typed into another row."""
        mine, its = self.typing(), other.typing()
        if mine is not None and its is not None:
            mine.setText(its.text())
            mine.setCursorPosition(its.cursorPosition())
            if other.pause.isActive():
                other.pause.stop()
                self.pause.start()

    def settle(self) -> None:
        """Take what was typed at once."""
        if self.pause.isActive():
            self._tell()

    def _choose_from(self, field: Field, theme: Theme) -> None:
        combo = self.combo = QtWidgets.QComboBox()
        keep_width(combo, 8)
        if field.kind == "text":
            combo.setEditable(True)
            combo.addItems(field.choices)
            line = combo.lineEdit()
            if line is not None:
                line.setPlaceholderText(field.default)
        else:
            combo.addItem(f"{_shown(field.default)} (default)", "")
            muted = QtGui.QColor(theme.muted)
            combo.setItemData(0, muted, QtCore.Qt.ItemDataRole.ForegroundRole)
            for choice in field.choices:
                combo.addItem(_shown(choice), choice)
        combo.activated.connect(self._chosen)

    def _show_choice(self, combo: QtWidgets.QComboBox, value: str) -> None:
        if combo.isEditable():
            if not self.pause.isActive():
                combo.setEditText(value)
            return
        known = [normalised(str(combo.itemData(index))) for index in range(combo.count())]
        if normalised(value) not in known:
            combo.addItem(value, value)
            known.append(normalised(value))
        combo.setCurrentIndex(known.index(normalised(value)))
        weigh(combo, "muted" if not value else "")

    def typing(self) -> QtWidgets.QLineEdit | None:
        """Return where text is typed; None if there is only a choice."""
        return self.line if self.combo is None else self.combo.lineEdit()

    def _wait(self) -> None:
        self.pause.start()

    def _tell(self) -> None:
        self.pause.stop()
        line = self.typing()
        if line is not None and line.text() != self._told:
            self._told = line.text()
            self.typed.emit(self.field, line.text())

    def _chosen(self, index: int) -> None:
        combo = self.combo
        if combo is not None:
            self.pause.stop()
            value = combo.itemText(index) if combo.isEditable() else str(combo.itemData(index))
            self._told = value
            self.typed.emit(self.field, value)


def _shown(choice: str) -> str:
    return _WORDS.get(choice, choice.replace("_", " "))
