"""F1: every key of the window, read from the window itself, so that the list is always true."""

import re
from collections.abc import Iterator, Mapping, Sequence

from qtpy import QtCore, QtGui, QtWidgets

Keys = Sequence[tuple[str, str]]
"""Keys, and what they do."""
_MNEMONIC = re.compile(r"(?<!&)&(?!&)(\w)")


def keys_of(page: QtWidgets.QWidget) -> Iterator[tuple[str, str]]:
    """Yield the keys of a page: of its shortcuts, actions and buttons, and of what is labelled.

    A shortcut says what it does by its "what is this".

    Parameters
    ----------
    page
        The page.

    Yields
    ------
    tuple
        The keys, and what they do.
    """
    for shortcut in page.findChildren(QtWidgets.QShortcut):
        yield shortcut.key().toString(), shortcut.whatsThis()
    yield from _of_actions(page)
    yield from _of_buttons(page)
    for label in page.findChildren(QtWidgets.QLabel):
        if label.buddy() is not None:
            yield from _marked(label.text())
    for tabs in page.findChildren(QtWidgets.QTabWidget):
        for index in range(tabs.count()):
            yield from _marked(tabs.tabText(index))


def _of_actions(page: QtWidgets.QWidget) -> Iterator[tuple[str, str]]:
    for action in page.findChildren(QtWidgets.QAction):
        keys = [key.toString() for key in action.shortcuts()]
        if keys:
            yield ", ".join(keys), action.iconText() or action.text()


def _of_buttons(page: QtWidgets.QWidget) -> Iterator[tuple[str, str]]:
    for button in page.findChildren(QtWidgets.QAbstractButton):
        told = isinstance(button, QtWidgets.QToolButton) and button.defaultAction() is not None
        keys = button.shortcut().toString()
        if keys and not told:
            yield keys, _plain(button.text())


def _marked(words: str) -> Iterator[tuple[str, str]]:
    found = _MNEMONIC.search(words)
    if found:
        yield f"Alt+{found[1].upper()}", f"to {_plain(words)}"


def help_text(window: Keys, pages: Mapping[str, Keys]) -> str:
    """Return all keys as HTML.

    Parameters
    ----------
    window
        Keys that hold everywhere.
    pages
        Those of every page, by its title.

    Returns
    -------
    str
        A heading and a table for each.
    """
    parts = [_table("Everywhere", window)]
    parts += [_table(title, keys) for title, keys in pages.items() if keys]
    return "".join(parts)


class KeyHelp(QtWidgets.QDialog):
    """The list in a window of its own, that stays open beside the work.

    Parameters
    ----------
    html
        What it says.
    parent
        The main window.
    """

    def __init__(self, html: str, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QtWidgets.QTextBrowser()
        self.text.setHtml(html)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.text)
        line = self.fontMetrics()
        self.resize(62 * line.averageCharWidth(), 34 * line.height())
        close = QtWidgets.QShortcut(QtGui.QKeySequence("F1"), self)
        close.activated.connect(self.accept)


def _table(title: str, keys: Keys) -> str:
    rows = "".join(
        f"<tr><td><b>{_escaped(one)}</b>&nbsp;&nbsp;&nbsp;</td><td>{_escaped(what)}</td></tr>"
        for one, what in dict.fromkeys(keys)
    )
    return f"<h3>{_escaped(title)}</h3><table cellspacing='3'>{rows}</table>"


def _plain(words: str) -> str:
    return _MNEMONIC.sub(r"\1", words).rstrip(".… ")


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")
