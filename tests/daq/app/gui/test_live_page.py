"""Curves grow with their files, in the colours and along the axes that were asked for."""

import json

import numpy as np
import pytest
from qtpy import QtWidgets

from daq.app.gui.copying import svg

COLUMNS = (
    "Time (s),Temperature (K),Field (T),Angle (deg),Cryostat age (s),Status,Current (A),"
    '"Bias voltage, integrated (V)","Bias voltage, measured (V)",dV/dI (ohm)\n'
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

    def begin(self, number):
        name = f"{number:04d}-bias_spectrum.csv"
        (self.folder / name).write_text(HEAD)
        self.tell(
            event="run begun", run=number, attempt=1, procedure="bias_spectrum", file=name, step=0
        )

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
    np.testing.assert_array_equal(curve.spoiled[:, 0], VOLTS[50:52])
    np.testing.assert_array_equal(curve.doubtful[:, 1], OHMS[52:60])
    assert page.runs["1.1"].flagged.words() == "overload: 2, compliance: 2, stale: 8"


def test_the_numbers_of_the_run_stand_beside_it(page, files, qtbot):
    files.begin(1)
    noise = np.random.default_rng(0).normal(scale=0.05, size=101)
    files.rows(1, VOLTS, OHMS + noise)
    qtbot.waitUntil(lambda: len(drawn(page)) == 1)
    page.reckon()
    qtbot.waitUntil(lambda: "zero-bias peak: +10.99" in page.numbers.text(), timeout=5000)


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
