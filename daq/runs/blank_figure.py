"""A figure to be drawn on and saved, wherever pictures are made."""

from pathlib import Path

from matplotlib import font_manager, get_data_path
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def blank_figure(size: tuple[float, float], dpi: int) -> Figure:
    """Return an empty figure that lays itself out; it needs no display and no global state.

    Parameters
    ----------
    size
        In inches.
    dpi
        Dots per inch.

    Returns
    -------
    Figure
        With a canvas, and with fonts even where matplotlib's cached list of them is empty.
    """
    if not font_manager.fontManager.ttflist:
        for path in font_manager.findSystemFonts(str(Path(get_data_path(), "fonts", "ttf"))):
            font_manager.fontManager.addfont(path)
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure
