"""Points of curves that people must see: flagged ones, those marked bad, and remarks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import pyqtgraph as pg

from daq.analysis.result import FloatArray
from daq.app.gui.theme import Theme

Mapped: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
NUMBERED: Final = 30
"""Remarks that carry a number in the plot."""
LOOKS: Final[Mapping[str, tuple[str, int]]] = {
    "doubtful": ("o", 8),
    "spoiled": ("x", 11),
    "bad": ("s", 11),
    "remarks": ("t", 13),
}
"""Symbol and size, from the lowest to the uppermost."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Points of one kind.

    Parameters
    ----------
    points
        Where they are, shape (m, 2).
    words
        What is said where the mouse rests, one for each.
    numbers
        Written beside them, one for each; none where nothing is.
    """

    points: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


class CurveMarks:
    """Marks in a plot.

    Parameters
    ----------
    item
        The plot.
    mapped
        Turns points into where the view draws them; those that it cannot draw are not finite.
    """

    def __init__(self, item: pg.PlotItem, mapped: Mapped) -> None:
        self._item = item
        self._mapped = mapped
        self._texts: list[pg.TextItem] = []
        self._colour = ""
        self.items: dict[str, pg.ScatterPlotItem] = {}
        for place, (kind, (symbol, size)) in enumerate(LOOKS.items()):
            scatter = pg.ScatterPlotItem(symbol=symbol, size=size, hoverable=True, tip=_tip)
            scatter.setZValue(20 + place)
            item.addItem(scatter, ignoreBounds=True)
            self.items[kind] = scatter

    def show(self, kind: str, marks: Sequence[Marks]) -> None:
        """Show marks of a kind, and no others of it.

        Parameters
        ----------
        kind
            One of `LOOKS`.
        marks
            Of each curve.
        """
        points = np.concatenate([*(one.points for one in marks), np.empty((0, 2))])
        words = [word for one in marks for word in one.words]
        numbers = [number for one in marks for number in one.numbers]
        x, y = self._mapped(points)
        good = np.isfinite(x) & np.isfinite(y)
        kept = [word for word, keep in zip(words, good, strict=True) if keep]
        self.items[kind].setData(x=x[good], y=y[good], data=kept)
        if kind == "remarks":
            pairs = zip(x[good], y[good], strict=True)
            told = [number for number, keep in zip(numbers, good, strict=True) if keep]
            self._number(list(zip(pairs, told, strict=True))[:NUMBERED])

    def clear(self) -> None:
        """Take every mark away."""
        for scatter in self.items.values():
            scatter.setData([], [])
        self._number([])

    def retheme(self, theme: Theme, scale: float = 1.0) -> None:
        """Use other colours, and sizes that go with the text."""
        for kind, (_, size) in LOOKS.items():
            self.items[kind].setSize(round(size * scale))
        colours = {"spoiled": theme.bad, "doubtful": theme.warning, "bad": theme.bad}
        for kind, colour in colours.items():
            self.items[kind].setPen(pg.mkPen(colour, width=2 if kind == "spoiled" else 1.5))
            self.items[kind].setBrush(pg.mkBrush(None))
        self.items["remarks"].setPen(pg.mkPen(theme.plot))
        self.items["remarks"].setBrush(pg.mkBrush(theme.accent))
        self._colour = theme.accent
        for text in self._texts:
            text.setColor(theme.accent)

    def _number(self, places: Sequence[tuple[tuple[float, float], str]]) -> None:
        while len(self._texts) < len(places):
            text = pg.TextItem(color=self._colour, anchor=(0.5, 1.3))
            text.setZValue(30)
            self._item.addItem(text, ignoreBounds=True)
            self._texts.append(text)
        for index, text in enumerate(self._texts):
            text.setVisible(index < len(places))
            if index < len(places):
                (x, y), number = places[index]
                text.setPlainText(number)
                text.setPos(x, y)


def _tip(x: float, y: float, data: object) -> str:
    del x, y
    return str(data)
