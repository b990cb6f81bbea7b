"""A station held by hand through the window: shown, set, biased, let go, made safe."""

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
from qtpy import QtCore

from daq.app.gui.held_station import HeldStation
from daq.app.gui.station_readings import UNKNOWN
from daq.app.twin_ports import client_station, serve_twins
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import station_from
from daq.runs.lock import StationLock
from daq.simulation import build_bench
from instruments.clock import ScaledClock
from instruments.simulated.faults import Faulty

LEFT = QtCore.Qt.MouseButton.LeftButton
RETURN = QtCore.Qt.Key.Key_Return
SCALE = 60.0


@dataclass
class Bench:
    """Twins on TCP, and the file of a station that uses them."""

    file: str
    twins: Any
    lockin: Faulty
    holders: set[int] = field(default_factory=set)

    def dark(self):
        with self.twins.lock:
            truth = self.twins.bench.truth()
        return (
            truth["source_connected"] == truth["source_current"] == truth["oscillator_rms"] == 0.0
        )


@pytest.fixture
def bench(tmp_path, home):
    text = find_config("stations", "simulated").read_text(encoding="utf-8")
    text = text.replace("name: simulated", "name: bench")
    text = text.replace("temperature: 300 K, field", "temperature: 10 K, field")
    text = text.replace("DSP7265, ", "DSP7265, timeout: 0.4 s, ")
    config = station_from(parse_document(text, "station.yaml"))
    clock = ScaledClock(SCALE)
    twins = build_bench(config, clock, serial=True)
    lockin = twins.devices["lockin"] = Faulty(twins.devices["lockin"], clock)
    with serve_twins(config, twins) as servers:
        path = tmp_path / "bench.yaml"
        path.write_text(client_station(config, servers, clock), encoding="utf-8")
        found = Bench(str(path), twins, lockin)
        yield found
        for pid in found.holders:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                family = [process, *process.children(recursive=True)]
                for one in family:
                    one.kill()
                psutil.wait_procs(family, timeout=10.0)
    clock.close()


@pytest.fixture
def page(bench, open_window, qtbot):
    page = open_window("station").pages["station"]
    choose(page, qtbot, bench.file)
    return page


def choose(page, qtbot, file):
    edit = page.choice.combo.lineEdit()
    edit.clear()
    qtbot.keyClicks(edit, file)
    qtbot.keyClick(edit, RETURN)
    qtbot.waitUntil(lambda: page.choice.file == file and page.config is not None, timeout=10_000)


def take(page, qtbot, bench):
    qtbot.mouseClick(page.take, LEFT)
    qtbot.waitUntil(lambda: page.held.phase == "held", timeout=40_000)
    there = page.held.there
    bench.holders.add(there.owner.pid)
    qtbot.waitUntil(page.bias.measure.isEnabled)
    return there.owner.pid


def bias(page, qtbot, typed="20 uA", name="current"):
    edit = page.bias.edits[name]
    edit.clear()
    qtbot.keyClicks(edit, typed)
    qtbot.mouseClick(page.bias.measure, LEFT)
    qtbot.waitUntil(lambda: page.bias.result.text() != "measuring ...", timeout=20_000)


def gone(pid):
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def readback(page):
    text = page.cryostat.cells["temperature"][0].text()
    return float(text.removesuffix(" K")) if text != UNKNOWN else float("nan")


def test_5_kelvin_is_set_and_seen_to_come_and_a_wrong_unit_is_refused_in_red(page, qtbot, bench):
    assert "SIMULATED" in page.kind.text()
    assert page.kind.isVisible()
    assert not page.cryostat.buttons["temperature"].isEnabled()
    take(page, qtbot, bench)
    to, rate = page.cryostat.edits["temperature"]
    assert readback(page) == pytest.approx(10.0, abs=0.2)
    qtbot.keyClicks(to, "5")
    qtbot.mouseClick(page.cryostat.buttons["temperature"], LEFT)
    qtbot.waitUntil(lambda: "unit" in page.cryostat.refusal.text())
    assert to.property("wrong") is True
    to.clear()
    qtbot.keyClicks(to, "5 K")
    qtbot.keyClicks(rate, "12 K/min")
    qtbot.keyClick(rate, RETURN)
    qtbot.waitUntil(lambda: readback(page) == pytest.approx(5.0, abs=0.1), timeout=20_000)
    assert page.cryostat.cells["temperature"][1].text() == "5.000 K"
    assert page.cryostat.cells["temperature"][2].text() == "12 K/min"
    assert to.property("wrong") is False
    assert not page.cryostat.refusal.isVisible()
    assert page.source.lamps["compliance"].lit is False


def test_a_bias_by_hand_is_measured_and_let_go_leaves_it_dark(page, qtbot, bench, monkeypatch):
    monkeypatch.setattr("daq.app.gui.held_station.IDLE", 120.0)
    pid = take(page, qtbot, bench)
    bias(page, qtbot, "1 A")
    assert "A" in page.bias.refusal.text()
    assert page.bias.edits["current"].property("wrong") is True
    bias(page, qtbot)
    assert page.bias.result.text().count("Ω") == 2
    assert not bench.dark()
    qtbot.waitUntil(
        lambda: page.source.numbers["current"].text() == "20.00 \u00b5A", timeout=10_000
    )
    qtbot.mouseClick(page.let_go, LEFT)
    assert page.source.numbers["current"].text() == UNKNOWN
    qtbot.waitUntil(lambda: gone(pid), timeout=20_000)
    assert bench.dark()


def test_make_safe_with_a_living_holder_is_done_by_the_runner(page, qtbot, bench):
    take(page, qtbot, bench)
    bias(page, qtbot)
    qtbot.mouseClick(page.safe, LEFT)
    qtbot.waitUntil(lambda: "RUNNER" in page.outcome.text(), timeout=40_000)
    assert "lockin" in page.outcome.text()
    assert bench.dark()
    qtbot.waitUntil(lambda: page.held.phase == "free", timeout=10_000)


def test_make_safe_with_a_stopped_holder_is_done_by_the_guardian(page, qtbot, bench):
    pid = take(page, qtbot, bench)
    bias(page, qtbot)
    os.kill(pid, signal.SIGSTOP)
    qtbot.waitUntil(lambda: page.held.phase == "silent", timeout=20_000)
    assert "has told nothing for" in page.owner.text()
    qtbot.mouseClick(page.safe, LEFT)
    qtbot.waitUntil(lambda: "GUARDIAN" in page.outcome.text(), timeout=60_000)
    assert "was ended" in page.outcome.text()
    assert bench.dark()


@pytest.mark.parametrize("state", ["free", "starting", "biased"])
def test_closing_in_every_state_leaves_no_thread_of_the_window_and_no_live_output(
    page, qtbot, bench, state, monkeypatch
):
    monkeypatch.setattr("daq.app.gui.held_station.IDLE", 120.0 if state == "biased" else 1.0)
    pid = None
    if state == "starting":
        qtbot.mouseClick(page.take, LEFT)
        assert page.held.phase == "starting"
    elif state == "biased":
        pid = take(page, qtbot, bench)
        bias(page, qtbot)
        assert not bench.dark()
    page.window().close()
    assert [one.name for one in threading.enumerate() if "window" in one.name] == []
    if state == "starting":  # it comes up, finds nobody who asks, and goes
        begun = page.held.started.pid
        bench.holders.add(begun)
        qtbot.waitUntil(lambda: gone(begun), timeout=40_000)
    elif pid is not None:
        qtbot.waitUntil(lambda: gone(pid), timeout=20_000)
    assert bench.dark()


def test_leaving_the_page_lets_the_station_go_after_the_stated_time(
    page, qtbot, bench, monkeypatch
):
    monkeypatch.setattr("daq.app.gui.held_station.IDLE", 1.5)
    pid = take(page, qtbot, bench)
    assert "1.5 s after this page is left" in page.owner.text()
    bias(page, qtbot)
    page.context.show_page("start")
    qtbot.waitUntil(lambda: gone(pid), timeout=20_000)
    assert bench.dark()
    page.context.show_page("station")
    qtbot.waitUntil(lambda: page.held.phase == "free", timeout=5_000)
    assert page.take.isEnabled()


def test_an_instrument_that_hangs_is_said_in_its_own_group_and_the_rest_lives(page, qtbot, bench):
    take(page, qtbot, bench)
    bench.lockin.faults.lose(100_000)
    qtbot.waitUntil(lambda: "No answer" in page.lockin.trouble.text(), timeout=20_000)
    assert page.lockin.numbers["X"].text() == UNKNOWN
    assert page.lockin.lamps["overload"].lit is None
    assert page.source.numbers["current"].text() != UNKNOWN
    assert readback(page) == pytest.approx(10.0, abs=0.2)
    bench.lockin.faults.clear()
    qtbot.waitUntil(lambda: not page.lockin.trouble.isVisible(), timeout=20_000)


def test_a_virtual_station_is_made_safe_by_who_holds_it(open_window, qtbot, bench):
    page = open_window("station").pages["station"]
    choose(page, qtbot, "simulated")
    qtbot.mouseClick(page.safe, LEFT)
    assert "nothing is on" in page.outcome.text()
    take(page, qtbot, bench)
    qtbot.mouseClick(page.safe, LEFT)
    qtbot.waitUntil(lambda: "RUNNER" in page.outcome.text(), timeout=20_000)
    assert "cryostat" in page.outcome.text()


def test_a_voltage_is_set_by_hand_at_a_tunnel_junction(open_window, qtbot, bench):
    page = open_window("station").pages["station"]
    assert "voltage" not in page.bias.edits
    assert not page.lockin.numbers["dc voltage"].isVisible()
    choose(page, qtbot, "tunnelling")
    assert list(page.bias.edits) == ["voltage", "modulation_rms", "frequency", "set_point"]
    assert page.lockin.numbers["dc voltage"].isVisible()
    assert not page.source.isVisible()
    take(page, qtbot, bench)
    bias(page, qtbot, "1 V", name="voltage")
    assert "V" in page.bias.refusal.text()
    assert page.bias.edits["voltage"].property("wrong") is True
    assert page.bias.result.text() == UNKNOWN
    bias(page, qtbot, "2 mV", name="voltage")
    assert not page.bias.refusal.isVisible()
    assert page.bias.edits["voltage"].property("wrong") is False
    assert page.bias.result.text().count("S") == 2
    dc = page.lockin.numbers["dc voltage"]
    qtbot.waitUntil(lambda: dc.text() == "2.000 mV", timeout=10_000)
    qtbot.mouseClick(page.bias.rest, LEFT)
    qtbot.waitUntil(lambda: dc.text() == "0.000 V", timeout=10_000)
    assert page.bias.result.text() == UNKNOWN
    qtbot.mouseClick(page.let_go, LEFT)
    choose(page, qtbot, bench.file)
    assert "current" in page.bias.edits
    assert page.source.isVisible()


def test_a_campaign_that_owns_the_station_is_shown_and_setting_is_off(
    open_window, qtbot, campaign_process
):
    campaign_process()
    page = open_window("station").pages["station"]
    qtbot.waitUntil(lambda: page.in_campaign, timeout=30_000)
    qtbot.waitUntil(lambda: page.source.numbers["current"].text() != UNKNOWN, timeout=30_000)
    assert "owned by the campaign 'Twins'" in page.owner.text()
    assert readback(page) == pytest.approx(3.9, abs=0.2)
    assert not page.take.isEnabled()
    assert not page.bias.measure.isEnabled()
    qtbot.mouseClick(page.safe, LEFT)
    qtbot.waitUntil(lambda: "RUNNER" in page.outcome.text(), timeout=30_000)
    assert "aborted" in page.outcome.text()


def test_a_station_that_does_not_exist_is_refused_in_words(open_window, qtbot):
    page = open_window("station").pages["station"]
    edit = page.choice.combo.lineEdit()
    edit.clear()
    qtbot.keyClicks(edit, "simulatd")
    qtbot.keyClick(edit, RETURN)
    qtbot.waitUntil(lambda: "simulated" in page.trouble.text(), timeout=10_000)
    assert not page.take.isEnabled()


def test_a_station_in_use_is_not_taken_and_the_owner_is_named(page, qtbot):
    with StationLock(page.config.name):
        qtbot.waitUntil(lambda: f"process {os.getpid()}" in page.owner.text(), timeout=5_000)
        qtbot.mouseClick(page.take, LEFT)
        qtbot.waitUntil(lambda: "in use by process" in page.owner.text(), timeout=40_000)
    assert page.held.phase == "free"
    assert page.take.isEnabled()


def test_the_name_of_a_station_is_not_completed_unasked(open_window, qtbot):
    page = open_window("station").pages["station"]
    edit = page.choice.combo.lineEdit()
    edit.clear()
    qtbot.keyClicks(edit, "le2020_contact")
    qtbot.keyClick(edit, RETURN)
    qtbot.waitUntil(lambda: page.choice.file == "le2020_contact", timeout=10_000)


def test_nothing_is_asked_of_a_station_that_nobody_holds(qtbot):
    parent = QtCore.QObject()
    held = HeldStation(parent)
    told = []
    held.choose("simulated", "simulated")
    held.ask({"do": "rest"}, told.append, told.append)
    assert told == ["nobody holds station simulated: take it first"]
    held.close()
