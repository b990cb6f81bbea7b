"""The sequence that is being built: its text, the way back, and what is wrong with it."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtWidgets

from daq.app.gui.work import Work
from daq.app.sequence.judgement import Judgement, judge
from daq.app.sequence.outline import Piece, outline, scanned
from daq.config.document import parse_document
from daq.config.problem import Place
from daq.runs.durability import replace
from instruments.errors import StorageError

EMPTY = "format: 1\ntitle: New sequence\nsteps: []\n"


@dataclass(frozen=True, slots=True)
class State:
    """What undo goes back to.

    Parameters
    ----------
    text
        Of the sequence.
    current
        The place of the step that is looked at; empty for the head.
    """

    text: str
    current: Place


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is to hold.

    Parameters
    ----------
    text
        Of the sequence.
    line_end
        What stands at the end of every line of the file.
    """

    text: str
    line_end: str

    def write(self, path: Path) -> None:
        """Write it beside the file, and rename it.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        StorageError
            It cannot be written.
        """
        try:
            replace(path, self.text.replace("\n", self.line_end).encode())
        except OSError as failure:
            raise StorageError(
                f"{path}: cannot be written: {failure.strerror}; save it elsewhere"
            ) from failure


class Draft(QtCore.QObject):
    """A sequence file that is being changed; the file itself changes when it is saved.

    Parameters
    ----------
    work
        Where it is judged.
    parent
        Who owns it.
    """

    changed = QtCore.Signal()
    judged = QtCore.Signal()

    def __init__(self, work: Work, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self.stack = QtWidgets.QUndoStack(self)
        self.path: Path | None = None
        self.current: Place = ()
        self.text = EMPTY
        self.root: Piece = outline(EMPTY)
        self.judgement: Judgement | None = None
        self._work = work
        self._saved = EMPTY
        self._line_end = "\n"
        self._judging = False

    @property
    def modified(self) -> bool:
        """Tell whether it differs from its file."""
        return self.text != self._saved

    @property
    def title(self) -> str:
        """Return its title."""
        piece = self.root.at(("title",))
        return "" if piece is None else " ".join(piece.text.split())

    @property
    def verdict(self) -> Judgement | None:
        """Return what is wrong with the present text; None while it is being judged."""
        found = self.judgement
        return found if found is not None and found.text == self.text else None

    def take(self, text: str, path: Path | None = None, *, saved: bool = True) -> None:
        """Begin with another text.

        Parameters
        ----------
        text
            Of a sequence.
        path
            Its file; None if it is to be a new one.
        saved
            Whether it needs no saving.

        Raises
        ------
        ConfigurationError
            It is no YAML that is read here.
        """
        line_end = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        parse_document(text, str(path or "sequence"))
        self._line_end = line_end
        self.path, self._saved = path, text if saved else ""
        self.stack.clear()
        self._put(State(text, ()))

    def content(self) -> "Content":
        """Return what is to be written."""
        return Content(self.text, self._line_end)

    def told_saved(self, path: Path, content: "Content") -> None:
        """Take note of what is on disk.

        Parameters
        ----------
        path
            The file.
        content
            What was written.
        """
        self.path, self._saved = path, content.text
        self.changed.emit()

    def edit(self, text: str, what: str, *, mark: str = "", current: Place | None = None) -> None:
        """Change the text, so that it can be undone.

        Parameters
        ----------
        text
            The new one.
        what
            Was done, in words.
        mark
            Changes with the same mark that follow each other are undone together.
        current
            The place of the step that is looked at afterwards; the same if omitted.
        """
        if text == self.text:
            return
        parse_document(text, str(self.path or "sequence"), scanned)
        after = State(text, self.current if current is None else current)
        self.stack.push(_Change(self._put, State(self.text, self.current), after, what, mark))

    def _put(self, state: State) -> None:
        self.text, self.current = state.text, state.current
        self.root = outline(state.text)
        self.changed.emit()
        self._judge()

    def _judge(self) -> None:
        if self._judging:
            return
        self._judging = True
        file = str(self.path or "sequence")
        self._work.do(partial(judge, self.text, file), self._told, self._not_told)

    def _told(self, judgement: Judgement) -> None:
        self._judging = False
        if judgement.text != self.text:
            self._judge()
            return
        self.judgement = judgement
        self.judged.emit()

    def _not_told(self, failure: BaseException) -> None:
        self._judging = False
        reason = " ".join(str(failure).split())
        self.judgement = Judgement(self.text, {"(whole_file)": reason})
        self.judged.emit()


class _Change(QtWidgets.QUndoCommand):
    """A change of the text."""

    def __init__(
        self, put: Callable[[State], None], before: State, after: State, what: str, mark: str
    ) -> None:
        super().__init__(what)
        self._put, self._before, self.after, self.mark = put, before, after, mark

    def id(self) -> int:
        """Return what may be merged."""
        return 1 if self.mark else -1

    def redo(self) -> None:
        """Do it."""
        self._put(self.after)

    def undo(self) -> None:
        """Take it back."""
        self._put(self._before)

    def mergeWith(self, other: QtWidgets.QUndoCommand | None) -> bool:  # noqa: N802 (Qt's name)
        """Take the next change of the same field into this one."""
        if not isinstance(other, _Change) or other.mark != self.mark:
            return False
        self.after = other.after
        return True


def read_text(path: Path) -> str:
    """Return the text of a file of ours, with its ends of lines.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        The text.

    Raises
    ------
    StorageError
        It cannot be read.
    """
    try:
        return path.read_bytes().removeprefix(codecs.BOM_UTF8).decode()
    except (OSError, UnicodeDecodeError) as failure:
        raise StorageError(f"{path}: cannot be read: {failure}; check name and rights") from None
