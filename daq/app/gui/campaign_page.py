"""The campaign page: how it stands, its journal in words, and what a person can ask of it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from qtpy import QtCore, QtWidgets

from daq.app.gui.elided_label import ElidedLabel
from daq.app.gui.inputs import keep_width, muted
from daq.app.gui.journal_list import JournalList
from daq.app.gui.lamp import tell, trouble_frame
from daq.app.gui.page import Context, Page
from daq.app.gui.step_table import StepTable
from daq.app.gui.theme import Theme
from daq.app.gui.troubles import trouble_in_words

REQUESTS = (
    ("pause", "&Pause after this point", "End the present attempt and wait, at rest"),
    ("go on", "&Go on", "End the pause"),
    ("skip", "S&kip this step", "Leave the present step out and take the next"),
    ("abort", "&Abort and land", "Stop after this point and make everything safe"),
)


class CampaignPage(Page):
    """Progress, journal and requests.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "campaign"
    title = "Campaign"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.chooser = QtWidgets.QComboBox()
        self.headline = ElidedLabel("no campaign yet")
        self.headline.setProperty("role", "title")
        self.left = muted("")
        self.trouble = trouble_frame()
        self.whole, self.present = QtWidgets.QProgressBar(), QtWidgets.QProgressBar()
        self.steps = StepTable(context.theme)
        self.journal = JournalList(context.theme)
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        self.remark = QtWidgets.QLineEdit()
        self.question: QtWidgets.QMessageBox | None = None
        self._known: tuple[Path, ...] = ()
        self._lay_out()
        campaign = context.campaign
        campaign.chosen.connect(self._begin_anew)
        campaign.told.connect(self._tell)
        campaign.stood.connect(self._stand)
        campaign.grown.connect(self._stand_if_seen)
        campaign.listed.connect(self._list)
        context.time_left.changed.connect(self._stand_if_seen)
        self.chooser.activated.connect(self._choose)
        self._stand()

    def activated(self) -> None:
        """Show how it stands now."""
        self._stand()

    def closing(self) -> None:
        """Withdraw a question that nobody has answered."""
        if self.question is not None:
            self.question.close()

    def retheme(self, theme: Theme) -> None:
        """Write in other colours."""
        self.journal.retheme(theme)
        self.steps.retheme(theme)

    def ask(self, what: str) -> None:
        """Make a request; an abort is asked back once.

        Parameters
        ----------
        what
            ``pause``, ``go on``, ``skip`` or ``abort``.
        """
        if what != "abort":
            self._send(what)
            return
        button = QtWidgets.QMessageBox.StandardButton
        title = self.context.campaign.standing.title
        question = QtWidgets.QMessageBox(
            QtWidgets.QMessageBox.Icon.Question,
            "Abort",
            f"Abort {title!r}? It stops after this point and everything is made safe. What was"
            " measured stays; it can be resumed later.",
            parent=self,
        )
        question.addButton(button.Yes)
        question.addButton(button.No)
        question.setDefaultButton(button.No)
        question.buttonClicked.connect(
            lambda clicked: self._answered(yes=question.standardButton(clicked) == button.Yes)
        )
        self.question = question
        question.open()

    def _answered(self, *, yes: bool) -> None:
        self.question = None
        if yes:
            self._send("abort")

    def _send(self, what: str) -> None:
        self.context.campaign.ask(what)
        self.context.say(f"asked: {what}")

    def _note(self) -> None:
        text = self.remark.text().strip()
        if text:
            self.context.campaign.ask("note", text)
            self.remark.clear()

    def _begin_anew(self, _folder: object) -> None:
        self.journal.clear()
        self.steps.show_steps((), ())
        self._list(self.context.campaign.known, self.context.campaign.live)
        self._stand()

    def _tell(self, events: Sequence[Mapping[str, Any]]) -> None:
        self.journal.take(events)
        self._stand()

    def _list(self, known: Sequence[Path], live: Sequence[Path]) -> None:
        labels = [f"● {path.name}" if path in live else path.name for path in reversed(known)]
        self._known = tuple(reversed(known))
        if labels != [self.chooser.itemText(index) for index in range(self.chooser.count())]:
            self.chooser.clear()
            self.chooser.addItems(labels)
        folder = self.context.campaign.folder
        if folder in self._known and not self._opened():
            self.chooser.setCurrentIndex(self._known.index(folder))

    def _opened(self) -> bool:
        view = self.chooser.view()
        return view is not None and view.isVisible()

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._known):
            self.context.campaign.choose(self._known[index])

    def _stand_if_seen(self) -> None:
        if self.isVisible():
            self._stand()

    def _stand(self) -> None:
        campaign = self.context.campaign
        standing, state = campaign.standing, campaign.state
        has = campaign.folder is not None
        self.headline.setText(f"{standing.title}: {state}" if has else "no campaign yet")
        left = self.context.time_left.words() if campaign.is_live else ""
        station = f"station {standing.station}" if standing.station else ""
        self.left.setText(" · ".join(part for part in (station, left) if part))
        words = trouble_in_words(
            standing,
            state,
            silence=campaign.silence,
            broken=campaign.trouble,
            where=str(campaign.folder or ""),
        )
        tell(self.trouble, words)
        self._bars()
        book = self.context.time_left.book
        self.steps.show_steps(campaign.steps, book.paces if book is not None else ())
        self.steps.stand(standing, state)
        self._enable(state)

    def _bars(self) -> None:
        """Show how many steps are over, and how far the present one is."""
        campaign, book = self.context.campaign, self.context.time_left.book
        standing = campaign.standing
        total, done = len(campaign.steps), len(standing.ended)
        self.whole.setMaximum(max(1, total))
        self.whole.setValue(done)
        self.whole.setFormat(f"{done} of {total} steps" if total else "")
        runs = [run for run in campaign.runs[-1:] if run.step == standing.step]
        rows = runs[0].csv.rows if runs and standing.in_step else 0
        index = standing.step if standing.step is not None else -1
        planned = book.points[index] if book is not None and 0 <= index < len(book.points) else 0
        self.present.setMaximum(max(1, planned, rows))
        self.present.setValue(rows)
        words = standing.what.partition(" (")[0] if standing.in_step else ""
        of = f" of {planned}" if planned else ""
        self.present.setFormat(f"{rows}{of} points" if rows or planned else words)

    def _enable(self, state: str) -> None:
        live = self.context.campaign.is_live
        self.buttons["pause"].setEnabled(live and state == "running")
        self.buttons["go on"].setEnabled(live and state == "paused")
        self.buttons["skip"].setEnabled(live)
        self.buttons["abort"].setEnabled(live)
        self.remark.setEnabled(live)

    def _lay_out(self) -> None:
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.headline)
        top.addWidget(self.left, 1)
        self.chooser.setToolTip("The campaigns of this folder; ● runs now")
        keep_width(self.chooser, 24)
        top.addWidget(self.chooser)
        bars = QtWidgets.QHBoxLayout()
        bars.addWidget(self.whole)
        bars.addWidget(self.present)
        lists = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        lists.addWidget(self.steps)
        lists.addWidget(self.journal)
        lists.setSizes([560, 560])
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.trouble)
        layout.addLayout(bars)
        layout.addWidget(lists, 1)
        layout.addLayout(self._requests())

    def _requests(self) -> QtWidgets.QHBoxLayout:
        row = QtWidgets.QHBoxLayout()
        for what, words, tip in REQUESTS:
            button = QtWidgets.QPushButton(words)
            button.setToolTip(tip)
            button.clicked.connect(partial(self._clicked, what))
            self.buttons[what] = button
            row.addWidget(button)
        self.buttons["abort"].setProperty("role", "danger")
        self.remark.setPlaceholderText("a remark for the journal, then Enter")
        self.remark.returnPressed.connect(self._note)
        row.addSpacing(12)
        row.addWidget(self.remark, 1)
        return row

    def _clicked(self, what: str, _checked: object = None) -> None:
        self.ask(what)
