"""Whatever is done often is done with keys, and F1 says with which."""

from qtpy import QtCore, QtWidgets

from daq.app.gui.elided_label import ElidedLabel
from daq.app.gui.key_help import KeyHelp


def tab_stops(page, first):
    """Return what Tab reaches from one place on, until it comes round."""
    first.setFocus()
    found = []
    for _ in range(60):
        now = QtWidgets.QApplication.focusWidget()
        if now in found:
            break
        found.append(now)
        page.focusNextPrevChild(True)  # noqa: FBT003 (Qt)
    return found


def test_f1_lists_the_keys_of_every_page(open_window, qtbot):
    window = open_window("sequence")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, QtCore.Qt.Key.Key_F1)
    (shown,) = window.findChildren(KeyHelp)
    qtbot.waitUntil(shown.isActiveWindow)
    words = shown.text.toPlainText()
    for title in ("Everywhere", *(page.title for page in window.pages.values())):
        assert title in words
    said = (("F5", "Rehearse"), ("Ctrl+T", "dark or light"), ("Alt+A", "see all"))
    of_data = (("Ctrl+F", "to the search"), ("Esc", "cancel the fit"), ("Down", "from the search"))
    for keys, what in (*said, *of_data):
        assert f"{keys} {what}" in " ".join(words.split())
    window.show_keys()
    (shown,) = (one for one in window.findChildren(KeyHelp) if one.isVisible())
    qtbot.waitUntil(shown.isActiveWindow)
    qtbot.keyClick(shown, QtCore.Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in window.findChildren(KeyHelp)))


def test_tab_reaches_everything_of_the_live_and_the_sequence_page_in_the_order_of_work(
    open_window, qtbot
):
    window = open_window("live")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    live, sequence = window.pages["live"], window.pages["sequence"]
    reached = tab_stops(live, live.controls.by)
    controls = live.controls
    for widget in (controls.kind, controls.log_x, live.beside.model, live.list):
        assert widget in reached
    assert reached.index(controls.kind) < reached.index(live.beside.model)
    window.show_page("sequence")
    reached = tab_stops(sequence, sequence.palette_list)
    bar = sequence.sides.tabBar()
    places = [reached.index(one) for one in (sequence.palette_list, sequence.tree, bar)]
    assert places == sorted(places)
    buttons = [b for b in sequence.findChildren(QtWidgets.QToolButton) if b.isEnabled()]
    assert {b.text() for b in buttons if b.isVisible()} <= {
        b.text() for b in reached if isinstance(b, QtWidgets.QToolButton)
    }


def test_a_long_title_is_shortened_and_never_widens_the_window(qtbot):
    label = ElidedLabel("A night with contact 17b " * 20)
    qtbot.addWidget(label)
    label.resize(200, label.sizeHint().height())
    label.show()
    assert label.minimumSizeHint().width() < 200
    image = label.grab().toImage()
    short = ElidedLabel("")
    qtbot.addWidget(short)
    short.resize(label.size())
    assert image != short.grab().toImage()
