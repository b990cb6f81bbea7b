"""Small pieces of every form: a label that stands back, a short field, a box of choices."""

from qtpy import QtWidgets

FEWEST, MOST = 7, 11
"""Digits that a short field has room for."""
EDGES = 20
"""Pixels of a field beside its text."""


def muted(words: str, buddy: QtWidgets.QWidget | None = None) -> QtWidgets.QLabel:
    """Return a label that stands back behind what it names; its letter leads to the buddy."""
    label = QtWidgets.QLabel(words)
    label.setProperty("role", "muted")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


def short_field(example: str, tip: str) -> QtWidgets.QLineEdit:
    """Return a field for a number, a day or a name."""
    field = QtWidgets.QLineEdit()
    field.setPlaceholderText(example)
    field.setToolTip(tip)
    field.setAccessibleName(tip)
    digit = field.fontMetrics().horizontalAdvance("0")
    field.setMaximumWidth(MOST * digit + EDGES)
    field.setMinimumWidth(FEWEST * digit)
    return field


def choices(tip: str, characters: int) -> QtWidgets.QComboBox:
    """Return a box of choices that is as wide as so many letters, whatever it offers."""
    combo = QtWidgets.QComboBox()
    combo.setToolTip(tip)
    combo.setAccessibleName(tip)
    keep_width(combo, characters)
    return combo


def keep_width(combo: QtWidgets.QComboBox, characters: int) -> None:
    """Let a box be as wide as so many letters, whatever it offers."""
    policy = QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    combo.setSizeAdjustPolicy(policy)
    combo.setMinimumContentsLength(characters)
