"""The curves of the runs that are chosen in the data browser, one over the other."""

from collections.abc import Sequence
from dataclasses import replace

from qtpy import QtCore, QtWidgets

from daq.app.gui.axes import Ramp
from daq.app.gui.copying import copy_png, copy_svg, copy_text, table
from daq.app.gui.curve_view import CurveView, Drawn
from daq.app.gui.live_controls import BY, LiveControls
from daq.app.gui.run_curve import Choice, RunCurve
from daq.app.gui.run_places import colours, ramp_of, varied
from daq.app.gui.theme import Theme
from daq.app.loaded_run import LoadedRun
from daq.campaign.following import FollowedRun

POINTS = 8000
"""Points that all curves together are drawn with, about."""
FEWEST = 400
SHORT = (10, 9, 9, 7)
"""Characters of what is chosen above the curves, beside a list of runs."""
SEVERAL = 4
"""Runs from which on they are coloured by what varies most."""


class BrowserCurves(QtWidgets.QWidget):
    """Curves and what is drawn.

    Parameters
    ----------
    theme
        The colours.
    """

    said = QtCore.Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.controls = LiveControls()
        self.view = CurveView(theme)
        self._curves: dict[str, RunCurve] = {}
        self._runs: dict[str, tuple[FollowedRun, str]] = {}
        self._choice: Choice | None = None
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.controls)
        layout.addWidget(self.view, 1)
        self.controls.kind.hide()
        for combo, characters in zip(self._combos(), SHORT, strict=True):
            combo.setMinimumContentsLength(characters)
        self.view.item.setContentsMargins(0, 8, 0, 0)
        for widget in (self.controls.procedure, *self._words("show", "as")):
            widget.hide()
        self.controls.changed.connect(self.draw)
        self.controls.crosshair.connect(lambda on: self.view.use_crosshair(on=on))
        self.controls.see_all.connect(self._see_all)
        self.controls.copy.connect(self.copy)
        self.view.range_changed.connect(self.draw)
        self.view.pointed.connect(self.controls.pointed.setText)

    def show_runs(self, runs: Sequence[LoadedRun]) -> None:
        """Draw these runs.

        Parameters
        ----------
        runs
            Those of the first one's procedure are seen unless another procedure is chosen.
        """
        campaigns = {run.path.parent for run in runs}
        self._runs = {}
        for run in runs:
            where = f" ({run.path.parent.name})" if len(campaigns) > 1 else ""
            for attempt in run.attempts:
                self._runs[f"{run.path}.{attempt.attempt}"] = (attempt, where)
        names = list(dict.fromkeys(attempt.procedure for attempt, _ in self._runs.values()))
        for widget in (self.controls.procedure, *self._words("show")):
            widget.setVisible(len(names) > 1)
        with QtCore.QSignalBlocker(self.controls):
            self.controls.offer_procedures(names, names[0] if names else "")
        self._choice = None
        self.draw()

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Return the curves that are seen."""
        return self.view.drawn

    def draw(self) -> None:
        """Draw anew."""
        chosen = self.controls.procedure.currentText()
        mine = {key: found for key, found in self._runs.items() if found[0].procedure == chosen}
        columns = next((run.csv.columns for run, _ in mine.values() if run.csv.columns), ())
        self.controls.offer_columns(columns)
        choice = self.controls.choice
        if not mine or choice is None:
            self.view.clear()
            return
        if choice != self._choice:
            self._choice = choice
            self.view.set_axes(choice.x, choice.y, log_x=choice.log_x, log_y=choice.log_y)
            self._curves = {key: RunCurve(run, choice) for key, (run, _) in mine.items()}
        if len(self._curves) >= SEVERAL:
            self.controls.suggest_by(varied(self._curves.values()))
        self.view.draw(*self._drawn())

    def _drawn(self) -> tuple[list[Drawn], Ramp | None]:
        column = BY[self.controls.by.currentText()]
        ramp = ramp_of(column, self._curves.values()) if len(self._curves) > 1 else None
        most = max(FEWEST, POINTS // max(1, len(self._curves)))
        found = []
        painted = colours(self._curves.values(), column, ramp, self._theme)
        for (key, curve), colour in zip(self._curves.items(), painted, strict=True):
            drawn = curve.draw(self.view.seen(), most, colour)
            if drawn is not None:
                label = f"{drawn.label}{self._runs[key][1]}"
                found.append(replace(drawn, key=key, label=label, strong=False))
        return found, ramp

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.view.retheme(theme)
        self.draw()

    def copy(self, kind: str) -> None:
        """Copy what is drawn: ``png``, ``svg`` or ``text``."""
        if kind == "png":
            copy_png(self.view.plot)
        elif kind == "svg":
            copy_svg(self.view.plot)
        elif self._choice is not None:
            copy_text(table(self.drawn, self._choice.x.label, self._choice.y.label))
        self.said.emit(f"copied as {kind}")

    def _words(self, *texts: str) -> list[QtWidgets.QLabel]:
        labels = self.controls.findChildren(QtWidgets.QLabel)
        return [label for label in labels if label.text() in texts]

    def _combos(self) -> tuple[QtWidgets.QComboBox, ...]:
        controls = self.controls
        return (controls.procedure, controls.up, controls.along, controls.by)

    def _see_all(self) -> None:
        self.view.see_all()
        self.draw()
