import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from daq.analysis.calibration import calibrate
from instruments.calibration import Calibration, Measured, RangeCalibration, objections
from instruments.errors import ConfigurationError
from instruments.excitation import Excitation
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.waiting import Record, drive
from procedures.calibrate import Calibrate

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ONE = Calibration(
    date="2026-01-01T00:00:00+00:00",
    contact="resistor",
    wiring_resistance=100e3,
    blocking_capacitor=None,
    lowest_frequency=100.0,
    highest_frequency=1000.0,
    ac_factor=Measured(0.99, 1e-4),
    gain=Measured(1.002, 1e-3),
    series_resistance=Measured(101.2e3, 100.0),
    phase=Measured(0.4, 0.01),
    phase_slope=Measured(1e-4, 2e-5),
    phase_covariance=-1e-7,
    separated=True,
    ranges=(
        RangeCalibration(1e-4, Measured(1.001, 1e-4), Measured(1e-8, 1e-9), Measured(-2e-8, 1e-9)),
    ),
)
WIRED = {"bias": {"series_resistance_ohm": 100e3, "blocking_capacitor_F": None, "contact": "1"}}


def carry_out(story, station):
    rows = []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))

    answer = drive(story, station.clock, stopped=lambda: False, handle=keep)
    return answer if not rows else {name: np.array([row[name] for row in rows]) for name in rows[0]}


def test_a_calibration_survives_its_file_digit_by_digit():
    assert Calibration.from_json(ONE.to_json()) == ONE
    assert json.loads(ONE.to_json())["format"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        ONE.to_json().replace('"format": 1', '"format": 2'),
        ONE.to_json().replace('"gain"', '"gian"', 1),
        ONE.to_json().replace("2026-01-01T", "yesterday "),
    ],
)
def test_a_file_that_is_no_calibration_is_refused_in_one_line(text):
    with pytest.raises(ConfigurationError, match="not a calibration") as caught:
        Calibration.from_json(text)
    assert "\n" not in str(caught.value)


def test_the_phase_at_a_frequency_has_the_error_of_both_coefficients():
    found = ONE.phase_at(200.0)
    assert found.value == pytest.approx(0.42)
    assert found.error == pytest.approx(math.sqrt(1e-4 + (2e-5 * 200.0) ** 2 - 2e-7 * 200.0))


def test_an_unmeasured_range_has_no_offset_and_the_mean_gain():
    assert ONE.offset_at(1e-4) == 1e-8 - 2e-8j
    assert ONE.gain_at(1e-4) == pytest.approx(1.002 * 1.001)
    assert ONE.offset_at(1e-3) == 0.0
    assert ONE.gain_at(1e-3) == 1.002


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        ({}, {"lifetime": 86400.0}, "151 days old"),
        ({"series_resistance_ohm": 50e3}, {}, "50000 ohm now and was 100000 ohm"),
        ({"blocking_capacitor_F": 1e-6}, {}, "1e-06 F now and was none"),
        ({}, {"same_contact": True}, "'1' is wired now and 'resistor' was"),
    ],
)
def test_a_calibration_of_another_time_or_wiring_does_not_apply(change, options, reason):
    assert objections(ONE, WIRED, NOW) == ()
    snapshot = {"bias": {**WIRED["bias"], **change}}
    (found,) = objections(ONE, snapshot, NOW, **options)
    assert reason in found


def test_a_station_refuses_a_calibration_of_another_wiring(bench_station):
    _, station = bench_station(series_resistance=50e3)
    with pytest.raises(ConfigurationError, match="does not apply"):
        station.use(ONE)
    assert station.calibration is None
    assert "calibration" not in station.snapshot()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_calibrated_station_measures_another_resistor_right(bench_station, seed):
    bench, station = bench_station(Resistor(100.0), seed=seed)
    bench.connect(replace(bench.wiring, series_resistance=101e3))
    rows = carry_out(Calibrate(resistance_error=0.005, frequencies=2).records(station), station)
    found = calibrate(rows, date=station.clock.utc().isoformat())
    station.finish()
    excitation = Excitation.averaged(1e-6, 317.0, 1.0)
    readings = []
    for calibrated in (False, True):
        if calibrated:
            station.use(found)
        for resistance in (30.0, 3000.0):
            bench.insert(Resistor(resistance))
            carry_out(station.bias.configure(excitation, 0.0), station)
            readings.append((resistance, carry_out(station.bias.read(), station)))
    for resistance, before in readings[:2]:
        assert abs(before.resistance - resistance) > 1e-3 * resistance
    for resistance, after in readings[2:]:
        error = math.hypot(after.error, 2e-4 * resistance)
        assert abs(after.resistance - resistance) < 4.0 * error
        assert after.status == Status(0)
        assert abs(after.y) < 5e-4 * abs(after.x) + 1e-7


def test_the_snapshot_says_what_was_applied(bench_station):
    _, station = bench_station()
    station.use(ONE)
    assert station.snapshot()["calibration"]["ac_factor"] == {"value": 0.99, "error": 1e-4}
    assert station.snapshot()["bias"]["series_resistance_ohm"] == 100e3
