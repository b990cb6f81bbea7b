"""Yesterday's data: found, looked at, compared, fitted and passed on by clicks and typing."""

import json
import threading

import numpy as np
import psutil
import pytest
from qtpy import QtCore, QtGui, QtWidgets

from daq.app.cli import main
from daq.app.fit_process import answered, from_mapping, question
from daq.app.gui.browser_page import BrowserPage
from daq.app.gui.catalogue_work import CatalogueWork
from daq.app.gui.fit_work import FitWork
from daq.app.gui.page import Context
from daq.app.gui.settings import Settings
from daq.app.gui.theme import DARK
from daq.app.run_index import GivenUpError
from daq.campaign.plan import OnError, ProcedureStep, Sequence, TemperatureStep
from daq.campaign.plan_json import to_mapping
from daq.physics.tunnelling import dynes_conductance
from daq.runs.catalog import Catalogue
from instruments.errors import StorageError

KEYS = QtCore.Qt.Key
LEFT = QtCore.Qt.MouseButton.LeftButton
VOLTS = np.linspace(-4e-3, 4e-3, 121)
SPECTRUM = (
    "Time (s),Temperature (K),Field (T),Status,Voltage (V),dI/dV (S),dI/dV error (S),Modulation (V)"
)
RAMP = "Time (s),Temperature (K),Field (T),Status,Resistance (ohm)"
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


class Night:
    """A campaign folder as a night of measuring leaves it."""

    def __init__(self, data):
        self.data = data
        self.folder = data / "2026-01-01T000000Z-night"
        self.folder.mkdir()
        steps = (
            TemperatureStep(0.5, 0.1),
            ProcedureStep("tunnel_spectrum", {"points": 121, "start": -4e-3}, {"start": "V"}),
        )
        plan = Sequence("Night", {"name": "lead"}, "tunnelling", {}, OnError(), None, steps)
        self.tell(event="plan", format=1, plan=to_mapping(plan))

    def tell(self, **event):
        stamp = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0}
        with (self.folder / "journal.jsonl").open("a") as file:
            file.write(json.dumps({**stamp, **event}) + "\n")

    def run(self, number, procedure, columns, values, *, outcome="finished", sample="lead", **more):
        stem = f"{number:04d}-{procedure}"
        settings = {"points": len(values), **more}
        started = f"2026-01-0{number}T12:00:00+00:00"
        said = {
            "started": started,
            "procedure": procedure,
            "sample": sample,
            "settings": json.dumps(settings),
        }
        head = "".join(f"#\t{key}: {value}\n" for key, value in said.items())
        rows = "".join(",".join(f"{value:.9g}" for value in row) + "\n" for row in values)
        end = f"#Rows: {len(values)}\n#Outcome: {outcome}\n" if outcome else ""
        path = self.folder / f"{stem}.csv"
        path.write_text(
            f"#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n{head}#Data:\n{columns}\n{rows}{end}"
        )
        document = {
            "format": 1,
            "settings": {key: {"value": value, "unit": None} for key, value in settings.items()},
            "snapshot": {"lockin": {"slope": 24, "sensitivity": more.get("sensitivity", 1e-3)}},
            "versions": {"coldpoint": "0.1.0"},
            "owner": json.dumps(
                {"pid": 1, "host": "elsewhere", "started": 0.0, "command": "coldpoint"}
            ),
            "outcome": outcome or "running",
            "error": "the helium is empty" if outcome == "failed" else "",
        }
        path.with_suffix(".json").write_text(json.dumps(document))
        event = {"run": number, "attempt": 1, "procedure": procedure, "file": path.name}
        self.tell(event="run begun", step=1, **event)
        return path

    def spectrum(self, number, gap=1.2e-3, **more):
        clean = 1e-8 * dynes_conductance(VOLTS, gap, 5e-5, 0.5, 5e-5 * np.sqrt(2))
        noise = 1e-10 * np.random.default_rng(number).standard_normal(len(VOLTS))
        ones = np.ones(len(VOLTS))
        values = [ones, 0.5 * ones, 0.1 * number * ones, 0 * ones, VOLTS]
        values += [clean + noise, 1e-10 * ones, 5e-5 * ones]
        return self.run(number, "tunnel_spectrum", SPECTRUM, np.column_stack(values), **more)

    def ramp(self, number, **more):
        kelvin = np.linspace(20.0, 30.0, 60)
        ohms = 100.0 + 0.5 * kelvin + 0.01 * np.random.default_rng(1).standard_normal(60)
        zeros = np.zeros(60)
        values = np.column_stack([zeros, kelvin, zeros, zeros, ohms])
        return self.run(number, "temperature_ramp", RAMP, values, **more)


@pytest.fixture
def night(data):
    return Night(data)


@pytest.fixture
def page(data, night, qtbot, tmp_path):
    """Return an opener of the browser, without a window, on what is on the disk by then."""
    opened = []

    def make():
        context = Context(data, Settings(tmp_path / "window.ini"), DARK)
        found = BrowserPage(context)
        opened.append(found)
        qtbot.addWidget(found)
        found.resize(1180, 680)
        found.show()
        found.activated()
        qtbot.waitUntil(lambda: found.idle and "runs" in found.state.text(), timeout=PATIENCE)
        return found

    yield make
    for found in opened:
        found.closing()
        found.context.close()


def settle(page, qtbot):
    qtbot.waitUntil(lambda: page.idle, timeout=PATIENCE)


def click(page, qtbot, row, *, more=False):
    where = page.table.visualRect(page.table.runs.index(row, 2)).center()
    keys = QtCore.Qt.KeyboardModifier
    qtbot.mouseClick(
        page.table.viewport(), LEFT, keys.ControlModifier if more else keys.NoModifier, where
    )
    settle(page, qtbot)


def search(page, qtbot, field, text):
    field.clear()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, KEYS.Key_Return)
    settle(page, qtbot)
    return [entry.number for entry in page.table.runs.entries]


def fit(page, qtbot):
    page.tabs.setCurrentWidget(page.fit)
    qtbot.mouseClick(page.fit.start, LEFT)
    qtbot.waitUntil(page.fit.start.isEnabled, timeout=50_000)  # a process has to start


def test_a_run_is_found_by_words_days_samples_outcomes_and_ranges(page, night, qtbot):
    night.spectrum(1)
    night.spectrum(2, sample="contact 1", excitation=2e-6)
    night.ramp(3, outcome="failed", excitation=3e-6)
    page = page()
    assert [entry.number for entry in page.table.runs.entries] == [3, 2, 1]
    assert page.state.text().startswith("3 of 3 runs")
    assert search(page, qtbot, page.search.line, "tunnel") == [2, 1]
    assert search(page, qtbot, page.search.line, 'sample:"contact 1"') == [2]
    assert search(page, qtbot, page.search.line, "since:soon") == [2]
    assert "write it as 2026-11-21" in page.state.text()
    assert page.search.line.property("wrong") == "true"
    assert search(page, qtbot, page.search.line, "") == [3, 2, 1]
    assert search(page, qtbot, page.search.since, "2026-01-02") == [3, 2]
    qtbot.keyClicks(page.search.parameter, "excitation")
    assert search(page, qtbot, page.search.high, "2.5 uA") == [2]
    qtbot.mouseClick(page.search.clear, LEFT)
    page.search.outcome.setCurrentText("failed")
    qtbot.waitUntil(lambda: page.idle and len(page.table.runs.entries) == 1, timeout=PATIENCE)


def test_the_chosen_runs_are_drawn_one_over_the_other_with_units(page, night, qtbot):
    for number in (1, 2, 3):
        night.spectrum(number)
    night.ramp(4)
    page = page()
    click(page, qtbot, 1)
    assert [curve.label for curve in page.curves.drawn] == ["0003 tunnel spectrum"]
    np.testing.assert_allclose(page.curves.drawn[0].x, VOLTS, rtol=1e-6)
    page.curves.controls.along.setCurrentText("Time (s)")
    np.testing.assert_allclose(page.curves.drawn[0].x, np.ones(121))
    page.curves.controls.along.setCurrentText("Voltage (V)")
    page.curves.controls.up.setCurrentText("dI/dV (S)")
    click(page, qtbot, 2, more=True)
    click(page, qtbot, 3, more=True)
    assert len({curve.key for curve in page.curves.drawn}) == 3
    np.testing.assert_allclose(page.curves.drawn[0].x, VOLTS, rtol=1e-6)
    axis = page.curves.view.item.getAxis("bottom")
    assert (axis.labelText, axis.labelUnits) == ("Voltage", "V")
    click(page, qtbot, 0, more=True)
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


def test_details_remarks_and_differences_are_told(page, night, qtbot):
    night.spectrum(1, sensitivity=1e-3)
    night.tell(event="note", text="helium filled")
    night.spectrum(2, sensitivity=1e-2)
    page = page()
    click(page, qtbot, 1)
    told = page.details.words()
    assert "sensitivity: 0.001" in told
    assert "helium filled" in told
    assert "Choose two runs" in page.differences.said.text()
    qtbot.keyClicks(page.deeds.remark, "lead came off")
    qtbot.mouseClick(page.deeds.write, LEFT)
    qtbot.waitUntil(lambda: "lead came off" in page.details.words(), timeout=PATIENCE)
    assert '"lead came off"' in (night.folder / "journal.jsonl").read_text()
    click(page, qtbot, 0, more=True)
    lines = page.differences.words().splitlines()
    assert "lockin / sensitivity\t0.01\t0.001" in lines
    assert not any("slope" in line for line in lines)


def test_a_fit_gives_the_numbers_of_the_command_with_residuals(
    page, night, qtbot, capsys, monkeypatch
):
    path = night.spectrum(1)
    page = page()
    click(page, qtbot, 0)
    assert page.fit.model.currentText() == "dynes"
    fit(page, qtbot)
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


@pytest.fixture
def at_once(monkeypatch):
    """Fit without a process, for tests of what is asked and answered."""

    def ask(_self, path, model, asked, then, failed):
        said = json.loads(json.dumps(answered(question(1, path, model, asked))))
        if "answer" in said:
            then(from_mapping(said["answer"]))
        else:
            failed(said["refused"])

    monkeypatch.setattr(FitWork, "ask", ask)
    monkeypatch.setattr(FitWork, "prepare", lambda _self: None)


def ended(pid):
    return pid is not None and not psutil.pid_exists(pid)


def test_a_fit_is_made_beside_the_window_and_cancelled_by_its_button_and_by_esc(
    page, night, qtbot, endless
):
    night.spectrum(1)
    page = page()
    click(page, qtbot, 0)
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
        assert search(page, qtbot, page.search.line, "tunnel") == [1]
        cancel()
        assert ended(pid)
        assert "cancelled" in page.fit.said.text()
        assert page.fit.start.isEnabled()


def test_a_fit_that_nobody_waits_for_any_more_is_ended(page, night, qtbot, endless):
    night.spectrum(1)
    night.spectrum(2)
    page = page()
    click(page, qtbot, 0)
    page.tabs.setCurrentWidget(page.fit)
    qtbot.mouseClick(page.fit.start, LEFT)
    first = page.fit.work.pid
    qtbot.keyClicks(page.fit.temperature, "2 K")
    qtbot.keyClick(page.fit.temperature, KEYS.Key_Return)
    second = page.fit.work.pid
    assert ended(first)
    assert page.fit.work.fitting
    click(page, qtbot, 1)
    assert ended(second)
    assert not page.fit.work.fitting
    qtbot.mouseClick(page.fit.start, LEFT)
    third = page.fit.work.pid
    page.closing()
    assert ended(third)


def test_a_process_that_dies_while_it_fits_is_told_and_the_next_fit_has_another(
    page, night, qtbot, endless
):
    night.spectrum(1)
    page = page()
    click(page, qtbot, 0)
    page.tabs.setCurrentWidget(page.fit)
    qtbot.mouseClick(page.fit.start, LEFT)
    psutil.Process(page.fit.work.pid).kill()
    qtbot.waitUntil(page.fit.start.isEnabled, timeout=PATIENCE)
    assert "the process that fits has ended" in page.fit.said.text()
    qtbot.mouseClick(page.fit.start, LEFT)
    assert psutil.pid_exists(page.fit.work.pid)


def test_what_cannot_be_fitted_is_said_in_words(page, night, qtbot, at_once):
    night.spectrum(1)
    night.ramp(2)
    page = page()
    click(page, qtbot, 0)
    assert page.fit.model.currentText() == "transition"
    fit(page, qtbot)
    assert page.fit.said.text().startswith("No result, because ")
    assert page.fit.plot.layer is not None
    click(page, qtbot, 1)
    page.fit.model.setCurrentText("hall")
    fit(page, qtbot)
    assert "does not go with hall: there is no column" in page.fit.said.text()
    page.fit.model.setCurrentText("dynes")
    qtbot.keyClicks(page.fit.temperature, "cold")
    qtbot.mouseClick(page.fit.start, LEFT)
    assert "temperature: found" in page.fit.said.text()


def test_a_run_is_exported_repeated_and_shown_in_its_folder(page, night, qtbot, monkeypatch):
    path = night.spectrum(1)
    page = page()
    said, opened = [], []
    page.context.said.connect(said.append)
    monkeypatch.setattr(
        QtGui.QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile()))
    )
    assert not page.deeds.export.isEnabled()
    click(page, qtbot, 0)
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


def test_cut_files_and_interrupted_runs_show_what_is_there_and_say_so(page, night, qtbot, at_once):
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
    click(page, qtbot, 2)
    assert "the file has no end: it was cut off" in page.trouble.text()
    assert 50 < len(page.curves.drawn[0].x) < 121
    click(page, qtbot, 1)
    assert "interrupted" in page.trouble.text()
    assert len(page.curves.drawn[0].x) == 121
    fit(page, qtbot)
    assert "the run did not end as it should: interrupted" in page.fit.said.text()
    click(page, qtbot, 0)
    assert not page.trouble.isVisible()


def test_a_catalogue_that_is_damaged_or_deleted_is_made_anew_and_that_is_said(page, night, qtbot):
    night.spectrum(1)
    page = page()
    with Catalogue() as catalogue:
        file = catalogue.file
    file.write_bytes(b"no database at all" * 50)
    assert search(page, qtbot, page.search.line, "tunnel") == [1]
    assert "the catalogue was damaged: it was put aside" in page.state.text()
    file.unlink()
    qtbot.keyClick(page, KEYS.Key_F5)
    qtbot.waitUntil(lambda: "there was no catalogue" in page.state.text(), timeout=PATIENCE)
    settle(page, qtbot)
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


def test_in_the_window_a_repeated_run_is_opened_in_the_sequence_page(open_window, night, qtbot):
    night.spectrum(1)
    window = open_window("browser")
    page = window.pages["browser"]
    qtbot.waitUntil(lambda: page.idle and "runs" in page.state.text(), timeout=PATIENCE)
    click(page, qtbot, 0)
    qtbot.mouseClick(page.deeds.repeat, LEFT)
    qtbot.waitUntil(lambda: window.page() == "sequence", timeout=PATIENCE)
    draft = window.pages["sequence"].draft
    qtbot.waitUntil(lambda: draft.path is not None, timeout=PATIENCE)
    assert draft.path.parent == night.data / "sequences"


def test_many_new_folders_are_read_by_a_process_of_its_own_and_what_became_of_them_is_told(
    page, night, qtbot
):
    path = night.spectrum(1)
    for number in range(5):
        folder = night.data / f"2026-02-0{number + 1}T000000Z-more"
        folder.mkdir()
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "0002-torn.csv").write_text("#Proc")
    page = page()
    qtbot.waitUntil(lambda: page.state.text().startswith("6 of 6 runs"), timeout=PATIENCE)
    settle(page, qtbot)
    assert "0002-torn.csv" in page.state.text()
    assert page.search.procedure.findText("tunnel_spectrum") > 0


def test_an_update_that_ends_before_its_time_is_told_and_can_be_begun_again(
    page, night, qtbot, monkeypatch
):
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    night.spectrum(1)
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "no_such_module")
    with pytest.raises(StorageError, match=r"No module named no_such_module; press F5"):
        CatalogueWork(night.data).update()


def test_a_process_that_complains_at_length_is_read_to_its_end(night, tmp_path, monkeypatch):
    (tmp_path / "loud_index.py").write_text(
        "import sys\nsys.stderr.write('complaint\\n' * 100_000)\nprint('{\"failed\": \"so\"}')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "loud_index")
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    with pytest.raises(StorageError, match="so"):
        CatalogueWork(night.data).update()


def test_closing_ends_the_process_that_reads_the_folders(night, qtbot, tmp_path, monkeypatch):
    (tmp_path / "endless_index.py").write_text(
        "import threading\nprint('{\"read\": 7}', flush=True)\nthreading.Event().wait(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "endless_index")
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    work = CatalogueWork(night.data)
    failures = []

    def update():
        try:
            work.update()
        except GivenUpError as failure:
            failures.append(failure)

    thread = threading.Thread(target=update)
    thread.start()
    qtbot.waitUntil(lambda: work.read == 7, timeout=PATIENCE)
    work.close()
    thread.join(20)
    assert not thread.is_alive()
    assert len(failures) == 1


def test_closing_while_the_catalogue_is_made_leaves_no_thread(open_window, night, qtbot):
    for number in range(1, 4):
        night.spectrum(number)
    page = open_window("browser").pages["browser"]
    qtbot.waitUntil(lambda: page.idle and "runs" in page.state.text(), timeout=PATIENCE)
    click(page, qtbot, 0)
    page.update_catalogue()
    page.fit.fit()
    page.window().close()
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("window work") for name in names)
