"""The search of the data browser: a form that writes the query of ``coldpoint runs``."""

from collections.abc import Sequence

from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.inputs import choices, muted, short_field
from daq.app.gui.lamp import mark
from daq.app.gui.work import timer

PAUSE = 250
"""Milliseconds without typing before a search begins."""
ANY = "any"


class SearchBar(QtWidgets.QWidget):
    """A line of words, and fields for what is asked most."""

    asked = QtCore.Signal()
    """Another query stands here."""
    below = QtCore.Signal()
    """Somebody goes down to what was found."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QtWidgets.QLineEdit()
        self.line.setPlaceholderText('words, or key:value such as points:61  sample:"contact 1"')
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Search")
        self.line.setToolTip(
            "Words must all occur in the names or settings of a run.\n"
            "key:value with since, until, date, procedure, sample, outcome, or any setting;\n"
            "a setting takes a range, such as excitation_rms:0.5uA..2uA or points:100..\n"
            "`coldpoint runs` takes the same."
        )
        self.procedure = _combo("Which procedure")
        self.sample = _combo("Which sample")
        self.outcome = _combo("How it ended")
        self.since = short_field("2026-01-31", "First day, in UTC")
        self.until = short_field("2026-12-31", "Last day, in UTC; it is included")
        self.parameter = short_field("points", "Name of a setting, such as points, or from and to")
        self.low = short_field("1 mA", "Smallest value, with its unit; empty for none")
        self.high = short_field("3 mA", "Largest value, with its unit; empty for none")
        self.clear = QtWidgets.QPushButton("clear")
        self._timer = timer(self, PAUSE)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.asked)
        for field in self._fields():
            field.textChanged.connect(self._typed)
            field.returnPressed.connect(self._at_once)
        for combo in self._combos():
            combo.currentIndexChanged.connect(self._typed)
        self.clear.clicked.connect(self._clear)
        down = QtWidgets.QShortcut(QtGui.QKeySequence("Down"), self.line)
        down.setContext(QtCore.Qt.ShortcutContext.WidgetShortcut)
        down.setWhatsThis("from the search to the runs")
        down.activated.connect(self.below)
        self._lay_out()

    @property
    def query(self) -> str:
        """Return the query in the language of ``coldpoint runs``."""
        terms = [self.line.text().strip()]
        for key, combo in (
            ("procedure", self.procedure),
            ("sample", self.sample),
            ("outcome", self.outcome),
        ):
            if combo.currentIndex() > 0:
                terms.append(_term(key, combo.currentText()))
        for key, field in (("since", self.since), ("until", self.until)):
            if len(field.text().strip()) >= len("2026-01-01"):
                terms.append(_term(key, field.text().strip()))
        name = "_".join(self.parameter.text().split())
        low, high = self.low.text().strip(), self.high.text().strip()
        if name and (low or high):
            terms.append(_term(name, low if low == high else f"{low}..{high}"))
        return " ".join(filter(None, terms))

    def offer(
        self, procedures: Sequence[str], samples: Sequence[str], outcomes: Sequence[str]
    ) -> None:
        """Offer what there is; what was chosen stays chosen."""
        for combo, names in zip(self._combos(), (procedures, samples, outcomes), strict=True):
            chosen = combo.currentText()
            with QtCore.QSignalBlocker(combo):
                combo.clear()
                combo.addItems([ANY, *names])
                combo.setCurrentIndex(max(0, combo.findText(chosen)))

    def show_wrong(self, *, wrong: bool) -> None:
        """Mark the line while it cannot be understood."""
        mark(self.line, wrong=wrong)

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def _fields(self) -> tuple[QtWidgets.QLineEdit, ...]:
        return (self.line, self.since, self.until, self.parameter, self.low, self.high)

    def _combos(self) -> tuple[QtWidgets.QComboBox, ...]:
        return (self.procedure, self.sample, self.outcome)

    def _typed(self) -> None:
        self._timer.start()

    def _at_once(self) -> None:
        self._timer.stop()
        self.asked.emit()

    def _clear(self) -> None:
        for field in self._fields():
            field.clear()
        for combo in self._combos():
            combo.setCurrentIndex(0)

    def _lay_out(self) -> None:
        first, second = QtWidgets.QHBoxLayout(), QtWidgets.QHBoxLayout()
        first.addWidget(muted("&search", self.line))
        first.addWidget(self.line, 1)
        for words, field in (("&from day", self.since), ("to day", self.until)):
            first.addWidget(muted(words, field))
            first.addWidget(field)
        for words, combo in (
            ("procedure", self.procedure),
            ("sample", self.sample),
            ("outcome", self.outcome),
        ):
            second.addWidget(muted(words, combo))
            second.addWidget(combo, 1)
        second.addWidget(muted("setting", self.parameter))
        second.addWidget(self.parameter, 1)
        for words, field in (("from", self.low), ("to", self.high)):
            second.addWidget(muted(words, field))
            second.addWidget(field)
        second.addWidget(self.clear)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(first)
        layout.addLayout(second)


def _term(key: str, value: str) -> str:
    return f'{key}:"{value}"' if " " in value else f"{key}:{value}"


def _combo(tip: str) -> QtWidgets.QComboBox:
    combo = choices(tip, 8)
    combo.addItem(ANY)
    return combo
