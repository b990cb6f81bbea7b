import math
from collections import deque

import numpy as np
import pytest
from pymeasure.instruments.keithley import Keithley6221 as PymeasureKeithley6221
from pymeasure.test import expected_protocol

from instruments.clock import VirtualClock
from instruments.declared import Declared
from instruments.errors import (
    ColdpointError,
    CommunicationError,
    InstrumentError,
    LimitError,
    NotSettledError,
    RefusedError,
)
from instruments.keithley6221 import Keithley6221
from instruments.simulated.bench import Bench
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary

FINE = '0,"No error"'
RESOURCE = "GPIB0::12::INSTR"


class Spy:
    """The twin, with a log of what was sent to it."""

    def __init__(self, twin):
        self.twin = twin
        self.sent = []
        self.broken = None

    def __getattr__(self, name):
        return getattr(self.twin, name)

    def write(self, message):
        text = message.decode().strip()
        self.sent.append(text)
        if self.broken is not None and self.broken in text:
            text = text.replace(self.broken, ":NONSENSE;")
        self.twin.write(text.encode() + b"\n")


class Rig:
    """A driver over a twin on a resistor."""

    def __init__(self, resistance=100.0, **options):
        self.clock = VirtualClock()
        self.bench = Bench(Resistor(resistance), self.clock)
        self.spy = Spy(Keithley6221Twin(self.bench, RESOURCE, ideal=True, **options))
        library = SimulatedVisaLibrary.serving([self.spy], self.clock)
        self.source = Keithley6221(RESOURCE, clock=self.clock, visa_library=library)

    def drive(self, level):
        self.source.source_compliance = 0.5
        self.source.source_current = level
        self.source.source_enabled = True


@pytest.fixture
def rig():
    return Rig()


def checked(*commands):
    return [(f"{command};:SYST:ERR?", FINE) for command in commands]


def test_every_property_of_pymeasure_is_still_there():
    lost = [name for name in dir(PymeasureKeithley6221) if not hasattr(Keithley6221, name)]
    assert lost == []


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in dir(PymeasureKeithley6221)
        if isinstance(getattr(PymeasureKeithley6221, name), property) and name != "error"
    ],
)
def test_every_property_of_pymeasure_is_strict_or_only_asks(name):
    ours = getattr(Keithley6221, name)
    if ours.fset is not None:
        assert isinstance(ours, Declared)


# flaws of the class below


def test_the_standard_event_mask_has_its_star():
    with expected_protocol(Keithley6221, [*checked("*ESE 4"), ("*ESE?", "4")]) as source:
        source.standard_event_enabled = 4
        assert source.standard_event_enabled == 4


def test_a_marker_phase_of_270_degrees_is_sent_and_one_of_minus_90_refused():
    with expected_protocol(Keithley6221, checked(":SOUR:WAVE:PMAR 270")) as source:
        source.waveform_phasemarker_phase = 270
        with pytest.raises(LimitError):
            source.waveform_phasemarker_phase = -90


def test_an_ampere_meant_as_a_milliampere_raises_instead_of_giving_full_scale():
    with expected_protocol(Keithley6221, []) as source:
        with pytest.raises(LimitError, match=r"source_current = 1 .*0\.105 A"):
            source.source_current = 1
        with pytest.raises(LimitError):
            source.waveform_amplitude = 0
        with pytest.raises(LimitError):
            source.source_compliance = 200


def test_the_volatile_arbitrary_waveform_can_be_read():
    with expected_protocol(Keithley6221, [(":SOUR:WAVE:FUNC?", "ARB0")]) as source:
        assert source.waveform_function == "arbitrary0"


def test_long_forms_in_replies_are_understood():
    with expected_protocol(Keithley6221, [(":SOUR:WAVE:FUNC?", "SQUARE")]) as source:
        assert source.waveform_function == "square"


def test_a_delta_delay_of_zero_and_a_million_points_are_refused():
    with expected_protocol(Keithley6221, checked(":SOUR:DELT:DEL INF")) as source:
        with pytest.raises(LimitError):
            source.delta_delay = 0
        with pytest.raises(LimitError):
            source.delta_buffer_points = 1_000_000
        source.delta_delay = "INF"


def test_a_bus_trigger_is_for_the_arm_layer_only():
    with expected_protocol(Keithley6221, checked(":ARM:SOUR BUS;:TRIG:SOUR IMM")) as source:
        source.trigger_on_bus()


def test_there_are_six_trigger_lines():
    message = ":ARM:SOUR TLIN;:TRIG:SOUR TLIN;:ARM:ILIN 6;:TRIG:ILIN 6"
    pairs = checked(message, ":TRIG:OUTP DEL;:TRIG:OLIN 5")
    with expected_protocol(Keithley6221, pairs) as source:
        source.trigger_on_external(6)
        source.output_trigger_on_external(5)
        for line in (0, 7, 1.5):
            with pytest.raises(LimitError):
                source.trigger_on_external(line)


def test_a_reset_has_no_colon_before_a_common_command(rig):
    rig.drive(1e-5)
    rig.source.reset()
    assert not any(":*" in message for message in rig.spy.sent)
    assert not rig.source.source_enabled


def test_shutdown_stops_the_wave_ramps_and_switches_off(rig):
    rig.drive(1e-4)
    before = len(rig.spy.sent)
    rig.source.shutdown()
    sent = rig.spy.sent[before:]
    assert sent[0].startswith(":SOUR:WAVE:ABOR")
    levels = [float(text.split()[1].split(";")[0]) for text in sent if ":SOUR:CURR " in text]
    assert levels == sorted(levels, reverse=True)
    assert len(levels) > 5
    assert levels[-1] == 0.0
    state = rig.source.read_state()
    assert not state.enabled
    assert state.compliance <= 0.5
    assert rig.source.isShutdown


def test_an_arbitrary_waveform_of_250_points_goes_in_messages_of_100():
    points = np.linspace(-1, 1, 250)
    sizes = []
    with expected_protocol(Keithley6221, []) as source:
        source.write = lambda message: sizes.append((message.split()[0], message.count(",") + 1))
        source.define_arbitary_waveform(points, 2)
    assert sizes[:3] == [
        (":SOUR:WAVE:ARB:DATA", 100),
        (":SOUR:WAVE:ARB:APP", 100),
        (":SOUR:WAVE:ARB:APP", 50),
    ]
    assert [header for header, _ in sizes[3:]] == [":SOUR:WAVE:ARB:COPY", ":SOUR:WAVE:FUNC"]


def test_an_arbitrary_waveform_reaches_the_twin_and_a_wrong_one_does_not(rig):
    rig.source.define_arbitary_waveform(np.sin(np.linspace(0, 6, 301)), location=0)
    assert rig.source.arbitrary_points == 301
    assert rig.source.waveform_function == "arbitrary0"
    for points in ([], [1.5], [math.nan], np.zeros(65537)):
        with pytest.raises(LimitError):
            rig.source.define_arbitary_waveform(points)
    with pytest.raises(LimitError):
        rig.source.define_arbitary_waveform([0.0, 1.0], location=5)


def test_it_is_no_source_meter():
    with expected_protocol(Keithley6221, []) as source:
        assert source.name == "Keithley 6221"


def test_a_buffer_of_2000_points_is_not_cut_to_1024(rig):
    rig.source.config_buffer(2000, delay=0.25)
    assert rig.source.buffer_points == 2000
    assert rig.source.source_delay == 0.25
    assert not hasattr(rig.source, "trigger_count")


def test_waiting_for_a_buffer_that_never_fills_ends_on_the_clock(rig):
    with pytest.raises(NotSettledError):
        rig.source.wait_for_buffer(timeout=5.0)
    assert rig.clock.now() == pytest.approx(5.0, abs=0.5)


def test_an_error_after_a_setting_raises_with_code_text_and_command(rig):
    with pytest.raises(InstrumentError, match="-113") as problem:
        rig.source.write(":SOUR:NONSENSE 1")
    assert ":SOUR:NONSENSE 1" in str(problem.value)
    assert not isinstance(problem.value, CommunicationError)
    assert rig.source.source_current == 0.0


def test_an_unknown_query_is_an_error_of_the_instrument_not_of_the_link(rig):
    with pytest.raises(InstrumentError, match="-113"):
        rig.source.ask(":SOUR:NONSENSE?")
    assert rig.source.check_errors() == []


def test_errors_of_pymeasures_own_methods_raise_too():
    pairs = [
        (":INIT:IMM;:SYST:ERR?", '-221,"Settings conflict"'),
        (":SYST:ERR?", '-222,"Parameter data out of range"'),
        (":SYST:ERR?", FINE),
    ]
    with expected_protocol(Keithley6221, pairs) as source:
        with pytest.raises(InstrumentError, match=r"-221.*-222"):
            source.delta_start()


@pytest.mark.parametrize(("form", "reply"), [("HEX", "#H488"), ("BIN", "#B10010001000")])
def test_registers_are_read_in_whatever_format_they_come(form, reply):
    with expected_protocol(Keithley6221, [(":STAT:OPER:COND?", reply)]) as source:
        assert source.operation_condition == 0x488


# state


def test_connecting_changes_no_output_and_reads_the_state(rig):
    rig.drive(2e-5)
    before = len(rig.spy.sent)
    state = rig.source.connect()
    assert state.enabled
    assert state.current == pytest.approx(2e-5)
    assert not any(word in text for text in rig.spy.sent[before:] for word in ("OUTP 1", "*RST"))
    assert any("FORM:SREG ASC" in text for text in rig.spy.sent[before:])


def test_an_error_from_before_is_not_blamed_on_the_first_setting(rig):
    rig.source.adapter.write(":NONSENSE 1")
    rig.source.connect()
    rig.source.source_current = 1e-6


def test_connecting_to_something_else_raises():
    rig = Rig(identity="KEITHLEY INSTRUMENTS INC.,MODEL 2400,1,C30")
    with pytest.raises(CommunicationError, match="MODEL 2400"):
        rig.source.connect()


def test_compliance_is_told_live_and_since_last_asked():
    rig = Rig(resistance=1e5)
    rig.drive(1e-4)
    assert rig.source.in_compliance()
    rig.source.source_current = 1e-7
    assert not rig.source.in_compliance()
    assert rig.source.measurement_events & 8
    assert rig.source.compliance_tripped()
    assert not rig.source.compliance_tripped()


def test_a_snapshot_holds_plain_values_by_property_name(rig):
    found = rig.source.snapshot()
    assert found["source_compliance"] == 10.0
    assert "MODEL 6221" in found["id"]
    assert found["waveform_duration_cycles"] is None
    assert all(isinstance(value, (float, int, str, bool, type(None))) for value in found.values())


def test_a_ramp_takes_its_time_on_the_clock(rig):
    rig.drive(0.0)
    began = rig.clock.now()
    rig.source.ramp_current(1e-4, rate=1e-4)
    assert rig.source.source_current == pytest.approx(1e-4)
    assert 0.9 < rig.clock.now() - began < 1.6
    with pytest.raises(LimitError):
        rig.source.ramp_current(0.0, rate=0.0)


def test_make_safe_tries_every_step_and_raises_them_together(rig):
    rig.drive(1e-4)
    rig.spy.broken = ":SOUR:WAVE:ABOR"
    with pytest.raises(ExceptionGroup, match="1 steps failed"):
        rig.source.make_safe()
    state = rig.source.read_state()
    assert (state.enabled, state.current) == (False, 0.0)


# waves


@pytest.mark.parametrize(
    ("behaviour", "answer"), [("allow", True), ("reject", False), ("allow_ampl_offs_freq", True)]
)
def test_the_probe_finds_out_whether_a_running_wave_takes_an_offset(behaviour, answer):
    rig = Rig(wave_live_writes=behaviour)
    source = rig.source
    source.waveform_amplitude = 1e-5
    source.waveform_offset = 2e-5
    with pytest.raises(RefusedError):
        source.wave_live_writes()
    source.waveform_arm()
    source.waveform_start()
    assert source.wave_live_writes() is answer
    assert source.pulse_running()
    assert source.waveform_offset == pytest.approx(2e-5)


@pytest.mark.parametrize("level", [2e-3, -2e-3])
@pytest.mark.parametrize("switches_on", [True, False])
def test_a_pulse_reaches_the_sample_with_its_level_and_leaves_low_compliance(level, switches_on):
    rig = Rig(init_switches_output_on=switches_on)
    source = rig.source
    source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    rig.drive(0.0)
    source.source_range = 1e-4
    source.prepare_pulse(level, width=0.02, compliance=3.0)
    source.fire_pulse()
    assert source.pulse_running()
    rig.clock.sleep(0.1)
    assert not source.pulse_running()
    report = source.end_pulse()
    assert (report.current, report.width, report.compliance) == (level, 0.02, 3.0)
    assert not report.compliance_event
    assert rig.bench.truth()["peak_contact_current"] == pytest.approx(2e-3, rel=1e-2)
    state = source.read_state()
    assert (state.compliance, state.current, state.autorange) == (0.5, 0.0, False)
    assert state.range == pytest.approx(2e-4)
    assert state.enabled


def test_a_pulse_in_compliance_says_so():
    rig = Rig(resistance=1e4)
    rig.drive(0.0)
    rig.source.prepare_pulse(1e-3, width=0.02, compliance=2.0)
    rig.source.fire_pulse()
    rig.clock.sleep(0.1)
    assert rig.source.end_pulse().compliance_event
    assert rig.bench.truth()["peak_contact_voltage"] == pytest.approx(2.0, rel=1e-2)


@pytest.mark.parametrize(
    "broken",
    [":SOUR:WAVE:ARM;", ":SOUR:WAVE:DUR:CYCL", ":SOUR:WAVE:INIT", ":SOUR:WAVE:OFFS", ":OUTP 1"],
)
def test_a_pulse_that_fails_anywhere_leaves_the_low_compliance(broken):
    rig = Rig()
    rig.source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    rig.source.source_compliance = 0.5
    rig.spy.broken = broken
    with pytest.raises(ColdpointError, match="refused"):
        rig.source.prepare_pulse(1e-3, width=0.02, compliance=3.0)
        rig.source.fire_pulse()
    rig.spy.broken = None
    state = rig.source.read_state()
    assert (state.compliance, state.wave_armed, state.enabled) == (0.5, False, False)
    with pytest.raises(RefusedError):
        rig.source.fire_pulse()


def test_a_compliance_that_will_not_come_down_switches_the_output_off():
    rig = Rig()
    rig.drive(0.0)
    rig.source.prepare_pulse(1e-3, width=0.02, compliance=3.0)
    rig.source.fire_pulse()
    rig.clock.sleep(0.1)
    rig.spy.broken = ":SOUR:CURR:COMP 0.5"
    with pytest.raises(ExceptionGroup):
        rig.source.end_pulse()
    assert not rig.source.source_enabled


@pytest.mark.parametrize(
    ("current", "width", "compliance"),
    [(0.02, 0.01, 3.0), (0.0, 0.01, 3.0), (1e-3, 1e-6, 3.0), (1e-3, 501.0, 3.0), (1e-3, 0.01, 6.0)],
)
def test_a_pulse_beyond_its_limits_sends_nothing(current, width, compliance):
    rig = Rig()
    rig.source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    with pytest.raises(LimitError):
        rig.source.prepare_pulse(current, width, compliance)
    assert rig.spy.sent == []


def test_a_pulse_is_refused_while_a_dc_current_flows(rig):
    rig.drive(1e-5)
    with pytest.raises(RefusedError, match="ramp it to zero"):
        rig.source.prepare_pulse(1e-3, 0.02, 3.0)
    assert rig.source.source_current == pytest.approx(1e-5)


def test_the_limits_of_a_pulse_do_not_hold_between_its_methods():
    rig = Rig()
    rig.source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    rig.drive(0.0)
    rig.source.prepare_pulse(1e-3, 0.02, 3.0)
    before = len(rig.spy.sent)
    for message in ("SOUR:WAVE:INIT", "SOUR:CURR:COMP 3", "SOUR:WAVE:AMPL 5e-4", "OUTP ON"):
        with pytest.raises(LimitError):
            rig.source.write(message)
    assert len(rig.spy.sent) == before
    rig.source.end_pulse()


# the link


class Wire:
    """A device that answers from a list."""

    def __init__(self, *replies, resource=RESOURCE):
        self.resource = resource
        self.replies = deque(replies)
        self.pending = deque()
        self.sent = []

    def write(self, message):
        self.sent.append(message.decode().strip())
        if "*IDN?" in self.sent[-1]:
            self.pending.append(b"KEITHLEY INSTRUMENTS INC.,MODEL 6221,1,D04\n")
        elif self.sent[-1] == ":SYST:ERR?":
            self.pending.append(b'0,"No error"\n')
        elif self.replies and (reply := self.replies.popleft()) is not None:
            self.pending.append(reply)

    def read(self):
        return self.pending.popleft() if self.pending else None

    def serial_poll(self):
        return 0

    def clear(self):
        self.pending.clear()

    def latency(self, message):
        return 1e-3


def wired(*replies, resource=RESOURCE):
    clock = VirtualClock()
    wire = Wire(*replies, resource=resource)
    library = SimulatedVisaLibrary.serving([wire], clock)
    return Keithley6221(resource, clock=clock, visa_library=library), wire


@pytest.mark.parametrize("reply", [b"SIN\n", b"1.0,2.0\n", b"\n", b"1.0E\n", b"nan\n", b"\xff\n"])
def test_a_reply_that_cannot_be_a_current_is_never_returned(reply):
    source, wire = wired(reply, b"+1.000000E-06\n")
    with pytest.raises(CommunicationError):
        _ = source.source_current
    assert "*IDN?" in wire.sent
    assert source.source_current == 1e-6


def test_a_late_reply_never_becomes_data():
    source, wire = wired(None, b"2.0\n", resource="TCPIP0::127.0.0.1::1394::SOCKET")
    original = wire.write

    def late(message):
        if message.startswith(b"*IDN?"):
            wire.pending.append(b"+9.000000E-03\n")
        original(message)

    wire.write = late
    with pytest.raises(CommunicationError, match="answers again"):
        _ = source.source_current
    assert source.source_compliance == 2.0


def test_an_interrupt_between_question_and_answer_leaves_nothing_behind():
    source, _ = wired(b"+9.000000E-03\n", b"2.0\n")
    read = source.read

    def interrupted(**_):
        raise KeyboardInterrupt

    source.read = interrupted
    with pytest.raises(KeyboardInterrupt):
        _ = source.source_current
    source.read = read
    assert source.source_compliance == 2.0


def test_an_instrument_that_has_gone_is_a_communication_error_in_one_line():
    source, wire = wired()
    wire.write = lambda message: None
    with pytest.raises(CommunicationError, match="link is lost") as problem:
        _ = source.source_current
    assert "\n" not in str(problem.value)


def test_an_address_where_nothing_stands_is_a_communication_error():
    library = SimulatedVisaLibrary.serving([], VirtualClock())
    with pytest.raises(CommunicationError, match="cannot open"):
        Keithley6221("GPIB0::3::INSTR", visa_library=library)


def test_a_reply_that_is_no_error_entry_is_not_taken_for_one():
    source, _ = wired(b"+1.0E-3\n")
    with pytest.raises(CommunicationError, match="entry of the error queue"):
        source.source_current = 1e-6
