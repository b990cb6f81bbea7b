"""Waves and single pulses of the twin of a 6221, as the sample feels them."""

import math

import numpy as np
import pytest

WAVE_STARTED, WAVE_STOPPED, IDLE = 16, 128, 1024


def test_one_cycle_of_a_square_is_a_pulse_of_exact_width_whatever_the_bus_does(rig):
    rig.send("SOUR:CURR:COMP 10")
    rig.pulse(20e-3, 5e-3)
    rig.clock.elapse(0.5)
    assert rig.ask("OUTP?") == "0"
    assert rig.sample.seconds_at(20e-3) == pytest.approx(5e-3, abs=1e-9)
    assert rig.bench.peaks.voltage == pytest.approx(2.0)
    assert max(felt for _, felt in rig.sample.felt) == pytest.approx(20e-3)


@pytest.mark.parametrize("width", [5e-6, 50e-6, 1e-3, 2.0])
def test_a_pulse_is_timed_to_a_microsecond_though_it_begins_late(new_rig, width):
    rig = new_rig()
    rig.clock.elapse(123456.789)
    rig.pulse(1e-3, width)
    rig.clock.elapse(10.0)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-3) == pytest.approx(width, abs=1e-9)


def test_a_burst_ends_after_its_cycles_and_says_so(rig):
    rig.send("*CLS;*SRE 128;:STAT:OPER:ENAB 128")
    rig.pulse(1e-3, 0.01, extra="0")
    assert int(rig.ask("STAT:OPER:COND?")) == WAVE_STARTED
    rig.clock.elapse(1.0)
    assert rig.twin.serial_poll() & 0xC0 == 0xC0
    assert int(rig.ask("STAT:OPER:COND?")) == WAVE_STOPPED | IDLE
    assert int(rig.ask("STAT:OPER?")) & WAVE_STOPPED
    assert rig.sample.seconds_at(1e-3) == pytest.approx(0.1, abs=1e-9)
    assert rig.ask("OUTP?;:SOUR:WAVE:ARM?") == "0;0"


def test_a_duration_in_seconds_cuts_the_last_cycle(rig):
    rig.send("SOUR:WAVE:FUNC SQU;FREQ 10;AMPL 1e-3;DUR:TIME 0.12", "SOUR:WAVE:ARM")
    rig.send("SOUR:WAVE:INIT")
    rig.clock.elapse(1.0)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-3) == pytest.approx(0.07)
    assert rig.sample.seconds_at(-1e-3) == pytest.approx(0.05)


def test_time_and_cycles_of_the_duration_follow_each_other(rig):
    rig.send("SOUR:WAVE:FREQ 50;DUR:TIME 2")
    assert rig.number("SOUR:WAVE:DUR:CYCL?") == 100.0
    rig.send("SOUR:WAVE:DUR:CYCL 5;:SOUR:WAVE:FREQ 10")
    assert rig.number("SOUR:WAVE:DUR:TIME?") == 0.5
    rig.send("SOUR:WAVE:DUR:CYCL INF")
    assert rig.number("SOUR:WAVE:DUR:TIME?") == 9.9e37


def test_a_sine_is_a_tone_of_its_peak_amplitude_on_its_offset(rig):
    rig.send("SOUR:WAVE:AMPL 1e-6;OFFS 15e-6;FREQ 137;ARM", "SOUR:WAVE:INIT")
    began = rig.clock.now()
    rig.clock.elapse(100.0)
    rig.bench.sync()
    output = rig.twin.output(rig.clock.now())
    assert (output.current, output.tone.amplitude, output.tone.frequency) == (15e-6, 1e-6, 137.0)
    assert math.cos(2 * math.pi * 137.0 * began + output.tone.phase) == pytest.approx(0, abs=1e-9)
    assert output.noise == pytest.approx(0.1e-9)
    assert abs(rig.bench.signal("lockin").harmonics[1]) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("function", "amplitude", "dc"),
    [
        ("SQU", 4 / math.pi, 0.0),
        ("SQU;DCYC 25", 4 / math.pi * math.sqrt(0.5), -0.5),
        ("RAMP", 8 / math.pi**2, 0.0),
    ],
)
def test_a_fast_endless_wave_is_its_mean_and_its_fundamental(rig, function, amplitude, dc):
    rig.send(f"SOUR:WAVE:FUNC {function};AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    output = rig.twin.output(rig.clock.now())
    assert output.tone.amplitude == pytest.approx(amplitude * 1e-6, rel=1e-3)
    assert output.current == pytest.approx(dc * 1e-6, abs=1e-12)


def test_a_slow_endless_square_is_put_out_edge_by_edge(rig):
    rig.send("SOUR:WAVE:FUNC SQU;FREQ 0.5;AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    rig.clock.elapse(20.0)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-6) == pytest.approx(10.0)
    assert rig.sample.seconds_at(-1e-6) == pytest.approx(10.0)


def test_an_arbitrary_wave_is_put_out_point_by_point(rig):
    rig.send(
        "SOUR:WAVE:ARB:DATA 0,1,0.5",
        "SOUR:WAVE:ARB:APP -1;:SOUR:WAVE:ARB:COPY 2",
        "SOUR:WAVE:FUNC ARB2;AMPL 1e-3;FREQ 10;DUR:CYCL 1",
        "SOUR:WAVE:ARM",
        "SOUR:WAVE:INIT",
    )
    assert rig.ask("SOUR:WAVE:ARB:POIN?") == "4"
    rig.clock.elapse(1.0)
    rig.bench.sync()
    for level in (1e-3, 0.5e-3, -1e-3):
        assert rig.sample.seconds_at(level) == pytest.approx(0.025)


def test_an_empty_arbitrary_wave_cannot_be_armed_and_points_go_from_minus_one_to_one(rig):
    assert rig.refused("SOUR:WAVE:FUNC ARB3;ARM") == -221
    assert rig.refused("SOUR:WAVE:ARB:DATA 0,1.1") == -222
    assert rig.refused("SOUR:WAVE:ARB:DATA " + ",".join(["0"] * 101)) == -223


def test_arming_drives_the_source_to_zero_and_the_level_is_then_not_allowed(rig):
    rig.send("SOUR:CURR 5e-6;:OUTP ON")
    assert rig.current == 5e-6
    rig.send("SOUR:WAVE:ARM")
    assert rig.current == 0.0
    assert rig.ask("SOUR:WAVE:ARM?;:OUTP?") == "1;1"
    rig.send("SOUR:CURR 1e-6")
    assert rig.ask("SYST:ERR?") == '+413,"Not allowed with mode arm"'
    rig.send("SOUR:WAVE:ABOR;:SOUR:CURR 1e-6")
    rig.clock.elapse(0.01)
    assert (rig.error(), rig.current) == (0, 1e-6)


@pytest.mark.parametrize("between", [[], ["SOUR:WAVE:INIT"]])
def test_the_level_from_before_a_wave_does_not_come_back(rig, between):
    rig.send("SOUR:CURR 5e-6;:OUTP ON", "SOUR:WAVE:ARM", *between, "SOUR:WAVE:ABOR;:OUTP ON")
    assert (rig.number("SOUR:CURR?"), rig.current) == (0.0, 0.0)


def test_a_wave_must_fit_its_range(rig):
    rig.send("SOUR:CURR:RANG 20e-6;:SOUR:WAVE:RANG FIX;AMPL 20e-6;OFFS -2e-6")
    assert rig.refused("SOUR:WAVE:ARM") == -221
    rig.send("SOUR:WAVE:OFFS -1e-6;ARM")
    assert rig.error() == 0
    rig.send("SOUR:WAVE:ABOR;RANG BEST;AMPL 0.1;OFFS 0.01")
    assert rig.refused("SOUR:WAVE:ARM") == -221


def test_a_wave_must_be_armed_before_it_starts_and_abort_is_harmless(rig):
    rig.send("SOUR:WAVE:ABOR")
    assert rig.error() == 0
    assert rig.refused("SOUR:WAVE:INIT") == -221


def test_abort_stops_a_wave_and_leaves_no_current(rig):
    rig.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    rig.clock.elapse(5.0)
    rig.send("SOUR:WAVE:ABOR")
    assert rig.ask("OUTP?;:SOUR:WAVE:ARM?") == "0;0"
    assert rig.tone is None
    assert int(rig.ask("STAT:OPER?")) & (WAVE_STARTED | WAVE_STOPPED) == 144


def test_switching_off_stops_a_wave(rig):
    rig.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT", "OUTP OFF", "OUTP ON")
    assert rig.ask("SOUR:WAVE:ARM?") == "0"
    assert rig.tone is None


def test_the_start_may_leave_the_output_off(new_rig):
    rig = new_rig(init_switches_output_on=False)
    rig.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    assert (rig.ask("OUTP?"), rig.tone) == ("0", None)
    rig.send("OUTP ON")
    assert rig.tone.amplitude == 1e-6
    switching = new_rig()
    switching.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    assert (switching.ask("OUTP?"), switching.tone.amplitude) == ("1", 1e-6)


LIVE = {"AMPL": "2e-6", "OFFS": "-3e-6", "FREQ": "500"}
NOT_LIVE = {"FUNC": "SQU", "DCYC": "10", "RANG": "FIX", "DUR:TIME": "1", "PMAR": "90"}


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize(
    ("option", "taken"),
    [("allow", LIVE | NOT_LIVE), ("allow_ampl_offs_freq", LIVE), ("reject", {})],
)
def test_writes_to_an_armed_or_running_wave_are_taken_as_the_unit_does(
    new_rig, option, taken, started
):
    for node, value in (LIVE | NOT_LIVE).items():
        rig = new_rig(wave_live_writes=option)
        rig.send("SOUR:WAVE:AMPL 15e-6;ARM", *["SOUR:WAVE:INIT"] * started)
        before = rig.ask(f"SOUR:WAVE:{node}?")
        assert rig.refused(f"SOUR:WAVE:{node} {value}") == (0 if node in taken else -221), node
        assert (rig.ask(f"SOUR:WAVE:{node}?") != before) is (node in taken), node


def test_an_unknown_option_is_refused(new_rig):
    with pytest.raises(ValueError, match="live writes"):
        new_rig(wave_live_writes="perhaps")


def test_a_live_offset_moves_the_dc_and_keeps_the_phase(rig):
    rig.send("SOUR:WAVE:AMPL 10e-6;FREQ 137;ARM", "SOUR:WAVE:INIT")
    phase = rig.tone.phase
    rig.clock.elapse(3.3)
    rig.send("SOUR:WAVE:OFFS 5e-6")
    assert rig.twin.output(rig.clock.now()).current == 5e-6
    turn = (rig.tone.phase - phase) / (2 * math.pi)
    assert turn == pytest.approx(round(turn), abs=1e-6)


def test_a_live_frequency_does_not_jump_in_phase(rig):
    rig.send("SOUR:WAVE:AMPL 10e-6;FREQ 137;ARM", "SOUR:WAVE:INIT")
    rig.clock.elapse(1.2345)
    before, now = rig.tone, rig.clock.now() + 5e-3
    rig.send("SOUR:WAVE:FREQ 3")
    after = rig.tone
    assert after.frequency == 3.0
    phases = [2 * np.pi * t.frequency * now + t.phase for t in (before, after)]
    assert np.exp(1j * phases[0]) == pytest.approx(np.exp(1j * phases[1]), abs=1e-9)


def test_a_live_write_beyond_the_range_of_the_armed_wave_is_refused(rig):
    rig.send("SOUR:WAVE:AMPL 15e-6;ARM", "SOUR:WAVE:INIT")
    assert rig.refused("SOUR:WAVE:OFFS 7e-6") == -221
    assert rig.number("SOUR:WAVE:OFFS?") == 0.0


def test_the_marker_cannot_share_a_line_with_the_trigger_output(rig):
    assert rig.refused("SOUR:WAVE:PMAR:OLIN 2") == -221
    rig.send("TRIG:OLIN 3")
    assert rig.error() == 0
    assert rig.refused("SOUR:WAVE:PMAR:STAT ON") == -221
    rig.send("TRIG:OLIN 2;:SOUR:WAVE:PMAR:STAT ON;OLIN 1")
    assert rig.error() == 0
    assert rig.refused("TRIG:OLIN 1") == -221
    assert rig.refused("SOUR:WAVE:PMAR -90") == -222


def test_the_marker_runs_with_the_wave_and_at_its_phase(rig):
    rig.send("SOUR:WAVE:PMAR 90;PMAR:STAT ON;OLIN 1;:SOUR:WAVE:FREQ 17;AMPL 1e-6;ARM")
    assert rig.twin.marker_frequency(rig.clock.now()) is None
    assert rig.twin.marker_phase(rig.clock.now()) is None
    rig.send("SOUR:WAVE:INIT")
    now = rig.clock.now()
    assert (rig.twin.marker_line, rig.twin.marker_degrees) == (1, 90.0)
    assert rig.twin.marker_frequency(now) == 17.0
    edge = now + 0.25 / 17.0
    reference = 2 * math.pi * 17.0 * edge + rig.twin.marker_phase(now)
    assert np.exp(1j * reference) == pytest.approx(-1j, abs=1e-9)
    rig.send("SOUR:WAVE:ABOR")
    assert rig.twin.marker_frequency(rig.clock.now()) is None


def test_the_marker_ends_with_a_finite_wave_though_nobody_asks(rig):
    rig.send("SOUR:WAVE:PMAR:STAT ON;:SOUR:WAVE:DUR:TIME 1;:SOUR:WAVE:ARM", "SOUR:WAVE:INIT")
    now = rig.clock.now()
    assert rig.twin.marker_frequency(now + 0.9) == 1e3
    assert rig.twin.marker_frequency(now + 1.1) is None


def test_an_external_trigger_starts_a_wave_that_waits(rig):
    rig.send("SOUR:WAVE:EXTR ON;EXTR:ILIN 4;IVAL -0.5;:SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    assert rig.current == -0.5e-6
    rig.twin.trigger(3)
    assert rig.tone is None
    rig.twin.trigger(4)
    assert rig.tone.amplitude == 1e-6
