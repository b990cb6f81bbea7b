import math
from collections import deque

import numpy as np
import pytest
from pymeasure.instruments import signalrecovery
from pymeasure.test import expected_protocol

from instruments.clock import VirtualClock
from instruments.dsp7265 import DSP7265, LockinStatus
from instruments.dsp7265_conversation import expects_reply
from instruments.dsp7265_settings import full_scales
from instruments.errors import (
    CommunicationError,
    DesynchronisedError,
    InstrumentError,
    LimitError,
    NotSettledError,
    RefusedError,
)
from instruments.simulated.bench import Bench
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary

RESOURCE = "GPIB0::14::INSTR"
POLLED = {"read_stb": 1}


class Rig:
    """A driver over a twin that measures a resistor."""

    def __init__(self, resistance=100.0, **options):
        self.clock = VirtualClock()
        self.bench = Bench(Resistor(resistance), self.clock)
        self.twin = DSP7265Twin(self.bench, RESOURCE, ideal=True, noise=0.0)
        library = SimulatedVisaLibrary.serving([self.twin], self.clock)
        self.lockin = DSP7265(RESOURCE, clock=self.clock, visa_library=library, **options)


@pytest.fixture
def rig():
    return Rig()


def polled(pairs, **options):
    return expected_protocol(DSP7265, pairs, connection_methods=POLLED, **options)


def test_every_property_of_pymeasure_is_still_there_and_strict():
    for name in dir(signalrecovery.DSP7265):
        assert hasattr(DSP7265, name)
        if isinstance(getattr(signalrecovery.DSP7265, name), property):
            ours = getattr(DSP7265, name)
            own = ours.fget is None or not ours.fget.__module__.startswith("pymeasure")
            assert own or name in {"complete", "status", "options", "next_error"}


# flaws of the class below


def test_the_longest_time_constant_is_read_and_set():
    with polled([("TC", "29"), ("TC 29", None), ("TC 7", None)]) as lockin:
        assert lockin.time_constant == 100e3
        lockin.time_constant = 100e3
        lockin.time_constant = 5e-3
        assert len(lockin.time_constants()) == 30


@pytest.mark.parametrize(("mode", "name"), [(0, "voltage mode"), (1, "current mode")])
def test_every_full_scale_is_accepted_and_read_back_exactly(mode, name, rig):
    rig.lockin.imode = name
    for scale in full_scales(mode).values():
        rig.lockin.sensitivity = scale
        assert rig.lockin.sensitivity == scale


def test_the_low_noise_current_mode_begins_at_two_femtoamperes():
    with polled([("IMODE", "2"), ("SEN 7", None), ("IMODE", "2")]) as lockin:
        lockin.sensitivity = 2e-15
        with pytest.raises(LimitError):
            lockin.sensitivity = 1e-3


def test_full_scales_follow_the_rule_of_the_index():
    assert full_scales(0)[1] == 2e-9
    assert [full_scales(0)[index] for index in (9, 18, 27)] == [1e-6, 1e-3, 1.0]
    assert full_scales(1)[5] == 50e-15
    assert min(full_scales(2)) == 7


def test_a_sensitivity_in_between_takes_the_next_larger_full_scale(rig):
    rig.lockin.sensitivity = 3e-6
    assert rig.lockin.sensitivity == 5e-6
    assert rig.lockin.sensitivity_up() == 10e-6
    assert rig.lockin.sensitivity_down() == 5e-6
    for value in (0.0, -1e-3, 1.5, math.nan):
        with pytest.raises(LimitError):
            rig.lockin.sensitivity = value


def test_the_gain_reads_and_sets_decibels_and_refuses_35():
    with polled([("ACGAIN", "3"), ("ACGAIN 3", None)]) as lockin:
        assert lockin.gain == 30
        lockin.gain = 30
        with pytest.raises(LimitError):
            lockin.gain = 35


def test_an_interval_of_zero_stores_at_800_hertz():
    pairs = [("CBD 3", None), ("LEN 50", None), ("STR 0", None), ("NC", None)]
    with polled(pairs) as lockin:
        lockin.set_buffer(50, interval=0)
        with pytest.raises(LimitError, match="X and Y only"):
            lockin.set_buffer(50, ["x", "phase"], interval=0)


def test_an_interval_is_rounded_up_and_the_list_of_the_caller_left_alone():
    pairs = [("CBD 49153", None), ("LEN 50", None), ("STR 30", None), ("NC", None)]
    asked = ["X", "frequency"]
    with polled(pairs) as lockin:
        lockin.set_buffer(50, asked, interval=0.029)
    assert asked == ["X", "frequency"]


def test_a_buffer_that_does_not_fit_is_refused():
    with polled([]) as lockin:
        with pytest.raises(LimitError, match="32768"):
            lockin.set_buffer(20000, ["x", "y"])
        with pytest.raises(LimitError, match="no quantity"):
            lockin.set_buffer(10, ["z"])


def test_waiting_for_the_buffer_waits_and_gives_up_at_the_time_out(rig):
    rig.lockin.set_buffer(100, ["x", "y"], 0.01)
    rig.lockin.start_buffer()
    began = rig.clock.now()
    with pytest.raises(NotSettledError):
        rig.lockin.wait_for_buffer(timeout=0.3)
    rig.lockin.wait_for_buffer(timeout=5.0)
    assert rig.clock.now() - began > 0.9
    assert len(rig.lockin.get_buffer("x")) == 100


def test_a_sensitivity_per_point_is_no_error():
    with polled([]) as lockin:
        raw = {"x": np.array([10000, 5000]), "sensitivity": np.array([18, 21])}
        out = lockin.buffer_to_float(raw)
        assert out["x"].tolist() == [1e-3, 5e-3]
        given = lockin.buffer_to_float(raw, sensitivity=np.array([1.0, 2.0]))
        assert given["x"].tolist() == [1.0, 1.0]
        with pytest.raises(ValueError, match="sensitivity"):
            lockin.buffer_to_float({"x": np.array([1])})


def test_the_words_of_a_frequency_may_be_negative():
    with polled([]) as lockin:
        low, high = np.array([-1, 0]), np.array([1, -32768])
        words = {"frequency part 1": low, "frequency part 2": high}
        assert lockin.buffer_to_float(words)["frequency"].tolist() == [131.071, 2147483.648]


def test_the_differential_mode_leaves_the_line_filter_alone_or_takes_the_right_line():
    pairs = [("VMODE 3", None), ("VMODE 3", None), ("LF 3 1", None)]
    with polled(pairs) as lockin:
        lockin.setDifferentialMode()
        lockin.setDifferentialMode(lineFiltering=True)
    with polled([("LF 1 0", None), ("LF", "2,0")], line_frequency=60.0) as lockin:
        lockin.line_filter = "f"
        assert lockin.line_filter == "2f"


def test_a_frequency_keeps_nine_digits_without_exponent():
    pairs = [("OF. 12345.6789", None), ("OF. 0.00123456789", None), ("OA. 0.00001", None)]
    with polled(pairs) as lockin:
        lockin.frequency = 12345.6789
        lockin.frequency = 0.00123456789
        lockin.voltage = 1e-5


def test_shutdown_takes_the_oscillator_down_and_leaves_the_gain(rig):
    rig.lockin.voltage = 0.2
    rig.lockin.auto_gain = False
    rig.lockin.sensitivity = 1e-3
    gain = rig.lockin.gain
    rig.lockin.shutdown()
    assert rig.lockin.voltage == 0.0
    assert rig.lockin.gain == gain
    assert rig.lockin.isShutdown


def test_a_phase_beyond_a_turn_is_refused_and_no_sign_is_lost():
    pairs = [("REFP. -90", None), ("REFP. 360", None), ("REFP.", "-90.000")]
    with polled(pairs) as lockin:
        lockin.reference_phase = -90
        lockin.reference_phase = 360
        assert lockin.reference_phase == -90
        with pytest.raises(LimitError):
            lockin.reference_phase = 400


# conversation


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("X.", True),
        ("OA. 0.1", False),
        ("DAC. 1", True),
        ("DAC. 1 2", False),
        ("ADC. 1", True),
        ("AQN", False),
        ("NC", False),
        ("tc 3;x.", True),
        ("TC 3;SEN 4", False),
    ],
)
def test_it_is_known_which_commands_answer(command, answer):
    assert expects_reply(command) is answer


def test_connecting_asks_for_the_model_and_never_for_idn(rig):
    state = rig.lockin.connect()
    assert state.imode == "voltage mode"
    with pytest.raises(InstrumentError, match="invalid command"):
        rig.lockin.ask("*IDN?")


def test_connecting_to_something_else_raises():
    with polled([("ID", "7230")]) as lockin, pytest.raises(CommunicationError, match="7230"):
        lockin.connect()


def test_an_invalid_command_and_a_wrong_parameter_raise(rig):
    with pytest.raises(InstrumentError, match="invalid command"):
        rig.lockin.write("NONSENSE 3")
    with pytest.raises(InstrumentError, match="parameter error"):
        rig.lockin.write("TC 40")
    assert rig.lockin.time_constant > 0.0


def test_one_reading_is_one_command_and_both_channels(rig):
    rig.lockin.voltage = 0.1
    rig.lockin.sensitivity = 1e-3
    rig.lockin.time_constant = 0.01
    rig.clock.sleep(1.0)
    reading = rig.lockin.read_xy()
    assert reading.x == pytest.approx(0.1 / 100_150 * 100, rel=1e-3)
    assert abs(reading.y) < 1e-6
    assert not reading.status.overload
    assert not reading.status.reference_unlocked


def test_an_overload_is_told_with_the_reading(rig):
    rig.lockin.auto_gain = False
    rig.lockin.sensitivity = 1e-6
    rig.lockin.voltage = 1.0
    rig.clock.sleep(1.0)
    status = rig.lockin.read_xy().status
    assert status.overload
    assert status.output_overload or status.input_overload


def test_an_exact_zero_comes_with_a_nul_and_is_read(rig):
    assert rig.lockin.voltage == 0.0
    with polled([("X.", b"0.0E+00\x00")]) as lockin:
        assert lockin.x == 0.0


@pytest.mark.parametrize(
    ("byte", "n", "overload", "unlocked"),
    [
        (1, 0, False, False),
        (17, 0, True, False),
        (1, 64, True, False),
        (1, 2, True, False),
        (9, 0, False, True),
        (1, 128, False, True),
    ],
)
def test_the_bits_of_a_status_mean_what_the_manual_says(byte, n, overload, unlocked):
    status = LockinStatus(byte, n)
    assert (status.overload, status.reference_unlocked) == (overload, unlocked)


def test_the_auto_phase_is_started_polled_and_not_talked_into(rig):
    rig.lockin.voltage = 0.1
    rig.lockin.time_constant = 0.1
    rig.lockin.auto_phase()
    assert rig.lockin.busy()
    with pytest.raises(RefusedError, match="busy"):
        _ = rig.lockin.x
    while rig.lockin.busy():
        rig.clock.sleep(0.05)
    assert rig.lockin.read_xy().status.status_byte & 1


def test_the_oscillator_goes_down_even_in_mid_auto_phase(rig):
    rig.lockin.voltage = 0.1
    rig.lockin.auto_phase()
    rig.lockin.make_safe()
    assert rig.lockin.voltage == 0.0


def test_a_snapshot_holds_plain_values(rig):
    found = rig.lockin.snapshot()
    assert found["slope"] in {6, 12, 18, 24}
    assert found["line_frequency"] == 50.0
    assert all(isinstance(value, (float, int, str, bool, type(None))) for value in found.values())


def test_several_lines_are_one_answer(rig):
    assert len(rig.lockin.ask("REV").splitlines()) >= 2


def test_what_was_stored_comes_back_in_volts_and_hertz(rig):
    rig.lockin.voltage = 0.1
    rig.lockin.frequency = 137.0
    rig.lockin.sensitivity = 1e-3
    rig.clock.sleep(2.0)
    rig.lockin.set_buffer(20, ["x", "y", "frequency"], 0.01)
    rig.lockin.start_buffer()
    data = rig.lockin.get_buffer()
    assert data["frequency"] == pytest.approx(np.full(20, 137.0))
    assert np.mean(data["x"]) == pytest.approx(rig.lockin.x, rel=0.05)
    with pytest.raises(KeyError):
        rig.lockin.get_buffer("phase")


class Wire:
    """A lock-in that answers from a table; on a stream it knows no serial poll."""

    def __init__(self, replies, resource):
        self.replies = {"ID": b"7265\r\n", "ST": b"1\r\n"} | replies
        self.resource = resource
        self.pending = deque()
        self.sent = []

    def write(self, message):
        text = message.decode().strip()
        self.sent.append(text)
        reply = self.replies.get(text)
        for line in reply if isinstance(reply, list) else [reply]:
            if line is not None:
                self.pending.append(line)

    def read(self):
        return self.pending.popleft() if self.pending else None

    def serial_poll(self):
        return 128 if self.pending else 1

    def clear(self):
        self.pending.clear()

    def latency(self, message):
        return 1e-3


def wired(replies, resource=RESOURCE):
    clock = VirtualClock()
    wire = Wire(replies, resource)
    library = SimulatedVisaLibrary.serving([wire], clock)
    return DSP7265(resource, clock=clock, visa_library=library), wire


SOCKET = "TCPIP0::127.0.0.1::1234::SOCKET"


@pytest.mark.parametrize(
    "reply",
    [b"1.0E-3\r\n", b"1.0E-3,2.0E-3,3.0E-3\r\n", b"A,B\r\n", b"99.0,0.0\r\n", b"nan,0.0\r\n"],
)
def test_a_reply_that_cannot_be_a_reading_is_never_returned(reply):
    lockin, wire = wired({"XY.": reply})
    with pytest.raises(DesynchronisedError):
        lockin.read_xy()
    assert wire.sent[-1] == "ID"


def test_two_answers_to_one_question_are_no_data():
    lockin, _ = wired({"X.": [b"1.0E-3\r\n", b"2.0E-3\r\n"]})
    with pytest.raises(DesynchronisedError):
        _ = lockin.x
    assert lockin.id == 7265


@pytest.mark.parametrize("resource", [RESOURCE, SOCKET])
def test_silence_is_an_error_after_which_the_link_is_in_step(resource):
    lockin, _ = wired({"X.": None, "Y.": b"3.0E-3\r\n"}, resource)
    with pytest.raises(CommunicationError, match="answers again"):
        _ = lockin.x
    assert lockin.y == 3e-3


def test_without_a_serial_poll_the_status_is_asked_for():
    lockin, wire = wired(
        {"XY.": b"1.0E-3,0.0E+00\x00\r\n", "ST": b"17\r\n", "N": b"64\r\n"}, SOCKET
    )
    reading = lockin.read_xy()
    assert reading.x == 1e-3
    assert reading.status.input_overload
    assert "ST" in wire.sent
    wire.replies["ST"] = b"5\r\n"
    with pytest.raises(InstrumentError, match="parameter error"):
        lockin.time_constant = 0.1


def test_without_a_serial_poll_the_buffer_is_read_by_its_number_of_points():
    values = [f"{count}\r\n".encode() for count in (10000, -5000, 0)]
    replies = {"M": b"0,1,1,3\r\n", "CBD": b"1\r\n", "DC 0": values, "SEN.": b"1.0E-03\r\n"}
    lockin, _ = wired(replies, SOCKET)
    assert lockin.get_buffer("x").tolist() == [1e-3, -5e-4, 0.0]


def test_a_lock_in_that_only_answers_a_poll_while_busy_is_busy():
    lockin, wire = wired({"ST": None}, SOCKET)
    lockin.auto_phase()
    assert lockin.busy()
    assert lockin.busy()
    assert wire.sent.count("ST") == 1
    wire.pending.append(b"1\r\n")
    wire.replies |= {"ST": b"1\r\n", "X.": b"2.0E-3\r\n"}
    assert not lockin.busy()
    assert lockin.x == 2e-3


def test_an_interrupt_between_question_and_answer_leaves_nothing_behind():
    lockin, _ = wired({"X.": b"9.0E-1\r\n", "Y.": b"3.0E-3\r\n"})
    read = lockin.read

    def interrupted(**_):
        raise KeyboardInterrupt

    lockin.read = interrupted
    with pytest.raises(KeyboardInterrupt):
        _ = lockin.x
    lockin.read = read
    assert lockin.y == 3e-3


def test_a_line_frequency_is_50_or_60():
    with pytest.raises(LimitError):
        DSP7265("GPIB0::1::INSTR", line_frequency=16.7)
