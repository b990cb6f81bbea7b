"""Remarks in a picture: a small number where they belong, and their text beneath the axes."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOUR = "#b45309"
MOST = 6
"""Remarks whose text stands beneath a picture."""
_WIDTH = 96
_ABOVE = 4  # points between a number and its place


@dataclass(frozen=True, slots=True)
class Marked:
    """A remark at its place.

    Parameters
    ----------
    number
        By which it is found in the text.
    text
        With its time.
    x
        Where along the horizontal axis.
    y
        Where along the vertical axis; None for a tick at the upper edge.
    """

    number: int
    text: str
    x: float
    y: float | None = None


def draw_ticks(axes: Axes, marked: Sequence[Marked]) -> None:
    """Draw the number of every remark at its place.

    Parameters
    ----------
    axes
        Where.
    marked
        The remarks.
    """
    for remark, numbers in _together(marked):
        if remark.y is None:
            axes.axvline(remark.x, color=COLOUR, lw=0.7, ls=":")
            place, where, offset = (remark.x, 1.0), axes.get_xaxis_transform(), (0, 1)
        else:
            axes.plot([remark.x], [remark.y], "v", ms=4.0, color=COLOUR, zorder=4)
            place, where, offset = (remark.x, remark.y), axes.transData, (0, _ABOVE)
        axes.annotate(
            numbers,
            place,
            xycoords=where,
            xytext=offset,
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7,
            color=COLOUR,
            annotation_clip=False,
        )


def _together(marked: Sequence[Marked]) -> Iterator[tuple[Marked, str]]:
    """Return one remark for each place, and the numbers of all that stand there."""
    places: dict[tuple[float, float | None], list[Marked]] = {}
    for remark in marked:
        places.setdefault((remark.x, remark.y), []).append(remark)
    for there in places.values():
        yield there[0], ", ".join(str(remark.number) for remark in there)


def write_beneath(figure: Figure, marked: Sequence[Marked], note: str = "") -> None:
    """Write the text of the remarks beneath a figure; what is too much is counted.

    Parameters
    ----------
    figure
        With a constrained layout.
    marked
        The remarks.
    note
        What else stands there, first.
    """
    lines = [note] if note else []
    for remark in marked[:MOST]:
        line = " ".join(f"{remark.number}  {remark.text}".split())
        lines.append(textwrap.shorten(line, _WIDTH, placeholder=" ..."))
    if len(marked) > MOST:
        lines.append(f"and {len(marked) - MOST} more remarks")
    if lines:
        text = figure.supxlabel("\n".join(lines), fontsize=7.5, color="#4b5563")
        text.set_parse_math(False)  # a dollar in a remark is a dollar
