import numpy as np
from matplotlib import font_manager

from daq.app.pictures import Curve, draw

X = np.linspace(0.0, 1.0, 5)


def picture(tmp_path, name="curve.png"):
    return draw(tmp_path / name, [Curve(X, X**2, "a")], title="T", x_label="x (V)", y_label="y (A)")


def test_a_picture_is_drawn_where_nothing_was(tmp_path):
    assert picture(tmp_path, "new/curve.png").stat().st_size > 5000


def test_a_damaged_list_of_fonts_spoils_no_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    assert picture(tmp_path).stat().st_size > 5000
    assert font_manager.fontManager.ttflist
