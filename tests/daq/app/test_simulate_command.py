"""The twins served to other processes, with the program itself at both ends."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from daq.app.twin_ports import clock_of as twin_clock
from daq.config.station import load_station
from daq.runs.files import open_run
from daq.station_file import clock_of

SEQUENCE = """\
title: Over TCP
steps:
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5, time_constant: 20 ms}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
"""
TRUTHS = {
    "source_current",
    "oscillator_rms",
    "contact_voltage",
    "peak_contact_voltage",
    "temperature",
    "field",
    "angle",
    "time",
}


class Served:
    """A running ``coldpoint simulate``."""

    def __init__(self, told, folder):
        self.told = told
        self.folder = folder

    def port(self, role):
        return int(self.told["resources"][role].split("::")[2])

    def ask(self, port, message, end):
        with socket.create_connection(("127.0.0.1", port), timeout=10.0) as client:
            client.sendall(message)
            received = b""
            while not received.endswith(end):
                chunk = client.recv(4096)
                assert chunk
                received += chunk
            return received

    def truth(self):
        port = self.told["truth"]["port"]
        return json.loads(self.ask(port, b"?\n", b"\n"))


@contextlib.contextmanager
def simulating(folder, station, *words):
    (folder / "cold.yaml").write_text(station)
    command = [sys.executable, "-m", "daq", "simulate", "cold.yaml", "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:  # noqa: S603 (our own program)
        try:
            yield Served(json.loads(process.stdout.readline()), folder)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20.0) == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory, cold_station):
    folder = tmp_path_factory.mktemp("simulate")
    words = ("--clock", "scaled:60", "--write-station", "tcp.yaml")
    with simulating(folder, cold_station(), *words) as served:
        yield served


def test_one_line_names_every_port(served):
    assert set(served.told) == {"resources", "truth", "multivu"}
    assert set(served.told["resources"]) == {"source", "lockin", "cryostat"}
    for resource in served.told["resources"].values():
        assert resource.startswith("TCPIP0::127.0.0.1::")
        assert resource.endswith("::SOCKET")
    assert served.told["truth"]["host"] == served.told["multivu"]["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("role", "asked", "answered"),
    [
        ("source", b"*IDN?\n", b"KEITHLEY INSTRUMENTS INC.,MODEL 6221"),
        ("lockin", b"ID\r", b"7265\r\n"),
        ("lockin", b"ID\r\n", b"7265\r\n"),
        ("cryostat", b"TEMP?\r\n", b""),
    ],
)
def test_each_port_answers_and_ends_its_replies_as_the_instrument_does(
    served, role, asked, answered
):
    end = {"source": b"\n", "lockin": b"\r\n", "cryostat": b";"}[role]
    reply = served.ask(served.port(role), asked, end)
    assert reply.startswith(answered)
    assert reply.count(end) == 1
    assert b"\r" not in reply.removesuffix(end)
    assert asked.strip() not in reply  # no echo


def test_what_is_hidden_goes_to_a_file_that_is_never_overwritten(tmp_path, cold_station):
    with simulating(tmp_path, cold_station(), "--truth", "truth.json") as served:
        told = json.loads((tmp_path / "truth.json").read_text())
        assert served.truth()["series_resistance"] == told["wiring"]["series_resistance"]
    assert told["wiring"]["series_resistance"] != 100e3
    assert told["instruments"]["lockin"]["gain"] != 0.0
    assert any(told["instruments"]["source"]["gains"])
    assert told["sample"]["critical_temperature"] > 0.0
    again = [sys.executable, "-m", "daq", "simulate", "cold.yaml", "--truth", "truth.json"]
    ended = subprocess.run(again, capture_output=True, text=True, cwd=tmp_path, check=False)  # noqa: S603 (our own program)
    assert ended.returncode != 0
    (line,) = ended.stderr.splitlines()
    assert "exists already" in line


def test_the_multivu_port_greets(served):
    host, port = served.told["multivu"].values()
    with socket.create_connection((host, port), timeout=10.0) as client:
        assert client.getpeername()[1] == port


def test_the_truth_is_one_line_of_json_for_every_line(served):
    first, second = served.truth(), served.truth()
    assert set(first) >= TRUTHS
    assert first["temperature"] == pytest.approx(1.9, abs=0.05)
    assert first["field"] == pytest.approx(0.0, abs=1e-3)
    assert second["time"] > first["time"]


def test_the_station_file_of_a_client_names_ports_and_clock_and_has_no_twins(served):
    config = load_station(served.folder / "tcp.yaml")
    for role in ("source", "lockin"):
        assert config.instruments[role].resource == served.told["resources"][role]
    assert config.instruments["cryostat"].port == served.told["multivu"]["port"]
    assert config.clock.scale == 60.0
    assert config.simulated is None
    assert config.limits.pulse_voltage == 10.0


def test_the_clock_of_a_client_shows_the_time_of_the_twins(served):
    clock = clock_of(load_station(served.folder / "tcp.yaml"))
    before, truth, after = clock.now(), served.truth()["time"], clock.now()
    assert before - 1.0 <= truth <= after + 1.0


def test_a_sequence_is_carried_out_by_the_drivers_over_tcp(served, coldpoint):
    Path("tcp.yaml").write_bytes((served.folder / "tcp.yaml").read_bytes())
    Path("short.yaml").write_text(SEQUENCE)
    ended = coldpoint("run", "short.yaml", "--station", "tcp.yaml", "--data", "data", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out.splitlines()[-1])
    assert told["outcome"] == "finished"
    spectrum, pulse = (open_run(run["csv"]).data for run in told["runs"])
    assert spectrum["dV/dI (ohm)"].to_numpy() == pytest.approx(100.0, rel=0.03)
    assert spectrum["Temperature (K)"].to_numpy() == pytest.approx(1.9, abs=0.05)
    assert pulse["Compliance event"].iloc[0] == 1
    assert pulse["R after (ohm)"].iloc[0] < 0.95 * pulse["R before (ohm)"].iloc[0]
    truth = served.truth()
    assert truth["peak_contact_voltage"] == pytest.approx(6.0, rel=0.02)
    assert truth["source_current"] == pytest.approx(0.0, abs=1e-9)
    assert truth["oscillator_rms"] == 0.0
    assert spectrum["Time (s)"].iloc[-1] < truth["time"]


@pytest.mark.parametrize(
    ("clock", "part"), [("fast", "scaled:60"), ("virtual", "scaled:60"), ("scaled:0", "a scale")]
)
def test_a_clock_that_cannot_be_shared_is_refused(coldpoint, clock, part):
    ended = coldpoint("simulate", "simulated", "--clock", clock)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert part in line


def test_a_station_without_twins_cannot_be_simulated(coldpoint, tmp_path, cold_station):
    (tmp_path / "real.yaml").write_text(cold_station().split("simulated:\n")[0])
    ended = coldpoint("simulate", "real.yaml")
    assert ended.code == 2
    assert "has no part 'simulated'" in ended.err


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "daq", "simulate", "--truth", port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)  # noqa: S603 (our own program)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_the_clock_of_the_station_file_is_taken_unless_another_is_asked_for(tmp_path, cold_station):
    file = tmp_path / "fast.yaml"
    file.write_text(cold_station(("clock: virtual", "clock: scaled:50")))
    simulated = load_station(file).simulated
    for text, scale in (("", 50.0), ("scaled:3", 3.0)):
        clock = twin_clock(text, simulated)
        assert clock.scale == scale
        clock.close()
