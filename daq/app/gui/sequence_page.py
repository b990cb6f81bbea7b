"""The sequence page: build a sequence, rehearse it, start it."""

from collections.abc import Callable
from itertools import pairwise

from qtpy import QtCore, QtWidgets

from daq.app.check_report import duration
from daq.app.gui.confirmation import Confirmation
from daq.app.gui.elided_label import ElidedLabel
from daq.app.gui.lamp import weigh
from daq.app.gui.page import Context, Page, Views
from daq.app.gui.sequence_actions import SequenceActions
from daq.app.gui.sequence_draft import EMPTY, Draft
from daq.app.gui.sequence_editor import SequenceEditor
from daq.app.gui.sequence_files import SequenceFiles
from daq.app.gui.sequence_launch import Launch
from daq.app.gui.sequence_rehearsal import RehearsalView
from daq.app.gui.sequence_tree import Palette, SequenceTree
from daq.app.gui.theme import Theme
from daq.app.gui.work import wait_until
from daq.app.gui.wrapping_row import WrappingRow
from daq.app.sequence.judgement import execution
from daq.app.sequence.rehearsed import step_times
from daq.app.sequence.rows import rows
from daq.config.folder import configs_folder
from daq.config.problem import Place

PATIENCE = 400_000
"""Milliseconds that a rehearsal may take before a picture."""


class SequencePage(Page):
    """A tree of steps, the form of the chosen one, and the rehearsal.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "sequence"
    title = "Sequence"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.draft = Draft(context.work, self)
        self.tree = SequenceTree(context.theme)
        self.palette_list = Palette()
        self.editor = SequenceEditor(self.draft, context)
        self.form = self.editor.form
        self.rehearsal = RehearsalView(context.theme)
        self.files = SequenceFiles(self.draft, context, self.form.settle, self)
        self.launch = Launch(self.draft, context, self)
        self.step_actions = SequenceActions(
            self,
            self.draft,
            tree=self.tree,
            form=self.form,
            files=self.files,
            launch=self.launch,
        )
        self.headline = ElidedLabel()
        self.headline.setProperty("role", "title")
        self.trouble = QtWidgets.QLabel()
        self.trouble.setWordWrap(True)
        self.confirmation = Confirmation()
        self.sides = QtWidgets.QTabWidget()
        self.rehearse = QtWidgets.QPushButton("&Rehearse")
        self.start = QtWidgets.QPushButton("&Start")
        self.queue = QtWidgets.QPushButton("Add to &queue")
        self._lay_out()
        self._connect()
        self.draft.take(EMPTY)

    def closing(self) -> None:
        """End the rehearsal and every question; a campaign that was started goes on."""
        self.launch.close()
        self.files.close()

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.tree.retheme(theme)
        self.form.retheme(theme)
        self.rehearsal.retheme(theme)
        self.tree.mark(self.draft.verdict)
        self._tell_times()

    def views(self) -> Views:
        """Return the states that are worth a picture."""
        return (("", self._view_night), ("rehearsed", self._view_rehearsed))

    def eventFilter(  # noqa: N802 (Qt's name)
        self, watched: QtCore.QObject | None, event: QtCore.QEvent | None
    ) -> bool:
        """Ask once about unsaved changes before the window closes."""
        closes = event is not None and event.type() == QtCore.QEvent.Type.Close
        if not closes or watched is not self.window() or self.files.question is not None:
            return False
        self.form.settle()
        if not self.draft.modified or event is None:
            return False
        event.ignore()
        self.context.show_page(self.name)
        self.files.when_kept(self._close_window)
        return True

    def showEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """Watch whether the window closes."""
        del event
        window = self.window()
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def _close_window(self) -> None:
        window = self.window()
        if window is not None:
            window.removeEventFilter(self)
            window.close()

    def _show(self) -> None:
        """Show the draft as it is now."""
        draft = self.draft
        self.tree.show_rows(draft.title, rows(draft.root, draft.text), draft.current)
        self.tree.mark(draft.verdict)
        self.editor.show_current()
        name = "not saved yet" if draft.path is None else draft.path.name
        self.headline.setText(f"{draft.title or 'Sequence'}{' *' if draft.modified else ''}")
        self.headline.setToolTip(name if draft.path is None else str(draft.path))
        self._tell_times()
        self._tell_state()

    def _judged(self) -> None:
        self.tree.mark(self.draft.verdict)
        self.editor.show_judgement()
        self._tell_times()
        self._tell_state()

    def _tell_state(self) -> None:
        """Say what is wrong, and offer what can be done."""
        found, launch = self.draft.verdict, self.launch
        problems = {} if found is None else found.problems
        words = "All within the limits." if found is not None else "being checked ..."
        if problems:
            key, reason = next(iter(problems.items()))
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            words = f"{key}: {reason}{more}"
        self.trouble.setText(words)
        weigh(self.trouble, "bad" if problems else "muted")
        self.rehearse.setText("Cancel &rehearsal" if launch.rehearsing else "&Rehearse")
        self.rehearse.setEnabled(launch.rehearsing or (found is not None and not problems))
        for button in (self.start, self.queue):
            button.setEnabled(launch.offered)
        if launch.outdated:
            self.rehearsal.outdate()

    def _tell_times(self) -> None:
        found, verdict = self.launch.current, self.draft.verdict
        times: dict[Place, str] = {}
        if found is not None and verdict is not None and verdict.sequence is not None:
            seconds = step_times(found.durations, execution(verdict.sequence))
            times = {place: duration(value) for place, value in seconds.items()}
            times[()] = duration(found.duration)
        self.tree.time(times)

    def _tell_rehearsal(self) -> None:
        """Show how the rehearsal stands."""
        launch = self.launch
        if launch.rehearsing:
            self.sides.setCurrentWidget(self.rehearsal)
            self.rehearsal.say(f"Rehearsing on simulated instruments ... {launch.elapsed} s")
        elif launch.failure:
            self.rehearsal.say(launch.failure, "bad")
        elif launch.found is not None:
            self.rehearsal.show_found(launch.found)
        else:
            self.rehearsal.say("Rehearsal cancelled.")
        self._tell_times()
        self._tell_state()

    def _ask(self, why: str, yes: str, then: Callable[[], None]) -> None:
        self.confirmation.ask(f"To be confirmed by you: {why}.", yes, then)

    def _choose(self, place: Place) -> None:
        self.form.settle()
        self.draft.current = place
        self.editor.show_current()
        self.sides.setCurrentIndex(0)

    def _connect(self) -> None:
        self.draft.changed.connect(self._show)
        self.draft.judged.connect(self._judged)
        self.tree.chosen.connect(self._choose)
        self.tree.itemActivated.connect(self.step_actions.to_form)
        self.tree.moved.connect(self.step_actions.move)
        self.tree.dropped.connect(self.step_actions.drop)
        self.palette_list.wanted.connect(self.step_actions.add)
        self.form.file_asked.connect(self.files.ask_station)
        self.launch.changed.connect(self._tell_rehearsal)
        self.launch.confirmation_needed.connect(self._ask)
        self.draft.changed.connect(self.confirmation.refuse)
        self.rehearse.clicked.connect(self.launch.rehearse_or_cancel)
        self.start.clicked.connect(self.launch.start)
        self.queue.clicked.connect(self.launch.add_to_queue)

    def _lay_out(self) -> None:
        self.rehearse.setToolTip("F5: carry it out on simulated instruments, as fast as can be")
        self.start.setToolTip("Start exactly what was rehearsed, as a process of its own")
        self.queue.setToolTip("Put exactly what was rehearsed at the end of the queue")
        self.start.setProperty("role", "primary")
        top = QtWidgets.QHBoxLayout()
        top.setSpacing(4)
        for button in self.step_actions.file_buttons():
            top.addWidget(button)
        top.addSpacing(8)
        top.addWidget(self.headline, 1)
        for button in (self.rehearse, self.start, self.queue):
            top.addWidget(button)
        steps = QtWidgets.QWidget()
        down = QtWidgets.QVBoxLayout(steps)
        down.setContentsMargins(0, 0, 0, 0)
        down.addWidget(self.tree, 1)
        below = WrappingRow()
        for button in self.step_actions.step_buttons():
            below.addWidget(button)
        down.addLayout(below)
        self.sides.addTab(self.form, "Settings")
        self.sides.addTab(self.rehearsal, "Rehearsal")
        across = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        across.addWidget(self.palette_list)
        across.addWidget(steps)
        across.addWidget(self.sides)
        across.setStretchFactor(1, 2)
        across.setStretchFactor(2, 1)
        across.setChildrenCollapsible(False)
        across.setSizes([170, 560, 460])
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.confirmation)
        layout.addWidget(across, 1)
        layout.addWidget(self.trouble)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Go through the page as one works: what there is, the steps, one step, the start."""
        stops: list[QtWidgets.QWidget] = [*self.findChildren(QtWidgets.QToolButton)]
        stops += [self.palette_list, self.tree, self.sides, self.rehearse, self.start, self.queue]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def _view_night(self) -> None:
        self._await_night()
        self._choose_row(("steps", 7, "steps", 0))
        self.sides.setCurrentIndex(0)

    def _view_rehearsed(self) -> None:
        self._await_night()
        if self.launch.current is None:
            wait_until(lambda: self.draft.verdict is not None, PATIENCE)
            self.launch.rehearse_or_cancel()
            wait_until(lambda: not self.launch.rehearsing, PATIENCE)
        self._choose_row(("steps", 7))
        self.sides.setCurrentWidget(self.rehearsal)

    def _await_night(self) -> None:
        night = configs_folder() / "sequences" / "night.yaml"
        if self.draft.path != night:
            self.files.open_path(night)
            wait_until(lambda: self.draft.path == night, PATIENCE)

    def _choose_row(self, place: Place) -> None:
        self.draft.current = place
        self._show()
