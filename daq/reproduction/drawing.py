"""Draw figures as the papers do, as PNG files."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.runs.blank_figure import blank_figure

DOTS = 140
"""Per inch."""
FIRST, SECOND, GREY = "#c2410c", "#1d4ed8", "#6b7280"
"""Colours that are told apart by people who do not see red and green, and in grey."""


def save(path: Path, size: tuple[float, float], draw: Callable[[Figure], None]) -> Path:
    """Draw a figure and save it.

    Parameters
    ----------
    path
        The PNG file.
    size
        In inches.
    draw
        What fills the figure.

    Returns
    -------
    Path
        The file.
    """
    figure = blank_figure(size, DOTS)
    draw(figure)
    figure.savefig(path)
    return path


def family(count: int) -> list[str]:
    """Return colours of a family of curves, from dark to light, as hexadecimal texts."""
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.88, max(count, 1)))
    return [mpl.colors.to_hex(shade) for shade in shades]


def label(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Name both axes, and what stands above them.

    Parameters
    ----------
    axes
        To be named.
    x
        Quantity and unit of the horizontal one.
    y
        Quantity and unit of the vertical one.
    title
        Above.
    """
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title, fontsize=10)
    axes.grid(visible=True, alpha=0.25)
    axes.tick_params(labelsize=8)


def legend(axes: Axes, title: str = "", columns: int = 1) -> None:
    """Add a small legend.

    Parameters
    ----------
    axes
        Whose curves are named.
    title
        Of the legend.
    columns
        How many.
    """
    axes.legend(fontsize=7, title=title or None, title_fontsize=7, ncols=columns, framealpha=0.9)


def legend_above(axes: Axes, columns: int) -> None:
    """Add a small legend above the axes, where it hides no curve."""
    axes.legend(
        fontsize=7,
        ncols=columns,
        frameon=False,
        columnspacing=1.0,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
    )


def mark(axes: Axes, place: float, text: str, height: float = 0.94) -> None:
    """Mark a place on the horizontal axis, such as a critical temperature.

    Parameters
    ----------
    axes
        Of the figure.
    place
        On the horizontal axis.
    text
        Stands beside the line.
    height
        At which it stands, as a fraction of that of the axes; choose one that no curve crosses.
    """
    axes.axvline(place, color=FIRST, lw=0.9, ls="--")
    axes.annotate(
        text,
        (place, height),
        xycoords=("data", "axes fraction"),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8,
        color=FIRST,
    )
