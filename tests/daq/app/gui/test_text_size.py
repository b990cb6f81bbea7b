"""Text grows and shrinks, and every plot with it."""

import numpy as np
import pytest
from qtpy import QtWidgets

from daq.app.gui.axes import Ramp
from daq.app.gui.curve_view import CurveView, Drawn
from daq.app.gui.theme import DARK, SMALLEST, dress


@pytest.fixture
def view(qtbot):
    app = QtWidgets.QApplication.instance()
    dress(app, DARK, 10.0)
    view = CurveView(DARK)
    qtbot.addWidget(view)
    x = np.linspace(0.0, 1.0, 9)
    curves = [Drawn(str(n), f"run {n}", x, n * x, DARK.curves[n]) for n in range(4)]
    view.draw(curves, Ramp("Temperature (K)", 2.0, 6.0))
    view.show()
    yield view
    dress(app, DARK, 10.0)


def bar(view):
    return view._bar  # noqa: SLF001 (it has no other name)


def test_a_colour_bar_is_made_anew_only_when_qt_has_handed_the_new_font_on(view, qtbot):
    before = bar(view)
    dress(QtWidgets.QApplication.instance(), DARK, 14.0)
    assert bar(view) is before  # a scene that changes meanwhile ends the program
    qtbot.waitUntil(lambda: bar(view) is not before)
    style = bar(view).getAxis("left").labelStyle
    assert style["font-size"] == "14.0pt"


def test_text_that_is_as_small_as_it_can_be_grows_with_the_next_key(open_window):
    window = open_window("start")
    window._resize_text(-100.0)  # noqa: SLF001 (what Ctrl+- does, many times)
    window._resize_text(1.0)  # noqa: SLF001 (what Ctrl++ does)
    assert window.font().pointSizeF() == SMALLEST + 1.0
    window._resize_text(10.0 - SMALLEST - 1.0)  # noqa: SLF001 (as it was, for other tests)
