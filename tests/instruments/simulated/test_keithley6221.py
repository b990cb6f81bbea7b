"""The twin of a 6221: what it answers, and what the sample feels."""

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
def test_no_bytes_whatever_raise(new_rig, data):
    rig = new_rig()
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
def test_the_smallest_range_that_holds_the_level_is_chosen(new_rig, rig, level, full_scale):
    rig.send(f"SOUR:CURR {level!r}")
    assert rig.number("SOUR:CURR:RANG?") == full_scale
    other = new_rig()
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


def test_hidden_errors_lie_within_the_accuracy_and_come_with_the_seed(new_rig):
    found = []
    for _ in range(2):
        rig = new_rig(ideal=False)
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


def test_the_voltage_is_clamped_silently_and_the_measurement_register_tells(new_rig, rig):
    rig = new_rig(1e6)
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


def test_a_pulse_that_was_clamped_between_two_questions_is_remembered(new_rig):
    rig = new_rig(1e6)
    rig.send("SOUR:CURR:COMP 3")
    rig.pulse(1e-3, 5e-3)
    rig.clock.elapse(1.0)
    assert int(rig.ask("STAT:MEAS:COND?")) == 0
    assert int(rig.ask("STAT:MEAS?")) == COMPLIANCE
    assert rig.bench.peaks.voltage == 3.0
    assert rig.sample.seconds_at(3e-6) == pytest.approx(5e-3, abs=1e-9)


def test_clipped_peaks_of_a_sine_set_the_event(new_rig):
    rig = new_rig(1e4)
    rig.send("SOUR:CURR:COMP 1;:SOUR:WAVE:AMPL 150e-6;ARM", "SOUR:WAVE:INIT")
    rig.clock.elapse(0.1)
    assert int(rig.ask("STAT:MEAS?")) == COMPLIANCE


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


def test_a_twin_on_a_stream_is_not_asked_to_talk(new_rig):
    rig = new_rig(resource="TCPIP0::127.0.0.1::1394::SOCKET")
    assert rig.twin.addressed is False
    assert rig.twin.read() is None
    assert rig.error() == 0
