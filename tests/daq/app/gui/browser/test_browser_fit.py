"""Yesterday's data: fitted in a process of its own, cancelled, and refused in words."""

import json

import numpy as np
import psutil
import pytest
from qtpy import QtCore

from daq.app.cli import main

KEYS = QtCore.Qt.Key
LEFT = QtCore.Qt.MouseButton.LeftButton
VOLTS = np.linspace(-4e-3, 4e-3, 121)
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


def test_a_fit_gives_the_numbers_of_the_command_with_residuals(
    page, night, capsys, monkeypatch, browse
):
    path = night.spectrum(1)
    page = page()
    browse.click(page, 0)
    assert page.fit.model.currentText() == "dynes"
    browse.fit(page)
    monkeypatch.setattr("sys.argv", ["coldpoint", "fit", str(path), "-m", "dynes", "--json"])
    with pytest.raises(SystemExit):
        main()
    told = json.loads(capsys.readouterr().out)
    for name, (value, unit) in page.fit.answer.quantities.items():
        expected = told["parameters"][name]
        assert (value.value, value.error, unit) == (
            expected["value"],
            expected["error"],
            expected["unit"],
        )
        assert value.definition in page.fit.words()
    assert told["parameters"]["gap"]["value"] == pytest.approx(1.2, abs=0.02)
    x, left = page.fit.plot.residuals()
    np.testing.assert_allclose(x, 1e3 * VOLTS, rtol=1e-6)
    assert 0.5 < np.std(left) < 2.0
    axis = page.fit.plot.below.getPlotItem().getAxis("bottom")
    assert (axis.labelText, axis.autoSIPrefixScale) == ("Voltage (mV)", 1.0)


@pytest.fixture
def endless(tmp_path, monkeypatch):
    """Put a program that takes questions and never answers in the place of the one that fits."""
    (tmp_path / "endless_fit.py").write_text(
        "import sys, threading\nfor line in sys.stdin:\n    threading.Event().wait(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("daq.app.gui.fit_work.MODULE", "endless_fit")


def ended(pid):
    return pid is not None and not psutil.pid_exists(pid)


def test_a_fit_is_made_beside_the_window_and_cancelled_by_its_button_and_by_esc(
    page, night, qtbot, endless, browse
):
    night.spectrum(1)
    page = page()
    browse.click(page, 0)
    page.tabs.setCurrentWidget(page.fit)
    for cancel in (
        lambda: qtbot.mouseClick(page.fit.stop, LEFT),
        lambda: qtbot.keyClick(page.table, KEYS.Key_Escape),
    ):
        assert not page.fit.stop.isEnabled()
        qtbot.mouseClick(page.fit.start, LEFT)
        pid = page.fit.work.pid
        assert psutil.pid_exists(pid)
        assert "fitting dynes" in page.fit.said.text()
        assert not page.fit.start.isEnabled()
        assert browse.search(page, page.search.line, "tunnel") == [1]
        cancel()
        assert ended(pid)
        assert "cancelled" in page.fit.said.text()
        assert page.fit.start.isEnabled()


def test_a_fit_that_nobody_waits_for_any_more_is_ended(page, night, qtbot, endless, browse):
    night.spectrum(1)
    night.spectrum(2)
    page = page()
    browse.click(page, 0)
    page.tabs.setCurrentWidget(page.fit)
    qtbot.mouseClick(page.fit.start, LEFT)
    first = page.fit.work.pid
    qtbot.keyClicks(page.fit.temperature, "2 K")
    qtbot.keyClick(page.fit.temperature, KEYS.Key_Return)
    second = page.fit.work.pid
    assert ended(first)
    assert page.fit.work.fitting
    browse.click(page, 1)
    assert ended(second)
    assert not page.fit.work.fitting
    qtbot.mouseClick(page.fit.start, LEFT)
    third = page.fit.work.pid
    page.closing()
    assert ended(third)


def test_a_process_that_dies_while_it_fits_is_told_and_the_next_fit_has_another(
    page, night, qtbot, endless, browse
):
    night.spectrum(1)
    page = page()
    browse.click(page, 0)
    page.tabs.setCurrentWidget(page.fit)
    qtbot.mouseClick(page.fit.start, LEFT)
    psutil.Process(page.fit.work.pid).kill()
    qtbot.waitUntil(page.fit.start.isEnabled, timeout=PATIENCE)
    assert "the process that fits has ended" in page.fit.said.text()
    qtbot.mouseClick(page.fit.start, LEFT)
    assert psutil.pid_exists(page.fit.work.pid)


def test_what_cannot_be_fitted_is_said_in_words(page, night, qtbot, at_once, browse):
    night.spectrum(1)
    night.ramp(2)
    page = page()
    browse.click(page, 0)
    assert page.fit.model.currentText() == "transition"
    browse.fit(page)
    assert page.fit.said.text().startswith("No result, because ")
    assert page.fit.plot.layer is not None
    browse.click(page, 1)
    page.fit.model.setCurrentText("hall")
    browse.fit(page)
    assert "does not go with hall: there is no column" in page.fit.said.text()
    page.fit.model.setCurrentText("dynes")
    qtbot.keyClicks(page.fit.temperature, "cold")
    qtbot.mouseClick(page.fit.start, LEFT)
    assert "temperature: found" in page.fit.said.text()
