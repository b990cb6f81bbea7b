"""Curves grow with their files, in the colours and along the axes that were asked for."""

import json
from dataclasses import replace

import numpy as np
import psutil
import pytest
from qtpy import QtCore, QtWidgets

from daq.app.fit_models import Asked
from daq.app.gui import fit_work
from daq.app.gui.copying import svg
from daq.app.run_fit import fit_run, not_ended
from daq.app.running_fit import running_fit
from daq.physics.tunnelling import dynes_conductance

COLUMNS = (
    "Time (s),Temperature (K),Field (T),Angle (deg),Cryostat age (s),Status,Current (A),"
    '"Bias voltage, integrated (V)","Bias voltage, measured (V)",dV/dI (ohm)\n'
)
TUNNEL = (
    "#Procedure: <p.TunnelSpectrum>\n#Parameters:\n#Metadata:\n#\tprocedure: tunnel_spectrum\n"
    "#Data:\nTime (s),Temperature (K),Field (T),Status,Voltage (V),dI/dV (S),dI/dV error (S),"
    "Modulation (V)\n"
)
HEAD = "#Procedure: <p.BiasSpectrum>\n#Parameters:\n#Metadata:\n#Data:\n" + COLUMNS


class Files:
    """A campaign folder that grows as a test says."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.tell(event="plan", plan={"title": "By hand"})

    def tell(self, **event):
        with (self.folder / "journal.jsonl").open("a") as file:
            stamp = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0}
            file.write(json.dumps({**stamp, **event}) + "\n")

    def begin(self, number, procedure="bias_spectrum", head=HEAD):
        name = f"{number:04d}-{procedure}.csv"
        (self.folder / name).write_text(head)
        self.tell(event="run begun", run=number, attempt=1, procedure=procedure, file=name, step=0)

    def tunnel(self, number, rows):
        """Append rows of a spectrum with a gap of 1.2 meV at 0.5 K."""
        noise = 2e-10 * np.random.default_rng(0).standard_normal(len(GAP))
        values = zip(BIAS[rows].tolist(), (GAP + noise)[rows].tolist(), strict=True)
        lines = (
            f"{2.0 * k},0.5,0.0,0,{v!r},{g!r},2e-10,5e-05\n" for k, (v, g) in enumerate(values)
        )
        with (self.folder / f"{number:04d}-tunnel_spectrum.csv").open("a") as file:
            file.write("".join(lines))

    def rows(self, number, volts, ohms, *, field=0.0, status=0):
        lines = (
            f"0.0,1.9,{field},0.0,0.1,{status},{v / 100!r},{v!r},nan,{r!r}\n"
            for v, r in zip(volts.tolist(), ohms.tolist(), strict=True)
        )
        with (self.folder / f"{number:04d}-bias_spectrum.csv").open("a") as file:
            file.write("".join(lines))


@pytest.fixture
def files(data):
    return Files(data / "2026-01-01T000000Z-by-hand")


@pytest.fixture
def page(files, open_window):
    return open_window("live").pages["live"]


def drawn(page):
    page.draw_now()
    return page.curves.drawn


BIAS = np.linspace(-4e-3, 4e-3, 121)
GAP = 1e-8 * dynes_conductance(BIAS, 1.2e-3, 5e-5, 0.5, 5e-5 * np.sqrt(2.0))
VOLTS = np.linspace(-0.01, 0.01, 101)
OHMS = 100.0 - 10.0 * np.exp(-((VOLTS / 0.002) ** 2))


def test_a_curve_grows_with_its_file(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS[:40], OHMS[:40])
    qtbot.waitUntil(lambda: [len(curve.x) for curve in drawn(page)] == [40])
    files.rows(1, VOLTS[40:], OHMS[40:])
    qtbot.waitUntil(lambda: [len(curve.x) for curve in drawn(page)] == [101])
    np.testing.assert_array_equal(drawn(page)[0].x, VOLTS)
    np.testing.assert_array_equal(drawn(page)[0].y, OHMS)
    assert page.curves.item.getAxis("left").labelString().count("dV/dI") == 1


def test_many_runs_are_coloured_by_what_varies_and_fill_a_map(page, files, qtbot):
    for number in range(1, 7):
        files.begin(number)
        files.rows(number, VOLTS, OHMS + number, field=0.5 * number)
    qtbot.waitUntil(lambda: len(drawn(page)) == 6)
    qtbot.waitUntil(lambda: page.controls.by.currentText() == "field")
    colours = [curve.colour for curve in drawn(page)]
    assert len(set(colours)) == 6
    page.controls.kind.setCurrentText("map")
    page.draw_now()
    image = page.map.image.image
    assert image.shape[0] >= 6
    assert np.nanmin(image) < 92.0
    assert np.nanmax(image) > 105.0
    assert page.map.item.getAxis("left").labelText == "Field"


def icons(page):
    """Return the colours in the middle of the icons of the list of runs."""
    pictures = [page.list.item(row).icon().pixmap(16, 16).toImage() for row in range(6)]
    return [one.pixelColor(one.width() // 2, one.height() // 2) for one in pictures]


def test_the_list_of_runs_shows_the_colour_of_every_curve(page, files, qtbot):
    for number in range(1, 7):
        files.begin(number)
        files.rows(number, VOLTS, OHMS + number, field=0.5 * number)
    qtbot.waitUntil(lambda: len({curve.colour for curve in drawn(page)}) == 6)
    assert [icon.name() for icon in icons(page)] == [curve.colour for curve in drawn(page)]
    with qtbot.waitSignal(page.list.ticked):
        page.list.item(1).setCheckState(QtCore.Qt.CheckState.Unchecked)
    with qtbot.assertNotEmitted(page.list.ticked):
        page.controls.by.setCurrentText("run")
        page.controls.by.activated.emit(0)  # by hand
        assert [curve.colour for curve in drawn(page)] == list(page.context.theme.curves[:5])
    first, left_out, *others = icons(page)
    assert left_out.alpha() == 0
    assert [icon.name() for icon in (first, *others)] == [curve.colour for curve in drawn(page)]
    page.controls.kind.setCurrentText("map")
    page.draw_now()
    assert {icon.alpha() for icon in icons(page)} == {0}


def test_conductance_is_divided_by_the_normal_state(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS, OHMS)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    labels = [page.controls.up.itemText(i) for i in range(page.controls.up.count())]
    page.controls.up.setCurrentIndex(labels.index("G/G_N"))
    curve = drawn(page)[0]
    assert curve.y[0] == pytest.approx(1.0, abs=1e-6)
    assert curve.y[50] == pytest.approx(100.0 / 90.0, rel=1e-6)


def test_flagged_points_are_marked_and_counted(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS[:50], OHMS[:50])
    files.rows(1, VOLTS[50:52], OHMS[50:52], status=5)
    files.rows(1, VOLTS[52:60], OHMS[52:60], status=16)
    qtbot.waitUntil(lambda: [len(curve.x) for curve in drawn(page)] == [60])
    curve = drawn(page)[0]
    np.testing.assert_array_equal(curve.spoiled.points[:, 0], VOLTS[50:52])
    np.testing.assert_array_equal(curve.doubtful.points[:, 1], OHMS[52:60])
    assert page.runs["1.1"].flagged.words() == "overload: 2, compliance: 2, stale: 8"


def test_the_numbers_of_the_run_stand_beside_it(page, files, qtbot):
    files.begin(1)
    noise = np.random.default_rng(0).normal(scale=0.05, size=101)
    files.rows(1, VOLTS, OHMS + noise)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    page.reckon()
    qtbot.waitUntil(lambda: "zero-bias peak: +10.99" in page.beside.numbers.text(), timeout=5000)


def test_logarithmic_axes_leave_out_what_is_not_positive(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS, OHMS)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    page.controls.log_y.setChecked(True)
    page.controls.log_x.setChecked(True)
    page.draw_now()
    x, y = page.curves.lines["1.1"].getData()
    assert np.nanmax(y) == pytest.approx(np.log10(OHMS.max()))
    assert np.nanmax(x[np.isfinite(x)]) == pytest.approx(-2.0)


def test_what_is_drawn_is_copied_as_picture_drawing_and_text(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS[:3], OHMS[:3])
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    clipboard = QtWidgets.QApplication.clipboard()
    page.copy("text")
    lines = clipboard.text().splitlines()
    assert lines[0] == "run\tBias voltage (V)\tdV/dI (ohm)"
    assert lines[1] == f"0001 bias spectrum\t{float(VOLTS[0])!r}\t{float(OHMS[0])!r}"
    assert len(lines) == 4
    page.copy("png")
    assert clipboard.pixmap().width() > 100
    assert svg(page.curves.plot).count(b"<path") + svg(page.curves.plot).count(b"<poly") > 3


def test_the_crosshair_tells_values_with_units(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS, OHMS)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    page.controls.cross.setChecked(True)
    page.curves.point(page.curves.item.getViewBox().sceneBoundingRect().center())
    assert "Bias voltage = " in page.controls.pointed.text()
    assert " V" in page.controls.pointed.text()
    assert "ohm" in page.controls.pointed.text()


@pytest.fixture
def prompt_fits(monkeypatch, tmp_path):
    """Let the process that fits take its turn as others do: a busy machine starves it else."""
    words = "import sys\nfrom daq.app.fit_process import *\nanswer_all(sys.stdin, sys.stdout)\n"
    (tmp_path / "prompt_fit.py").write_text(words)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(fit_work, "MODULE", "prompt_fit")


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("prompt_fits")
def test_the_numbers_of_a_new_run_do_not_wait_for_the_next_reckoning(page, files, qtbot):
    page._reckonings.stop()  # noqa: SLF001 (the timer between two reckonings)
    for number in (1, 2):
        files.begin(number)
        files.rows(number, np.linspace(-0.01, 0.01, 9), np.linspace(100.0, 101.0, 9))
        qtbot.waitUntil(lambda n=number: f"000{n}" in page.beside.numbers.text(), timeout=30_000)


def test_the_gap_is_fitted_while_the_spectrum_grows_and_leaves_no_process(page, files, qtbot):
    files.begin(1, "tunnel_spectrum", TUNNEL)
    files.tunnel(1, slice(0, 50))
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    page.reckon()
    told = page.beside.numbers.text
    qtbot.waitUntil(lambda: "does not reach both sides of zero bias" in told(), timeout=100_000)
    assert "No result, because" in told()
    pid = page.beside.live_fit.work.pid
    files.tunnel(1, slice(50, 121))
    qtbot.waitUntil(lambda: "fit: dynes, 121 rows" in told(), timeout=100_000)
    (line,) = (line for line in told().splitlines() if line.startswith("gap: "))
    value, error = (float(word) for word in line.removesuffix(" meV")[5:].split(" ± "))
    assert value == pytest.approx(1.2, abs=4 * error)
    page.draw_now()
    x, y = page.curves.fit.getData()
    np.testing.assert_allclose(x, BIAS)
    np.testing.assert_allclose(y, GAP, rtol=0.02, atol=2e-10)
    labels = [page.controls.up.itemText(i) for i in range(page.controls.up.count())]
    page.controls.up.setCurrentIndex(labels.index("G/G_N"))
    page.draw_now()
    assert np.median(page.curves.fit.getData()[1][[0, -1]]) == pytest.approx(1.0, abs=0.05)
    page.beside.model.setCurrentIndex(page.beside.model.findData("none"))
    page.beside.model.activated.emit(1)
    assert "fit:" not in told()
    assert page.curves.fit.getData()[0] is None or not len(page.curves.fit.getData()[0])
    assert page.beside.live_fit.work.pid == pid
    page.window().close()
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid))


def test_a_contact_in_the_thermal_regime_has_no_gap_but_words(files):
    volts = np.linspace(-6e-3, 6e-3, 121)
    dip = 0.12 * np.exp(-(((np.abs(volts) - 2e-3) / 2e-4) ** 2))
    ohms = 100.0 / (1.0 + 0.25 * np.exp(-((volts / 8e-4) ** 2)) - dip)
    head = (
        "#Procedure: <p.X>\n#Parameters:\n#Metadata:\n#\tprocedure: bias_spectrum\n#Data:\n"
        "Temperature (K),Field (T),Status,Current (A),dV/dI (ohm),Excitation (A)\n"
    )
    noise = 0.1 * np.random.default_rng(0).standard_normal(121)
    pairs = zip((volts / 100.0).tolist(), (ohms + noise).tolist(), strict=True)
    rows = "".join(f"1.9,0.0,0,{i!r},{r!r},1e-06\n" for i, r in pairs)
    files.begin(1, head=head)
    path = files.folder / "0001-bias_spectrum.csv"
    path.write_text(head + rows)
    answer = fit_run(path, "btk", Asked())
    found = running_fit(answer, 121)
    assert "thermal regime (dips at" in found.reason
    assert "no gap is quoted" in found.reason
    assert not found.lines
    notes = (not_ended("running"), "at 1.9 K")
    assert running_fit(replace(answer, notes=notes), 121).notes == ("at 1.9 K",)


def test_remarks_and_bad_marks_stand_at_their_rows(page, files, qtbot):
    files.begin(1, "tunnel_spectrum", TUNNEL)
    files.tunnel(1, slice(0, 121))
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    name = "0001-tunnel_spectrum.csv"
    files.tell(event="note", text="knocked", utc="2026-01-01T00:01:00+00:00", clock=60.0)
    about = {"run": 1, "mark": "bad", "rows": [{"file": name, "first": 11, "last": 13}]}
    files.tell(event="note", text="spike", about=about)
    files.tell(event="note", text="later", utc="2026-01-02T00:00:00+00:00", clock=86400.0)
    qtbot.waitUntil(lambda: len(drawn(page)[0].remarks.words) == 2)
    curve = drawn(page)[0]
    np.testing.assert_allclose(curve.remarks.points[:, 0], BIAS[[30, 11]])
    assert curve.remarks.words == ("00:01Z  knocked", "00:00Z  spike")
    assert curve.remarks.numbers == ("1", "2")
    np.testing.assert_allclose(curve.bad.points[:, 0], BIAS[10:13])
    assert curve.bad.words == ("row 11: marked bad", "row 12: marked bad", "row 13: marked bad")
    page.reckon()
    assert "knocked" in page.beside.numbers.text()
    assert "marked bad (square): 3 rows" in page.beside.numbers.text()
    spots = page.curves.marks.items["remarks"]
    assert [point.data() for point in spots.points()] == list(curve.remarks.words)
    files.tell(event="note", text="no spike", about={**about, "mark": "good"})
    qtbot.waitUntil(lambda: not len(drawn(page)[0].bad.points))


def test_a_flag_is_told_where_the_mouse_rests(page, files, qtbot):
    files.begin(1)
    files.rows(1, VOLTS[:2], OHMS[:2], status=5)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    assert drawn(page)[0].spoiled.words[1] == "row 2: overload, compliance"
