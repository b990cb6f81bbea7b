import itertools

import pytest

from instruments.errors import ConfigurationError, LimitError
from instruments.simulated.sample import Resistor
from instruments.waiting import Record, Wait, drive
from procedures.calibrate import Calibrate


def collect(procedure, station):
    rows = []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))

    drive(procedure.records(station), station.clock, stopped=lambda: False, handle=keep)
    return rows


def test_every_current_and_frequency_is_read_with_oscillator_and_source(bench_station):
    _, station = bench_station()
    rows = collect(Calibrate(currents=2, frequencies=3, dwell=0.2), station)
    assert len([row for row in rows if row["Oscillator (V)"] > 0.0]) == 6
    assert len([row for row in rows if row["Source rms (A)"] > 0.0]) == 6
    assert len({row["Frequency (Hz)"] for row in rows}) == 3
    zeros = [
        row["Sensitivity (V)"]
        for row in rows
        if row["Oscillator (V)"] == 0.0 and row["Source rms (A)"] == 0.0
    ]
    assert sorted(zeros) == sorted({row["Sensitivity (V)"] for row in rows})
    assert all(sorted(row) == sorted(Calibrate.DATA_COLUMNS) for row in rows)


def test_the_source_and_the_oscillator_drive_the_same_current(bench_station):
    _, station = bench_station(ideal=True)
    rows = collect(Calibrate(currents=1, frequencies=2, dwell=0.2), station)
    for row in rows[1:]:
        size = abs(complex(row["X (V)"], row["Y (V)"]))
        assert size == pytest.approx(1e-4, rel=2e-3)


def test_a_calibration_stopped_while_the_source_drives_leaves_nothing_flowing(bench_station):
    for count in range(60, 110, 3):
        bench, station = bench_station()
        procedure = Calibrate(currents=1, frequencies=2, dwell=0.1)
        story = procedure.records(station)
        tones = []
        for event in itertools.islice(story, count):
            if isinstance(event, Wait):
                station.clock.sleep(max(0.0, event.until - station.clock.now()))
            tones.append(bench.truth()["source_tone"])
        story.close()
        procedure.end(station)
        truth = bench.truth()
        assert truth["source_tone"] == 0.0
        assert truth["oscillator_rms"] == 0.0
        assert bench.peaks.current <= 1.5e-6
    assert max(tones) == pytest.approx(2.0**0.5 * 1e-6, rel=2e-3)


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"excitation_rms": 2e-4}, LimitError, "above the limit"),
        ({"frequency": 150.0}, ConfigurationError, "does not suit"),
        ({"frequency": 1131.0}, ConfigurationError, "needs both"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_before_anything_is_sent(
    bench_station, settings, error, text
):
    bench, station = bench_station()
    began = bench.clock.now()
    with pytest.raises(error, match=text):
        collect(Calibrate(**settings), station)
    assert bench.clock.now() == began


def test_a_resistor_that_loads_the_series_resistance_is_refused(bench_station):
    _, station = bench_station(Resistor(30e3))
    with pytest.raises(Exception, match="accept_loading"):
        collect(Calibrate(resistance=30e3), station)
