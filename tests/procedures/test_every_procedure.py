"""What holds for every procedure that a sequence can name."""

import itertools

import pytest

from instruments.errors import CommunicationError
from instruments.waiting import Record, Wait, drive
from procedures.catalogue import PROCEDURES

SINGLE = {"acquisition": "single", "time_constant": 0.01}
CHEAP = {
    "bias_spectrum": {**SINGLE, "points": 3},
    "voltage_pulse": {"pulses": 1},
    "temperature_ramp": {**SINGLE, "stop": 4.2, "interval": 8.0},
    "thermal_cycle": {**SINGLE, "base": 4.0, "maximum": 4.5, "interval": 8.0},
    "field_loop": {**SINGLE, "maximum": 0.02, "points": 2},
    "angle_sweep": {**SINGLE, "stop": 20.0, "points": 2, "both_ways": True, "current": 1e-5},
    "calibrate": {"currents": 1, "frequencies": 2, "dwell": 0.1, "compare_source": False},
    "contact_check": {"dwell": 0.1, "noise_frequencies": 1},
    "heating_check": {"dwell": 0.1, "rounds": 1},
    "tunnel_spectrum": {**SINGLE, "points": 3},
    "calibrate_tunnel": {"resistance": 10e6, "points": 3, "dwell": 0.1, "readings": 2},
}
"""Settings that make a run short; defaults elsewhere."""
NAMES = sorted(PROCEDURES)


@pytest.fixture
def cold(place, tunnelling_place, request):
    if "tunnel" not in request.node.callspec.params["name"]:
        return place(temperature=4.0, poll_period=8.0)
    return tunnelling_place()


def cheap(name):
    return PROCEDURES[name](**CHEAP.get(name, {}))


def events_of(name, station):
    seen = []
    procedure = cheap(name)
    procedure.check(station)
    drive(procedure.records(station), station.clock, stopped=lambda: False, handle=seen.append)
    procedure.end(station)
    return seen


def places_to_stop(events):
    """Return after how many events to stop: the first and last time that two follow.

    The rest repeats them, line by line: an average is hundreds of waits for one reason.
    """
    words = [(type(event), getattr(event, "reason", "")) for event in events]
    found = {}
    for count, step in enumerate(itertools.pairwise(words), start=1):
        found.setdefault(step, []).append(count)
    kept = {0, 1, len(words)}
    kept.update(count for counts in found.values() for count in (counts[0], counts[-1]))
    return sorted(kept)


def stop_after(count, name, station):
    """Ask a run to stop after `count` events, and clean up."""
    procedure = cheap(name)
    story = procedure.records(station)
    for event in itertools.islice(story, count):
        if isinstance(event, Wait):
            station.clock.sleep(max(0.0, event.until - station.clock.now()))
    story.close()
    procedure.end(station)


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_yields_exactly_its_columns(name, cold):
    procedure = cheap(name)
    rows = cold.rows(procedure)
    assert rows
    for row in rows:
        assert sorted(row) == sorted(procedure.DATA_COLUMNS)
        assert all(type(value) in {float, int} for value in row.values())
    cold.assert_at_rest()


@pytest.mark.parametrize("name", NAMES)
def test_it_stays_within_the_limits(name, cold):
    cold.rows(cheap(name))
    limits, peaks = cold.station.limits, cold.bench.peaks
    pulse = name == "voltage_pulse"
    if cold.station.tunnelling is not None:
        assert peaks.voltage <= limits.voltage
    assert peaks.voltage <= (limits.pulse_voltage if pulse else limits.compliance)
    assert peaks.current <= (limits.pulse_current if pulse else limits.current)
    assert peaks.current > 0.0


@pytest.mark.parametrize("name", NAMES)
def test_stopped_at_any_event_it_leaves_nothing_flowing(name, cold):
    for count in places_to_stop(events_of(name, cold.station)):
        stop_after(count, name, cold.station)
        cold.assert_at_rest()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("call", [0, 2, 9])
def test_an_instrument_that_fails_on_the_way_leaves_nothing_flowing(name, call, cold, monkeypatch):
    lockin = cold.station.role("lockin")
    whole, calls = lockin.read_xy, itertools.count()

    def failing():
        if next(calls) == call:
            raise CommunicationError("lockin: did not answer")
        return whole()

    monkeypatch.setattr(lockin, "read_xy", failing)
    _, outcome = cold.run(cheap(name))
    if next(calls) > call:
        assert outcome.status == "failed"
        assert "did not answer" in outcome.error
    cold.assert_at_rest()


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_make_the_same_procedure_again(name):
    values = cheap(name).setting_values()
    again = PROCEDURES[name](**values)
    assert again.setting_values() == values
    assert PROCEDURES[name].name == name


@pytest.mark.parametrize("name", ["temperature_ramp", "thermal_cycle", "field_loop", "angle_sweep"])
def test_nothing_flows_before_the_start_and_after_the_end_of_a_sweep(name, place):
    here = place(temperature=4.0, poll_period=8.0)
    procedure = PROCEDURES[name](**{**CHEAP[name], "current": 2e-5})
    flowing = []

    def look(event):
        row = isinstance(event, Record)
        flowing.append((row, here.bench.truth()["source_current"]))

    drive(procedure.records(here.station), here.station.clock, stopped=lambda: False, handle=look)
    assert flowing[0][1] == pytest.approx(0.0, abs=1e-7)
    assert here.bench.truth()["source_current"] == pytest.approx(0.0, abs=1e-7)
    rows = [current for row, current in flowing if row]
    assert rows == pytest.approx([2e-5] * len(rows), rel=0.01)
