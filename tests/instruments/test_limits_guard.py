import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.clock import VirtualClock
from instruments.dsp7265 import DSP7265
from instruments.errors import InstrumentError, LimitError
from instruments.guard import header_pattern, scpi_commands
from instruments.keithley6221 import Keithley6221
from instruments.simulated.bench import Bench
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary

CURRENT, COMPLIANCE, OSCILLATOR = 1e-4, 0.5, 0.2
SOURCE, LOCKIN = "GPIB0::12::INSTR", "GPIB0::14::INSTR"


class Spy:
    """A twin, with a log of every byte that was sent to it."""

    def __init__(self, twin):
        self.twin = twin
        self.sent = []

    def __getattr__(self, name):
        return getattr(self.twin, name)

    def write(self, message):
        self.sent.append(message)
        self.twin.write(message)


def limited_source(live="allow", **limits):
    clock = VirtualClock()
    bench = Bench(Resistor(100.0), clock)
    spy = Spy(Keithley6221Twin(bench, SOURCE, ideal=True, wave_live_writes=live))
    library = SimulatedVisaLibrary.serving([spy], clock)
    source = Keithley6221(SOURCE, clock=clock, visa_library=library)
    source.waveform_amplitude = 1e-6
    ceilings = {"current": CURRENT, "compliance": COMPLIANCE} | limits
    source.apply_limits(**ceilings, pulse_current=0.01, pulse_voltage=5.0)
    source.source_compliance = 0.5
    source.waveform_amplitude = 1e-6
    source.waveform_offset = 0.0
    spy.sent.clear()
    return source, spy


def limited_lockin():
    clock = VirtualClock()
    spy = Spy(DSP7265Twin(Bench(Resistor(100.0), clock), LOCKIN, ideal=True))
    library = SimulatedVisaLibrary.serving([spy], clock)
    lockin = DSP7265(LOCKIN, clock=clock, visa_library=library)
    lockin.apply_limits(oscillator=OSCILLATOR, converter=1.0)
    return lockin, spy


WAYS = {
    "write": lambda driver, message: driver.write(message),
    "ask": lambda driver, message: driver.ask(message),
    "values": lambda driver, message: driver.values(message),
    "write_bytes": lambda driver, message: driver.write_bytes(message.encode() + b"\n"),
    "adapter.write": lambda driver, message: driver.adapter.write(message),
    "adapter.write_bytes": lambda driver, message: driver.adapter.write_bytes(message.encode()),
    "binary": lambda driver, message: driver.write_binary_values(message, [1.0, 2.0]),
}

TOO_MUCH = [
    "SOUR:CURR 2e-4",
    ":SOURCE1:CURRENT:LEVEL:IMMEDIATE:AMPLITUDE -0.1",
    "sour:curr:ampl .00011",
    "CURR 1",
    "SOUR:CURR 2E-4;:SOUR:CURR 0",
    "SOUR:CURR 0;CURR 2e-4",
    "SOUR:CURR:COMP 0.1;:SOUR:CURR 2e-4",
    "SOUR:CURR:LEV 0;LEV 2e-4",
    "SOUR:CURR:RANG 1e-3;LEV:IMM:AMPL 3e-4",
    "*CLS;SOUR:CURR 3e-4",
    'DISP:TEXT "a;b";:SOUR:CURR 3e-4',
    "DISP:TEXT 'a;:SOUR:CURR 3e-4",
    "OUTP OFF\nSOUR:CURR 3e-4",
    "SOUR:CURR\t3e-4",
    "SOUR:CURR\x003e-4",
    "SOUR:CURR MAX",
    "SOUR:CURR DEF",
    "SOUR:CURR nan",
    "SOUR:CURR INF",
    "SOUR:CURR 9.9E37",
    "SOUR:CURR 1 mA",
    "SOUR:CURR #H10",
    "SOUR:CURR 1e-6,2e-6",
    "SOUR:CURR",
    "SOUR:CURR:COMP 0.6",
    "SOUR:CURR:COMPLIANCE 105",
    "SOUR:CURR:RANG 1e-4;COMP 10",
    "SOUR:CURR:STAR 2e-4",
    "SOUR:CURR:STOP -2e-4",
    "SOUR:CURR:CENT 2e-4",
    "SOUR:CURR:SPAN 3e-4",
    "SOUR:SWE:STOP 3e-4",
    "SOUR:WAVE:AMPL 2e-4",
    "SOUR:WAVE:FREQ 1000;AMPL 1.1e-4",
    "SOUR:WAVE:OFFS -2e-4",
    "SOUR:WAVE:OFFS 9.95e-5",
    "SOUR:WAVE:OFFS 5e-5;AMPL 6e-5",
    "SOUR:LIST:CURR 0,1e-5,2e-4",
    "SOUR:LIST:CURR:APP 2e-4",
    "SOUR:LIST:COMP 0.4,0.6",
    "SOUR:DELT:HIGH 2e-4",
    "SOUR:DELTA:LOW -2e-4",
    "SOUR:PDEL:HIGH 2e-4",
    "SOUR:PDEL:LOW -2e-4",
    "SOUR:DCON:STAR -2e-4",
    "SOUR:DCON:STOP 2e-4",
    "SOUR:DCON:DELT 2e-4",
    "*RCL 1",
]


@pytest.mark.parametrize("message", TOO_MUCH)
@pytest.mark.parametrize("way", sorted(set(WAYS) - {"binary"}))
def test_no_way_leads_round_the_limits_of_the_source(way, message):
    source, spy = limited_source()
    with pytest.raises(LimitError) as problem:
        WAYS[way](source, message)
    assert spy.sent == []
    assert "Keithley 6221" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_binary_values_are_judged_too():
    source, spy = limited_source()
    with pytest.raises(LimitError):
        WAYS["binary"](source, "SOUR:CURR 2e-4;:X ")
    assert spy.sent == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source_current", 2e-4),
        ("source_compliance", 0.6),
        ("waveform_amplitude", 2e-4),
        ("waveform_offset", -2e-4),
        ("sweep_start", 2e-4),
        ("sweep_stop", 2e-4),
        ("delta_high_source", 2e-4),
        ("delta_low_source", -2e-4),
        ("conductance_start", 2e-4),
        ("conductance_stop", 2e-4),
        ("conductance_delta", 2e-4),
    ],
)
def test_no_property_leads_round_the_limits_of_the_source(name, value):
    source, spy = limited_source()
    with pytest.raises(LimitError):
        setattr(source, name, value)
    with pytest.raises(LimitError):
        source.define_list([0.0, 2e-4])
    assert spy.sent == []


@pytest.mark.parametrize(
    "message",
    [
        "SOUR:CURR 1e-4",
        "SOUR:CURR -1.0E-4",
        "SOUR:CURR 0;CURR:COMP 0.5",
        "SOUR:CURR:RANG 0.1",
        "SOUR:CURR:RANG:AUTO 1",
        "SOUR:WAVE:OFFS 5e-5;AMPL 5e-5",
        "SOUR:LIST:CURR 1e-4,0",
        "SOUR:DELT:DEL 1",
        "*RST",
        "OUTP OFF",
    ],
)
def test_what_lies_within_the_limits_passes(message):
    source, spy = limited_source()
    source.write(message)
    assert spy.sent[-1].decode().startswith(message)


def test_the_limit_itself_and_its_rounding_pass():
    source, _ = limited_source(current=2e-4)
    source.source_current = 0.1 * 2e-3
    source.source_current = math.nextafter(2e-4, 1.0)
    with pytest.raises(LimitError):
        source.source_current = 2.0001e-4


def test_bytes_that_come_in_pieces_are_put_together_on_a_stream():
    clock = VirtualClock()
    resource = "TCPIP0::127.0.0.1::1394::SOCKET"
    spy = Spy(Keithley6221Twin(Bench(Resistor(100.0), clock), resource, ideal=True))
    library = SimulatedVisaLibrary.serving([spy], clock)
    source = Keithley6221(resource, clock=clock, visa_library=library)
    source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    source.write_bytes(b"SOUR:CU")
    with pytest.raises(LimitError):
        source.write_bytes(b"RR 1e-2\n")
    with pytest.raises(LimitError):
        source.adapter.write("RR 1e-2")


def test_the_way_down_from_above_the_limits_is_open():
    clock = VirtualClock()
    twin = Keithley6221Twin(Bench(Resistor(100.0), clock), SOURCE, ideal=True)
    library = SimulatedVisaLibrary.serving([twin], clock)
    source = Keithley6221(SOURCE, clock=clock, visa_library=library)
    source.waveform_amplitude = 0.05
    source.waveform_offset = 0.05
    source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    with pytest.raises(LimitError):
        source.waveform_arm()
    source.source_compliance = 0.5
    source.waveform_offset = 0.0
    source.waveform_amplitude = 1e-5
    source.waveform_arm()


def test_what_stood_before_the_limits_is_not_switched_on():
    clock = VirtualClock()
    twin = Keithley6221Twin(Bench(Resistor(100.0), clock), SOURCE, ideal=True)
    library = SimulatedVisaLibrary.serving([twin], clock)
    source = Keithley6221(SOURCE, clock=clock, visa_library=library)
    source.source_current = 0.01
    source.sweep_stop = 0.01
    source.apply_limits(current=1e-4, compliance=0.5, pulse_current=0.01, pulse_voltage=5.0)
    for way in (source.enable_source, lambda: source.write("OUTP:STAT 1")):
        with pytest.raises(LimitError, match=r"0\.01 A"):
            way()
    source.source_current = 0.0
    with pytest.raises(LimitError, match="10 V"):
        source.source_enabled = True
    source.source_compliance = 0.5
    source.source_enabled = True
    with pytest.raises(LimitError, match="STOP"):
        source.sweep_arm()
    source.write("*RST")
    with pytest.raises(LimitError, match="COMP"):
        source.source_enabled = True


def test_a_refused_setting_is_not_remembered_as_if_it_had_been_taken():
    source, _ = limited_source(live="reject")
    source.waveform_arm()
    source.waveform_start()
    with pytest.raises(InstrumentError, match="-221"):
        source.waveform_offset = 9e-5
    source.waveform_abort()
    source.waveform_amplitude = 5e-5
    assert source.waveform_amplitude == pytest.approx(5e-5)


def test_limits_that_the_instrument_cannot_have_are_refused():
    source, _ = limited_source()
    for wrong in ({"current": 0.2}, {"compliance": 0.0}, {"current": math.nan}):
        with pytest.raises(LimitError):
            source.apply_limits(
                **({"current": 1e-4, "compliance": 0.5} | wrong),
                pulse_current=0.01,
                pulse_voltage=5.0,
            )
    lockin, _ = limited_lockin()
    with pytest.raises(LimitError):
        lockin.apply_limits(oscillator=6.0)


def test_without_limits_messages_are_left_alone():
    clock = VirtualClock()
    twin = Keithley6221Twin(Bench(Resistor(100.0), clock), SOURCE, ideal=True)
    source = Keithley6221(
        SOURCE, clock=clock, visa_library=SimulatedVisaLibrary.serving([twin], clock)
    )
    source.write("SOUR:CURR 0.1")
    assert source.source_current == pytest.approx(0.1)


@pytest.mark.parametrize(
    "message",
    [
        "OA. 0.3",
        "oa. .21",
        "OA.0.3",
        "OA. 3E-1",
        "OA 201",
        "OA 300;X.",
        "X.;OA. 0.3",
        "TC 3\rOA. 0.3",
        "OA. MAX",
        "OA. nan",
        "OA. 0.1 0.3",
        "OA.\t0.3",
        "OA.\x000.3",
        "ASTART. 0.3",
        "ASTOP. 1",
        "DAC. 1 1.5",
        "DAC 2 -1500",
        "DAC. 1 x",
        "ADF 1",
        "ADF",
    ],
)
@pytest.mark.parametrize("way", sorted(set(WAYS) - {"binary"}))
def test_no_way_leads_round_the_limits_of_the_lockin(way, message):
    lockin, spy = limited_lockin()
    with pytest.raises(LimitError, match="DSP 7265"):
        WAYS[way](lockin, message)
    assert spy.sent == []


def test_no_property_leads_round_the_limits_of_the_lockin():
    lockin, spy = limited_lockin()
    for name, value in (("voltage", 0.3), ("dac1", 2.0), ("dac4", -2.0)):
        with pytest.raises(LimitError):
            setattr(lockin, name, value)
    assert spy.sent == []
    lockin.voltage = 0.2
    lockin.dac1 = -1.0
    assert lockin.voltage == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("form", "header", "fits"),
    [
        ("OUTPut[:STATe]", "OUTP", True),
        ("OUTPut[:STATe]", "OUTPUT1:STATE", True),
        ("OUTPut[:STATe]", "OUTPU", True),
        ("OUTPut[:STATe]", "OUTPX", False),
        ("OUTPut[:STATe]", "OUTP:RESP", False),
        ("[SOURce:]CURRent", "CURR", True),
        ("*RST", "*RST", True),
    ],
)
def test_headers_fit_in_every_length(form, header, fits):
    assert bool(header_pattern(form).fullmatch(header)) is fits


def test_a_compound_message_is_followed_along_its_path():
    found = [
        (item.path, item.header, item.arguments)
        for item in scpi_commands('SOUR:CURR 1;COMP 2;*CLS;:OUTP ON;;A:B "x;y";C\nD 3')
    ]
    assert found == [
        ("", "SOUR:CURR", "1"),
        ("SOUR", "COMP", "2"),
        ("SOUR", "*CLS", ""),
        ("", "OUTP", "ON"),
        ("", "A:B", '"x;y"'),
        ("A", "C", ""),
        ("", "D", "3"),
    ]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_whatever_breaks_the_reader(text):
    assert all(item.header == item.header.upper() for item in scpi_commands(text))


NODES = st.sampled_from(
    [
        "SOUR:CURR {}",
        ":source:current {}",
        "CURR {}",
        "LEV {}",
        "AMPL {}",
        ":SOUR:CURR:LEV:IMM:AMPL {}",
        ":SOUR:WAVE:AMPL {}",
        "OFFS {}",
        ":SOURce:WAVE:OFFSet {}",
        ":SOUR:CURR:COMP {}",
        "COMP {}",
        ":SOUR:CURR:RANG {}",
        "RANG {}",
        ":OUTP OFF",
        ":SOUR:WAVE:FREQ 1000",
        "*CLS",
        ":SOUR:CURR:RANG:AUTO 1",
        "",
    ]
)
NUMBERS = st.one_of(
    st.floats(-2e-4, 2e-4).map(repr),
    st.floats(0.0, 1.0).map(lambda value: f"{value:.6E}"),
    st.sampled_from(["MAX", "DEF", "1e-5", "+.00001", "1.E-5", "0", "1e-5 ", "UP", "3 mA", ""]),
)
COMMANDS = st.tuples(NODES, NUMBERS).map(lambda pair: pair[0].format(pair[1]))
MESSAGES = st.lists(COMMANDS, min_size=1, max_size=4).map(";".join)


@given(messages=st.lists(MESSAGES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_passes_the_guard_leaves_the_twin_within_the_limits(messages):
    source, spy = limited_source()
    for message in messages:
        try:
            source.write(message)
        except (LimitError, InstrumentError):
            continue
    twin = spy.twin
    twin.clear()
    twin.write(b":SOUR:CURR?;:SOUR:CURR:COMP?;:SOUR:WAVE:AMPL?;:SOUR:WAVE:OFFS?\n")
    level, compliance, amplitude, offset = (float(item) for item in twin.read().split(b";"))
    assert abs(level) <= CURRENT * 1.00001
    assert compliance <= COMPLIANCE * 1.00001
    assert abs(offset) + amplitude <= CURRENT * 1.00001


def test_a_time_out_makes_the_guard_ask_again_what_stands():
    source, spy = limited_source()
    with pytest.raises(InstrumentError):
        source.ask(":NONSENSE?")
    spy.sent.clear()
    source.waveform_offset = 1e-6
    assert b":SOUR:WAVE:AMPL?\n" in spy.sent
