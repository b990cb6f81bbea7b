"""Yesterday's data: found, looked at, compared and passed on by clicks and typing."""

import threading

import numpy as np
from qtpy import QtCore, QtGui, QtWidgets

from daq.runs.catalog import Catalogue

KEYS = QtCore.Qt.Key
LEFT = QtCore.Qt.MouseButton.LeftButton
VOLTS = np.linspace(-4e-3, 4e-3, 121)
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


def test_a_run_is_found_by_words_days_samples_outcomes_and_ranges(page, night, qtbot, browse):
    night.spectrum(1)
    night.spectrum(2, sample="contact 1", excitation=2e-6)
    night.ramp(3, outcome="failed", excitation=3e-6)
    page = page()
    assert [entry.number for entry in page.table.runs.entries] == [3, 2, 1]
    assert page.state.text().startswith("3 of 3 runs")
    assert browse.search(page, page.search.line, "tunnel") == [2, 1]
    assert browse.search(page, page.search.line, 'sample:"contact 1"') == [2]
    assert browse.search(page, page.search.line, "since:soon") == [2]
    assert "write it as 2026-11-21" in page.state.text()
    assert page.search.line.property("wrong") is True
    assert browse.search(page, page.search.line, "") == [3, 2, 1]
    assert browse.search(page, page.search.since, "2026-01-02") == [3, 2]
    qtbot.keyClicks(page.search.parameter, "excitation")
    assert browse.search(page, page.search.high, "2.5 uA") == [2]
    qtbot.mouseClick(page.search.clear, LEFT)
    page.search.outcome.setCurrentText("failed")
    qtbot.waitUntil(lambda: page.idle and len(page.table.runs.entries) == 1, timeout=PATIENCE)


def test_the_chosen_runs_are_drawn_one_over_the_other_with_units(page, night, browse):
    for number in (1, 2, 3):
        night.spectrum(number)
    night.ramp(4)
    page = page()
    browse.click(page, 1)
    assert [curve.label for curve in page.curves.drawn] == ["0003 tunnel spectrum"]
    np.testing.assert_allclose(page.curves.drawn[0].x, VOLTS, rtol=1e-6)
    page.curves.controls.along.setCurrentText("Time (s)")
    np.testing.assert_allclose(page.curves.drawn[0].x, np.ones(121))
    page.curves.controls.along.setCurrentText("Voltage (V)")
    page.curves.controls.up.setCurrentText("dI/dV (S)")
    browse.click(page, 2, more=True)
    browse.click(page, 3, more=True)
    assert len({curve.key for curve in page.curves.drawn}) == 3
    np.testing.assert_allclose(page.curves.drawn[0].x, VOLTS, rtol=1e-6)
    axis = page.curves.view.item.getAxis("bottom")
    assert (axis.labelText, axis.labelUnits) == ("Voltage", "V")
    browse.click(page, 0, more=True)
    procedures = page.curves.controls.procedure
    assert [procedures.itemText(i) for i in range(procedures.count())] == [
        "temperature_ramp",
        "tunnel_spectrum",
    ]
    page.curves.copy("text")
    assert "Temperature (K)\tResistance (ohm)" in QtWidgets.QApplication.clipboard().text()


def test_several_runs_are_coloured_by_what_varies_with_a_bar_and_copied_in_three_ways(
    page, night, qtbot
):
    for number in (1, 2, 3, 4):
        night.spectrum(number)
    page = page()
    qtbot.keyClick(page, KEYS.Key_F, QtCore.Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(page.search.line, KEYS.Key_Down)
    for _ in range(3):
        qtbot.keyClick(page.table, KEYS.Key_Down, QtCore.Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: page.idle and len(page.loaded) == 4, timeout=PATIENCE)
    curves = page.curves
    assert curves.controls.by.currentText() == "field"
    assert len({QtGui.QColor(curve.colour).name() for curve in curves.drawn}) == 4
    clipboard = QtWidgets.QApplication.clipboard()
    curves.copy("png")
    assert clipboard.image().width() > 300
    curves.copy("svg")
    assert clipboard.mimeData().data("image/svg+xml").data().startswith(b"<?xml")
    assert "Field" in clipboard.text()
    curves.copy("text")
    assert len(clipboard.text().splitlines()) == 1 + 4 * 121


def test_details_remarks_and_differences_are_told(page, night, qtbot, browse):
    night.spectrum(1, sensitivity=1e-3)
    night.tell(event="note", text="helium filled")
    night.spectrum(2, sensitivity=1e-2)
    page = page()
    browse.click(page, 1)
    told = page.details.words()
    assert "sensitivity: 0.001" in told
    assert "helium filled" in told
    assert "Choose two runs" in page.differences.said.text()
    qtbot.keyClicks(page.deeds.remark, "lead came off")
    qtbot.mouseClick(page.deeds.write, LEFT)
    qtbot.waitUntil(lambda: "lead came off" in page.details.words(), timeout=PATIENCE)
    assert '"lead came off"' in (night.folder / "journal.jsonl").read_text()
    browse.click(page, 0, more=True)
    lines = page.differences.words().splitlines()
    assert "lockin / sensitivity\t0.01\t0.001" in lines
    assert not any("slope" in line for line in lines)


def test_a_run_is_exported_repeated_and_shown_in_its_folder(
    page, night, qtbot, monkeypatch, browse
):
    path = night.spectrum(1)
    page = page()
    said, opened = [], []
    page.context.said.connect(said.append)
    monkeypatch.setattr(
        QtGui.QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile()))
    )
    assert not page.deeds.export.isEnabled()
    browse.click(page, 0)
    next(a for a in page.deeds.exports.actions() if a.data() == "csv").trigger()
    qtbot.waitUntil(lambda: path.with_suffix(".plain.csv").exists(), timeout=PATIENCE)
    assert len(path.with_suffix(".plain.csv").read_text().splitlines()) == 122
    next(a for a in page.deeds.exports.actions() if a.data() == "csv").trigger()
    qtbot.waitUntil(lambda: any("exists already" in words for words in said), timeout=PATIENCE)
    next(a for a in page.deeds.exports.actions() if a.data() == "nexus").trigger()
    qtbot.waitUntil(lambda: path.with_suffix(".nxs").exists(), timeout=PATIENCE)
    qtbot.mouseClick(page.deeds.repeat, LEFT)
    sequences = night.data / "sequences"
    qtbot.waitUntil(lambda: any("rehearse it" in words for words in said), timeout=PATIENCE)
    (file,) = sequences.iterdir()
    assert "tunnel_spectrum: {points: 121, from: -4 mV}" in file.read_text()
    assert "temperature: {to: 500 mK, rate: 6 K/min" in file.read_text()
    qtbot.mouseClick(page.deeds.show_folder, LEFT)
    assert opened == [str(night.folder)]
    assert "no program shows folders here" in said[-1]


def test_cut_files_and_interrupted_runs_show_what_is_there_and_say_so(page, night, at_once, browse):
    path = night.spectrum(1)
    text = path.read_text()
    path.write_text(text[: int(0.6 * len(text))])
    path.with_suffix(".json").unlink()
    night.spectrum(2, outcome="")
    night.spectrum(3)
    torn = night.spectrum(4)
    torn.write_text("#Proc")
    page = page()
    assert [entry.number for entry in page.table.runs.entries] == [3, 2, 1]
    assert "left out" in page.state.text()
    assert torn.name in page.state.text()
    browse.click(page, 2)
    assert "the file has no end: it was cut off" in page.trouble.text()
    assert 50 < len(page.curves.drawn[0].x) < 121
    browse.click(page, 1)
    assert "interrupted" in page.trouble.text()
    assert len(page.curves.drawn[0].x) == 121
    browse.fit(page)
    assert "the run did not end as it should: interrupted" in page.fit.said.text()
    browse.click(page, 0)
    assert not page.trouble.isVisible()


def test_a_catalogue_that_is_damaged_or_deleted_is_made_anew_and_that_is_said(
    page, night, qtbot, browse
):
    night.spectrum(1)
    page = page()
    with Catalogue() as catalogue:
        file = catalogue.file
    file.write_bytes(b"no database at all" * 50)
    assert browse.search(page, page.search.line, "tunnel") == [1]
    assert "the catalogue was damaged: it was put aside" in page.state.text()
    file.unlink()
    qtbot.keyClick(page, KEYS.Key_F5)
    qtbot.waitUntil(lambda: "there was no catalogue" in page.state.text(), timeout=PATIENCE)
    browse.settle(page)
    assert [entry.number for entry in page.table.runs.entries] == [1]


def test_new_runs_are_found_and_lost_ones_forgotten(page, night, qtbot):
    first = night.spectrum(1)
    page = page()
    night.spectrum(2)
    first.unlink()
    first.with_suffix(".json").unlink()
    qtbot.keyClick(page, KEYS.Key_F5)
    qtbot.waitUntil(
        lambda: page.idle and [e.number for e in page.table.runs.entries] == [2], timeout=PATIENCE
    )


def test_in_the_window_a_repeated_run_is_opened_in_the_sequence_page(
    open_window, night, qtbot, browse
):
    night.spectrum(1)
    window = open_window("browser")
    page = window.pages["browser"]
    qtbot.waitUntil(lambda: page.idle and "runs" in page.state.text(), timeout=PATIENCE)
    browse.click(page, 0)
    qtbot.mouseClick(page.deeds.repeat, LEFT)
    qtbot.waitUntil(lambda: window.page() == "sequence", timeout=PATIENCE)
    draft = window.pages["sequence"].draft
    qtbot.waitUntil(lambda: draft.path is not None, timeout=PATIENCE)
    assert draft.path.parent == night.data / "sequences"


def test_closing_while_the_catalogue_is_made_leaves_no_thread(open_window, night, qtbot, browse):
    for number in range(1, 4):
        night.spectrum(number)
    page = open_window("browser").pages["browser"]
    qtbot.waitUntil(lambda: page.idle and "runs" in page.state.text(), timeout=PATIENCE)
    browse.click(page, 0)
    page.update_catalogue()
    page.fit.fit()
    page.window().close()
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("window work") for name in names)
