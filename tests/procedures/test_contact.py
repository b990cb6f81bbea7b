"""Contacts of a simulated station: gone over to at rest, and named by every run."""

import json
from dataclasses import dataclass

import pytest

from daq import Lab
from daq.campaign import plan
from daq.campaign.surroundings import set_surroundings
from daq.config.document import parse_document
from daq.config.station import station_from
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.errors import ColdpointError, CommunicationError, InstrumentError, RefusedError
from instruments.excitation import Excitation
from instruments.simulated.sample import Resistor
from instruments.waiting import drive
from procedures.bias_spectrum import BiasSpectrum
from procedures.contact import reach_contact

ONE = '  contact 1: {source: "I+ I-", lockin: "V+ V-"}\n'
TWO = (
    '  contact 1: {source: "A+ A-", lockin: "A+ A-"}\n'
    '  contact 2: {source: "B+ B-", lockin: "B+ B-"}\n'
)
RESISTANCES = {"A+ A-": 100.0, "B+ B-": 300.0}
EXCITATION = Excitation(1e-6, 137.0, 0.02)


@dataclass
class Pair(Resistor):
    """Two resistors on one chip."""

    def _between(self, terminals, source):
        return RESISTANCES[source] if terminals == source else 0.0


@pytest.fixture
def opened(cold_station):
    stations = []

    def make(*changes):
        config = station_from(parse_document(cold_station((ONE, TWO), *changes), "two.yaml"))
        twins = build_bench(config)
        twins.bench.insert(Pair())
        station = open_configured(config, bench=twins)
        stations.append(station)
        return station, twins.bench

    yield make
    for station in stations:
        station.close()


def carried_out(story, station):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda _event: None)


def measured(station):
    def story():
        yield from station.bias.configure(EXCITATION, 1e-5)
        reading = yield from station.bias.read()
        return reading.resistance

    return carried_out(story(), station)


def go(station, contact):
    carried_out(set_surroundings(station, plan.ContactStep(contact)), station)


def test_after_a_contact_step_the_other_resistor_is_measured_and_named(opened):
    station, _ = opened()
    assert (station.contact, station.contacts) == ("contact 1", ("contact 1", "contact 2"))
    assert measured(station) == pytest.approx(100.0, rel=0.02)
    go(station, "contact 2")
    assert measured(station) == pytest.approx(300.0, rel=0.02)
    snapshot = station.snapshot()
    assert station.contact == snapshot["switch"]["contact"] == snapshot["bias"]["contact"]
    go(station, "contact 1")
    assert measured(station) == pytest.approx(100.0, rel=0.02)


@pytest.mark.parametrize("switch", ["", "  switch: {driver: Simulated}\n"])
def test_wires_are_moved_only_when_everything_is_down_and_the_output_off(opened, switch):
    cryostat = "  cryostat: {driver"
    station, bench = opened((cryostat, switch + cryostat))
    measured(station)
    carried_out(station.bias.set(1e-5), station)
    seen = []
    connect = bench.connect

    def watched(wiring):
        seen.append(bench.truth())
        connect(wiring)

    bench.connect = watched
    go(station, "contact 2")
    (truth,) = seen
    assert truth["source_connected"] == truth["oscillator_rms"] == 0.0
    assert station.role("source").source_current == 0.0
    assert station.role("source").source_compliance == pytest.approx(0.1)


def test_what_was_found_on_the_contact_before_is_forgotten(opened):
    station, _ = opened()
    measured(station)
    assert station.bias.phase is not None
    go(station, "contact 2")
    assert station.bias.phase is None
    assert station.bias.sensitivity != station.bias.sensitivity


def test_going_over_to_the_contact_that_is_wired_does_nothing(opened):
    station, bench = opened()
    began, wiring, phase = bench.clock.now(), bench.wiring, station.bias.phase
    go(station, "contact 1")
    assert (bench.clock.now(), station.bias.phase) == (began, phase)
    assert bench.wiring is wiring


def test_outputs_that_do_not_come_down_leave_the_wires_where_they_are(opened, monkeypatch):
    station, bench = opened()
    wiring = bench.wiring
    monkeypatch.setattr(type(station.role("lockin")), "voltage", property(lambda _: 0.2, None))
    monkeypatch.setattr(station.bias, "rest", lambda: None)
    with pytest.raises(InstrumentError, match=r"oscillator at 0\.2 V"):
        go(station, "contact 2")
    assert bench.wiring is wiring
    assert station.contact == "contact 1"


def test_a_contact_that_there_is_not_is_refused_with_those_that_there_are(opened):
    station, _ = opened()
    with pytest.raises(RefusedError, match=r"\['contact 1', 'contact 2'\]"):
        go(station, "contact 3")
    assert station.contact == "contact 1"


def test_a_station_without_a_switch_says_so(bench_station):
    _, station = bench_station()
    station.contacts = ("contact 1", "contact 2")
    with pytest.raises(RefusedError, match="it has no switch"):
        carried_out(reach_contact(station, "contact 2"), station)


@pytest.mark.parametrize(
    ("failure", "contact"), [(RefusedError, "contact 1"), (CommunicationError, "")]
)
def test_after_a_switch_has_failed_the_contact_is_known_only_if_nothing_moved(
    opened, monkeypatch, failure, contact
):
    station, _ = opened()

    def connect(_contact):
        raise failure("switch: no")

    monkeypatch.setattr(station.role("switch"), "connect", connect)
    with pytest.raises(ColdpointError, match="switch: no"):
        go(station, "contact 2")
    assert station.contact == contact


def test_every_run_of_a_script_names_its_contact(tmp_path, cold_station):
    file = tmp_path / "two.yaml"
    sample = ("sample: bi2se3_soft_contact", "sample: {name: bi2se3_contact_pair}")
    file.write_text(cold_station((ONE, TWO), sample))
    with Lab.open(file, data=tmp_path / "data") as lab:
        short = {"start": -1e-5, "stop": 1e-5, "points": 3}
        lab.run(BiasSpectrum(**short))
        lab.contact("contact 2")
        lab.run(BiasSpectrum(**short))
    written = sorted((tmp_path / "data").rglob("*-bias_spectrum.json"))
    assert [json.loads(path.read_text())["contact"] for path in written] == [
        "contact 1",
        "contact 2",
    ]
