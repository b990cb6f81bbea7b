"""New, open, templates, MultiVu sequences, save; unsaved changes are asked about."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtWidgets

from daq.app.gui.page import Context
from daq.app.gui.sequence_draft import EMPTY, Draft, read_text
from daq.app.sequence.text import plain, with_value
from daq.campaign.multivu_sequence import ENDING, Converted, convert_file
from daq.config.folder import configs_folder
from instruments.errors import ColdpointError

FILTER = f"Sequences (*.yaml *.yml *{ENDING});;All files (*)"
_TITLE = re.compile(r"^title: *(.+?) *(?:#.*)?$", re.MULTILINE)


class SequenceFiles(QtCore.QObject):
    """Read and write the file of a draft.

    Parameters
    ----------
    draft
        The sequence.
    context
        What all pages share.
    settle
        Takes into the draft what is being typed.
    page
        Above which questions are asked.
    """

    def __init__(
        self, draft: Draft, context: Context, settle: Callable[[], None], page: QtWidgets.QWidget
    ) -> None:
        super().__init__(page)
        self._draft = draft
        self._context = context
        self._settle = settle
        self._page = page
        self.question: QtWidgets.QMessageBox | None = None
        self.dialog: QtWidgets.QFileDialog | None = None
        self.notice: QtWidgets.QMessageBox | None = None
        self.templates = QtWidgets.QMenu("Templates", page)
        self.templates.setToolTipsVisible(True)
        self.templates.aboutToShow.connect(self._list_templates)

    def new(self) -> None:
        """Begin with an empty sequence."""
        self.when_kept(lambda: self._draft.take(EMPTY))

    def open(self) -> None:
        """Ask for a file and read it."""
        self.when_kept(self._ask_file)

    def open_path(self, path: Path) -> None:
        """Read a file: a sequence of ours, or a MultiVu sequence."""
        work = self._context.work
        if path.suffix.lower() == ENDING:
            work.do(partial(convert_file, path), partial(self._import, path), self.tell)
        else:
            work.do(partial(read_text, path), partial(self._took, path), self.tell)

    def use_template(self, path: Path) -> None:
        """Begin with a copy of a sequence that is shipped."""
        self.when_kept(
            lambda: self._context.work.do(
                partial(read_text, path), partial(self._took, None), self.tell
            )
        )

    def save(self, then: Callable[[], None] = lambda: None) -> None:
        """Write the file; ask for its name if it has none.

        Parameters
        ----------
        then
            Called when it is on disk.
        """
        self._settle()
        if self._draft.path is None:
            self.save_as(then)
        else:
            self._write(self._draft.path, then)

    def save_as(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask for a name and write the file.

        Parameters
        ----------
        then
            Called when it is on disk.
        """
        self._settle()
        dialog = QtWidgets.QFileDialog(self._page, "Save the sequence", str(self._folder()), FILTER)
        dialog.setAcceptMode(QtWidgets.QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("yaml")
        dialog.fileSelected.connect(lambda name: self._write(Path(name), then))
        self._show(dialog)

    def when_kept(self, then: Callable[[], None]) -> None:
        """Do something as soon as nothing can be lost by it.

        Parameters
        ----------
        then
            What is to be done; not called if the person would rather go on.
        """
        self._settle()
        if not self._draft.modified:
            then()
            return
        button = QtWidgets.QMessageBox.StandardButton
        question = QtWidgets.QMessageBox(
            QtWidgets.QMessageBox.Icon.Question,
            "Unsaved changes",
            f"The sequence {self._draft.title!r} has changes that are not saved.",
            parent=self._page,
        )
        for one in (button.Save, button.Discard, button.Cancel):
            question.addButton(one)
        question.setDefaultButton(button.Save)
        question.buttonClicked.connect(
            lambda clicked: self._answered(question.standardButton(clicked), then)
        )
        self.question = question
        question.open()

    def ask_station(self) -> None:
        """Ask for a station file and write its name into the head."""
        folder = str(self._folder())
        stations = "Stations (*.yaml *.yml);;All files (*)"
        dialog = QtWidgets.QFileDialog(self._page, "Choose a station", folder, stations)
        dialog.setFileMode(QtWidgets.QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._use_station)
        self._show(dialog)

    def close(self) -> None:
        """Withdraw whatever is asked."""
        for asked in (self.question, self.dialog, self.notice):
            if asked is not None:
                asked.close()
        self.question = self.dialog = self.notice = None

    def _answered(
        self, answer: QtWidgets.QMessageBox.StandardButton, then: Callable[[], None]
    ) -> None:
        self.question = None
        button = QtWidgets.QMessageBox.StandardButton
        if answer == button.Save:
            self.save(then)
        elif answer == button.Discard:
            then()

    def _ask_file(self) -> None:
        dialog = QtWidgets.QFileDialog(self._page, "Open a sequence", str(self._folder()), FILTER)
        dialog.setFileMode(QtWidgets.QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_path(Path(name)))
        self._show(dialog)

    def _show(self, dialog: QtWidgets.QFileDialog) -> None:
        self.dialog = dialog
        dialog.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._shut)
        dialog.open()

    def _shut(self) -> None:
        self.dialog = None

    def _folder(self) -> Path:
        """Return where files are looked for first."""
        path = self._draft.path
        known = self._context.settings.text("sequence folder")
        return path.parent if path is not None else Path(known) if known else Path.cwd()

    def _took(self, path: Path | None, text: str) -> None:
        try:
            self._draft.take(text, path)
        except ColdpointError as failure:
            self.tell(failure)
            return
        if path is not None:
            self._context.settings.remember("sequence folder", str(path.parent))

    def _import(self, path: Path, converted: Converted) -> None:
        self._draft.take(converted.yaml, None, saved=False)
        told = [f"not imported: {one}" for one in converted.not_imported]
        told += [f"different: {one}" for one in converted.different]
        measured = "" if converted.measurements else " Nothing is measured yet: add procedures."
        words = f"{path.name}: {len(told)} lines have no exact place here.{measured}"
        notice = QtWidgets.QMessageBox(
            QtWidgets.QMessageBox.Icon.Information, "MultiVu sequence", words, parent=self._page
        )
        notice.addButton(QtWidgets.QMessageBox.StandardButton.Ok)
        if told:
            notice.setDetailedText("\n".join(told))
            notice.setInformativeText("They stay in the file as comments.")
        self.notice = notice
        notice.open()

    def _use_station(self, name: str) -> None:
        text = with_value(self._draft.text, ("station",), plain(name, is_text=True))
        self._draft.edit(text, "choose the station")

    def _write(self, path: Path, then: Callable[[], None]) -> None:
        content = self._draft.content()

        def written(_result: None) -> None:
            self._draft.told_saved(path, content)
            self._context.settings.remember("sequence folder", str(path.parent))
            self._context.say(f"saved: {path}")
            then()

        self._context.work.do(partial(content.write, path), written, self.tell)

    def tell(self, failure: BaseException) -> None:
        """Tell the person what could not be done."""
        self._context.say_failure(failure)

    def _list_templates(self) -> None:
        self.templates.clear()
        folder = configs_folder()
        groups = [folder / "sequences", *sorted((folder / "papers").glob("*/"))]
        for group in groups:
            files = sorted(group.glob("*.yaml"))
            if not files or not group.is_dir():
                continue
            menu = self.templates.addMenu(_name(group))
            if menu is None:
                continue
            menu.setToolTipsVisible(True)
            for file in files:
                text = file.read_text(encoding="utf-8")
                if "\nsteps:" not in text:
                    continue
                title = _TITLE.search(text)
                action = menu.addAction(title[1] if title else file.stem)
                if action is not None:
                    action.setToolTip(text.splitlines()[0].lstrip("# "))
                    action.triggered.connect(partial(self._chose, file))

    def _chose(self, path: Path, _checked: object = None) -> None:
        self.use_template(path)


def _name(folder: Path) -> str:
    """Return such as ``Le 2020`` for a folder ``le2020``."""
    words = re.sub(r"(?<=[a-z])(?=[0-9])", " ", folder.name)
    return words[:1].upper() + words[1:]
