"""The grammar of SCPI on a small instrument made up for it."""

import math
from dataclasses import dataclass, field
from enum import Enum, auto

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.scpi import Command, Interpreter, action, control, query, setting
from instruments.simulated.scpi_parameters import (
    Boolean,
    Choice,
    Integer,
    Number,
    Quoted,
    ScpiError,
    Several,
)
from instruments.simulated.scpi_status import RegisterFormat, Status
from instruments.simulated.scpi_status_commands import common_commands, register


class Form(Enum):
    ROUND = auto()
    PLAIN = auto()


@dataclass
class Oven:
    status: Status = field(default_factory=Status)
    heat: float = 1.0
    hold: float = 5.0
    count: float = 3.0
    on: bool = False
    form: Form = Form.ROUND
    curve: tuple = (0.0,)
    text: str = ""
    doors: int = 0

    def put(self, name):
        return lambda _, value: setattr(self, name, value)

    def open_door(self):
        self.doors += 1


def field_of(name):
    return lambda oven: getattr(oven, name), lambda oven, value: setattr(oven, name, value)


COMMANDS = (
    *common_commands(lambda oven: oven.status),
    *register("STATus:OPERation", lambda status: status.operation, lambda oven: oven.status),
    query("*IDN", lambda _: "OVEN"),
    control("HEATer[1]:POWer[:LEVel][:IMMediate]", Number(0, 10, "W", 2.0), *field_of("heat")),
    control("HEATer[1]:HOLD", Number(1e-3, 10, "S", infinite=True), *field_of("hold")),
    control("HEATer[1]:COUNt", Integer(1, 9), *field_of("count")),
    control("HEATer[1][:STATe]", Boolean(), *field_of("on")),
    control("FORM", Choice({"ROUNd": Form.ROUND, "PLAin": Form.PLAIN}), *field_of("form")),
    control("CURVe", Several(Number(-1, 1), 4), *field_of("curve")),
    setting("TEXT", Quoted(), field_of("text")[1]),
    action("DOOR:OPEN", Oven.open_door),
)


class Bench:
    def __init__(self, *, addressed=True):
        self.oven = Oven()
        self.talk = Interpreter(self.oven, COMMANDS, self.oven.status, addressed=addressed)

    def send(self, text):
        self.talk.write(text.encode() + b"\n")

    def ask(self, text):
        self.send(text)
        reply = self.talk.read()
        return None if reply is None else reply.decode().removesuffix("\n")

    def error(self):
        return int(self.ask("SYST:ERR?").split(",")[0])


@pytest.fixture
def bench():
    return Bench()


@pytest.mark.parametrize(
    "header",
    [
        "HEAT:POW",
        "heater:power",
        "Heater1:Pow",
        ":HEAT1:POWER:LEV",
        "HEAT:POW:IMM",
        "heat:pow:level:immediate",
    ],
)
def test_a_header_is_found_in_each_of_its_forms(bench, header):
    bench.send(f"{header} 4")
    assert bench.oven.heat == 4.0
    assert bench.ask(f"{header}?") == "+4.000000E+00"
    assert bench.error() == 0


@pytest.mark.parametrize("header", ["HEATE:POW", "HEA:POW", "HEAT2:POW", "POW", "HEAT:POW:X", ":"])
def test_other_abbreviations_are_undefined_and_get_no_reply(bench, header):
    bench.send(f"{header} 4")
    assert bench.error() == -113
    bench.send(f"{header}?")
    assert bench.talk.read() is None
    assert bench.error() == -113
    assert bench.oven.heat == 1.0


def test_a_query_of_a_command_without_one_is_undefined(bench):
    bench.send("DOOR:OPEN?")
    bench.send("*IDN")
    assert (bench.error(), bench.error()) == (-113, -113)


def test_the_path_stays_at_the_level_of_the_last_header_until_a_colon(bench):
    assert bench.ask("HEAT:POW 3;HOLD 2;POW?;*IDN?;HOLD?;:FORM?") == (
        "+3.000000E+00;OVEN;+2.000000E+00;ROUN"
    )
    bench.send("HEAT:POW 4;FORM PLA")
    assert bench.error() == -113
    assert bench.oven.form is Form.ROUND


def test_every_message_begins_at_the_root(bench):
    bench.send("HEAT:POW 3")
    bench.send("HOLD 2")
    assert bench.error() == -113


def test_two_lines_are_two_messages(bench):
    bench.talk.write(b"HEAT:POW 3\r\nHEAT:HOLD 2\r\n")
    assert (bench.oven.heat, bench.oven.hold) == (3.0, 2.0)


def test_a_common_command_takes_no_leading_colon(bench):
    bench.send(":*CLS")
    assert bench.error() == -113


def test_a_command_error_ends_the_message_and_an_execution_error_does_not(bench):
    assert bench.ask("HEAT:POW 99;HOLD 2;HOLD?") == "+2.000000E+00"
    assert bench.error() == -222
    bench.send("HEAT:POWW 3;:HEAT:HOLD 9")
    assert bench.error() == -113
    assert bench.oven.hold == 2.0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("HEAT:POW", -109),
        ("HEAT:POW 1,2", -108),
        ("DOOR:OPEN 1", -108),
        ("*IDN? 1", -108),
        ("HEAT:POW? 3", -108),
        ("HEAT:POW warm", -104),
        ("HEAT:POW 1e", -131),
        ("HEAT:POW 1 V", -131),
        ("HEAT:POW 10.01", -222),
        ("HEAT:POW -1", -222),
        ("HEAT:POW INF", -222),
        ("HEAT:POW 1e999", -123),
        ("HEAT:POW nan", -104),
        ("HEAT:COUN 9.6", -222),
        ("HEAT 2", -224),
        ("FORM SQUARE", -224),
        ("FORM PLAI", -224),
        ("CURV 1,2", -222),
        ("CURV 0,,0", -104),
        ("CURV 0,0,0,0,0", -223),
        ('TEXT "open', -151),
        ("TEXT open", -104),
        ("*ESE 256", -222),
        ("HEAT:\xe9 1", -101),
    ],
)
def test_a_wrong_parameter_is_refused_and_changes_nothing(bench, message, code):
    before = Oven(status=bench.oven.status)
    bench.talk.write(message.encode("latin-1"))
    assert bench.error() == code
    assert bench.oven == before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 W", 2.0),
        ("2mW", 2e-3),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1.5E-1 W", 0.15),
        ("0.005 KW", 5.0),
        ("3uw", 3e-6),
        ("MAX", 10.0),
        ("minimum", 0.0),
        ("DEF", 2.0),
    ],
)
def test_a_number_may_have_a_unit_or_be_a_word(bench, text, value):
    bench.send(f"HEAT:POW {text}")
    assert bench.error() == 0
    assert bench.oven.heat == pytest.approx(value, rel=1e-15)


def test_m_before_hertz_is_mega():
    assert Number(0.0, 1e9, "HZ").parse("2 MHZ") == 2e6
    assert Number(0.0, 1e9, "HZ").parse("2 kHz") == 2e3


def test_limits_can_be_asked(bench):
    assert bench.ask("HEAT:POW? MAX;POW? MIN;POW? DEF") == (
        "+1.000000E+01;+0.000000E+00;+2.000000E+00"
    )


def test_infinity_is_a_word_and_replied_as_9_9e37(bench):
    bench.send("HEAT:HOLD INF")
    assert bench.oven.hold == math.inf
    assert bench.ask("HEAT:HOLD?") == "+9.900000E+37"


def test_a_quoted_string_may_hold_a_semicolon_and_quotes(bench):
    bench.send('TEXT "a;""b""";HEAT:POW 6')
    assert bench.oven.text == 'a;"b"'
    assert bench.oven.heat == 6.0


def test_empty_units_are_no_error(bench):
    bench.send(";HEAT:POW 3;;")
    bench.send("")
    assert bench.oven.heat == 3.0
    assert bench.error() == 0


def test_a_reply_that_is_not_read_is_dropped_with_an_interrupted_query(bench):
    bench.send("HEAT:POW?")
    bench.send("FORM?")
    assert bench.talk.read() == b"ROUN\n"
    assert bench.error() == -410


def test_a_read_with_nothing_to_say_is_an_unterminated_query_on_gpib_only(bench):
    assert bench.talk.read() is None
    assert bench.error() == -420
    stream = Bench(addressed=False)
    assert stream.talk.read() is None
    assert stream.error() == 0


def test_a_device_clear_drops_the_reply_without_an_error(bench):
    bench.send("HEAT:POW?")
    bench.talk.clear()
    assert bench.error() == 0


def test_the_error_queue_is_first_in_first_out_and_tells_when_it_overflows(bench):
    bench.send("HEAT:POW 99")
    for _ in range(20):
        bench.send("NONSENSE")
    codes = [bench.error() for _ in range(11)]
    assert codes == [-222] + [-113] * 8 + [-350, 0]


@pytest.mark.parametrize("clear", ["*CLS", "SYST:CLE", "STAT:QUE:CLE"])
def test_the_error_queue_can_be_cleared(bench, clear):
    bench.send("NONSENSE")
    bench.send(clear)
    assert bench.ask("STAT:QUE?") == '0,"No error"'


@pytest.mark.parametrize(
    ("code", "bit"),
    [(-113, 5), (-222, 4), (413, 4), (-350, 3), (500, 3), (-410, 2), (-420, 2)],
)
def test_each_class_of_errors_has_its_bit_in_the_standard_event_register(code, bit):
    status = Status()
    status.standard.event = 0
    status.report(ScpiError(code, "an error"))
    assert status.standard.event == 1 << bit


def test_the_standard_event_register_begins_with_power_on_and_clears_when_read(bench):
    assert bench.ask("*ESR?") == "128"
    assert bench.ask("*ESR?") == "0"
    bench.send("NONSENSE;")
    assert bench.ask("*ESR?") == "32"


def test_an_event_outlives_its_condition_until_it_is_read(bench):
    operation = bench.oven.status.operation
    operation.set(4, to=True)
    operation.set(4, to=False)
    assert bench.ask("STAT:OPER:COND?;EVEN?") == "0;16"
    assert bench.ask("STAT:OPER?") == "0"


def test_a_condition_that_lasts_makes_one_event(bench):
    operation = bench.oven.status.operation
    operation.set(4, to=True)
    assert bench.ask("STAT:OPER?") == "16"
    operation.set(4, to=True)
    assert bench.ask("STAT:OPER:EVEN?;COND?") == "0;16"


def test_an_enabled_event_reaches_the_status_byte_and_requests_service_once(bench):
    bench.send("*SRE 128;STAT:OPER:ENAB #H10")
    assert bench.ask("STAT:OPER:ENAB?;*SRE?") == "16;128"
    operation = bench.oven.status.operation
    operation.set(3, to=True)
    assert bench.oven.status.poll() & 0xC0 == 0
    operation.set(4, to=True)
    assert bench.ask("*STB?") == str(128 + 64)
    assert bench.oven.status.poll() == 128 + 64
    assert bench.oven.status.poll() == 128
    bench.ask("STAT:OPER?")
    operation.set(4, to=False)
    operation.set(4, to=True)
    assert bench.oven.status.poll() == 128 + 64


def test_the_status_byte_tells_of_a_reply_and_of_errors(bench):
    bench.send("NONSENSE")
    bench.send("HEAT:POW?")
    assert bench.oven.status.poll() == 16 + 4
    bench.talk.read()
    assert bench.oven.status.poll() == 4


def test_preset_disables_the_events_and_keeps_them(bench):
    bench.oven.status.operation.set(1, to=True)
    bench.send("STAT:OPER:ENAB 255")
    bench.send("STAT:PRES")
    assert bench.ask("STAT:OPER:ENAB?;:STAT:OPER?") == "0;2"


@pytest.mark.parametrize(
    ("style", "reply"),
    [("DECIMAL", "10"), ("HEXADECIMAL", "#HA"), ("OCTAL", "#Q12"), ("BINARY", "#B1010")],
)
def test_registers_are_replied_in_the_format_that_is_set(bench, style, reply):
    bench.oven.status.style = RegisterFormat[style]
    bench.send("STAT:OPER:ENAB 10;*ESE 10;*SRE 10")
    assert bench.ask("STAT:OPER:ENAB?;*ESE?;*SRE?") == f"{reply};{reply};{reply}"


def test_two_commands_with_one_header_are_a_mistake_of_the_table():
    twice: list[Command] = [query("HEAT", lambda _: "1"), query("HEAT", lambda _: "2")]
    with pytest.raises(ValueError, match="HEAT"):
        Interpreter(Oven(), twice, Status())


@given(st.one_of(st.binary(max_size=80), st.text("HEAT:POW?;*IDN \"',1e#-[]\n", max_size=80)))
def test_no_bytes_whatever_raise(message):
    bench = Bench()
    bench.talk.write(message if isinstance(message, bytes) else message.encode())
    reply = bench.talk.read()
    assert reply is None or reply.endswith(b"\n")
    assert bench.ask("SYST:ERR?") is not None


@given(st.floats(0.0, 10.0))
def test_every_number_that_is_sent_comes_back_to_seven_digits(value):
    bench = Bench()
    bench.send(f"HEAT:POW {value!r}")
    assert float(bench.ask("HEAT:POW?")) == pytest.approx(value, rel=1e-6)
