import math
import threading

import numpy as np
import pytest

from daq.runs.engine import MemorySink, execute
from instruments.errors import LimitError
from instruments.simulated.sample import Resistor
from instruments.status import Status
from procedures.bias_spectrum import VOLTAGE_COLUMN, BiasSpectrum


@pytest.fixture(params=["as it comes", "single"])
def settings(request):
    """Both ways of taking a point, where there are two."""
    if request.param == "as it comes":
        return {}
    if "acquisition" not in BiasSpectrum.settings():
        pytest.skip("there is one way of taking a point only")
    return {"acquisition": request.param}


class Curved(Resistor):
    """V = R I + c I |I|: symmetric, and steeper further out."""

    curvature = 1e5

    def voltage(self, current, terminals, source, environment):
        return self.resistance * current + self.curvature * current * np.abs(current)

    def current(self, voltage, source, environment):
        r, c = self.resistance, self.curvature
        size = (-r + np.sqrt(r * r + 4.0 * c * np.abs(voltage))) / (2.0 * c)
        return np.sign(voltage) * size


def carried_out(procedure, station):
    sink = MemorySink()
    outcome = execute(procedure, station, sink, threading.Event())
    assert outcome.error == ""
    assert outcome.status == "finished"
    return {
        name: np.array([row[name] for row in sink.rows]) for name in procedure.DATA_COLUMNS
    }, sink


def test_every_row_has_exactly_the_columns_and_is_python_numbers(bench_station, settings):
    _, station = bench_station()
    _, sink = carried_out(BiasSpectrum(start=0.0, stop=1e-5, points=3, **settings), station)
    for row in sink.rows:
        assert list(row) == BiasSpectrum.DATA_COLUMNS
        assert all(type(value) in {float, int} for value in row.values())


def test_dv_di_and_the_integrated_voltage_are_those_of_the_contact(bench_station, settings):
    _, station = bench_station(Curved(100.0), ideal=True)
    spectrum = BiasSpectrum(start=-1e-4, stop=1e-4, points=41, **settings)
    data, _ = carried_out(spectrum, station)
    current = data["Current (A)"]
    slope = 100.0 + 2e5 * np.abs(current)
    away = np.abs(current) > 5e-6  # at 0 A the excitation rounds the kink
    assert data["dV/dI (ohm)"][away] == pytest.approx(slope[away], rel=2e-3)
    voltage = 100.0 * current + 1e5 * current * np.abs(current)
    assert data[VOLTAGE_COLUMN] == pytest.approx(voltage, abs=3e-5)


def test_the_points_are_taken_in_order_there_and_back(bench_station, settings):
    _, station = bench_station(ideal=True)
    spectrum = BiasSpectrum(start=-1e-5, stop=2e-5, points=4, both_ways=True, **settings)
    data, _ = carried_out(spectrum, station)
    there = [-1e-5, 0.0, 1e-5, 2e-5]
    assert data["Current (A)"] == pytest.approx([*there, *reversed(there)], abs=2e-8)
    assert np.all(np.diff(data["Time (s)"]) > 0.0)


def test_the_leak_through_the_series_resistance_is_taken_off_the_current(bench_station, settings):
    bench, station = bench_station(Resistor(1000.0), ideal=True, series_resistance=20e3)
    spectrum = BiasSpectrum(start=0.0, stop=1e-4, points=3, **settings)
    seen = []

    class Watching(MemorySink):
        def __init__(self):
            super().__init__()
            append = self.append

            def watch(values):
                seen.append(bench.truth()["sample_current"])
                append(values)

            self.append = watch

    sink = Watching()
    execute(spectrum, station, sink, threading.Event())
    assert [row["Current (A)"] for row in sink.rows] == pytest.approx(seen, rel=2e-3, abs=1e-9)
    assert seen[-1] < 0.97e-4


def test_the_second_harmonic_has_no_resistance(bench_station, settings):
    _, station = bench_station(Curved(100.0), ideal=True)
    spectrum = BiasSpectrum(start=5e-5, stop=1e-4, points=2, harmonic=2, **settings)
    data, _ = carried_out(spectrum, station)
    assert np.all(np.isnan(data["dV/dI (ohm)"]))
    assert np.all(np.hypot(data["X (V)"], data["Y (V)"]) > 0.0)


def test_a_spectrum_ends_at_rest(bench_station, settings):
    bench, station = bench_station()
    carried_out(BiasSpectrum(start=0.0, stop=1e-4, points=3, **settings), station)
    truth = bench.truth()
    assert truth["source_current"] == pytest.approx(0.0, abs=1e-7)
    assert truth["oscillator_rms"] == 0.0


def test_a_stop_ends_the_spectrum_at_the_next_point_and_at_rest(bench_station, settings):
    bench, station = bench_station()
    stop = threading.Event()

    class Third(MemorySink):
        def __init__(self):
            super().__init__()
            append = self.append

            def count(values):
                append(values)
                if len(self.rows) == 3:
                    stop.set()

            self.append = count

    sink = Third()
    outcome = execute(BiasSpectrum(points=21, **settings), station, sink, stop)
    assert (outcome.status, len(sink.rows)) == ("aborted", 3)
    assert bench.truth()["source_current"] == pytest.approx(0.0, abs=1e-7)
    assert bench.truth()["oscillator_rms"] == 0.0


def test_more_than_the_limit_fails_before_any_current_flows(bench_station, settings):
    bench, station = bench_station()
    sink = MemorySink()
    spectrum = BiasSpectrum(start=0.0, stop=1e-3, points=3, **settings)
    outcome = execute(spectrum, station, sink, threading.Event())
    assert outcome.status == "failed"
    assert outcome.error.startswith(LimitError.__name__)
    assert bench.peaks.current < 1e-9
    assert sink.rows == []


def test_a_noisy_contact_has_no_flags_when_nothing_is_wrong(bench_station, settings):
    _, station = bench_station()
    data, _ = carried_out(BiasSpectrum(points=21, **settings), station)
    assert set(data["Status"]) == {int(Status(0))}
    assert not math.isnan(float(data["dV/dI (ohm)"].sum()))
