import math

import numpy as np
import pytest

from instruments.errors import ConfigurationError
from instruments.waiting import Record, drive
from procedures.averaged import check_frequency, line_frequency
from procedures.bias_spectrum import ERROR_COLUMN, BiasSpectrum


def collect(procedure, station):
    rows = []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))

    drive(procedure.records(station), station.clock, stopped=lambda: False, handle=keep)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def test_an_averaged_spectrum_carries_the_error_that_its_points_scatter_by(bench_station):
    _, station = bench_station(seed=4)
    rows = collect(BiasSpectrum(start=-2e-5, stop=2e-5, points=201), station)
    resistance, error = rows["dV/dI (ohm)"], rows[ERROR_COLUMN]
    reduced = float(np.var(resistance, ddof=1) / np.mean(error**2))
    assert reduced == pytest.approx(1.0, abs=4.0 * math.sqrt(2.0 / 200))


def test_an_averaged_spectrum_is_less_noisy_than_a_single_one_and_takes_about_as_long(
    bench_station,
):
    scatter, life = {}, {}
    for acquisition in ("averaged", "single"):
        _, station = bench_station()
        began = station.clock.now()
        rows = collect(BiasSpectrum(acquisition=acquisition), station)
        life[acquisition] = station.clock.now() - began
        scatter[acquisition] = float(np.std(rows["dV/dI (ohm)"]))
    assert scatter["averaged"] < 0.8 * scatter["single"]
    assert life["averaged"] < 1.25 * life["single"]


def test_a_single_reading_has_no_error_and_takes_its_own_time_constant(bench_station):
    _, station = bench_station()
    rows = collect(
        BiasSpectrum(acquisition="single", points=2, time_constant=0.01, slope=12), station
    )
    assert np.all(np.isnan(rows[ERROR_COLUMN]))
    assert station.role("lockin").time_constant == 0.01
    assert station.role("lockin").slope == 12


def test_an_averaged_reading_takes_the_time_constant_of_the_rule(bench_station):
    _, station = bench_station()
    collect(BiasSpectrum(points=2, time_constant=1.0, slope=6), station)
    assert station.role("lockin").time_constant == 5e-3
    assert station.role("lockin").slope == 24


def test_a_frequency_that_cannot_be_averaged_is_refused_with_a_better_one(bench_station):
    bench, station = bench_station()
    began = bench.clock.now()
    with pytest.raises(ConfigurationError, match=r"150 Hz does not suit .* take 155 Hz"):
        collect(BiasSpectrum(frequency=150.0), station)
    assert bench.clock.now() == began
    assert len(collect(BiasSpectrum(frequency=150.0, acquisition="single", points=2), station)) > 0


def test_the_frequency_is_judged_for_the_line_of_the_station(bench_station):
    _, station = bench_station()
    assert line_frequency(station) == 50.0
    check_frequency(station, "test", 115.0, 0.2)
    station.role("lockin").line_frequency = 60.0
    with pytest.raises(ConfigurationError, match="a beat with the line"):
        check_frequency(station, "test", 119.0, 0.2)
