"""The live page: the curves of the campaign while they grow, and the numbers of the latest run."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from qtpy import QtCore, QtWidgets

from daq.app.gui.copying import copy_png, copy_svg, copy_text, table
from daq.app.gui.curve_view import CurveView, Drawn
from daq.app.gui.live_beside import LiveBeside
from daq.app.gui.live_controls import BY, LiveControls
from daq.app.gui.noted import Noted, noted
from daq.app.gui.page import Context, Page, Views
from daq.app.gui.plane import Line, plane
from daq.app.gui.plane_view import PlaneView
from daq.app.gui.quantities import Quantity, split_unit
from daq.app.gui.run_curve import Choice, RunCurve, run_key
from daq.app.gui.run_places import colours, latest_procedure, ramp_of, varied
from daq.app.gui.theme import Theme
from daq.app.gui.work import timer
from daq.campaign.following import FollowedRun
from daq.runs.remarks import NOTE

FRAME = 100
"""Milliseconds between two frames at least."""
REST = 15
"""How many times longer than drawing a frame the rest is: the window stays quick for the person."""
SLOWEST = 600
"""Milliseconds between two frames at most, as far as drawing allows."""
RECKON = 2000
"""Milliseconds between two reckonings of the numbers at least."""
POINTS = 4000
"""Points that all curves together are drawn with, about."""
SEVERAL = 4
"""Runs from which on they are coloured by what varies most."""
FEWEST = 400
"""Points that a single curve is drawn with at least."""


class LivePage(Page):
    """Curves, maps and numbers.

    Parameters
    ----------
    context
        What all pages share.
    """

    name = "live"
    title = "Live"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.controls = LiveControls()
        self.curves = CurveView(context.theme)
        self.map = PlaneView(context.theme)
        self.beside = LiveBeside(context, self)
        self.list = self.beside.list
        self.runs: dict[str, RunCurve] = {}
        self._drawn: dict[str, Drawn] = {}
        self._dirty: set[str] = set()
        self._choice: Choice | None = None
        self._noted = Noted()
        self._frames = timer(self, FRAME)
        self._frames.setSingleShot(True)
        self._frames.timeout.connect(self._frame)
        self._reckonings = timer(self, RECKON)
        self._reckonings.timeout.connect(self.reckon)
        self._lay_out()
        campaign = context.campaign
        campaign.chosen.connect(self._begin_anew)
        campaign.grown.connect(self._grown)
        campaign.told.connect(self._note)
        self.controls.changed.connect(self._choose)
        self.controls.crosshair.connect(lambda on: self.curves.use_crosshair(on=on))
        self.controls.see_all.connect(self._see_all)
        self.controls.copy.connect(self.copy)
        self.curves.range_changed.connect(self._all_dirty)
        self.curves.pointed.connect(self.controls.pointed.setText)
        self.list.ticked.connect(self._all_dirty)
        self.beside.fitted.connect(self._draw_fit)
        self.beside.model_chosen.connect(self.reckon)

    def activated(self) -> None:
        """Draw again."""
        self._reckonings.start()
        self._choose()
        self.reckon()

    def deactivated(self) -> None:
        """Draw and fit nothing while nobody looks."""
        self._reckonings.stop()
        self._frames.stop()
        self.beside.rest()

    def closing(self) -> None:
        """Stop drawing and fitting."""
        self.deactivated()
        self.beside.close_fit()

    def retheme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.curves.retheme(theme)
        self.map.retheme(theme)
        self._all_dirty()

    def views(self) -> Views:
        """Return curves and map."""
        return (
            ("", partial(self.controls.kind.setCurrentText, "curves")),
            ("map", partial(self.controls.kind.setCurrentText, "map")),
        )

    def _begin_anew(self, _folder: object) -> None:
        self._forget()
        self._choice = None
        self._noted = Noted()
        self.curves.clear()
        self.map.draw(None)
        self.beside.forget()

    def _grown(self, runs: Sequence[FollowedRun]) -> None:
        self._dirty.update(run_key(run) for run in runs)
        if self.isVisible() and not self._frames.isActive():
            self._frames.start()

    def _all_dirty(self) -> None:
        self._dirty.update(self.runs)
        if self.isVisible() and not self._frames.isActive():
            self._frames.start()

    def _choose(self) -> None:
        """Take another choice of the person, or new runs."""
        self._choice = None
        self._all_dirty()

    def _frame(self) -> None:
        """Draw, and rest in proportion to what drawing and the last painting took."""
        clock = QtCore.QElapsedTimer()
        clock.start()
        self.draw_now()
        newest = self._newest()
        if newest is not None and newest.run is not self.beside.run:
            self.reckon()  # it need not wait for the next reckoning
        view = self.map if self.controls.is_map else self.curves
        took = int(clock.elapsed()) + view.plot.painting
        self._frames.setInterval(min(SLOWEST, max(FRAME, REST * took)))

    def draw_now(self) -> None:
        """Draw one frame."""
        self._take_runs()
        choice = self.controls.choice
        if choice is None:
            return
        if choice != self._choice:
            self._use(choice)
        shown = [curve for key, curve in self.runs.items() if self.list.is_ticked(key)]
        if len(self.runs) >= SEVERAL:
            self.controls.suggest_by(varied(self.runs.values()))
        self._redraw(shown)
        if self.controls.is_map:
            self._draw_map(choice, shown)

    def _take_runs(self) -> None:
        """Make a curve of every run of the chosen procedure that has columns."""
        runs = [run for run in self.context.campaign.runs if run.csv.columns]
        if not runs:
            return
        names = list(dict.fromkeys(run.procedure for run in runs))
        with QtCore.QSignalBlocker(self.controls):
            self.controls.offer_procedures(names, latest_procedure(runs))
        chosen = self.controls.procedure.currentText()
        mine = [run for run in runs if run.procedure == chosen]
        if mine and self.controls.offer_columns(mine[-1].csv.columns):
            self._choice = None
        if any(curve.run.procedure != chosen for curve in self.runs.values()):
            self._forget()
        choice = self.controls.choice
        for run in mine:
            key = run_key(run)
            if key not in self.runs and choice is not None:
                self.runs[key] = RunCurve(run, choice)
                self._dirty.add(key)
                self.list.add(key, self.runs[key].label)

    def _forget(self) -> None:
        self.runs.clear()
        self._drawn.clear()
        self.list.forget()

    def _use(self, choice: Choice) -> None:
        self._choice = choice
        self._drawn.clear()
        self.runs = {key: RunCurve(curve.run, choice) for key, curve in self.runs.items()}
        self._dirty.update(self.runs)
        self.curves.set_axes(choice.x, choice.y, log_x=choice.log_x, log_y=choice.log_y)
        self.map.set_axes(choice.x, self._up(), choice.y)
        self.curves.setVisible(not self.controls.is_map)
        self.map.setVisible(self.controls.is_map)

    def _redraw(self, shown: Sequence[RunCurve]) -> None:
        """Decimate what has grown and draw all; what has not grown is drawn as before."""
        column = BY[self.controls.by.currentText()]
        ramp = ramp_of(column, shown)
        painted = colours(shown, column, ramp, self.context.theme)
        most = max(FEWEST, POINTS // max(1, len(shown)))
        seen = self.curves.seen()
        for curve, colour in zip(shown, painted, strict=True):
            before = self._drawn.get(curve.key)
            if curve.key in self._dirty or before is None or before.colour != colour:
                drawn = curve.draw(seen, most, colour, self._noted)
                if drawn is not None:
                    self._drawn[curve.key] = drawn
        self._dirty.clear()
        keys = [curve.key for curve in shown]
        self.list.colour({} if self.controls.is_map else dict(zip(keys, painted, strict=True)))
        if not self.controls.is_map:
            self.curves.draw([self._drawn[key] for key in keys if key in self._drawn], ramp)
            self._draw_fit()

    def _up(self) -> Quantity:
        """Return what is drawn upwards in a map: what was chosen, or what varies most."""
        column = BY[self.controls.by.currentText()] or varied(self.runs.values())
        name, unit = split_unit(column)
        return Quantity(name, unit, (column,))

    def _draw_map(self, choice: Choice, shown: Sequence[RunCurve]) -> None:
        up = self._up()
        self.map.set_axes(choice.x, up, choice.y)
        lines = [
            Line(curve.where(up.columns[0]), drawn.x, drawn.y)
            for curve in shown
            if (drawn := self._drawn.get(curve.key)) is not None
        ]
        self.map.draw(plane(lines))

    def _see_all(self) -> None:
        self.curves.see_all()
        self._all_dirty()

    def copy(self, kind: str) -> None:
        """Copy what is drawn: ``png``, ``svg`` or ``text``."""
        choice = self.controls.choice
        view = self.map.plot if self.controls.is_map else self.curves.plot
        if kind == "png":
            copy_png(view)
        elif kind == "svg":
            copy_svg(view)
        elif choice is not None:
            copy_text(table(list(self._drawn.values()), choice.x.label, choice.y.label))
        self.context.say(f"copied as {kind}")

    def reckon(self) -> None:
        """Have the numbers and the fit of the newest run that is drawn worked out."""
        if self.isVisible():
            self.beside.follow(self._newest(), self._noted)

    def _newest(self) -> RunCurve | None:
        drawn = (c for k, c in reversed(self.runs.items()) if self.list.is_ticked(k))
        return next((curve for curve in drawn if curve.run.csv.rows), None)

    def _note(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Take the remarks of the journal again if there are new ones."""
        if any(event.get("event") in {NOTE, "run begun"} for event in events):
            self._noted = noted(self.context.campaign.events)
            self._all_dirty()

    def _draw_fit(self) -> None:
        """Draw the model of the newest run over its data, where the axes show them."""
        curve = self._newest()
        fit = None if curve is None else self.beside.fit_of(curve.run)
        model = None if fit is None else fit.curve
        x = None if model is None or curve is None else curve.over(model)
        if curve is None or fit is None or model is None or x is None:
            self.curves.draw_fit(None)
            return
        order = np.argsort(x, kind="stable")
        self.curves.draw_fit((x[order], curve.up(model.y)[order]), f"fit: {fit.model}")

    def _lay_out(self) -> None:
        across = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        plots = QtWidgets.QWidget()
        stack = QtWidgets.QVBoxLayout(plots)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self.curves)
        stack.addWidget(self.map)
        self.map.hide()
        across.addWidget(plots)
        across.addWidget(self.beside)
        across.setStretchFactor(0, 1)
        across.setSizes([900, 270])
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.controls)
        layout.addWidget(across, 1)
