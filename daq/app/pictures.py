"""Pictures of runs, as PNG files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daq.analysis.result import FloatArray
from daq.runs.blank_figure import blank_figure

SIZE = (7.0, 4.6)
"""Of a picture in inches."""
COLOURS = ("#6b7280", "#c2410c", "#1d4ed8", "#047857", "#7c3aed")
"""Of the curves, told apart by people who do not see red and green, and in grey."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of a picture.

    Parameters
    ----------
    x, y
        Shape (n,).
    label
        For the legend.
    """

    x: FloatArray
    y: FloatArray
    label: str


def draw(
    path: Path, curves: Sequence[Curve], *, title: str, x_label: str, y_label: str, note: str = ""
) -> Path:
    """Draw curves over one pair of axes and save them.

    Parameters
    ----------
    path
        The PNG file.
    curves
        In the order of the legend.
    title
        Above the axes.
    x_label
        Quantity and unit.
    y_label
        Quantity and unit.
    note
        Small text below the axes, such as the conditions.

    Returns
    -------
    Path
        The file.
    """
    figure = blank_figure(SIZE, 150)
    axes = figure.add_subplot()
    for curve, colour in zip(curves, _cycle(len(curves)), strict=True):
        axes.plot(curve.x, curve.y, ".-", ms=3.0, lw=1.0, color=colour, label=curve.label)
    axes.set_title(title, fontsize=12)
    axes.set_xlabel(x_label, fontsize=11)
    axes.set_ylabel(y_label, fontsize=11)
    axes.grid(visible=True, alpha=0.3)
    axes.margins(x=0.02)
    if any(curve.label for curve in curves):
        axes.legend(fontsize=9, framealpha=0.9)
    if note:
        figure.supxlabel(note, fontsize=8, color="#4b5563")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _cycle(count: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(count)]
