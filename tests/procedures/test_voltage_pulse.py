import math
import threading

import pytest

from daq.runs.engine import MemorySink, execute
from instruments.limits import StationLimits
from instruments.simulated.sample import Resistor
from procedures.voltage_pulse import VoltagePulse

LIMITS = StationLimits(pulse_voltage=10.0, pulse_current=0.105)


class Felt(Resistor):
    """A resistor that writes down for how long it feels more than a volt, and the rest beside."""

    def __init__(self, resistance):
        super().__init__(resistance)
        self.seconds = 0.0
        self.highest = 0.0
        self.signs = set()

    def evolve(self, seconds, environment, exposures):
        (exposure,) = exposures.values()
        self.highest = max(self.highest, exposure.peak_voltage)
        if exposure.peak_voltage > 1.0:
            self.seconds += seconds
            self.signs.add(math.copysign(1.0, exposure.voltage))


def fired(station, **settings):
    sink = MemorySink()
    outcome = execute(VoltagePulse(**settings), station, sink, threading.Event())
    return outcome, [dict(row) for row in sink.rows]


@pytest.mark.parametrize("width", [1e-3, 5e-3, 9.9e-3])
@pytest.mark.parametrize("amplitude", [4.0, 6.0, 9.0, -6.0])
def test_the_contact_feels_the_voltage_for_the_width(bench_station, amplitude, width):
    sample = Felt(100.0)
    _, station = bench_station(sample, limits=LIMITS, ideal=True)
    outcome, rows = fired(station, amplitude=amplitude, width=width)
    assert outcome.error == ""
    assert sample.seconds == pytest.approx(width, rel=0.01)
    assert sample.highest == pytest.approx(abs(amplitude), rel=0.01)
    assert sample.signs == {math.copysign(1.0, amplitude)}
    assert rows[0]["Width (s)"] == pytest.approx(width)


def test_what_was_programmed_and_what_was_seen_is_recorded(bench_station):
    _, station = bench_station(Resistor(100.0), limits=LIMITS, ideal=True)
    _, (row,) = fired(station, amplitude=6.0, width=5e-3)
    assert list(row) == VoltagePulse.DATA_COLUMNS
    assert row["Amplitude (V)"] == 6.0
    assert row["Programmed current (A)"] == pytest.approx(1.05 * 6.0 / 100.0, rel=5e-3)
    assert row["Compliance (V)"] == pytest.approx(6.0, abs=0.01)
    assert row["Compliance event"] == 1
    assert row["R before (ohm)"] == pytest.approx(100.0, rel=3e-3)
    assert row["R after (ohm)"] == pytest.approx(100.0, rel=3e-3)
    assert math.isnan(row["ADC1 (V)"])


def test_every_pulse_of_a_train_has_its_row(bench_station):
    sample = Felt(100.0)
    _, station = bench_station(sample, limits=LIMITS, ideal=True)
    outcome, rows = fired(station, amplitude=5.0, width=2e-3, pulses=3)
    assert outcome.error == ""
    assert len(rows) == 3
    assert sample.seconds == pytest.approx(3 * 2e-3, rel=0.01)


@pytest.mark.parametrize("seed", range(1, 17))
def test_the_limit_of_the_pulse_holds_whatever_the_hidden_error_of_the_source(bench_station, seed):
    sample = Felt(120.0)
    _, station = bench_station(sample, limits=LIMITS, seed=seed)
    outcome, _ = fired(station, amplitude=10.0, width=5e-3)
    assert outcome.error == ""
    assert 9.5 < sample.highest <= 10.0


def test_a_contact_of_too_little_resistance_is_refused_and_the_reachable_voltage_named(
    bench_station,
):
    sample = Felt(50.0)
    _, station = bench_station(sample, limits=LIMITS, ideal=True)
    outcome, rows = fired(station, amplitude=6.0)
    assert outcome.status == "failed"
    assert outcome.error.startswith("RefusedError")
    named = float(outcome.error.split("at most ")[1].split(" V")[0])
    assert named == pytest.approx(0.105 * 50.0 / 1.05, rel=5e-3)
    assert rows == []
    assert sample.highest < 0.5


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        ({"pulse_voltage": 5.0}, "above the station's pulse_voltage of 5 V"),
        ({"pulse_current": 0.02}, "above 20 mA"),
    ],
)
def test_the_limits_of_the_station_are_not_exceeded(bench_station, limits, part):
    sample = Felt(100.0)
    _, station = bench_station(sample, limits=StationLimits(**limits), ideal=True)
    outcome, _ = fired(station, amplitude=6.0)
    assert outcome.status == "failed"
    assert part in outcome.error
    assert sample.highest < 0.5


def test_meanwhile_the_oscillator_is_down_and_the_input_grounded(bench_station):
    sample = Felt(100.0)
    bench, station = bench_station(sample, limits=LIMITS)
    source, lockin = station.role("source"), station.role("lockin")
    seen = []
    fire = source.fire_pulse

    def watched():
        seen.append((bench.truth()["oscillator_rms"], lockin.vmode))
        fire()

    source.fire_pulse = watched
    outcome, _ = fired(station)
    assert outcome.error == ""
    assert seen == [(0.0, "grounded")]
    assert lockin.vmode == "A-B"


def test_after_a_pulse_the_compliance_is_that_of_everything_else(bench_station):
    sample = Felt(100.0)
    _, station = bench_station(sample, limits=LIMITS)
    fired(station)
    assert station.role("source").source_compliance <= LIMITS.compliance


def test_a_source_that_cannot_be_told_to_fire_is_at_rest_and_the_run_failed(bench_station):
    sample = Felt(100.0)
    bench, station = bench_station(sample, limits=LIMITS)
    source = station.role("source")

    def broken():
        raise OSError("the link is gone")

    source.fire_pulse = broken
    outcome, rows = fired(station)
    assert outcome.status == "failed"
    assert "the link is gone" in outcome.error
    assert rows == []
    assert sample.seconds == 0.0
    assert bench.truth()["source_current"] == pytest.approx(0.0, abs=1e-9)
