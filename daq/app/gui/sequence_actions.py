"""What can be done with the steps and the file, by mouse and by keyboard."""

from collections.abc import Callable
from functools import partial

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.sequence_draft import Draft
from daq.app.gui.sequence_files import SequenceFiles
from daq.app.gui.sequence_form import SequenceForm
from daq.app.gui.sequence_launch import Launch
from daq.app.gui.sequence_tree import SequenceTree
from daq.app.sequence.edits import added, added_at, after_removal, pasted, shifted
from daq.app.sequence.step_text import moved, steps_block, without_steps
from daq.config.problem import Place
from instruments.errors import ColdpointError

Change = Callable[[], tuple[str, Place] | None]


class SequenceActions(QtCore.QObject):
    """Actions with their keys.

    Parameters
    ----------
    page
        Where the keys of the file hold.
    draft
        The sequence.
    tree
        Where the keys of the steps hold.
    form
        The settings of the chosen step.
    files
        Opens and saves.
    launch
        Rehearses.
    """

    def __init__(
        self,
        page: QtWidgets.QWidget,
        draft: Draft,
        *,
        tree: SequenceTree,
        form: SequenceForm,
        files: SequenceFiles,
        launch: Launch,
    ) -> None:
        super().__init__(page)
        self._draft, self._tree, self._form, self._files = draft, tree, form, files
        undo, redo = draft.stack.createUndoAction(self, "Undo"), draft.stack.createRedoAction(self)
        self.undo = self._keyed(page, undo, "Ctrl+Z")
        self.redo = self._keyed(page, redo, "Ctrl+Shift+Z", "Ctrl+Y")
        self._file = [
            self._action(page, "New", files.new, "Ctrl+N"),
            self._action(page, "Open", files.open, "Ctrl+O"),
            self._action(page, "Save", files.save, "Ctrl+S"),
            self._action(page, "Save as", files.save_as, "Ctrl+Shift+S"),
        ]
        self._action(page, "Rehearse", launch.rehearse_or_cancel, "F5")
        self._steps = [
            self._action(tree, "Copy", self.copy, "Ctrl+C"),
            self._action(tree, "Cut", self.cut, "Ctrl+X"),
            self._action(tree, "Paste", self.paste, "Ctrl+V"),
            self._action(tree, "Delete", self.delete, "Del"),
            self._action(tree, "Up", partial(self.shift, "up"), "Alt+Up"),
            self._action(tree, "Down", partial(self.shift, "down"), "Alt+Down"),
            self._action(tree, "Into", partial(self.shift, "in"), "Alt+Right"),
            self._action(tree, "Out", partial(self.shift, "out"), "Alt+Left"),
        ]
        self._action(form, "To the steps", tree.setFocus, "Esc")
        tree.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.ActionsContextMenu)

    def file_buttons(self) -> list[QtWidgets.QToolButton]:
        """Return the buttons above everything."""
        templates = QtWidgets.QToolButton()
        templates.setText("Templates")
        templates.setMenu(self._files.templates)
        templates.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        new, opened, save, save_as = (_button(action) for action in self._file)
        undo, redo = _button(self.undo), _button(self.redo)
        for button, words in ((undo, "Undo"), (redo, "Redo")):
            button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextOnly)
            action = button.defaultAction()
            if action is not None:
                action.setIconText(words)
                action.changed.connect(partial(_keep_words, action, words))
        return [new, opened, templates, save, save_as, undo, redo]

    def step_buttons(self) -> list[QtWidgets.QToolButton]:
        """Return the buttons below the tree."""
        buttons = [_button(action) for action in self._steps]
        buttons[-2].setToolTip("Into the loop above or below (Alt+Right)")
        buttons[-1].setToolTip("Out of the loop (Alt+Left)")
        return buttons

    def to_form(self) -> None:
        """Bring the first setting of the chosen step to the keyboard."""
        self._form.focus_first()

    def add(self, kind: str) -> None:
        """Add a step where the chosen one is."""
        draft = self._draft
        self._change(f"add {kind}", lambda: added(draft.text, draft.root, kind, draft.current))

    def drop(self, kind: str, parent: Place, index: int) -> None:
        """Add a step where it was dropped."""
        self._change(f"add {kind}", lambda: added_at(self._draft.text, kind, parent, index))

    def move(self, places: list[Place], parent: Place, index: int) -> None:
        """Move steps to where they were dropped."""
        if places:
            self._change("move", lambda: moved(self._draft.text, places, parent, index))

    def shift(self, way: str) -> None:
        """Move the chosen steps by one: ``up``, ``down``, ``in`` or ``out``."""
        draft, places = self._draft, self._tree.places()
        self._change(f"move {way}", lambda: shifted(draft.text, draft.root, places, way))

    def copy(self) -> None:
        """Put the chosen steps into the clipboard, as YAML."""
        clipboard = QtWidgets.QApplication.clipboard()
        places = self._tree.places()
        if places and clipboard is not None:
            clipboard.setText(steps_block(self._draft.text, places))

    def cut(self) -> None:
        """Put the chosen steps into the clipboard and take them out."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Put the steps of the clipboard behind the chosen one."""
        clipboard, draft = QtWidgets.QApplication.clipboard(), self._draft
        block = "" if clipboard is None else clipboard.text()
        self._change("paste", lambda: pasted(draft.text, draft.root, block, draft.current))

    def delete(self) -> None:
        """Take the chosen steps out."""
        places = self._tree.places()
        if places:
            text, remaining = self._draft.text, after_removal(places)
            self._change("delete", lambda: (without_steps(text, places), remaining))

    def _change(self, what: str, change: Change) -> None:
        try:
            found = change()
            if found is not None:
                self._draft.edit(found[0], what, current=found[1])
        except ColdpointError as failure:
            self._files.tell(failure)

    def _action(
        self, where: QtWidgets.QWidget, words: str, act: Callable[[], object], keys: str
    ) -> QtWidgets.QAction:
        action = QtWidgets.QAction(words, self)
        action.triggered.connect(partial(_call, act))
        return self._keyed(where, action, keys)

    def _keyed(
        self, where: QtWidgets.QWidget, action: QtWidgets.QAction | None, *keys: str
    ) -> QtWidgets.QAction:
        if action is None:
            raise TypeError("Qt made no action")
        inside = where is self._tree
        context = QtCore.Qt.ShortcutContext
        action.setShortcuts([QtGui.QKeySequence(key) for key in keys])
        action.setShortcutContext(
            context.WidgetShortcut if inside else context.WidgetWithChildrenShortcut
        )
        action.setToolTip(f"{action.text()} ({keys[0]})")
        where.addAction(action)
        return action


def _button(action: QtWidgets.QAction) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setDefaultAction(action)
    return button


def _call(act: Callable[[], object], _checked: object = None) -> None:
    act()


def _keep_words(action: QtWidgets.QAction, words: str) -> None:
    """Keep a button short, whatever Qt adds to the words of its action."""
    if action.iconText() != words:
        action.setIconText(words)
