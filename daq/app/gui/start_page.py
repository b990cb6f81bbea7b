"""The first page: what a newcomer can do now."""

from functools import partial
from itertools import count
from pathlib import Path

from qtpy import QtCore, QtWidgets

from daq.app.gui.inputs import muted
from daq.app.gui.page import Context, Page
from daq.app.gui.processes import Question, Started, demo_station

DEMO_WORDS = (
    "A point contact on a topological insulator, played by simulated instruments on a clock twenty"
    " times as fast as life: it is cooled, measured, formed by one voltage pulse, measured again."
    " No instrument is touched."
)
FIND_WORDS = (
    "Ask every address of the VISA library who is there. Nothing is changed; at the end stands a"
    " station file that you can complete."
)


class StartPage(Page):
    """Offer the demo, a search for instruments, and what is running already.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "start"
    title = "Start"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.demo = QtWidgets.QPushButton("Start the &demo")
        self.demo.setProperty("role", "primary")
        self.search = QtWidgets.QPushButton("&Find instruments")
        self.found = QtWidgets.QPlainTextEdit()
        self.now = QtWidgets.QLabel()
        self.now.setWordWrap(True)
        self.follow = QtWidgets.QPushButton("&Watch it")
        self._started: list[Started] = []
        self._question: Question | None = None
        self._lay_out()
        self.demo.clicked.connect(self.start_demo)
        self.search.clicked.connect(self.find_instruments)
        self.follow.clicked.connect(partial(context.show_page, "live"))
        for changed in (context.campaign.listed, context.campaign.chosen, context.campaign.stood):
            changed.connect(self._tell)
        self._tell()

    def start_demo(self) -> None:
        """Start the demo as a process of its own and go to its curves."""
        station = str(demo_station())
        data = str(self.context.data)
        started = Started(["run", "first_spectrum", "--station", station, "--data", data], self)
        started.failed.connect(self.context.say)
        self._started.append(started)
        self.context.say("the demo is starting; it is shown as soon as it measures")
        self.context.show_page("campaign")

    def find_instruments(self) -> None:
        """Ask who is on the bus."""
        self.search.setEnabled(False)
        self.found.setPlainText("looking ...")
        self._question = Question(
            ["station", "--find", "--write", str(_free_name(self.context.data))],
            self._tell_found,
            self,
        )

    def closing(self) -> None:
        """Ask no more; a demo that was started goes on."""
        for started in self._started:
            started.close()
        if self._question is not None:
            self._question.close()

    def _tell_found(self, words: str) -> None:
        self.found.setPlainText(words or "no answer")
        self.search.setEnabled(True)

    def _tell(self) -> None:
        campaign = self.context.campaign
        live = [path.name for path in campaign.live]
        if live:
            self.now.setText(f"Running now: {', '.join(live)}")
        elif campaign.known:
            self.now.setText(
                f"Nothing runs. {_campaigns(len(campaign.known))} in {campaign.data}; the"
                f" youngest is {campaign.known[-1].name}."
            )
        else:
            self.now.setText(f"Nothing has been measured in {campaign.data} yet.")
        self.follow.setEnabled(campaign.folder is not None)

    def _lay_out(self) -> None:
        title = QtWidgets.QLabel("Coldpoint")
        title.setProperty("role", "title")
        subtitle = muted(
            "Low-temperature transport: watch a campaign, step in, look at what was measured."
        )
        self.found.setReadOnly(True)
        self.found.setPlaceholderText("who answers, and a station file to begin with")
        self.found.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        across = QtWidgets.QHBoxLayout()
        across.addWidget(_card("What runs", self.now, self.follow))
        across.addWidget(_card("Try it without instruments", _words(DEMO_WORDS), self.demo))
        across.addWidget(_card("Your instruments", _words(FIND_WORDS), self.search))
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(subtitle)
        layout.addLayout(across)
        layout.addWidget(self.found, 1)
        keys = muted(
            "F1 every key · Ctrl+1, Ctrl+2 ... pages · Ctrl+T dark or light · Ctrl++ and Ctrl+-"
            " size of the text · Ctrl+Q close (whatever runs goes on)"
        )
        keys.setWordWrap(True)
        layout.addWidget(keys)


def _free_name(data: Path) -> Path:
    """Return the name of a station file that does not exist yet, beside the data."""
    names = (data.parent / f"station{number or ''}.yaml" for number in count())
    return next(path for path in names if not path.exists())


def _campaigns(count: int) -> str:
    return "One campaign is" if count == 1 else f"{count} campaigns are"


def _words(text: str) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel(text)
    label.setWordWrap(True)
    return label


def _card(
    title: str, words: QtWidgets.QLabel, button: QtWidgets.QPushButton
) -> QtWidgets.QGroupBox:
    card = QtWidgets.QGroupBox(title)
    layout = QtWidgets.QVBoxLayout(card)
    words.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)
    layout.addWidget(words, 1)
    layout.addWidget(button, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
    return card
