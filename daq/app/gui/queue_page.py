"""The queue page: what waits, what runs, what has become of the others; and their order."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy import QtGui, QtWidgets

from daq.app.gui.inputs import muted
from daq.app.gui.lamp import tell, trouble_frame, weigh
from daq.app.gui.page import Context, Page
from daq.app.gui.processes import Started
from daq.app.gui.queue_adder import QueueAdder
from daq.app.gui.queue_rehearser import QueueRehearser
from daq.app.gui.queue_table import QueueTable
from daq.app.gui.queue_work import Change, QueueLook, ahead, look, sequence_text
from daq.app.gui.theme import Theme
from daq.app.gui.work import timer
from daq.campaign.queue_store import AHEAD, Entry

LOOK = 1000
"""Milliseconds between two looks at the queue."""
POLICIES = {"hold the others": "hold", "go on with the others": "go-on"}
AGREED = {"--accept": "&Resume all the same", "--confirm-above": "&Resume and warm"}
"""What a person agrees to who resumes once more, after being told why it was refused."""
BUTTONS = (
    ("up", "&Up", "Carry it out earlier (Alt+Up)", "Alt+Up"),
    ("down", "&Down", "Carry it out later (Alt+Down)", "Alt+Down"),
    ("hold", "&Hold", "Keep it from being carried out until it is released", ""),
    ("confirm", "Con&firm", "Confirm that the sample may become as warm as stands beside it", ""),
    ("remove", "Re&move", "Take it out of the queue; a campaign folder stays (Del)", "Del"),
    ("show", "Show the &campaign", "Follow its campaign on the campaign page", ""),
    ("resume", "&Resume", "Go on with its campaign where it stopped", ""),
)


class QueuePage(Page):
    """The queue of the data folder.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "queue"
    title = "Queue"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.runner = QtWidgets.QLabel()
        self.runner.setProperty("role", "title")
        self.trouble = trouble_frame()
        self.table = QueueTable(context.theme)
        self.adder = QueueAdder()
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        self.policy = QtWidgets.QComboBox()
        self.policy.addItems(list(POLICIES))
        self.policy.setToolTip("What becomes of the others if one does not finish")
        self.policy.setCurrentText(context.settings.text("queue policy", next(iter(POLICIES))))
        self.start = QtWidgets.QPushButton("&Start the queue")
        self.start.setProperty("role", "primary")
        self.text: QtWidgets.QDialog | None = None
        self._looking = False
        self._runner: int | None = None
        self._started: list[Started] = []
        self._asked: dict[int, frozenset[str]] = {}
        self._rehearser = QueueRehearser(context.data, self)
        self._rehearser.ended.connect(self.look)
        self._looks = timer(self, LOOK)
        self._lay_out()
        self._looks.timeout.connect(self.look)
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.itemDoubleClicked.connect(self._show_text)
        self.table.dragged.connect(self._move)
        self.adder.asked.connect(self.add)
        self.start.clicked.connect(self.start_runner)
        self._enable()

    def activated(self) -> None:
        """Look at the queue now and again."""
        self._looks.start()
        self.look()

    def deactivated(self) -> None:
        """Look no more."""
        self._looks.stop()

    def closing(self) -> None:
        """Look no more; what was started goes on."""
        self._looks.stop()
        self.adder.open.close_dialog()
        for started in self._started:
            started.close()
        self._rehearser.close()
        if self.text is not None:
            self.text.close()

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self.table.retheme(theme)

    def look(self) -> None:
        """Look at the queue in the worker thread."""
        if not self._looking:
            self._looking = True
            self.context.work.do(partial(look, self.context.data), self._looked, self._not_looked)

    def change(self, change: Change, done: Callable[[], None] = lambda: None) -> None:
        """Change the queue in the worker thread; what is refused is said.

        Parameters
        ----------
        change
            What to do.
        done
            Called when it was done.
        """

        def changed(found: QueueLook) -> None:
            tell(self.trouble, "")
            self._looked(found)
            done()

        self.context.work.do(partial(look, self.context.data, change), changed, self._not_looked)

    def add(self, sequence: str, station: str) -> None:
        """Check a sequence and put it at the end.

        Parameters
        ----------
        sequence
            File or name.
        station
            The same; empty for the one that the sequence names.
        """
        self.adder.setEnabled(False)

        def refused(failure: BaseException) -> None:
            self.adder.setEnabled(True)
            self.adder.refuse()
            self._not_looked(failure)

        def added(found: QueueLook) -> None:
            self.adder.setEnabled(True)
            self.adder.accept()
            tell(self.trouble, "")
            self._looked(found)
            self.table.choose(found.entries[-1].id)

        change = partial(
            look, self.context.data, lambda queue: queue.add(sequence, station or None)
        )
        self.context.work.do(change, added, refused)

    def start_runner(self) -> None:
        """Start a process that works through the queue and outlives the window."""
        words = self.policy.currentText()
        self.context.settings.remember("queue policy", words)
        data = str(self.context.data)
        self._run(["queue", "start", "--data", data, "--on-failure", POLICIES[words], "--detach"])
        self.context.say("the queue is being started; it goes on when this window is closed")

    def act(self, what: str) -> None:
        """Do something with the chosen entry.

        Parameters
        ----------
        what
            ``up``, ``down``, ``hold``, ``confirm``, ``remove``, ``show`` or ``resume``.
        """
        entry = self.table.chosen
        if entry is None:
            return
        if what in {"up", "down"}:
            place = ahead(self.table.entries).index(entry.id) + 1
            self._move(entry.id, max(1, place + (1 if what == "down" else -1)))
        elif what == "hold":
            held = entry.state == "held"
            self.change(lambda q: q.release(entry.id) if held else q.hold(entry.id))
        elif what == "confirm":
            self.change(lambda queue: queue.confirm_above(entry.id))
        elif what == "remove":
            self.change(lambda queue: queue.remove(entry.id))
        elif what == "show":
            self.context.campaign.choose(Path(entry.campaign))
            self.context.show_page("campaign")
        else:
            self._resume(entry)

    def _move(self, number: int, place: int) -> None:
        self.change(lambda queue: queue.move(number, place))

    def _resume(self, entry: Entry) -> None:
        words = ["resume", entry.campaign, *sorted(self._asked.get(entry.id, ()))]
        self._run(words, lambda why: self._not_resumed(entry.id, why))
        self.context.say(f"going on with {entry.title}; it goes on when this window is closed")

    def _not_resumed(self, number: int, why: str) -> None:
        tell(self.trouble, why)
        asked = {option for option in AGREED if option in why}
        if asked:
            self._asked[number] = self._asked.get(number, frozenset()) | asked
            self._enable()

    def _run(self, words: list[str], failed: Callable[[str], None] | None = None) -> None:
        started = Started(words, self)
        told = partial(tell, self.trouble) if failed is None else failed
        started.failed.connect(lambda why: told(why.removeprefix("coldpoint: ")))
        self._started.append(started)

    def _looked(self, found: QueueLook) -> None:
        self._looking = False
        self._runner = found.runner
        if found.said:
            tell(self.trouble, " ".join(found.said))
        self.table.show_entries(found.entries, found.expected)
        self._rehearser.consider(found.unrehearsed)
        waiting = sum(entry.state == "waiting" for entry in found.entries)
        if found.runner is not None:
            self.runner.setText(f"Process {found.runner} works through the queue")
        elif waiting:
            self.runner.setText(
                f"Nobody works through the queue; {waiting} waiting, times as if it started now"
            )
        else:
            held = sum(entry.state == "held" for entry in found.entries)
            self.runner.setText(f"Nothing waits in the queue{f'; {held} held' if held else ''}")
        weigh(self.runner, "good" if found.runner is not None else "title")
        self._enable()

    def _not_looked(self, failure: BaseException) -> None:
        self._looking = False
        tell(self.trouble, " ".join(str(failure).split()) or type(failure).__name__)

    def _enable(self) -> None:
        entry = self.table.chosen
        state = "" if entry is None else entry.state
        order = ahead(self.table.entries)
        place = order.index(entry.id) if entry is not None and entry.id in order else -1
        broken = state in {"interrupted", "failed"} and entry is not None and bool(entry.campaign)
        asked = frozenset[str]() if entry is None else self._asked.get(entry.id, frozenset())
        for name, enabled in (
            ("up", place > 0),
            ("down", 0 <= place < len(order) - 1),
            ("hold", state in AHEAD),
            ("confirm", state in AHEAD and self.table.unconfirmed),
            ("remove", bool(state) and state != "running"),
            ("show", entry is not None and bool(entry.campaign)),
            ("resume", broken),
        ):
            self.buttons[name].setEnabled(enabled)
        self.buttons["hold"].setText("Re&lease" if state == "held" else "&Hold")
        agreed = [label for option, label in AGREED.items() if option in asked]
        self.buttons["resume"].setText(agreed[-1] if agreed else "&Resume")
        waiting = any(one.state == "waiting" for one in self.table.entries)
        self.start.setEnabled(self._runner is None and waiting)

    def _show_text(self) -> None:
        entry = self.table.chosen
        if entry is not None:
            read = partial(sequence_text, self.context.data, entry)
            self.context.work.do(read, partial(self._open_text, entry), self._not_looked)

    def _open_text(self, entry: Entry, text: str) -> None:
        dialog = QtWidgets.QDialog(self)
        dialog.setWindowTitle(f"{entry.id} {entry.title}")
        view = QtWidgets.QPlainTextEdit(text)
        view.setReadOnly(True)
        view.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        QtWidgets.QVBoxLayout(dialog).addWidget(view)
        dialog.resize(760, 520)
        self.text = dialog
        dialog.open()

    def _lay_out(self) -> None:
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.runner, 1)
        top.addWidget(muted("if one does not finish", self.policy))
        top.addWidget(self.policy)
        top.addWidget(self.start)
        row = QtWidgets.QHBoxLayout()
        for what, words, tip, keys in BUTTONS:
            button = QtWidgets.QPushButton(words)
            button.setToolTip(tip)
            button.setShortcut(QtGui.QKeySequence(keys))
            button.clicked.connect(partial(self._clicked, what))
            self.buttons[what] = button
            row.addWidget(button)
        row.addStretch(1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        layout.addWidget(self.adder)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)

    def _clicked(self, what: str, _checked: object = None) -> None:
        self.act(what)
