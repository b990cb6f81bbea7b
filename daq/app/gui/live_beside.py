"""Beside the curves: numbers and fit of the newest run as far as it has come, and the runs."""

from functools import partial

from qtpy import QtCore, QtWidgets

from daq.app.fit_models import MODELS
from daq.app.gui.inputs import muted
from daq.app.gui.live_fit import LiveFit, Question
from daq.app.gui.noted import Noted
from daq.app.gui.numbers import MOST, Number, running_numbers
from daq.app.gui.numbers_panel import NumbersPanel, Section
from daq.app.gui.page import Context
from daq.app.gui.run_curve import RunCurve
from daq.app.gui.run_list import RunList
from daq.app.run_fit import WORDS, usual_model
from daq.app.running_fit import RunningFit
from daq.campaign.following import FollowedRun

USUAL, NONE = "usual for the procedure", "none"
"""What may be chosen instead of a model."""
TRANSITION = "transition"
SETTING = "live fit"
NOTHING = (Section("no run yet", (Number("", "Curves are drawn while a run grows.", good=False),)),)


class LiveBeside(QtWidgets.QSplitter):
    """Choose a model, read numbers, tick runs.

    Parameters
    ----------
    context
        What all pages share.
    parent
        The page.
    """

    fitted = QtCore.Signal()
    """There is another model curve, or none any more."""
    model_chosen = QtCore.Signal()

    def __init__(self, context: Context, parent: QtWidgets.QWidget) -> None:
        super().__init__(QtCore.Qt.Orientation.Vertical, parent)
        self._context = context
        self.numbers = NumbersPanel()
        self.numbers.show_sections(NOTHING)
        self.list = RunList()
        self.live_fit = LiveFit(self)
        self.model = QtWidgets.QComboBox()
        self._fit: tuple[Question, RunningFit] | None = None
        self._asked: Question | None = None
        self._curve: RunCurve | None = None
        self._noted = Noted()
        self._found: tuple[Number, ...] = ()
        self._reckoning = False
        self._lay_out()
        self.live_fit.answered.connect(self._answered)
        self.model.activated.connect(self._choose)

    def follow(self, curve: RunCurve | None, noted: Noted) -> None:
        """Work out what can be said of a run, elsewhere; it is shown when it is there.

        Parameters
        ----------
        curve
            The run; None if there is none.
        noted
            What people have noted in its campaign.
        """
        if curve is None:
            self.rest()
            return
        if self._curve is None or self._curve.run is not curve.run:
            self._found = ()
        self._curve, self._noted = curve, noted
        model = self._model(curve.run.procedure)
        csv = curve.run.csv
        self._asked = None if not model else Question(csv.path, model, csv.rows, noted.marks)
        self.live_fit.want(self._asked)
        self._show()
        self._reckon(curve.run)

    @property
    def run(self) -> FollowedRun | None:
        """Return the run of which numbers are shown, or None."""
        return None if self._curve is None else self._curve.run

    def fit_of(self, run: FollowedRun) -> RunningFit | None:
        """Return the latest fit of a run by the model that is chosen, or None."""
        if self._fit is None or self._fit[0].path != run.csv.path:
            return None
        return self._fit[1] if self._fit[1].model == self._model(run.procedure) else None

    def rest(self) -> None:
        """Ask for no fit while nobody looks."""
        self._asked = None
        self.live_fit.want(None)

    def forget(self) -> None:
        """Show nothing: another campaign is looked at."""
        self.rest()
        self._fit = self._curve = None
        self._found = ()
        self.numbers.show_sections(NOTHING)

    def close_fit(self) -> None:
        """End the process that fits."""
        self.live_fit.close()

    def _model(self, procedure: str) -> str:
        chosen = str(self.model.currentData())
        if chosen == USUAL:
            return usual_model(procedure) or ""
        return "" if chosen == NONE else chosen

    def _choose(self) -> None:
        self._context.settings.remember(SETTING, str(self.model.currentData()))
        self.model_chosen.emit()
        self.fitted.emit()

    def _reckon(self, run: FollowedRun) -> None:
        if self._reckoning:
            return
        rows = min(run.csv.rows, MOST + 1)
        columns = {name: run.csv.column(name)[:rows].copy() for name in run.csv.columns}
        self._reckoning = True
        self._context.work.do(
            partial(running_numbers, run.procedure, columns),
            partial(self._reckoned, run),
            self._not_reckoned,
        )

    def _reckoned(self, run: FollowedRun, numbers: tuple[Number, ...]) -> None:
        self._reckoning = False
        if self._curve is not None and self._curve.run is run:
            self._found = numbers
            self._show()

    def _not_reckoned(self, failure: BaseException) -> None:
        self._reckoning = False
        self._context.say_failure(failure)

    def _answered(self, question: Question, fit: RunningFit) -> None:
        self._fit = (question, fit)
        self._show()
        self.fitted.emit()

    def _show(self) -> None:
        curve = self._curve
        if curve is None:
            return
        model, fit = self._model(curve.run.procedure), self.fit_of(curve.run)
        told = fit is not None and fit.model == TRANSITION and not fit.reason
        found = () if told else self._found  # the fit says Tc by these definitions, too
        sections = [Section(curve.label, (*self._counted(curve), *found))]
        if model:
            sections.append(_waiting(model) if fit is None else fit_section(fit))
        if remarks := self._remarks(curve):
            sections.append(Section("remarks", remarks))
        self.numbers.show_sections(sections)

    def _counted(self, curve: RunCurve) -> tuple[Number, ...]:
        bad = self._noted.bad(curve.run)
        found = [("points", str(curve.run.csv.rows))]
        if flagged := curve.flagged.words():
            found.append(("flagged (cross, ring)", flagged))
        if bad is not None and bad.any():
            found.append(("marked bad (square)", f"{int(bad.sum())} rows"))
        return tuple(Number(name, text) for name, text in found)

    def _remarks(self, curve: RunCurve) -> tuple[Number, ...]:
        told = ((index, self._noted.remarks[index]) for index in curve.remarked(self._noted))
        return tuple(Number(f"▼ {i + 1}  {one.utc[11:16]}Z", one.text) for i, one in told)

    def _lay_out(self) -> None:
        self.model.addItem("usual", USUAL)
        self.model.addItem("none", NONE)
        for name in MODELS:
            self.model.addItem(name, name)
        words = {USUAL: "the model that suits the procedure", NONE: "no running fit", **WORDS}
        for index in range(self.model.count()):
            tip = words.get(str(self.model.itemData(index)), "")
            self.model.setItemData(index, tip, QtCore.Qt.ItemDataRole.ToolTipRole)
        known = self.model.findData(self._context.settings.text(SETTING, USUAL))
        self.model.setCurrentIndex(max(0, known))
        self.model.setToolTip("Model that is fitted to the newest run while it grows (Alt+M)")
        row = QtWidgets.QHBoxLayout()
        row.setContentsMargins(6, 0, 0, 0)
        row.addWidget(muted("running fit: &model", self.model))
        row.addWidget(self.model, 1)
        above = QtWidgets.QWidget()
        down = QtWidgets.QVBoxLayout(above)
        down.setContentsMargins(0, 0, 0, 0)
        down.addLayout(row)
        down.addWidget(self.numbers, 1)
        self.addWidget(above)
        self.addWidget(self.list)
        self.setChildrenCollapsible(False)
        self.setSizes([440, 160])


def fit_section(fit: RunningFit) -> Section:
    """Return what a fit says.

    Parameters
    ----------
    fit
        As far as the run has come.

    Returns
    -------
    Section
        Numbers with errors, or why there are none; then what speaks against them.
    """
    lines = []
    if fit.reason:
        lines.append(Number("", f"No result, because {fit.reason}.", good=False))
    else:
        lines += [
            Number(line.name, line.text, good=line.good, definition=line.definition)
            for line in fit.lines
        ]
    lines += [Number("", f"Warning: {words}.", warns=True) for words in fit.warnings]
    lines += [Number("", words, good=False) for words in fit.notes]
    return Section(f"fit: {fit.model}, {fit.rows} rows", tuple(lines))


def _waiting(model: str) -> Section:
    return Section(f"fit: {model}", (Number("", "fitting ...", good=False),))
