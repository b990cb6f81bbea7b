"""The twin of a 6221: what it answers, and what the sample feels."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.keithley6221_commands import COMMANDS
from instruments.simulated.keithley6221_ranges import RANGES
from instruments.simulated.sample import Resistor

COMPLIANCE = 8
SWEEP_DONE, SWEEP_ABORTED, SWEEPING, WAVE_STARTED = 2, 4, 8, 16
WAIT_TRIGGER, WAIT_ARM, WAVE_STOPPED, IDLE = 32, 64, 128, 1024


@dataclass
class Diary(Resistor):
    """A resistor that notes for how long it felt which current."""

    felt: list = field(default_factory=list)

    def evolve(self, seconds, environment, exposures):
        self.felt.append((seconds, exposures["I+ I-"].current))

    def seconds_at(self, current):
        return math.fsum(s for s, felt in self.felt if felt == pytest.approx(current, rel=1e-9))


class Rig:
    def __init__(self, sample=None, **options):
        self.clock = VirtualClock()
        self.sample = Diary(100.0) if sample is None else sample
        self.bench = Bench(self.sample, self.clock)
        self.twin = Keithley6221Twin(self.bench, **{"ideal": True, **options})

    def send(self, *messages):
        for message in messages:
            encoded = message.encode() + b"\n"
            self.clock.elapse(self.twin.latency(encoded))
            self.twin.write(encoded)

    def ask(self, message):
        self.send(message)
        reply = self.twin.read()
        assert reply is not None, f"no reply to {message}; {self.error()}"
        return reply.decode().removesuffix("\n")

    def number(self, message):
        return float(self.ask(message))

    def error(self):
        return int(self.ask("SYST:ERR?").split(",")[0])

    def refused(self, message):
        self.send(message)
        return self.error()

    @property
    def current(self):
        return self.bench.truth()["sample_current"]

    @property
    def tone(self):
        return self.twin.output(self.clock.now()).tone


@pytest.fixture
def rig():
    return Rig()


def pulse(rig, current, width, *, extra=""):
    """Send one square pulse from zero: the high part of one cycle, and then the low part."""
    rig.send(
        f"SOUR:WAVE:FUNC SQU;AMPL {current / 2!r};OFFS {current / 2!r};FREQ {0.5 / width!r}",
        f"SOUR:WAVE:DUR:CYCL 1{extra}",
        "SOUR:WAVE:ARM",
        "SOUR:WAVE:INIT",
    )


# --- identity and errors


def test_the_identity_keeps_its_inner_and_trailing_blanks(rig):
    rig.send("*IDN?")
    assert rig.twin.read() == b"KEITHLEY INSTRUMENTS INC.,MODEL 6221,4559777,D04  /700x \n"


def test_the_error_queue_replies_code_and_text(rig):
    assert rig.ask("SYST:ERR?") == '0,"No error"'
    rig.send("SOUR:CURR 1")
    assert rig.ask("SYST:ERR?") == '-222,"Parameter data out of range"'


@pytest.mark.parametrize("message", ["ESE 1", ":*CLS", "SOUR:SWE:STAR 0", "SOUR:VOLT 1", "ID?"])
def test_headers_that_the_instrument_does_not_have_are_undefined(rig, message):
    assert rig.refused(message) == -113


FRAGMENTS = [
    *(
        "SOUR",
        "CURR",
        "WAVE",
        "FUNC",
        "ARM",
        "INIT",
        "ABOR",
        "SWE",
        "LIST",
        "OUTP",
        ":SYST",
        "STAT",
    ),
    *("OPER", "*RST", "*OPC?", "DEL", "TRAC", "COMP", "RANG", "DUR", "CYCL", "SQU", "INF", "MAX"),
    *("1", "0", "-1e-3", "9e99", "1e-9", ";", ":", ",", "?", "#", '"', "'", "\n", "\x00", "\xff"),
]


@settings(deadline=None)
@given(st.data())
def test_no_bytes_whatever_raise(data):
    rig = Rig()
    nodes = st.sampled_from(FRAGMENTS)
    words = st.lists(nodes, max_size=12).map(lambda parts: "".join(parts).encode("latin-1"))
    spaced = st.lists(nodes, max_size=12).map(lambda parts: " ".join(parts).encode("latin-1"))
    for message in data.draw(st.lists(st.one_of(st.binary(), words, spaced), max_size=6)):
        rig.clock.elapse(rig.twin.latency(message))
        rig.twin.write(message)
        rig.twin.serial_poll()
        rig.twin.read()
    rig.twin.clear()
    assert rig.ask("*OPC?") in {"1"}
    assert rig.bench.truth()["time"] == rig.clock.now()


def every_header():
    for command in COMMANDS:
        plain = command.header.replace("[SOURce[1]]", "SOUR").replace("[1]", "")
        yield command, "".join(part for part in plain.replace("]", "[").split("[")[::2])


def test_every_query_of_the_table_is_answered_or_refused_for_a_reason(rig):
    rig.send("*CLS")
    silent = {}
    for command, header in every_header():
        if command.read is None:
            continue
        rig.send(f"{header}?")
        if rig.twin.read() is None:
            silent[header] = rig.error()
            rig.send("*CLS")
    assert silent == {
        "SENSe:DATA": -221,
        "SENSe:DATA:FRESh": -221,
        "TRACe:DATA": -230,
        "SYSTem:COMMunicate:SERial:ENTer": -241,
    }


def test_every_setting_takes_back_its_own_reply(rig):
    for command, header in every_header():
        if command.read is None or command.write is None or header.endswith(("ARM", "*OPC")):
            continue
        reply = rig.ask(f"{header}?")
        if not reply:
            continue
        rig.send(f"{header} {'INF' if reply == '+9.900000E+37' else reply}")
        assert rig.error() == 0, header
        assert rig.ask(f"{header}?") == reply


# --- dc


def test_a_reset_gives_the_documented_state(rig):
    rig.send("SOUR:CURR 1e-3;:OUTP ON;:SOUR:CURR:COMP 1;:SOUR:WAVE:FREQ 17;:TRIG:OLIN 5;*RST")
    assert rig.ask("OUTP?;:SOUR:CURR:RANG:AUTO?;:SOUR:WAVE:FUNC?;RANG?;PMAR:STAT?;OLIN?") == (
        "0;1;SIN;BEST;0;3"
    )
    assert rig.number("SOUR:CURR?") == 0.0
    assert rig.number("SOUR:CURR:COMP?") == 10.0
    assert rig.number("SOUR:WAVE:FREQ?") == 1e3
    assert rig.number("SOUR:WAVE:AMPL?") == 1e-3
    assert rig.number("SOUR:WAVE:PMAR?") == 180.0
    assert rig.number("SOUR:WAVE:DUR:TIME?") == 9.9e37
    assert rig.ask("TRIG:OLIN?;ILIN?;:OUTP:LTE?;ISH?;RESP?") == "2;1;0;OLOW;FAST"


def test_the_current_flows_while_the_output_is_on(rig):
    rig.send("SOUR:CURR 12.5e-6")
    assert rig.current == 0.0
    rig.send("OUTP ON")
    assert rig.current == 12.5e-6
    rig.send("OUTP OFF")
    assert rig.current == 0.0


def test_clear_switches_off_and_forgets_the_level(rig):
    rig.send("SOUR:CURR 1e-6;:OUTP ON", "SOUR:CLE")
    assert (rig.ask("OUTP?"), rig.number("SOUR:CURR?"), rig.current) == ("0", 0.0, 0.0)


@pytest.mark.parametrize(
    ("level", "full_scale"),
    [(0.0, 2e-9), (2e-9, 2e-9), (3e-9, 2e-8), (-15e-6, 20e-6), (1e-3, 2e-3), (0.105, 0.1)],
)
def test_the_smallest_range_that_holds_the_level_is_chosen(rig, level, full_scale):
    rig.send(f"SOUR:CURR {level!r}")
    assert rig.number("SOUR:CURR:RANG?") == full_scale
    other = Rig()
    other.send(f"SOUR:CURR:RANG {level!r}")
    assert other.number("SOUR:CURR:RANG?") == full_scale
    assert other.ask("SOUR:CURR:RANG:AUTO?") == "0"


def test_a_fixed_range_takes_105_percent_and_no_more(rig):
    rig.send("*CLS;*ESR?", "SOUR:CURR:RANG 2e-6;:OUTP ON")
    rig.send("*CLS", "SOUR:CURR 2.1e-6")
    assert rig.error() == 0
    assert rig.refused("SOUR:CURR 2.2e-6") == -222
    assert int(rig.ask("*ESR?")) & 16
    assert rig.current == pytest.approx(2.1e-6)


def test_a_fixed_range_below_the_present_level_is_refused(rig):
    rig.send("SOUR:CURR 1e-3")
    assert rig.refused("SOUR:CURR:RANG 1e-6") == -221
    assert rig.number("SOUR:CURR:RANG?") == 2e-3


def test_the_output_goes_through_zero_when_the_range_changes(rig):
    rig.send("SOUR:CURR 1e-6;:OUTP ON", "SOUR:CURR 1.5e-6")
    changed = rig.clock.now()
    assert rig.twin.output(changed).current == 1.5e-6
    rig.send("SOUR:CURR 3e-6")
    rig.clock.elapse(0.1)
    rig.bench.sync()
    between = [felt for _, felt in rig.sample.felt]
    assert between[-1] == 3e-6
    after = rig.clock.now()
    rig.send("SOUR:CURR 30e-6")
    assert rig.twin.output(rig.clock.now()).current == 0.0
    assert rig.twin.next_change(rig.clock.now()) == pytest.approx(after + 6e-3)
    rig.clock.elapse(0.1)
    assert rig.current == 30e-6


def test_the_current_is_quantised_to_the_step_of_its_range(rig):
    rig.send("SOUR:CURR:RANG 20e-6;:SOUR:CURR 1.23456789e-6;:OUTP ON")
    assert rig.current == 1.235e-6


def test_hidden_errors_lie_within_the_accuracy_and_come_with_the_seed():
    found = []
    for _ in range(2):
        rig = Rig(ideal=False)
        rig.send("SOUR:CURR:RANG 20e-6;:SOUR:CURR 10e-6;:OUTP ON")
        found.append(rig.current)
    assert found[0] == found[1] != 10e-6
    assert abs(found[0] - 10e-6) <= 5e-4 * 10e-6 + 10e-9


@given(st.integers(0, 2**32), st.floats(-1.0, 1.0))
@settings(deadline=None, max_examples=30)
def test_no_unit_is_outside_its_specification(seed, fraction):
    bench = Bench(Resistor(), VirtualClock(), seed=seed)
    twin = Keithley6221Twin(bench)
    for scale in RANGES:
        level = scale.full_scale * fraction
        twin.write(f"*RST;:SOUR:CURR:RANG {scale.full_scale!r};:SOUR:CURR {level!r}".encode())
        twin.write(b"OUTP ON")
        error = abs(twin.output(0.0).current - level)
        assert error <= abs(level) * (scale.gain + 1e-6) + scale.offset + 0.6 / scale.counts


@pytest.mark.parametrize(("level", "density"), [(10e-6, 0.1e-9), (1e-3, 1e-9), (10e-3, 4e-9)])
def test_each_range_has_its_noise(rig, level, density):
    rig.send(f"SOUR:CURR {level};:OUTP ON")
    rig.clock.elapse(0.1)
    rig.bench.sync()
    assert rig.twin.output(rig.clock.now()).noise == pytest.approx(density)


def test_settings_of_the_output_are_held(rig):
    rig.send("SOUR:CURR:FILT ON;:OUTP:LTE 1;:OUTP:ISH GUARD;RESP SLOW;:SOUR:DEL 0.25")
    assert rig.ask("SOUR:CURR:FILT?;:OUTP:LTE?;ISH?;RESP?;:SOUR:DEL?") == (
        "1;1;GUAR;SLOW;+2.500000E-01"
    )


def test_settings_can_be_saved_and_recalled_with_the_output_off(rig):
    rig.send("SOUR:CURR 3e-6;:SOUR:WAVE:FREQ 77;:SOUR:DEL 2;:TRAC:POIN 9;*SAV 2;*RST;*RCL 2")
    assert rig.ask("SOUR:CURR?;WAVE:FREQ?;:SOUR:DEL?;:TRAC:POIN?;:OUTP?") == (
        "+3.000000E-06;+7.700000E+01;+2.000000E+00;9;0"
    )


# --- compliance


def test_the_voltage_is_clamped_silently_and_the_measurement_register_tells(rig):
    rig = Rig(Resistor(1e6))
    rig.send("*CLS;:SOUR:CURR:COMP 2.5;:SOUR:CURR 1e-3;:OUTP ON")
    rig.clock.elapse(0.1)
    assert rig.current == pytest.approx(2.5e-6)
    assert rig.bench.truth()["contact_voltage"] == 2.5
    assert int(rig.ask("STAT:MEAS:COND?")) == COMPLIANCE
    rig.send("SOUR:CURR 1e-6")
    rig.clock.elapse(0.01)
    assert int(rig.ask("STAT:MEAS:COND?")) == 0
    assert int(rig.ask("STAT:MEAS?")) == COMPLIANCE
    assert int(rig.ask("STAT:MEAS?")) == 0
    assert rig.error() == 0


def test_compliance_comes_in_steps_of_ten_millivolts(rig):
    rig.send("SOUR:CURR:COMP 0.506")
    assert rig.number("SOUR:CURR:COMP?") == 0.51
    assert rig.refused("SOUR:CURR:COMP 0.09") == -222
    assert rig.refused("SOUR:CURR:COMP 105.1") == -222


def test_a_pulse_that_was_clamped_between_two_questions_is_remembered():
    rig = Rig(Diary(1e6))
    rig.send("SOUR:CURR:COMP 3")
    pulse(rig, 1e-3, 5e-3)
    rig.clock.elapse(1.0)
    assert int(rig.ask("STAT:MEAS:COND?")) == 0
    assert int(rig.ask("STAT:MEAS?")) == COMPLIANCE
    assert rig.bench.peaks.voltage == 3.0
    assert rig.sample.seconds_at(3e-6) == pytest.approx(5e-3, abs=1e-9)


def test_clipped_peaks_of_a_sine_set_the_event():
    rig = Rig(Resistor(1e4))
    rig.send("SOUR:CURR:COMP 1;:SOUR:WAVE:AMPL 150e-6;ARM", "SOUR:WAVE:INIT")
    rig.clock.elapse(0.1)
    assert int(rig.ask("STAT:MEAS?")) == COMPLIANCE


# --- waves


def test_one_cycle_of_a_square_is_a_pulse_of_exact_width_whatever_the_bus_does(rig):
    rig.send("SOUR:CURR:COMP 10")
    pulse(rig, 20e-3, 5e-3)
    rig.clock.elapse(0.5)
    assert rig.ask("OUTP?") == "0"
    assert rig.sample.seconds_at(20e-3) == pytest.approx(5e-3, abs=1e-9)
    assert rig.bench.peaks.voltage == pytest.approx(2.0)
    assert max(felt for _, felt in rig.sample.felt) == pytest.approx(20e-3)


@pytest.mark.parametrize("width", [5e-6, 50e-6, 1e-3, 2.0])
def test_a_pulse_is_timed_to_a_microsecond_though_it_begins_late(width):
    rig = Rig()
    rig.clock.elapse(123456.789)
    pulse(rig, 1e-3, width)
    rig.clock.elapse(10.0)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-3) == pytest.approx(width, abs=1e-9)


def test_a_burst_ends_after_its_cycles_and_says_so(rig):
    rig.send("*CLS;*SRE 128;:STAT:OPER:ENAB 128")
    pulse(rig, 1e-3, 0.01, extra="0")
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


def test_the_start_may_leave_the_output_off():
    rig = Rig(init_switches_output_on=False)
    rig.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    assert (rig.ask("OUTP?"), rig.tone) == ("0", None)
    rig.send("OUTP ON")
    assert rig.tone.amplitude == 1e-6
    switching = Rig()
    switching.send("SOUR:WAVE:AMPL 1e-6;ARM", "SOUR:WAVE:INIT")
    assert (switching.ask("OUTP?"), switching.tone.amplitude) == ("1", 1e-6)


LIVE = {"AMPL": "2e-6", "OFFS": "-3e-6", "FREQ": "500"}
NOT_LIVE = {"FUNC": "SQU", "DCYC": "10", "RANG": "FIX", "DUR:TIME": "1", "PMAR": "90"}


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize(
    ("option", "taken"),
    [("allow", LIVE | NOT_LIVE), ("allow_ampl_offs_freq", LIVE), ("reject", {})],
)
def test_writes_to_an_armed_or_running_wave_are_taken_as_the_unit_does(option, taken, started):
    for node, value in (LIVE | NOT_LIVE).items():
        rig = Rig(wave_live_writes=option)
        rig.send("SOUR:WAVE:AMPL 15e-6;ARM", *["SOUR:WAVE:INIT"] * started)
        before = rig.ask(f"SOUR:WAVE:{node}?")
        assert rig.refused(f"SOUR:WAVE:{node} {value}") == (0 if node in taken else -221), node
        assert (rig.ask(f"SOUR:WAVE:{node}?") != before) is (node in taken), node


def test_an_unknown_option_is_refused():
    with pytest.raises(ValueError, match="live writes"):
        Rig(wave_live_writes="perhaps")


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


# --- sweeps


def listed(rig, *, jitter=False):
    rig.send(
        f"DISP:ENAB {int(jitter)}",
        "SOUR:SWE:SPAC LIST;:SOUR:LIST:CURR 1e-6,2e-6,-3e-6;DEL 1e-2,2e-2,5e-2;COMP 10,10,1e-1",
        "SOUR:SWE:ARM",
    )
    assert rig.error() == 0


def test_a_list_is_put_out_step_by_step_and_stays_at_its_last_point(rig):
    listed(rig)
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == SWEEPING
    rig.clock.elapse(0.1)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-6) == pytest.approx(0.01)
    assert rig.sample.seconds_at(2e-6) == pytest.approx(0.02)
    assert rig.current == -3e-6
    assert int(rig.ask("STAT:OPER:COND?")) == SWEEP_DONE | IDLE
    rig.send("SOUR:SWE:ABOR")
    assert rig.current == -3e-6
    assert rig.number("SOUR:CURR?") == -3e-6


def test_a_new_compliance_holds_at_once_also_under_a_running_wave():
    rig = Rig(Resistor(1e6))
    rig.send("SOUR:WAVE:FUNC SQU;AMPL 1e-3;FREQ 0.1;ARM", "SOUR:WAVE:INIT", "SOUR:CURR:COMP 2")
    rig.clock.elapse(0.1)
    assert rig.bench.truth()["contact_voltage"] == 2.0


def test_the_list_has_its_own_compliances():
    rig = Rig(Resistor(1e6))
    listed(rig)
    rig.send("INIT")
    rig.clock.elapse(0.06)
    assert rig.bench.truth()["contact_voltage"] == pytest.approx(0.1)


def test_no_step_is_shorter_than_a_millisecond(rig):
    listed(rig)
    rig.send("SOUR:SWE:ABOR;:SOUR:CURR:STAR 1e-6;STOP 2e-6;:SOUR:SWE:SPAC LIN;POIN 2")
    assert rig.refused("SOUR:DEL 0.5e-3") == -222
    assert rig.refused("SOUR:LIST:DEL 0.5e-3") == -222


def test_steps_jitter_up_to_a_millisecond_unless_the_panel_is_off(rig):
    listed(rig, jitter=True)
    rig.send("INIT")
    rig.clock.elapse(0.2)
    rig.bench.sync()
    for level, seconds in ((1e-6, 0.01), (2e-6, 0.02)):
        assert seconds < rig.sample.seconds_at(level) <= seconds + 1e-3


def test_a_sweep_is_armed_until_it_is_aborted(rig):
    listed(rig)
    assert rig.refused("SOUR:CURR 1e-6") == 413
    assert rig.refused("SOUR:LIST:CURR 1") in {-221, -222}
    rig.send("INIT")
    rig.clock.elapse(1.0)
    assert rig.ask("SOUR:SWE:ARM?") == "1"
    assert rig.refused("SOUR:CURR 1e-6") == 413
    rig.send("SOUR:SWE:ABOR;:SOUR:CURR 1e-6")
    assert rig.error() == 0


def test_a_sweep_that_is_aborted_holds_the_point_it_has_reached(rig):
    listed(rig)
    rig.send("INIT")
    rig.clock.elapse(0.01)
    rig.send("SOUR:SWE:ABOR")
    assert rig.current == 2e-6
    assert int(rig.ask("STAT:OPER?")) & (SWEEP_ABORTED | SWEEP_DONE) == SWEEP_ABORTED


@pytest.mark.parametrize(
    ("spacing", "start", "stop", "levels"),
    [
        ("LIN", -2e-6, 2e-6, [-2e-6, -1e-6, 0.0, 1e-6, 2e-6]),
        ("LOG", -1e-8, -1e-4, [-1e-8, -1e-7, -1e-6, -1e-5, -1e-4]),
    ],
)
def test_a_staircase_visits_its_points(rig, spacing, start, stop, levels):
    rig.send(f"SOUR:CURR:STAR {start};STOP {stop};:SOUR:SWE:SPAC {spacing};POIN 5")
    rig.send("DISP:ENAB 0;:SOUR:DEL 1e-3;:SOUR:SWE:RANG AUTO;COUN 2", "SOUR:SWE:ARM", "INIT")
    rig.clock.elapse(1.0)
    rig.bench.sync()
    for level in levels:
        if level not in {0.0, stop}:
            assert rig.sample.seconds_at(level) == pytest.approx(2e-3)
    assert rig.current == pytest.approx(stop)


def test_step_span_and_center_belong_together(rig):
    rig.send("SOUR:CURR:STAR -1e-5;STOP 1e-5;STEP 1e-6")
    assert rig.ask("SOUR:SWE:POIN?") == "21"
    rig.send("SOUR:CURR:CENT 1e-5")
    assert rig.ask("SOUR:CURR:STAR?;STOP?;SPAN?") == "+0.000000E+00;+2.000000E-05;+2.000000E-05"
    assert rig.refused("SOUR:CURR:CENT 0.1") == 0
    assert rig.refused("SOUR:CURR:SPAN 0.02") == -222


def test_a_logarithmic_sweep_through_zero_and_unequal_lists_cannot_be_armed(rig):
    rig.send("SOUR:SWE:SPAC LOG")
    assert rig.refused("SOUR:SWE:ARM") == -221
    rig.send("SOUR:SWE:SPAC LIST;:SOUR:LIST:CURR 0,1e-6")
    assert rig.refused("SOUR:SWE:ARM") == -221
    rig.send("SOUR:LIST:DEL:APP 1;:SOUR:LIST:COMP:APP 1;:SOUR:SWE:ARM")
    assert rig.error() == 0


def test_the_longest_sweep_ends_at_its_last_point(rig):
    rig.send("SOUR:SWE:POIN 65535;:SOUR:CURR:STOP 1e-4;:SOUR:DEL 1;:DISP:ENAB 0", "SOUR:SWE:ARM")
    rig.send("INIT")
    began = rig.clock.now()
    assert rig.twin.output(began + 32767.5).current == pytest.approx(50e-6)
    assert rig.twin.output(began + 70000.0).current == pytest.approx(100e-6)


def test_a_fixed_range_clips_the_sweep(rig):
    rig.send("SOUR:CURR:RANG 2e-3;:SOUR:CURR:STAR 1e-3;STOP 10e-3;:SOUR:SWE:POIN 2;RANG FIX;ARM")
    rig.send("INIT")
    rig.clock.elapse(10.0)
    assert rig.current == pytest.approx(2.1e-3)


def test_automatic_ranging_of_a_sweep_goes_through_zero(rig):
    rig.send("SOUR:CURR:STAR 1e-6;STOP 3e-6;:SOUR:SWE:POIN 2;RANG AUTO;:DISP:ENAB 0;:SOUR:SWE:ARM")
    rig.send("INIT")
    assert rig.twin.next_change(rig.clock.now()) == pytest.approx(rig.clock.now() + 1.0)
    rig.clock.elapse(1.0005)
    assert rig.current == 0.0
    rig.clock.elapse(0.001)
    assert rig.current == 3e-6


def test_compliance_aborts_a_sweep_that_minds_it():
    rig = Rig(Diary(1e6))
    rig.send("SOUR:CURR:COMP 1;STAR 0.5e-6;STOP 2e-6;:SOUR:SWE:POIN 4;CAB ON;:DISP:ENAB 0")
    rig.send("SOUR:DEL 0.1;:SOUR:SWE:ARM", "INIT")
    rig.clock.elapse(10.0)
    assert rig.ask("OUTP?") == "0"
    assert int(rig.ask("STAT:OPER?")) & (SWEEP_ABORTED | SWEEP_DONE) == SWEEP_ABORTED
    assert rig.sample.seconds_at(1e-6) > 0.09
    assert len([felt for _, felt in rig.sample.felt if felt > 0.9e-6]) <= 3


def test_operation_complete_waits_for_the_sweep(rig):
    listed(rig)
    rig.send("INIT", "*CLS;*OPC")
    assert int(rig.ask("*ESR?")) & 1 == 0
    rig.send("*OPC?")
    assert rig.twin.read() is None
    rig.clock.elapse(0.1)
    assert rig.twin.read() == b"1\n"
    assert int(rig.ask("*ESR?")) == 1


def test_a_sweep_waits_for_the_bus_trigger(rig):
    rig.send("ARM:SOUR BUS")
    listed(rig)
    assert rig.refused("*TRG") == -211
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == WAIT_ARM
    rig.clock.elapse(10.0)
    assert rig.current == 0.0
    rig.send("*TRG")
    assert rig.current == 1e-6


def test_a_trigger_line_passes_the_trigger_layer_and_abort_leaves_it(rig):
    rig.send("TRIG:SOUR TLIN")
    listed(rig)
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == WAIT_TRIGGER
    rig.send("ABOR")
    assert int(rig.ask("STAT:OPER:COND?")) == IDLE
    rig.send("INIT")
    rig.twin.trigger(1)
    assert rig.current == 1e-6


def test_nothing_starts_that_is_not_armed_and_arming_one_mode_disarms_the_other(rig):
    assert rig.refused("INIT") == -221
    listed(rig)
    rig.send("SOUR:WAVE:ARM")
    assert rig.ask("SOUR:WAVE:ARM?;:SOUR:SWE:ARM?") == "1;0"
    assert rig.refused("INIT") == -221


# --- what needs a nanovoltmeter


@pytest.mark.parametrize("mode", ["DELT", "PDEL", "DCON"])
def test_a_mode_that_needs_a_nanovoltmeter_is_held_but_cannot_be_armed(rig, mode):
    rig.send(f"SOUR:{mode}:{'DELT' if mode == 'DCON' else 'HIGH'} 2e-3")
    assert rig.error() == 0
    assert rig.refused(f"SOUR:{mode}:ARM") == -241
    assert rig.ask(f"SOUR:{mode}:ARM?;NVPR?") == "0;0"


def test_the_high_delta_current_sets_the_low_one(rig):
    rig.send("SOUR:DELT:HIGH 5e-3")
    assert rig.ask("SOUR:DELT:LOW?;HIGH?") == "-5.000000E-03;+5.000000E-03"


# --- status, faults, time


def test_the_format_of_registers_is_changed_by_form_sreg_and_by_a_reset(rig):
    rig.send("*SRE 24;:FORM:SREG BIN")
    assert rig.ask("*SRE?;:STAT:OPER:COND?") == "#B11000;#B10000000000"
    rig.send("*RST")
    assert rig.ask("*SRE?") == "24"


@pytest.mark.parametrize(("fault", "bit"), [("interlock_open", 2), ("over_temperature", 4)])
def test_a_fault_switches_off_and_refuses_the_output(rig, fault, bit):
    rig.send("SOUR:CURR 1e-6;:OUTP ON")
    setattr(rig.twin, fault, True)
    assert rig.current == 0.0
    assert rig.refused("OUTP ON") == -221
    rig.send("SOUR:WAVE:ARM")
    assert rig.refused("SOUR:WAVE:INIT") == -221
    assert int(rig.ask("STAT:MEAS:COND?")) == bit
    setattr(rig.twin, fault, False)
    rig.send("SOUR:WAVE:ABOR;:OUTP ON")
    assert rig.ask("OUTP?") == "1"
    assert rig.ask("OUTP:INT:TRIP?") == "0"


def test_the_compliance_bit_can_be_stuck(rig):
    rig.twin.stuck_compliance = True
    assert int(rig.ask("STAT:MEAS:COND?")) == COMPLIANCE


def test_a_device_clear_leaves_the_output_alone(rig):
    rig.send("SOUR:CURR 1e-6;:OUTP ON", "OUTP?")
    rig.twin.clear()
    assert rig.current == 1e-6
    assert rig.error() == 0


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        (b"SOUR:CURR 1\n", 5e-3),
        (b"OUTP?", 10e-3),
        (b"SOUR:WAVE:ARM?", 10e-3),
        (b"sour:wave:arm\r\n", 0.3),
        (b"SOUR:WAVE:FUNC SIN;ARM;INIT", 0.3),
        (b"SOUR:DCON:ARM", 2.0),
        (b"ARM:SOUR BUS", 5e-3),
    ],
)
def test_every_message_takes_its_modelled_time(rig, message, seconds):
    assert rig.twin.latency(message) == seconds


def test_a_twin_on_a_stream_is_not_asked_to_talk():
    rig = Rig(resource="TCPIP0::127.0.0.1::1394::SOCKET")
    assert rig.twin.addressed is False
    assert rig.twin.read() is None
    assert rig.error() == 0
