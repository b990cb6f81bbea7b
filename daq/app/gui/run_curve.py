"""One run as a curve: kept decimated while it grows, made into what is drawn when it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daq.analysis.result import FloatArray
from daq.app.gui.curve_marks import Marks
from daq.app.gui.curve_view import NO_MARKS, Drawn
from daq.app.gui.noted import Noted
from daq.app.gui.quantities import BIAS, Flagged, Quantity, flags_in_words, normal_level, split_unit
from daq.app.running_fit import ModelCurve
from daq.campaign.following import FollowedRun
from daq.runs.decimate import DecimatedCurve, Window

STATUS = "Status"
MARKED = 300
"""Flagged points that are marked at most in one curve."""
SWEPT = frozenset({BIAS, "Current", "Voltage"})
"""Quantities that follow from each other along a spectrum."""
FIRST_ROWS = 200
"""Rows by which a run is given its temperature, field or angle."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is drawn.

    Parameters
    ----------
    x, y
        The quantities.
    log_x, log_y
        Whether their axes are logarithmic.
    """

    x: Quantity
    y: Quantity
    log_x: bool = False
    log_y: bool = False


def run_key(run: FollowedRun) -> str:
    """Return what tells a run from the others of its campaign."""
    return f"{run.number}.{run.attempt}"


class RunCurve:
    """A run along chosen axes.

    Parameters
    ----------
    run
        The run.
    choice
        What is drawn.
    """

    def __init__(self, run: FollowedRun, choice: Choice) -> None:
        self.run = run
        self.flagged = Flagged()
        self._choice = choice
        self._curve = DecimatedCurve(positive_x=choice.log_x, positive_y=choice.log_y)
        self._columns: tuple[str, str] | None = None
        self._level = 1.0
        self._noted: dict[int, int] = {}

    @property
    def key(self) -> str:
        """Return what tells it from the other runs of its campaign."""
        return run_key(self.run)

    @property
    def label(self) -> str:
        """Return what it is called."""
        again = f", attempt {self.run.attempt}" if self.run.attempt > 1 else ""
        return f"{self.run.number:04d} {self.run.procedure.replace('_', ' ')}{again}"

    def where(self, column: str) -> float:
        """Return the temperature, field or angle at which it was begun; nan if there is none."""
        csv = self.run.csv
        if column not in csv.columns or not csv.rows:
            return float("nan")
        return float(np.median(csv.column(column)[:FIRST_ROWS]))

    def drawn(self, seen: tuple[float, float], most: int) -> tuple[FloatArray, FloatArray] | None:
        """Return the points to draw.

        Parameters
        ----------
        seen
            The part of the x axis that is seen.
        most
            About how many points.

        Returns
        -------
        tuple of array or None
            None if the run has no such columns, or no rows.
        """
        found = self._arrays()
        if found is None:
            return None
        x, y = found
        self._curve.update(x, y)
        window = Window(seen[0], seen[1], most) if self._is_plain else Window(most=most)
        kept = self._curve.indices(x, window)
        xs, ys = self._choice.x.change(x[kept]), self._choice.y.change(y[kept])
        self._level = normal_level(xs, ys) if self._choice.y.to_normal else 1.0
        return xs, ys / self._level if self._choice.y.to_normal else ys

    def points(self, rows: Sequence[int]) -> FloatArray:
        """Return some rows as they were drawn last, shape (m, 2)."""
        found = self._arrays()
        if found is None or not len(rows):
            return np.empty((0, 2))
        at = np.asarray(rows, dtype=np.intp)
        x, y = self._choice.x.change(found[0][at]), self._choice.y.change(found[1][at])
        return np.column_stack([x, y / self._level])

    def over(self, model: ModelCurve) -> FloatArray | None:
        """Return where on the horizontal axis the points of a model lie.

        Parameters
        ----------
        model
            Over one of the columns.

        Returns
        -------
        array or None
            Shape (n,); None if the axes show something else.
        """
        if self._arrays() is None or self._columns is None or self._columns[1] != model.y_column:
            return None
        csv, drawn, column = self.run.csv, self._columns[0], model.x_column
        if drawn == column:
            return self._choice.x.change(model.x)
        swept = self._choice.x.name in SWEPT and split_unit(column)[0] in SWEPT
        if not swept or column not in csv.columns:
            return None
        order = np.argsort(csv.column(column), kind="stable")
        along = np.interp(model.x, csv.column(column)[order], csv.column(drawn)[order])
        return self._choice.x.change(along)

    def up(self, y: FloatArray) -> FloatArray:
        """Return values of the vertical column as they were drawn last."""
        return self._choice.y.change(y) / self._level

    def draw(
        self,
        seen: tuple[float, float],
        most: int,
        colour: str,
        noted: Noted | None = None,
    ) -> Drawn | None:
        """Return the curve as it is drawn.

        Parameters
        ----------
        seen
            The part of the x axis that is seen.
        most
            About how many points.
        colour
            Of the line.
        noted
            What people have noted in its campaign.

        Returns
        -------
        Drawn or None
            None if there is nothing to draw.
        """
        found = self.drawn(seen, most)
        if found is None:
            return None
        csv = self.run.csv
        if STATUS in csv.columns:
            self.flagged.update(csv.column(STATUS))
        return Drawn(
            self.key,
            self.label,
            *found,
            colour,
            self._flags(self.flagged.spoiled),
            self._flags(self.flagged.doubtful),
            self._bad(noted),
            self._remarks(noted),
            strong=csv.outcome is None,
        )

    def _flags(self, rows: Sequence[int]) -> Marks:
        if not rows:
            return NO_MARKS
        few = rows[:: -(-len(rows) // MARKED)]
        status = self.run.csv.column(STATUS)
        words = (f"row {row + 1}: {flags_in_words(int(status[row]))}" for row in few)
        return Marks(self.points(few), tuple(words))

    def _bad(self, noted: Noted | None) -> Marks:
        bad = None if noted is None else noted.bad(self.run)
        rows = [] if bad is None else np.flatnonzero(bad).tolist()
        if not rows:
            return NO_MARKS
        few = rows[:: -(-len(rows) // MARKED)]
        return Marks(self.points(few), tuple(f"row {row + 1}: marked bad" for row in few))

    def _remarks(self, noted: Noted | None) -> Marks:
        if noted is None:
            return NO_MARKS
        places = self.remarked(noted)
        told = [noted.remarks[index] for index in places]
        return Marks(
            self.points(list(places.values())),
            tuple(f"{remark.utc[11:16]}Z  {remark.text}" for remark in told),
            tuple(str(index + 1) for index in places),
        )

    def remarked(self, noted: Noted) -> dict[int, int]:
        """Return which remarks stand in this run, counted from 0, and at which rows.

        Parameters
        ----------
        noted
            What people have noted in its campaign.

        Returns
        -------
        dict
            Rows, counted from 0, by remark.
        """
        found: dict[int, int] = {}
        for index, remark in enumerate(noted.remarks):
            row = self._noted.get(index)
            if row is None:
                row = noted.row(remark, self.run)
                if row is not None and not remark.rows:
                    self._noted[index] = row  # at its time for ever
            if row is not None:
                found[index] = row
        return found

    @property
    def _is_plain(self) -> bool:
        """Tell whether the x axis shows the very numbers of the column."""
        return self._choice.x.unit != "S" and not self._choice.x.to_normal

    def _arrays(self) -> tuple[FloatArray, FloatArray] | None:
        csv = self.run.csv
        if not csv.rows:
            return None
        if self._columns is None:
            x, y = self._choice.x.column(csv), self._choice.y.column(csv)
            if x is None or y is None:
                return None
            self._columns = (x, y)
        return csv.column(self._columns[0]), csv.column(self._columns[1])
