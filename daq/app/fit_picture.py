"""The picture of a fit: data and model above, what is left below."""

from pathlib import Path

import numpy as np

from daq.app.fit_answer import Layer
from daq.app.pictures import COLOURS
from daq.runs.blank_figure import blank_figure

SIZE = (7.0, 5.6)


def draw_fit(path: Path, layer: Layer, title: str, note: str) -> Path:
    """Draw data, model and residuals and save them.

    Parameters
    ----------
    path
        The PNG file.
    layer
        What is drawn.
    title
        Above the axes.
    note
        Small text below the axes.

    Returns
    -------
    Path
        The file.
    """
    figure = blank_figure(SIZE, 150)
    if layer.curve is None or layer.sigma is None:
        axes = figure.add_subplot()
        axes.set_xlabel(layer.x_label, fontsize=11)
    else:
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        left = (layer.y - layer.curve) / layer.sigma
        below.axhline(0.0, color=COLOURS[1], lw=1.0)
        below.plot(layer.x, left, ".", ms=3.0, color=COLOURS[0])
        below.set_ylabel("residual (sigma)", fontsize=11)
        below.set_xlabel(layer.x_label, fontsize=11)
        below.grid(visible=True, alpha=0.3)
    axes.plot(layer.x, layer.y, ".", ms=4.0, color=COLOURS[0], label="measured")
    if layer.curve is not None:
        order = np.argsort(layer.x, kind="stable")
        axes.plot(layer.x[order], layer.curve[order], "-", lw=1.4, color=COLOURS[1], label="fit")
    axes.set_title(title, fontsize=12)
    axes.set_ylabel(layer.y_label, fontsize=11)
    axes.grid(visible=True, alpha=0.3)
    axes.margins(x=0.02)
    axes.legend(fontsize=9, framealpha=0.9)
    figure.supxlabel(note, fontsize=8, color="#4b5563")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path
