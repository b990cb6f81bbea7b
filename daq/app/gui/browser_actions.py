"""What can be done with a run of the data browser: export, repeat, show, remark."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.export_command import save_exports
from daq.app.export_formats import FORMATS
from daq.app.gui.page import Context
from daq.app.gui.work import Work
from daq.app.run_remark import about_run, write_remark
from daq.app.run_repeat import save_repeat
from daq.runs.catalog_table import Entry
from instruments.errors import ColdpointError

SEQUENCE_PAGE = "sequence"
MOST_TOLD = 2


class RunActions(QtWidgets.QWidget):
    """Buttons below the list of runs.

    Parameters
    ----------
    context
        What all pages share.
    work
        The thread in which files are written.
    """

    remarked = QtCore.Signal()
    """A remark was written."""

    def __init__(self, context: Context, work: Work) -> None:
        super().__init__()
        self._context = context
        self._work = work
        self._entries: Sequence[Entry] = ()
        self.export = QtWidgets.QPushButton("&Export")
        self.exports = QtWidgets.QMenu(self.export)
        for name, form in FORMATS.items():
            action = self.exports.addAction(f"as {form.words}")
            if action is not None:
                action.setData(name)
        self.export.setMenu(self.exports)
        self.repeat = QtWidgets.QPushButton("&Repeat this run")
        self.repeat.setToolTip("Write a sequence of the step that measured it, with its state")
        self.show_folder = QtWidgets.QPushButton("Show in f&older")
        self.remark = QtWidgets.QLineEdit()
        self.remark.setPlaceholderText("a remark on this run")
        self.remark.setAccessibleName("Remark on the run")
        self.write = QtWidgets.QPushButton("&Write")
        self.write.setToolTip("Write the remark into the journal of its campaign")
        self._lay_out()
        self.exports.triggered.connect(self._export)
        self.repeat.clicked.connect(self._repeat)
        self.show_folder.clicked.connect(self._show_folder)
        self.write.clicked.connect(self._remark)
        self.remark.returnPressed.connect(self._remark)
        self.take(())

    def take(self, entries: Sequence[Entry]) -> None:
        """Take the runs that are chosen."""
        self._entries = entries
        self.export.setEnabled(bool(entries))
        for widget in (self.repeat, self.show_folder, self.remark, self.write):
            widget.setEnabled(len(entries) == 1)

    def _export(self, action: QtWidgets.QAction) -> None:
        paths = [Path(entry.path) for entry in self._entries]
        self._work.do(
            partial(_export_all, paths, str(action.data())),
            self._context.say,
            self._context.say_failure,
        )

    def _repeat(self) -> None:
        path = Path(self._entries[0].path)
        self._work.do(
            partial(save_repeat, path, self._context.data),
            self._repeated,
            self._context.say_failure,
        )

    def _repeated(self, file: Path) -> None:
        page = getattr(self.window(), "pages", {}).get(SEQUENCE_PAGE)
        files = getattr(page, "files", None)
        if files is not None:
            files.when_kept(partial(files.open_path, file))
            self._context.show_page(SEQUENCE_PAGE)
        self._context.say(f"{file} measures this run again; rehearse it before you start it")

    def _show_folder(self) -> None:
        folder = Path(self._entries[0].path).parent
        if not QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(folder))):
            self._context.say(f"no program shows folders here; the run is in {folder}")

    def _remark(self) -> None:
        text = " ".join(self.remark.text().split())
        if not text or len(self._entries) != 1:
            return
        entry = self._entries[0]
        folder = Path(entry.path).parent
        said = {"do": "note", "text": text, "about": about_run(entry.number)}
        campaign = self._context.campaign
        if not campaign.tell_runner(folder, said, self._remarked, self._context.say):
            self._work.do(
                partial(write_remark, folder, entry.number, text),
                self._remarked,
                self._context.say_failure,
            )

    def _remarked(self, _answer: object) -> None:
        self.remark.clear()
        self._context.say("the remark stands in the journal")
        self.remarked.emit()

    def _lay_out(self) -> None:
        first, second = QtWidgets.QHBoxLayout(), QtWidgets.QHBoxLayout()
        for button in (self.export, self.repeat, self.show_folder):
            first.addWidget(button)
        first.addStretch(1)
        second.addWidget(self.remark, 1)
        second.addWidget(self.write)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(first)
        layout.addLayout(second)


def _export_all(paths: Sequence[Path], to: str) -> str:
    """Export runs and say what came of it; one that fails does not stop those in other files."""
    written, refused = [], []
    together = FORMATS[to].several
    for some in [list(paths)] if together else [[path] for path in paths]:
        try:
            written += [words for _, words in save_exports(some, to)]
        except ColdpointError as failure:
            refused.append(str(failure))
    told = [*refused, *written]
    more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    return "; ".join([*told[:MOST_TOLD], *more])
