"""What the sweeps must show on simulated stations, from the CSV files alone."""

import math
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from daq import Lab
from daq.analysis.calibration import calibrate
from daq.analysis.hall import hall_loop
from daq.analysis.harmonics import angular_fit, axis_difference
from daq.analysis.thermometer import Ramp, at_reading, lag_between, lagging
from daq.analysis.transition import resistive_transition
from daq.config.station import load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.samples.flake import FlakeNumbers
from daq.samples.hall_film import HallFilmNumbers
from daq.simulation import build_bench
from daq.station_file import open_configured
from procedures.angle_sweep import AngleSweep
from procedures.calibrate import Calibrate
from procedures.field_loop import FieldLoop
from procedures.temperature_ramp import TemperatureRamp

SAMPLE = "sample: bi2se3_soft_contact"
START = "{temperature: 1.9 K, field: 0 T}"
CONTACT = '{source: "I+ I-", lockin: "V+ V-"}'
BESIDE = "  lockin_yx: {driver: DSP7265, resource: GPIB0::16::INSTR, line: 50 Hz}\n"


@contextmanager
def laboratory(folder, text):
    """Open a station file; give the laboratory and the bench behind it, which holds the truth."""
    folder.mkdir()
    file = folder / "station.yaml"
    file.write_text(text)
    config = load_station(file)
    twins = build_bench(config)
    station = open_configured(config, bench=twins)
    data = CampaignFolder.create(
        folder / "data", "Sweeps", station.clock, {}, sequence="", station=config.text
    )
    with Lab(station, data) as lab:
        yield lab, twins


def columns(run):
    """Return the columns of a run; nothing but its CSV is read."""
    run.path.with_suffix(".json").unlink()
    data = open_run(run.path).data
    return {name: data[name].to_numpy() for name in data}


def at_the_sample(rows, name):
    """Return when each signal was at the sample, and a column of the cryostat at that time."""
    when, age = rows["Time (s)"] - rows["Lag (s)"], rows["Cryostat age (s)"] - rows["Lag (s)"]
    return when, at_reading(when, rows[name], age)


# The transition of the flake

RATE = 0.05
"""3 K/min in K/s."""


@pytest.fixture(scope="module")
def flake(tmp_path_factory, cold_station):
    """The ramps up and down of a written flake: times, temperatures, error of these."""
    text = cold_station(
        (SAMPLE, "sample: {name: bi2se3_flake, written: 1}"),
        (START, "{temperature: 3 K, field: 0 T}"),
    )
    ramp = TemperatureRamp(
        stop=8.0,
        rate=RATE,
        rate_below=RATE,
        interval=1.0,
        excitation_rms=3e-6,
        acquisition="averaged",
    )
    with laboratory(tmp_path_factory.mktemp("flake") / "lab", text) as (lab, _):
        assert lab.station.poll_period == 2.0
        rows = columns(lab.run(ramp))
    ways, errors = [], []
    for branch in (1, -1):
        part = {name: values[rows["Branch"] == branch] for name, values in rows.items()}
        time, temperature = at_the_sample(part, "Temperature (K)")
        ways.append(Ramp(time, temperature.value, part["Resistance (ohm)"]))
        errors.append(temperature.error)
    return ways, errors


def transition(way, temperature):
    """Return the onset of the points that were taken while the temperature moved."""
    moving = np.abs(np.gradient(temperature, way.time)) > 0.5 * RATE
    return resistive_transition(temperature[moving], way.resistance[moving]).onset_tangent


def test_the_critical_temperature_of_a_written_flake_survives_lag_and_poller(flake):
    ways, errors = flake
    truth = FlakeNumbers().critical_temperature
    lag = lag_between(*ways)  # the way down stops at 4.2 K while the pot fills with helium
    assert 2.5 < lag.value < 4.0
    onsets = []
    for way, error in zip(ways, errors, strict=True):
        onset = transition(way, lagging(way.time, way.temperature, lag.value))
        stated = math.hypot(onset.error, RATE * lag.error, error)
        assert onset.value == pytest.approx(truth, abs=0.1)
        assert 1e-3 < stated < 0.03
        onsets.append(onset.value)
    assert onsets[0] == pytest.approx(onsets[1], abs=0.05)


def test_without_the_lag_the_two_ways_would_not_agree(flake):
    up, down = (transition(way, way.temperature).value for way in flake[0])
    assert up - down > 0.2


# The axes of the two contacts

AXES = {"A+ A-": 25.0, "B+ B-": 85.0}
MOUNT = "mount: {offset: 10 deg, misalignment: 0.5 deg, backlash: 0.5 deg, current: [0, 0, 1]}\n"
WRITTEN = "written_a: 1, axis_a: 25 deg, written_b: 1, axis_b: 85 deg"


def angles(folder, cold_station, terminals, field):
    """Return the harmonics of the conductance of a contact, and the rows."""
    text = MOUNT + cold_station(
        (SAMPLE, f"sample: {{name: bi2se3_contact_pair, {WRITTEN}}}"),
        (START, f"{{temperature: 1.9 K, field: {field} T, angle: 90 deg}}"),
        (CONTACT, f'{{source: "{terminals}", lockin: "{terminals}"}}'),
    )
    sweep = AngleSweep(start=350.0, stop=5.0, points=24, acquisition="averaged", dwell=0.2)
    with laboratory(folder, text) as (lab, twins):
        assert twins.cryostat.options.rotator.backlash == 0.5
        rows = columns(lab.run(sweep))
    return angular_fit(rows["Crystal angle (deg)"], 1.0 / rows["Resistance (ohm)"]), rows


@pytest.fixture(scope="module")
def two_fold(tmp_path_factory, cold_station):
    folder = tmp_path_factory.mktemp("axes")
    return {
        pair: angles(folder / pair[0], cold_station, pair, 2.0)[0].harmonics[2] for pair in AXES
    }


@pytest.mark.parametrize("terminals", AXES)
def test_the_axis_of_each_contact_comes_out_with_play_in_the_rotator(two_fold, terminals):
    found = two_fold[terminals]
    assert found.found
    assert found.axis.value == pytest.approx(AXES[terminals], abs=2.0)
    assert found.axis.value == pytest.approx(AXES[terminals], abs=4.0 * found.axis.error + 0.1)


def test_the_axes_of_the_two_contacts_are_sixty_degrees_apart(two_fold):
    apart = axis_difference(two_fold["B+ B-"], two_fold["A+ A-"])
    assert apart.value == pytest.approx(60.0, abs=3.0)
    assert apart.error < 1.0


def test_above_the_critical_field_nothing_is_two_fold(tmp_path, cold_station):
    found, rows = angles(tmp_path / "lab", cold_station, "A+ A-", 3.5)
    assert not found.harmonics[2].found
    assert found.harmonics[2].significance < 4.0
    assert rows["Field (T)"] == pytest.approx(3.5, abs=1e-3)
    assert np.max(np.abs(rows["J.H"])) < 0.02  # the current is along c


# The loop of the film

FILM = 14.0
"""Temperature in K at which the film is resistive and magnetic."""


class Trapped:
    """A cryostat with a field that its power supply knows nothing of."""

    def __init__(self, cryostat, field):
        self.cryostat, self.field = cryostat, field
        self.seen = (None, None)

    def condition(self, now):
        reported, _ = self.seen
        found = self.cryostat.condition(now)
        if found is not reported:
            self.seen = (found, replace(found, field=found.field + self.field))
        return self.seen[1]

    def __getattr__(self, name):
        return getattr(self.cryostat, name)


def loop(folder, cold_station, *, field=0.0, trapped=0.0):
    """Return what a loop from a field says, by its CSV alone."""
    text = cold_station(
        (SAMPLE, "sample: crbst_fete"),
        (START, f"{{temperature: {FILM} K, field: {field} T}}"),
        (CONTACT, '{source: "I+ I-", lockin: "V+ V-", lockin_yx: "H+ H-"}'),
        ("  cryostat: {driver", f"{BESIDE}  cryostat: {{driver"),
    )
    procedure = FieldLoop(
        maximum=0.2,
        mode="sweep",
        rate=0.001,
        interval=3.0,
        initial_branch=False,
        excitation_rms=3e-6,
    )
    with laboratory(folder, text) as (lab, twins):
        twins.bench.put_into(Trapped(twins.cryostat, trapped))
        rows = columns(lab.run(procedure))
    _, field = at_the_sample(rows, "Field (T)")
    return hall_loop(field.value, rows["R_yx (ohm)"], rows["Resistance (ohm)"])


def coercive_field():
    """Return the coercive field in T that was put into the film."""
    n = HallFilmNumbers()
    scale = (1.0 - FILM / n.curie_temperature) / (
        1.0 - n.coercive_temperature / n.curie_temperature
    )
    return n.coercive_field * scale**n.coercive_exponent


@pytest.fixture(scope="module")
def trapped_loop(tmp_path_factory, cold_station):
    return loop(tmp_path_factory.mktemp("loop") / "lab", cold_station, trapped=0.012)


def test_the_coercive_field_does_not_feel_twelve_millitesla_of_trapped_field(trapped_loop):
    assert trapped_loop.coercive_field.value == pytest.approx(coercive_field(), abs=0.002)
    assert 0.0 < trapped_loop.coercive_field.error < 0.0015
    assert trapped_loop.centre.value == pytest.approx(-0.012, abs=0.002)


def test_the_hall_loop_is_free_of_the_longitudinal_resistance(trapped_loop):
    n = HallFilmNumbers()
    assert trapped_loop.mixing.value == pytest.approx(n.mixing, rel=0.03)
    # what the superconductor beside it leaves of R_0, and its change with field in R_A
    assert trapped_loop.hall_coefficient.value == pytest.approx(
        0.893, abs=2.0 * trapped_loop.hall_coefficient.error
    )
    assert trapped_loop.hall_coefficient.error < 0.06
    far = np.abs(trapped_loop.field) > 0.12
    odd = trapped_loop.rising[far] + trapped_loop.rising[::-1][far]
    assert np.max(np.abs(odd)) < 0.05 * trapped_loop.anomalous.value


def test_a_magnet_that_comes_from_two_tesla_is_zeroed_before_the_loop(tmp_path, cold_station):
    found = loop(tmp_path / "lab", cold_station, field=2.0)
    assert found.coercive_field.value == pytest.approx(coercive_field(), abs=0.002)
    assert abs(found.centre.value) < 0.002


def test_a_stepped_loop_after_five_tesla_has_its_coercive_field_within_its_error(
    tmp_path, cold_station
):
    text = cold_station(
        (SAMPLE, "sample: crbst_fete"),
        (START, f"{{temperature: {FILM} K, field: 0 T}}"),
        (CONTACT, '{source: "I+ I-", lockin: "V+ V-", lockin_yx: "H+ H-"}'),
        ("  cryostat: {driver", f"{BESIDE}  cryostat: {{driver"),
    )
    steps = FieldLoop(
        maximum=0.12, points=41, initial_branch=False, excitation_rms=3e-6, time_constant=0.05
    )
    with laboratory(tmp_path / "lab", text) as (lab, twins):
        lab.field(5.0)
        lab.field(0.0)
        assert twins.cryostat.magnet.true(lab.station.clock.now()) < -110.0
        rows = columns(lab.run(steps))
    found = hall_loop(rows["Field (T)"], rows["R_yx (ohm)"], rows["Resistance (ohm)"])
    assert found.coercive_field.value == pytest.approx(
        coercive_field(), abs=1.5 * found.coercive_field.error
    )
    assert found.coercive_field.error < 0.0015
    assert abs(found.centre.value) < 0.001


# The calibration

RESISTOR = (SAMPLE, "sample: {name: resistor, resistance: 100 ohm}")
SERIES = 99.6e3
"""Of the bench in ohm; the station file says 100 kohm."""


@contextmanager
def miswired(folder, text):
    """Open a station whose series resistance is not what its file says."""
    with laboratory(folder, text) as (lab, twins):
        bench = twins.bench
        bench.connect(replace(bench.wiring, series_resistance=SERIES))
        yield lab, bench


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory, cold_station):
    """Return what a calibration run found, and what the twin hides."""
    procedure = Calibrate(resistance_error=0.005, frequencies=3, dwell=0.5)
    folder = tmp_path_factory.mktemp("calibrate") / "lab"
    with miswired(folder, cold_station(RESISTOR)) as (lab, bench):
        hidden, date = bench.oscillator.errors, lab.station.clock.utc().isoformat()
        return calibrate(columns(lab.run(procedure)), date=date), hidden


def test_what_the_instruments_hide_is_found_within_the_stated_errors(calibrated):
    found, hidden = calibrated
    pairs = [
        (found.gain, 1.0 + hidden.gain),
        (found.series_resistance, SERIES),
        (found.phase, math.degrees(hidden.phase)),
        (found.phase_slope, math.degrees(hidden.phase_slope)),
    ]
    for one in found.ranges:
        pairs += [
            (one.x_offset, hidden.offset.real * one.sensitivity),
            (one.y_offset, hidden.offset.imag * one.sensitivity),
        ]
    for measured, true in pairs:
        assert measured.value == pytest.approx(true, abs=4.0 * measured.error)
    assert found.gain.error < 2e-3
    assert found.phase.error < 0.02


def test_a_station_file_that_names_the_calibration_reads_the_true_resistance(
    tmp_path, cold_station, calibrated
):
    file = tmp_path / "calibration.json"
    file.write_text(calibrated[0].to_json())
    sweep = AngleSweep(start=0.0, stop=4.0, points=5, acquisition="averaged", dwell=1.0)
    read = []
    for name, key in (("without", ""), ("with", f"calibration: {file}\n")):
        with miswired(tmp_path / name, key + cold_station(RESISTOR)) as (lab, _):
            read.append(float(np.mean(columns(lab.run(sweep))["Resistance (ohm)"])))
    assert abs(read[0] - 100.0) > 0.2
    assert read[1] == pytest.approx(100.0, abs=0.05)
