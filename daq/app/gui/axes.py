"""How every axis and every ramp of colours looks."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from qtpy import QtGui

from daq.app.gui.quantities import PREFIXED, Quantity
from daq.app.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Ramp:
    """By what curves are coloured.

    Parameters
    ----------
    label
        With its unit.
    low, high
        Ends of the colour bar.
    """

    label: str
    low: float
    high: float


def label_axis(axis: pg.AxisItem, quantity: Quantity, *, log: bool = False) -> None:
    """Write name and unit beside an axis, with milli and kilo where the unit takes them."""
    prefixed = quantity.unit in PREFIXED and not log
    axis.enableAutoSIPrefix(prefixed)
    if not prefixed:
        axis.autoSIPrefixScale = 1.0  # pyqtgraph keeps that of the range of before
    if prefixed:
        axis.setLabel(quantity.name, units=quantity.unit)
    else:
        axis.setLabel(quantity.label, units=None)


def dress_axis(axis: pg.AxisItem, theme: Theme, font: QtGui.QFont) -> None:
    """Give an axis the colours and the size of the window."""
    axis.setPen(theme.muted)
    axis.setTextPen(theme.text)
    axis.setStyle(tickFont=font)
    axis.labelStyle = {"color": theme.text, "font-size": f"{font.pointSizeF():.1f}pt"}
    axis.setLabel(axis.labelText, units=axis.labelUnits or None)


def colour_map(theme: Theme) -> pg.ColorMap:
    """Return the colours from low to high."""
    places = np.linspace(0.0, 1.0, len(theme.ramp))
    return pg.ColorMap(places, [QtGui.QColor(colour) for colour in theme.ramp])


def colour_bar(theme: Theme, ramp: Ramp, font: QtGui.QFont) -> pg.ColorBarItem:
    """Return the bar that says which colour is which value."""
    bar = pg.ColorBarItem(
        values=(ramp.low, ramp.high),
        colorMap=colour_map(theme),
        label=ramp.label,
        interactive=False,
        pen=theme.muted,
        width=16,
    )
    bar.axis.setTextPen(theme.text)
    bar.axis.setStyle(tickFont=font)
    beside = bar.getAxis("left")
    beside.labelStyle = {"color": theme.text, "font-size": f"{font.pointSizeF():.1f}pt"}
    beside.setLabel(ramp.label)
    bar.axis.enableAutoSIPrefix(False)  # noqa: FBT003 (pyqtgraph's signature)
    return bar


def ramp_colour(theme: Theme, ramp: Ramp, value: float) -> str:
    """Return the colour of a value on a ramp; the muted one for what is no number."""
    if not np.isfinite(value):
        return theme.muted
    span = ramp.high - ramp.low
    share = (value - ramp.low) / span if span > 0.0 else 0.5
    return str(colour_map(theme).map(float(np.clip(share, 0.0, 1.0)), mode="qcolor").name())
