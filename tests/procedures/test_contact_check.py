import math
from dataclasses import replace

import pytest

from instruments.dsp7265 import DSP7265
from instruments.errors import LimitError, RefusedError
from instruments.simulated.sample import Resistor
from instruments.voltmeter import Adc1
from instruments.waiting import Progress, Record, drive
from procedures.contact_check import ContactCheck, Verdict, verdict_text


def collect(procedure, station):
    rows, words = [], []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))
        if isinstance(event, Progress):
            words.append(event.text)

    drive(procedure.records(station), station.clock, stopped=lambda: False, handle=keep)
    return rows, words[-1]


class Noisy(Resistor):
    """A contact that crackles."""

    def noise_density(self, terminals, environment):
        return 3e-8


def test_a_good_contact_is_good_and_its_resistance_is_right(bench_station):
    bench, station = bench_station()
    rows, text = collect(ContactCheck(), station)
    assert rows[-1]["Verdict"] == 0
    assert text.endswith("good")
    assert rows[-1]["R (ohm)"] == pytest.approx(100.0, rel=0.02)
    assert rows[-1]["R error (ohm)"] < 0.02
    assert math.isnan(rows[-1]["DC offset (V)"])
    assert bench.truth()["source_current"] == pytest.approx(0.0, abs=1e-7)


def test_the_noise_floor_and_the_line_are_those_of_the_bench(bench_station):
    bench, station = bench_station()
    pickup = [abs(part) / math.sqrt(2.0) for part in bench.oscillator.errors.pickup]
    rows, _ = collect(ContactCheck(), station)
    noise = [row["Noise in 1 Hz (V)"] for row in rows[1:4]]
    assert noise == pytest.approx([5e-9] * 3, rel=0.25)
    line = [row["Signal (V)"] for row in rows[4:]]
    assert [row["Frequency (Hz)"] for row in rows[4:]] == [50.0, 100.0, 150.0]
    assert line[:2] == pytest.approx(pickup, rel=0.05)
    assert line[2] < 5e-8


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (Resistor(1e9), Verdict.OPEN | Verdict.COMPLIANCE),
        (Resistor(70e3), Verdict.OPEN),
        (Resistor(100.0, lead=1e9), Verdict.COMPLIANCE),
        (Resistor(100.0, lead=100e3), Verdict.COMPLIANCE),
        (Resistor(1e-5), Verdict.NO_SIGNAL),
        (Noisy(100.0), Verdict.NOISY),
    ],
)
def test_a_bad_contact_is_recognised_and_never_sees_more_than_the_limits(
    bench_station, sample, expected
):
    bench, station = bench_station(sample)
    rows, text = collect(ContactCheck(), station)
    verdict = Verdict(rows[-1]["Verdict"])
    assert verdict & expected == expected
    assert verdict_text(verdict) in text
    assert bench.peaks.voltage <= station.limits.compliance
    assert bench.peaks.current <= station.limits.current


@pytest.mark.parametrize(
    ("lead", "current"), [(0.0, 1e-5), (0.0, 1e-4), (20e3, 1e-5), (20e3, 1e-4), (1e3, 1.9e-4)]
)
def test_the_two_terminal_resistance_lies_between_its_bounds(bench_station, lead, current):
    _, station = bench_station(Resistor(100.0, lead=lead))
    rows, _ = collect(ContactCheck(test_current=current, dwell=0.2), station)
    assert rows[-1]["Two-terminal R from (ohm)"] <= 100.0 + 2.0 * lead
    assert rows[-1]["Two-terminal R to (ohm)"] >= 100.0 + 2.0 * lead


def test_more_test_current_narrows_the_bound_of_the_leads(bench_station):
    _, station = bench_station()
    rows, _ = collect(ContactCheck(test_current=1e-4, dwell=0.2), station)
    assert rows[-1]["Two-terminal R to (ohm)"] < 5.5e3


def test_a_phase_shift_shows_as_quadrature(bench_station):
    bench, station = bench_station()
    lockin = bench.oscillator.lockin
    lockin.errors = replace(lockin.errors, phase=math.radians(20.0))
    rows, text = collect(ContactCheck(), station)
    assert Verdict(rows[-1]["Verdict"]) & Verdict.QUADRATURE
    assert rows[-1]["Quadrature (ohm)"] == pytest.approx(34.0, rel=0.1)
    assert "quadrature" in text


def test_strong_line_pickup_is_told(bench_station):
    bench, station = bench_station()
    lockin = bench.oscillator.lockin
    lockin.errors = replace(lockin.errors, pickup=(2e-5 + 0j, 0j))
    rows, text = collect(ContactCheck(), station)
    assert Verdict(rows[-1]["Verdict"]) & Verdict.LINE
    assert "line pick-up" in text


def test_the_dc_offset_is_read_where_a_voltmeter_is_wired(bench_station, monkeypatch):
    _, station = bench_station()
    voltmeter = Adc1(station.role("lockin"), gain=10.0)
    station.instruments = {**station.instruments, "voltmeter": voltmeter}
    monkeypatch.setattr(DSP7265, "adc1", property(lambda lockin: 0.2))
    rows, _ = collect(ContactCheck(dwell=0.2), station)
    assert rows[-1]["DC offset (V)"] == pytest.approx(0.02)
    assert Verdict(rows[-1]["Verdict"]) & Verdict.OFFSET


def test_a_fault_stops_the_campaign_if_it_shall(bench_station):
    _, station = bench_station(Resistor(1e9))
    with pytest.raises(RefusedError, match="open: the resistance is too large"):
        collect(ContactCheck(stop_on_fault=True, dwell=0.2), station)


def test_a_test_current_beyond_the_limit_is_refused_before_anything_is_sent(bench_station):
    bench, station = bench_station()
    began = bench.clock.now()
    with pytest.raises(LimitError, match="above the limit"):
        collect(ContactCheck(test_current=3e-4), station)
    assert bench.clock.now() == began


def test_a_contact_may_be_measured_after_it_was_checked(bench_station):
    from procedures.bias_spectrum import BiasSpectrum

    _, station = bench_station()
    collect(ContactCheck(dwell=0.2), station)
    rows, _ = collect(BiasSpectrum(points=3), station)
    assert [row["dV/dI (ohm)"] for row in rows] == pytest.approx([100.0] * 3, rel=0.02)
    assert {row["Status"] for row in rows} == {0}


def test_every_flag_has_words():
    assert verdict_text(Verdict(0)) == "good"
    assert len(verdict_text(Verdict(255)).split("; ")) == len(Verdict)
