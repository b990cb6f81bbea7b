"""Text grows and shrinks, and every plot with it."""

import numpy as np
import pytest
from qtpy import QtCore, QtWidgets

from daq.app.gui.axes import Ramp
from daq.app.gui.curve_view import CurveView, Drawn
from daq.app.gui.theme import DARK, SMALLEST, dress
from daq.config.folder import configs_folder


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


@pytest.fixture
def large_sequence(open_window, qtbot):
    """Return the sequence page with the night of the examples and text four points larger."""
    window = open_window("sequence")
    page = window.pages["sequence"]
    night = configs_folder() / "sequences" / "night.yaml"
    page.files.open_path(night)
    qtbot.waitUntil(lambda: page.draft.path == night)
    window._resize_text(4.0)  # noqa: SLF001 (what Ctrl++ does, four times)
    yield page
    window._resize_text(-4.0)  # noqa: SLF001 (as it was, for other tests)


def seen_in(form, widget):
    left = widget.mapTo(form.viewport(), QtCore.QPoint(0, 0)).x()
    return left >= 0 and left + widget.width() <= form.viewport().width()


def test_no_setting_is_cut_when_the_text_is_large(large_sequence, hands_at, qtbot):
    page = large_sequence
    assert page.window().size() == QtCore.QSize(1366, 768)
    form, hands = page.form, hands_at(page)
    for head_or_step in ((), (4,), (7,), (7, 0)):
        hands.choose(*head_or_step)
        rows = form.rows.values()
        parts = [part for row in rows for part in (row.label, row.editor, row.unit)]
        seen = [part for part in parts if part.isVisible()]
        assert len(seen) > 20
        qtbot.waitUntil(lambda seen=seen: all(seen_in(form, part) for part in seen))


def test_settings_that_have_no_room_are_reached_by_a_scroll_bar(large_sequence, qtbot):
    page = large_sequence
    across = page.sides.parentWidget()
    across.setSizes([240, 900, 1])
    form = page.form
    unit = form.rows["reference", "every"].unit
    qtbot.waitUntil(form.horizontalScrollBar().isVisible)
    assert not seen_in(form, unit)
    form.horizontalScrollBar().setValue(form.horizontalScrollBar().maximum())
    left = unit.mapTo(form.viewport(), QtCore.QPoint(0, 0)).x()
    assert left + unit.width() <= form.viewport().width()


def test_no_number_of_a_junction_is_squeezed_when_the_text_is_large(open_window, qtbot):
    window = open_window("station")
    page = window.pages["station"]
    page.choice.choose("tunnelling")
    qtbot.waitUntil(lambda: page.config is not None)
    window._resize_text(4.0)  # noqa: SLF001 (what Ctrl++ does, four times)
    labels = page.lockin.numbers.values()
    try:
        qtbot.waitUntil(lambda: all(one.height() >= one.sizeHint().height() for one in labels))
        assert page.safe.visibleRegion().boundingRect() == page.safe.rect()
    finally:
        window._resize_text(-4.0)  # noqa: SLF001 (as it was, for other tests)
