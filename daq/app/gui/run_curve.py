"""One run as a curve: kept decimated while it grows, made into what is drawn when it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daq.analysis.result import FloatArray
from daq.app.gui.curve_view import Drawn
from daq.app.gui.quantities import Flagged, Quantity, normal_level
from daq.campaign.following import FollowedRun
from daq.runs.decimate import DecimatedCurve, Window

STATUS = "Status"
MARKED = 300
"""Flagged points that are marked at most in one curve."""
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

    @property
    def key(self) -> str:
        """Return what tells it from the other runs of its campaign."""
        return f"{self.run.number}.{self.run.attempt}"

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
        if self._choice.y.to_normal:
            ys = ys / normal_level(xs, ys)
        return xs, ys

    def marks(self, points: Sequence[int]) -> FloatArray:
        """Return some flagged rows as they are drawn, shape (m, 2); a few where there are many."""
        found = self._arrays()
        if found is None or not points:
            return np.empty((0, 2))
        step = -(-len(points) // MARKED)
        rows = np.array(points[::step], dtype=np.intp)
        x, y = self._choice.x.change(found[0][rows]), self._choice.y.change(found[1][rows])
        return np.column_stack([x, y])

    def draw(self, seen: tuple[float, float], most: int, colour: str) -> Drawn | None:
        """Return the curve as it is drawn.

        Parameters
        ----------
        seen
            The part of the x axis that is seen.
        most
            About how many points.
        colour
            Of the line.

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
        plain = not self._choice.y.to_normal  # the level of marks would need the whole curve
        return Drawn(
            self.key,
            self.label,
            *found,
            colour,
            self.marks(self.flagged.spoiled if plain else ()),
            self.marks(self.flagged.doubtful if plain else ()),
            strong=csv.outcome is None,
        )

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
