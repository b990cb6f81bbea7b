"""Numbers, one below the other, in sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtpy import QtCore, QtWidgets

from daq.app.gui.lamp import weigh
from daq.app.gui.numbers import Number

SHORT = 22
"""Characters of a value that stands beside its name; a longer one stands below it."""


@dataclass(frozen=True, slots=True)
class Section:
    """Numbers under a heading.

    Parameters
    ----------
    title
        The heading.
    numbers
        From the top.
    """

    title: str
    numbers: tuple[Number, ...] = ()


class NumbersPanel(QtWidgets.QScrollArea):
    """Sections; what is shown is changed in place, so that nothing jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Numbers of the run")
        self._rows: list[_Row] = []
        card = QtWidgets.QFrame()
        card.setProperty("role", "card")
        self._inner = QtWidgets.QVBoxLayout(card)
        self._inner.setSpacing(3)
        self._inner.addStretch(1)
        self.setWidget(card)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections and no others."""
        lines: list[Number | str] = []
        for section in sections:
            lines += [section.title, *section.numbers]
        while len(self._rows) < len(lines):
            row = _Row()
            self._inner.insertWidget(len(self._rows), row)
            self._rows.append(row)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(lines))
            if index < len(lines):
                row.show_line(lines[index])

    def text(self) -> str:
        """Return what is shown, as text."""
        return "\n".join(row.words() for row in self._rows if not row.isHidden())


class _Row(QtWidgets.QWidget):
    """A heading, or a name and its value."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._value = QtWidgets.QLabel(), QtWidgets.QLabel()
        self._value.setWordWrap(True)
        self._name.setWordWrap(True)
        flags = QtCore.Qt.TextInteractionFlag
        self._value.setTextInteractionFlags(flags.TextSelectableByMouse)
        self._box = QtWidgets.QBoxLayout(QtWidgets.QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self._box.addWidget(self._name, 2)
        self._box.addWidget(self._value, 3)

    def show_line(self, line: Number | str) -> None:
        """Show a heading or a number."""
        if isinstance(line, str):
            self._dress(line, "title", "", "", "")
            return
        role = "warning" if line.warns else "" if line.good else "muted"
        self._dress(line.name, "muted", line.text, role, line.definition)

    def words(self) -> str:
        """Return the line as text."""
        pair = (self._name.text(), self._value.text())
        return ": ".join(part for part in pair if part)

    def _dress(self, name: str, role: str, value: str, value_role: str, tip: str) -> None:
        direction = QtWidgets.QBoxLayout.Direction
        beside = len(value) <= SHORT
        self._box.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        for label, words, one in ((self._name, name, role), (self._value, value, value_role)):
            label.setText(words)
            label.setVisible(bool(words))
            label.setToolTip(tip)
            weigh(label, one)
