"""The fit panel: a model, what it is told, and what it answers; the work is done elsewhere."""

import textwrap
from collections.abc import Sequence

from qtpy import QtCore, QtGui, QtWidgets

from daq.analysis.result import NoResult
from daq.app.fit_answer import Answer, with_error
from daq.app.fit_models import MODELS, Asked
from daq.app.gui.fit_plot import FitPlot
from daq.app.gui.fit_work import FitWork
from daq.app.gui.inputs import choices, muted, short_field
from daq.app.gui.lamp import tell, weigh
from daq.app.gui.theme import Theme
from daq.app.loaded_run import LoadedRun
from daq.app.run_fit import WORDS, first_model
from daq.config.problem import UnacceptableError
from daq.config.quantity import parse_quantity
from instruments.errors import ConfigurationError

COLUMNS = ("Parameter", "Value and error", "Unit", "What it is")
LONGEST = 42
"""Characters of a line in the table of parameters."""
SPECTRA = frozenset(set(MODELS) - {"transition", "hall", "angle"})


class FitPanel(QtWidgets.QWidget):
    """Fit one run.

    Parameters
    ----------
    theme
        The colours.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.work = FitWork(self)
        self._run: LoadedRun | None = None
        self._by_hand = False
        self.answer: Answer | None = None
        self.model = choices("Model", 10)
        for name in MODELS:
            self.model.addItem(name, name)
            self.model.setItemData(
                self.model.count() - 1, WORDS.get(name, ""), QtCore.Qt.ItemDataRole.ToolTipRole
            )
        self.temperature = short_field(
            "in file", "Temperature of the sample, such as 1.9 K; from the file if empty"
        )
        self.series = short_field("0 ohm", "Of leads and crystal, for dV/dI at a current bias")
        self.bent = QtWidgets.QCheckBox("&bent")
        self.bent.setToolTip("Let the normal conductance be bent, not sloped only (voltage bias)")
        self.start = QtWidgets.QPushButton("Fit")
        self.start.setShortcut("Ctrl+Return")
        self.start.setToolTip("Ctrl+Return")
        self.start.setProperty("role", "primary")
        self.stop = QtWidgets.QPushButton("Cancel")
        self.stop.setToolTip("Esc: give this fit up")
        self.plot = FitPlot(theme)
        self.table = QtWidgets.QTreeWidget()
        self.said = QtWidgets.QLabel()
        self._lay_out()
        self.model.activated.connect(self._chosen)
        self.model.currentIndexChanged.connect(self._tell_model)
        self.start.clicked.connect(self.fit)
        self.stop.clicked.connect(self.cancel)
        for field in (self.temperature, self.series):
            field.returnPressed.connect(self.fit)
        self.show_run(None)

    def show_run(self, run: LoadedRun | None) -> None:
        """Take the run that is to be fitted, or none."""
        same = run is not None and self._run is not None and run.path == self._run.path
        self._run = run
        if not same:
            self.work.cancel()  # nobody waits for the fit of another run
        self._allow()
        if same:
            return
        self.answer = None
        self.plot.show_layer(None)
        self.table.clear()
        if run is not None and not self._by_hand:
            self.model.setCurrentText(first_model(run.attempts[-1].procedure))
        self._tell_model()
        self._say("" if run is not None else "Choose one run in the list.")

    def fit(self) -> None:
        """Begin a fit; one that is being made is given up."""
        if self._run is None:
            return
        model = self.model.currentText()
        try:
            asked = Asked(self._temperature(), self._series(), self.bent.isChecked())
        except ConfigurationError as refused:
            self._say(str(refused), "bad")
            return
        self._say(f"{self._run.title}: fitting {model} ... (Esc cancels)")
        self.work.ask(self._run.path, model, asked, self._answered, self._failed)
        self._allow()

    def cancel(self) -> None:
        """Give up the fit that is being made."""
        if self.work.fitting:
            self.work.cancel()
            self._allow()
            before = "; what is shown is the fit before" if self.answer is not None else ""
            self._say(f"The fit was cancelled{before}.")

    def close_work(self) -> None:
        """End the process that fits."""
        self.work.close()

    def showEvent(self, event: QtGui.QShowEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Start what fits as soon as somebody looks here."""
        self.work.prepare()
        if event is not None:
            super().showEvent(event)

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.plot.retheme(theme)

    def words(self) -> str:
        """Return what is said and the parameters, a line each."""
        items = (self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount()))
        rows = ("\t".join(item.toolTip(c) for c in range(len(COLUMNS))) for item in items if item)
        return "\n".join([self.said.text(), *rows])

    def _answered(self, answer: Answer) -> None:
        self._allow()
        self.answer = answer
        self.plot.show_layer(answer.layer)
        self.table.clear()
        for name, (value, unit) in answer.quantities.items():
            words = name.replace("_", " ")
            if isinstance(value, NoResult):
                cells: Sequence[str] = (words, "no result", "", value.reason)
            else:
                state = getattr(value, "state", "fitted")
                told = "" if state == "fitted" else f" ({state})"
                number = with_error(value).replace("+-", "±")
                cells = (words, f"{number}{told}", unit, value.definition)
            item = QtWidgets.QTreeWidgetItem([textwrap.fill(cell, LONGEST) for cell in cells])
            for column, cell in enumerate(cells):
                item.setToolTip(column, cell)
            self.table.addTopLevelItem(item)
        for column in range(len(COLUMNS) - 1):
            self.table.resizeColumnToContents(column)
        self._tell(answer)

    def _tell(self, answer: Answer) -> None:
        lines, reason = [], ""
        if not answer.found:
            reason = answer.reason or next(
                (v.reason for v, _ in answer.quantities.values() if isinstance(v, NoResult)), ""
            )
            lines.append(f"No result, because {reason}.")
        lines += [f"Warning: {warning}." for warning in answer.warnings]
        lines += [f"{note}." for note in answer.notes if not reason or reason not in note]
        role = "bad" if not answer.found else ("warning" if answer.warnings else "muted")
        self._say("  ".join(lines), role)

    def _failed(self, reason: str) -> None:
        self._allow()
        self._say(f"No result, because {reason}", "bad")

    def _temperature(self) -> float | None:
        text = self.temperature.text().strip()
        return _positive(text, "K", "temperature") if text else None

    def _series(self) -> float:
        text = self.series.text().strip()
        return _positive(text, "ohm", "series resistance") if text else 0.0

    def _allow(self) -> None:
        fitting = self.work.fitting
        self.start.setEnabled(self._run is not None and not fitting)
        if self.stop.hasFocus() and not fitting:
            self.start.setFocus()
        self.stop.setEnabled(fitting)

    def _chosen(self) -> None:
        self._by_hand = True

    def _tell_model(self) -> None:
        name = self.model.currentText()
        self.model.setToolTip(WORDS.get(name, ""))
        for field in (self.temperature, self.series, self.bent):
            field.setEnabled(name in SPECTRA)

    def _say(self, words: str, role: str = "muted") -> None:
        tell(self.said, words)
        weigh(self.said, role)

    def _lay_out(self) -> None:
        self.said.setWordWrap(True)
        self.said.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table.setHeaderLabels(list(COLUMNS))
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setAccessibleName("Parameters of the fit")
        row = QtWidgets.QHBoxLayout()
        for words, widget in (
            ("model", self.model),
            ("temperature", self.temperature),
            ("in series", self.series),
        ):
            row.addWidget(muted(words, widget))
            row.addWidget(widget)
        row.addWidget(self.bent)
        row.addStretch(1)
        row.addWidget(self.stop)
        row.addWidget(self.start)
        down = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        down.addWidget(self.plot)
        down.addWidget(self.table)
        down.setStretchFactor(0, 1)
        down.setSizes([300, 165])
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.said)
        layout.addWidget(down, 1)


def _positive(text: str, unit: str, what: str) -> float:
    try:
        value = parse_quantity(text, unit)
    except UnacceptableError as refused:
        raise ConfigurationError(f"{what}: {refused}") from None
    if not value >= 0.0:
        raise ConfigurationError(f"{what}: found {text}, expected zero or more; correct it")
    return value
