import math
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daq.config.problem import UnacceptableError
from daq.config.quantity import format_quantity, parse_quantity
from instruments.errors import ConfigurationError


def outcome(text, unit):
    """Tell whether the text is a finite number, or refused in one line."""
    try:
        value = parse_quantity(text, unit)
    except ConfigurationError as error:
        return str(error).isprintable()
    return math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3 K/min", "K/s", 0.05),
        ("-0.2 mA", "A", -2e-4),
        ("200 uA", "A", 2e-4),
        ("200 \u00b5A", "A", 2e-4),
        ("200 \u03bcA", "A", 2e-4),
        ("5000 Oe", "T", 0.5),
        ("5 kOe", "T", 0.5),
        ("5 kG", "T", 0.5),
        ("42 Oe/s", "T/s", 4.2e-3),
        ("100 kohm", "ohm", 1e5),
        ("100 k\u03a9", "ohm", 1e5),
        ("100 k\u2126", "ohm", 1e5),
        ("10 %", "", 0.1),
        ("5 nV/rtHz", "V/rtHz", 5e-9),
        ("90 deg", "deg", 90.0),
        ("2 h", "s", 7200.0),
        ("2 min", "s", 120.0),
        ("1e-3 A", "A", 1e-3),
        (".5 V", "V", 0.5),
        ("+5. mV", "V", 5e-3),
        ("1 dB/oct", "dB/oct", 1.0),
        ("0.3 meV", "eV", 3e-4),
    ],
)
def test_a_quantity_is_read_into_si(text, unit, value):
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize("text", ["5", "5 V", "5A", "5  A", " 5 A", "5 A ", "A", "", "5 furlong"])
@pytest.mark.parametrize("unit", ["A"])
def test_what_is_no_current_is_refused(text, unit):
    with pytest.raises(ConfigurationError, match="expected a quantity in A"):
        parse_quantity(text, unit)


@pytest.mark.parametrize("value", [5, 0.2, True, None, [1], {"a": 1}])
def test_a_bare_number_is_no_quantity(value):
    with pytest.raises(UnacceptableError, match="a space and a unit"):
        parse_quantity(value, "A")


@pytest.mark.parametrize(
    "text", ["nan A", "inf A", "-inf A", "1e400 A", "1e999 A", "1_0 A", "\uff11 A"]
)
def test_numbers_that_are_not_plain_and_finite_are_refused(text):
    with pytest.raises(UnacceptableError):
        parse_quantity(text, "A")


@pytest.mark.parametrize(
    "text", ["9**9**8 T", "1 T**9**9**9", "1 T^9^9", "1 9**9**8", "(1) T", "1 T*" + "T*" * 40]
)
def test_expressions_are_refused_at_once(text):
    parse_quantity("1 T", "T")
    began = time.perf_counter()
    with pytest.raises(UnacceptableError):
        parse_quantity(text, "T")
    assert time.perf_counter() - began < 5.0


@pytest.mark.parametrize("unit", ["degC", "degF", "°C", "celsius"])
def test_units_with_an_offset_are_refused(unit):
    with pytest.raises(UnacceptableError, match="write the value in K"):
        parse_quantity(f"20 {unit}", "K")


def test_a_text_of_more_than_64_characters_is_refused():
    assert parse_quantity("1." + "0" * 60 + " T", "T") == 1.0
    with pytest.raises(UnacceptableError, match="at most 64 characters"):
        parse_quantity("1." + "0" * 61 + " T", "T")


@pytest.mark.parametrize(("text", "unit"), [("5 mAs", "A"), ("1 Ks", "K"), ("1 Vs", "V")])
def test_a_plural_s_is_not_swallowed(text, unit):
    with pytest.raises(UnacceptableError, match="not known"):
        parse_quantity(text, unit)


@pytest.mark.parametrize(("text", "unit"), [("10 deg", ""), ("10 %", "deg"), ("1 Hz", "deg/s")])
def test_an_angle_is_no_number(text, unit):
    with pytest.raises(UnacceptableError, match="not a unit of that kind"):
        parse_quantity(text, unit)


def test_a_missing_space_is_put_in_by_the_advice():
    with pytest.raises(UnacceptableError, match="put a space before the unit: '5 mA'"):
        parse_quantity("5mA", "A")


def test_equal_quantities_are_equal_numbers_whatever_their_prefix():
    for number in range(1, 2000):
        in_micro = parse_quantity(f"{number} uA", "A")
        assert in_micro == parse_quantity(f"{number}e-3 mA", "A") == float(f"{number}e-6")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2e-4, "A", "200 uA"),
        (0.05, "K/s", "3 K/min"),
        (1.9, "K", "1.9 K"),
        (350.0, "K", "350 K"),
        (14.0, "T", "14 T"),
        (4.2e-3, "T/s", "4.2 mT/s"),
        (1e5, "ohm", "100 kohm"),
        (0.1, "", "10 %"),
        (-9.9999999e-4, "A", "-1 mA"),
        (0.0, "A", "0 A"),
        (7200.0, "s", "7200 s"),
        (45.0, "deg", "45 deg"),
        (math.nan, "T", "nan T"),
    ],
)
def test_a_value_is_shown_readably(value, unit, text):
    assert format_quantity(value, unit) == text


@given(
    st.floats(min_value=1e-15, max_value=1e12).flatmap(lambda x: st.sampled_from([x, -x])),
    st.sampled_from(["A", "V", "T", "K", "ohm", "Hz", "s", "m", "A/s", "T/s", "deg", "V/rtHz"]),
)
def test_what_is_written_with_all_digits_is_read_back_bit_for_bit(value, unit):
    assert parse_quantity(format_quantity(value, unit, digits=17), unit) == value


@given(st.text(max_size=80), st.sampled_from(["T", "A", "", "K/s"]))
def test_any_text_is_a_finite_number_or_refused(text, unit):
    assert outcome(text, unit)


@given(st.text("0123456789.eE+-*/^() TmkuAKVOershin%", max_size=70))
def test_texts_that_look_like_quantities_never_do_harm(text):
    assert outcome(text, "T")


def test_pint_is_not_imported_before_a_unit_is_read():
    code = "import sys, daq.config.quantity, daq.config.station; print('pint' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 (our own interpreter)
    assert run.stdout.strip() == "False"
