import time
from dataclasses import replace

import pytest

from daq.campaign.limits import effective_limits, resolve
from daq.campaign.pace import TimeLeft
from daq.campaign.plan import flatten
from daq.campaign.prepared import Prepared, prepare
from daq.campaign.rehearsal import rehearse, rehearse_on
from daq.campaign.runner import run_prepared
from daq.campaign.sequence import sequence_from
from daq.config.document import parse_document
from daq.config.simulated import SampleChoice
from daq.config.station import load_station, station_from
from daq.runs.files import open_run
from procedures.catalogue import PROCEDURES

SPECTRUM = (
    "bias_spectrum: {from: -20 uA, to: 20 uA, points: 11, acquisition: single,"
    " time_constant: 20 ms}"
)
REAL = """
name: rehearsed only
instruments:
  source: {driver: Keithley6221, resource: GPIB0::12::INSTR}
  lockin: {driver: DSP7265, resource: GPIB0::14::INSTR, line: 50 Hz}
  cryostat: {driver: Model6000, resource: GPIB0::15::INSTR}
bias: {kind: oscillator, series_resistance: 100 kohm}
limits: {current: 0.2 mA, current_rate: 0.1 mA/s, temperature: [1.8 K, 350 K],
         temperature_rate: 12 K/min, field: 14 T, field_rate: 42 Oe/s, pulse_voltage: 10 V,
         pulse_current: 105 mA}
"""


def prepared(*steps, station="simulated", **changes):
    """Return steps in YAML, checked against a station that stands at 1.9 K."""
    config = station_from(parse_document(REAL, "real")) if station == "real" else None
    config = config or load_station(station)
    if config.simulated is not None:
        start = {"cryostat": config.simulated.cryostat.model_copy(update={"temperature": 1.9})}
        config = replace(config, simulated=config.simulated.model_copy(update=start | changes))
    text = "title: Test\non_error: {retry: 1, then: skip}\nsteps:\n" + "\n".join(
        f"  - {step}" for step in steps
    )
    settings = {name: procedure.settings() for name, procedure in PROCEDURES.items()}
    plan = resolve(sequence_from(parse_document(text, "test"), procedures=settings), config)
    return Prepared(plan, config, effective_limits(plan, config), flatten(plan))


def test_the_rehearsal_takes_exactly_as_long_as_the_run_on_the_same_twins(tmp_path):
    steps = prepared("field: {to: 0.1 T, rate: 40 Oe/s, dwell: 5 s}", SPECTRUM, "wait: 7 s")
    found = rehearse(steps)
    assert found.ok
    outcome = run_prepared(steps, tmp_path / "data")
    (run,) = outcome.runs
    measured = open_run(run.csv).data
    (rehearsed,) = found.runs
    assert list(measured["Time (s)"]) == [row["Time (s)"] for row in rehearsed.rows]
    expected = [row["dV/dI (ohm)"] for row in rehearsed.rows]
    assert list(measured["dV/dI (ohm)"]) == pytest.approx(
        expected, rel=5e-3
    )  # a look at the bench divides its noise anew


def test_a_rehearsal_counts_points_and_seconds_step_by_step():
    found = rehearse(prepared("note: hello", SPECTRUM, "wait: 7 s", SPECTRUM))
    assert [step.points for step in found.steps] == [0, 11, 0, 11]
    assert found.points == 22
    assert [step.duration for step in found.steps][::2] == pytest.approx([0.0, 7.0])
    assert found.duration == pytest.approx(sum(step.duration for step in found.steps))
    assert found.steps[1].duration > 11 * 0.2
    assert found.size > 2 * 11 * 50


def test_bus_time_is_part_of_a_rehearsal():
    slow = rehearse(prepared(SPECTRUM, latency=0.05)).duration
    fast = rehearse(prepared(SPECTRUM, latency=0.0)).duration
    assert slow > fast + 11 * 0.05


def test_twins_that_are_off_the_book_are_rehearsed_by_the_book():
    step = "field: {to: 0.05 T, rate: 40 Oe/s}"
    by_the_book = rehearse(prepared(step, SPECTRUM)).duration
    assert rehearse(prepared(step, SPECTRUM, spread=0.2)).duration == by_the_book


def test_the_course_and_the_closest_approach_to_every_limit_are_told():
    found = rehearse(
        prepared(
            "temperature: {to: 2.5 K, rate: 1 K/min}",
            "field: {to: -0.2 T, rate: 40 Oe/s}",
            "angle: {to: 30 deg}",
            "voltage_pulse: {amplitude: 5 V, width: 5 ms}",
            SPECTRUM,
        )
    )
    assert found.ok
    limits = found.limits
    assert limits["temperature"].reached == (2.5, 2.5)
    assert limits["temperature"].fraction == pytest.approx(1.8 / 2.5)
    assert limits["temperature_rate"].reached == pytest.approx(1.0 / 60.0)
    assert limits["field"].reached == pytest.approx(0.2)
    assert limits["field_rate"].fraction == pytest.approx(40.0 / 42.0)
    assert limits["pulse_voltage"].reached == pytest.approx(5.0, rel=0.02)
    assert 0.04 < limits["pulse_current"].reached < 0.06
    assert limits["current"].reached == pytest.approx(20e-6 + 2**0.5 * 1e-6, rel=0.02)
    assert limits["compliance"].reached == pytest.approx(2.1e-3, rel=0.2)
    assert limits["current_rate"].fraction == pytest.approx(1.0, abs=1e-3)
    assert found.broken_limits == ()
    assert found.course.field.min() == pytest.approx(-0.2, abs=0.01)
    assert found.course.angle.max() == pytest.approx(30.0, abs=0.5)
    assert found.course.time[-1] >= found.duration
    assert found.helium > 0.0


def test_a_station_without_a_model_is_rehearsed_with_a_resistor_and_no_lock_is_taken(monkeypatch):
    def refuse(*_):
        raise AssertionError("a rehearsal takes no lock")

    monkeypatch.setattr("daq.station_file.StationLock", refuse)
    steps = prepared("temperature: {to: 295 K, rate: 12 K/min}", SPECTRUM, station="real")
    found = rehearse(steps, resistance=250.0)
    assert found.ok
    assert found.sample == "resistor (resistance 250 ohm)"
    assert found.begins.startswith("300 K")
    (run,) = found.runs
    assert run.rows[5]["dV/dI (ohm)"] == pytest.approx(250.0, rel=0.02)


def test_a_step_that_the_drivers_refuse_is_told_and_skipped_as_the_sequence_says():
    steps = prepared("voltage_pulse: {amplitude: 6 V}", SPECTRUM, station="real")
    found = rehearse(steps, resistance=5.0)  # 6 V need 1.3 A
    assert not found.ok
    assert found.error == ""
    (failed,) = found.failures
    assert failed.index == 0
    assert "at most" in failed.error
    assert found.steps[1].points == 11


def test_a_failure_ends_the_rehearsal_where_the_sequence_says_land():
    steps = prepared("voltage_pulse: {amplitude: 6 V}", SPECTRUM, station="real")
    landing = replace(steps.sequence, on_error=replace(steps.sequence.on_error, then="land"))
    found = rehearse(replace(steps, sequence=landing), resistance=5.0)
    assert not found.ok
    assert found.error.startswith("step 1: ")
    assert len(found.steps) == 1
    assert found.planned == 2


def test_a_limit_that_is_exceeded_breaks_the_rehearsal():
    steps = prepared(SPECTRUM)
    found = rehearse(steps)
    tight = replace(found.limits["current"], limit=1e-5)
    broken = replace(found, limits={**found.limits, "current": tight})
    assert broken.broken_limits == ("current",)
    assert not broken.ok


def test_what_watch_would_not_allow_is_told_and_the_rehearsal_goes_on():
    steps = prepared(SPECTRUM, SPECTRUM)
    watch = prepared_watch("resistance: [1 ohm, 2 ohm], then: land")
    found = rehearse(replace(steps, sequence=replace(steps.sequence, watch=watch)))
    assert found.points == 22
    assert len(found.warnings) in {1, 2}  # one per spectrum; the same words are told once
    assert all("would land" in warning for warning in found.warnings)


def prepared_watch(text):
    text = f"title: Test\nwatch: {{{text}}}\nsteps:\n  - wait: 1 s\n"
    return sequence_from(parse_document(text, "test"), procedures={}).watch


def test_a_twin_off_the_book_is_predicted_within_ten_percent_and_three_from_half_way():
    steps = prepared(
        "temperature: {to: 20 K, rate: 6 K/min, dwell: 5 min}",
        "loop: {field: {from: 0 T, to: 0.4 T, points: 3, rate: 40 Oe/s, dwell: 1 min}}\n"
        f"    steps: [{{{SPECTRUM}}}]",
        "temperature: {to: 35 K, rate: 6 K/min, dwell: 4 min}",
        sample=SampleChoice("resistor", {}),
    )
    book = rehearse(steps)
    for seed in (328, 267):  # of many the slowest and the fastest
        actual = play_off_the_book(steps, seed)
        assert abs(actual.duration - book.duration) > 0.01 * book.duration
        start, late = errors(book, actual)
        assert start < 0.10
        assert late < 0.03


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_night_is_rehearsed_within_a_minute_and_predicts_twins_off_the_book():
    steps = prepare("night")
    began = time.process_time()
    book = rehearse(steps)
    assert time.process_time() - began < 60.0
    assert book.ok
    for seed in (328, 267, 1, 2, 3):
        start, late = errors(book, play_off_the_book(steps, seed))
        assert start < 0.10, seed
        assert late < 0.03, seed


def play_off_the_book(steps, seed):
    simulated = steps.station.simulated.model_copy(update={"spread": 0.2, "seed": seed})
    played = rehearse_on(replace(steps.station, simulated=simulated), steps)
    assert played.ok
    return played


def errors(book, actual):
    """Return the error of the predicted duration at the start, and the worst from half-way on."""
    left = TimeLeft([step.pace for step in book.steps])
    start = abs(left.seconds() / actual.duration - 1.0)
    elapsed = worst = 0.0
    for step in actual.steps:
        left.ended(step.index, step.pace)
        elapsed += step.duration
        if elapsed >= 0.5 * actual.duration:
            worst = max(worst, abs((elapsed + left.seconds()) / actual.duration - 1.0))
    return start, worst
