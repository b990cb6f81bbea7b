"""A lamp with its name, which tells by colour and by word; and words that carry a weight."""

from qtpy import QtCore, QtWidgets


class Lamp(QtWidgets.QLabel):
    """On is bad: an overload, a lost reference, a tripped compliance.

    Parameters
    ----------
    name
        What it means when it is on.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.lit: bool | None = None
        self.light(lit=None)

    def light(self, *, lit: bool | None) -> None:
        """Show it on, off, or not known."""
        self.lit = lit
        words = {
            None: f"○ {self.name}: not known",
            False: f"● {self.name}: no",
            True: f"● {self.name.upper()}",
        }
        self.setText(words[lit])
        weigh(self, {None: "muted", False: "good", True: "bad"}[lit])


def weigh(label: QtWidgets.QWidget, role: str) -> None:
    """Give a widget the colours of a role of the theme."""
    if label.property("role") != role:
        label.setProperty("role", role)
        redraw(label)


def redraw(widget: QtWidgets.QWidget) -> None:
    """Let the style sheet look at the properties of a widget again."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def mark(edit: QtWidgets.QWidget, *, wrong: bool) -> None:
    """Frame an input in red, or not."""
    if bool(edit.property("wrong")) != wrong:
        edit.setProperty("wrong", wrong)
        redraw(edit)


def trouble_label() -> QtWidgets.QLabel:
    """Return a label for what is wrong, in red and wrapped; hidden while it is empty."""
    label = QtWidgets.QLabel()
    label.setWordWrap(True)
    label.setProperty("role", "bad")
    label.hide()
    return label


def trouble_frame() -> QtWidgets.QLabel:
    """Return a label for what is wrong with a whole page, framed; hidden while it is empty."""
    label = QtWidgets.QLabel()
    label.setObjectName("trouble")
    label.setWordWrap(True)
    label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    label.hide()
    return label


def tell(label: QtWidgets.QLabel, words: str) -> None:
    """Show words in a label, or hide it if there are none."""
    if label.text() != words:
        label.setText(words)
    label.setVisible(bool(words))
