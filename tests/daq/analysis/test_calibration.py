import math
from dataclasses import replace

import numpy as np
import pytest

from daq.analysis.calibration import calibrate
from instruments.simulated.sample import Resistor
from instruments.waiting import Record, drive
from procedures.calibrate import Calibrate

DATE = "2026-01-01T00:00:00+00:00"


def measured(station, **settings):
    rows = []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))

    story = Calibrate(**settings).records(station)
    drive(story, station.clock, stopped=lambda: False, handle=keep)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def bad_wiring(bench_station, seed, share=0.004, **kwargs):
    """Return a station whose series resistor is not what the bias was told."""
    bench, station = bench_station(Resistor(100.0), seed=seed, **kwargs)
    actual = bench.wiring.series_resistance * (1.0 + share)
    bench.connect(replace(bench.wiring, series_resistance=actual))
    return bench, station


def deviations(found, bench):
    """Return by how many of its errors each result misses the truth of the twin."""
    truth = bench.oscillator.errors
    series = bench.wiring.series_resistance
    factor = (1.0 + truth.gain) * (found.wiring_resistance + 50.0) / (series + 50.0)
    pairs = [
        (found.ac_factor, factor),
        (found.gain, 1.0 + truth.gain),
        (found.series_resistance, series),
        (found.phase, math.degrees(truth.phase)),
        (found.phase_slope, math.degrees(truth.phase_slope)),
    ]
    for one in found.ranges:
        pairs += [
            (one.gain, 1.0),
            (one.x_offset, truth.offset.real * one.sensitivity),
            (one.y_offset, truth.offset.imag * one.sensitivity),
        ]
    return np.array([(value.value - expected) / value.error for value, expected in pairs])


def test_what_the_instruments_hide_is_found_within_its_errors_for_several_seeds(bench_station):
    every = []
    for seed in range(1, 7):
        bench, station = bad_wiring(bench_station, seed, share=0.004 * (-1) ** seed)
        rows = measured(station, resistance_error=0.005, frequencies=3, dwell=0.5)
        found = deviations(calibrate(rows, date=DATE), bench)
        assert np.max(np.abs(found)) < 4.0
        every.extend(found)
    assert 0.4 < np.sqrt(np.mean(np.square(every))) < 1.3


def test_the_errors_are_small_enough_to_be_of_use(bench_station):
    _, station = bad_wiring(bench_station, 3)
    found = calibrate(measured(station, resistance_error=0.005), date=DATE)
    assert found.ac_factor.error < 1.5e-4
    assert found.gain.error < 1.5e-3
    assert found.phase.error < 0.01
    assert found.phase_slope.error < 1e-5
    assert found.lowest_frequency == 137.0
    assert found.highest_frequency == 1131.0
    assert found.separated


def test_a_wrong_resistor_is_carried_into_the_error(bench_station):
    bench, station = bad_wiring(bench_station, 2)
    rows = measured(station, resistance=100.5, resistance_error=0.5, frequencies=2, dwell=0.2)
    found = calibrate(rows, date=DATE)
    assert found.ac_factor.error == pytest.approx(5e-3, rel=0.1)
    assert np.max(np.abs(deviations(found, bench))) < 4.0


def test_without_the_source_only_the_ac_factor_is_found(bench_station):
    bench, station = bad_wiring(bench_station, 1)
    rows = measured(station, compare_source=False, frequencies=2, dwell=0.5)
    found = calibrate(rows, date=DATE)
    factor = (1.0 + bench.oscillator.errors.gain) * 100050.0 / 100450.0
    assert not found.separated
    assert found.gain == found.ac_factor
    assert found.series_resistance.value == 100e3
    assert found.ac_factor.value == pytest.approx(factor, abs=3.0 * found.ac_factor.error)


def test_a_blocking_capacitor_is_not_taken_for_a_phase(bench_station):
    bench, station = bad_wiring(bench_station, 4, blocking_capacitor=1e-7)
    rows = measured(station, frequencies=3, dwell=0.5)
    found = calibrate(rows, date=DATE)
    assert found.blocking_capacitor == 1e-7
    assert found.phase.value == pytest.approx(
        math.degrees(bench.oscillator.errors.phase), abs=4.0 * found.phase.error
    )


def test_a_range_with_a_gain_of_its_own_is_told(bench_station):
    _, station = bad_wiring(bench_station, 1)
    rows = measured(station, compare_source=False, frequencies=2, dwell=0.5)
    widest = rows["Sensitivity (V)"].max()
    off = np.where(rows["Sensitivity (V)"] == widest, 1.01, 1.0)
    found = calibrate(
        {**rows, "X (V)": rows["X (V)"] * off, "Y (V)": rows["Y (V)"] * off}, date=DATE
    )
    gains = [one.gain.value for one in found.ranges]
    assert gains[-1] / gains[0] == pytest.approx(1.01, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda rows: {k: v for k, v in rows.items() if k != "X (V)"}, "missing"),
        (lambda rows: {k: v[rows["Oscillator (V)"] > 0.0] for k, v in rows.items()}, "no zero"),
        (lambda rows: {k: v[rows["Oscillator (V)"] == 0.0] for k, v in rows.items()}, "4 needed"),
        (lambda rows: {**rows, "Frequency (Hz)": np.full(len(rows["X (V)"]), 137.0)}, "two"),
    ],
)
def test_rows_that_do_not_suffice_are_refused(bench_station, change, text):
    _, station = bench_station()
    rows = measured(station, frequencies=2, currents=2, dwell=0.1, compare_source=False)
    with pytest.raises(ValueError, match=text):
        calibrate(change(rows), date=DATE)
