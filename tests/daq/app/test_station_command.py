import json

import pytest

from daq.app.discovery import Found, discover, station_text
from daq.config.station import load_station
from daq.simulation import build_bench
from instruments.simulated.visa import SimulatedVisaLibrary


@pytest.fixture
def bench(tmp_path, cold_station):
    gpib = "{driver: Model6000, resource: GPIB0::15::INSTR}\n"
    text = cold_station(("{driver: MultiVu, host: 127.0.0.1, port: 27183}", gpib))
    file = tmp_path / "bench.yaml"
    file.write_text(text)
    return build_bench(load_station(file))


class Listening:
    """A device that writes down what it is asked."""

    def __init__(self, device):
        self.device = device
        self.asked = []

    def __getattr__(self, name):
        return getattr(self.device, name)

    def write(self, message):
        self.asked.append(message.strip())
        self.device.write(message)


def listening(bench):
    devices = {role: Listening(device) for role, device in bench.devices.items()}
    library = SimulatedVisaLibrary.serving(devices.values(), bench.clock)
    return devices, library


def test_every_instrument_on_the_bus_is_recognised(bench):
    found = discover(bench.library)
    assert [(item.resource, item.driver) for item in found] == [
        ("GPIB0::12::INSTR", "Keithley6221"),
        ("GPIB0::14::INSTR", "DSP7265"),
        ("GPIB0::15::INSTR", "Model6000"),
    ]
    assert all(item.identity for item in found)


def test_a_7265_is_never_asked_for_a_scpi_identity(bench):
    devices, library = listening(bench)
    discover(library)
    assert devices["lockin"].asked == [b"ID"]
    assert b"*IDN?" in devices["source"].asked


def test_looking_for_instruments_changes_no_output(bench):
    before = bench.bench.truth()
    discover(bench.library)
    after = bench.bench.truth()
    for key in ("source_current", "source_connected", "oscillator_rms", "peak_contact_voltage"):
        assert after[key] == before[key]


def test_what_was_found_is_a_station_file_with_cautious_limits(bench, tmp_path):
    file = tmp_path / "found.yaml"
    file.write_text(station_text(discover(bench.library)))
    config = load_station(file)
    assert config.instruments["lockin"].resource == "GPIB0::14::INSTR"
    assert set(config.instruments) == {"source", "lockin", "cryostat"}
    assert config.limits.current <= 1e-4
    assert config.limits.pulse_voltage <= 0.5
    assert config.simulated is None


def test_strangers_and_the_silent_are_listed_but_make_no_station():
    assert station_text((Found("ASRL1::INSTR"), Found("GPIB0::3::INSTR", "", "HP 34401A"))) == ""


def test_the_command_writes_what_it_found_and_overwrites_nothing(
    coldpoint, bench, tmp_path, monkeypatch
):
    found = discover(bench.library)
    monkeypatch.setattr("daq.app.discovery.discover", lambda library: found)
    ended = coldpoint("station", "--find", "--write", "mine.yaml", "--json")
    assert ended.code == 0
    assert [item["driver"] for item in json.loads(ended.out)] == [item.driver for item in found]
    assert load_station(tmp_path / "mine.yaml").name == "found"
    written = (tmp_path / "mine.yaml").read_text()
    again = coldpoint("station", "--find", "--write", "mine.yaml")
    assert again.code == 2
    assert "not overwritten" in again.err
    assert (tmp_path / "mine.yaml").read_text() == written


def test_a_bus_with_nobody_known_on_it_is_a_failure(coldpoint, monkeypatch, tmp_path):
    monkeypatch.setattr("daq.app.discovery.discover", lambda library: (Found("ASRL1::INSTR"),))
    ended = coldpoint("station", "--find")
    assert ended.code == 1
    assert "ASRL1::INSTR: no answer" in ended.out
    assert not list(tmp_path.iterdir())


def test_without_a_visa_library_one_line_says_so(coldpoint):
    ended = coldpoint("station", "--find", "--library", "no/such/library")
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "no VISA library" in line


def test_a_station_tells_how_every_instrument_is(coldpoint, bench):
    told = json.loads(coldpoint("station", "bench.yaml", "--json").out)
    assert told["station"] == "simulated"
    assert {"source", "lockin", "bias", "cryostat"} <= set(told["instruments"])
    shown = coldpoint("station", "bench.yaml")
    assert shown.code == 0
    assert "SIMULATED" in shown.out
    assert "6221" in shown.out


def test_a_station_command_without_a_station_is_asked_wrongly(coldpoint):
    ended = coldpoint("station")
    assert ended.code == 2
    assert "--find" in ended.err
