"""Quantities: a plain number, a space and a unit, such as ``3 K/min``, ``-0.2 mA`` or ``5000 Oe``.

The number is read by a regular expression and the unit alone by pint, in a registry of our own that
knows what is used at a cryostat and nothing else: no expression is ever evaluated, ``G`` is gauss,
an angle is no number, and no unit has an offset. Factors are exact fractions, so that ``200 uA``
equals ``0.2 mA``. Field strength in oersted counts as field, 1 Oe as 1e-4 T. Pint is imported when
the first unit is read.
"""

import math
import re
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from daq.config.problem import UnacceptableError, shown

if TYPE_CHECKING:
    from pint import Unit, UnitRegistry

LONGEST = 64
"""Characters of the longest quantity."""

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_PLAIN = re.compile(_NUMBER)
_QUANTITY = re.compile(rf"({_NUMBER}) (\S+)")
_NAME = r"[A-Za-z\u03bc\u03a9]+"
_SIGNS = str.maketrans({"\u00b5": "\u03bc", "\u2126": "\u03a9"})  # one micro, one ohm
_FACTOR = rf"{_NAME}(?:\^-?[1-4])?"
_UNIT = re.compile(rf"{_FACTOR}(?:[*/]{_FACTOR}){{0,4}}")
_GLUED = re.compile(rf"({_NUMBER})({_FACTOR}(?:/{_FACTOR})?|%)")
_OFFSET = {"degC", "degF", "C", "F", "°C", "°F", "℃", "℉", "celsius", "fahrenheit"}

_DEFINITIONS = """
femto- = 1e-15 = f-
pico- = 1e-12 = p-
nano- = 1e-9 = n-
micro- = 1e-6 = u- = \u03bc-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
second = [time] = s
meter = [length] = m
gram = [mass] = g
ampere = [current] = A
kelvin = [temperature] = K
degree = [angle] = deg
radian = 57.29577951308232 * degree = rad
decibel = [level] = dB
octave = [interval] = oct
percent = 0.01
minute = 60 * second = min
hour = 60 * minute = h
day = 24 * hour = d
hertz = 1 / second = Hz
rtHz = second ** -0.5
newton = 1000 * gram * meter / second ** 2 = N
pascal = newton / meter ** 2 = Pa
bar = 1e5 * pascal
joule = newton * meter = J
electronvolt = 1.602176634e-19 * joule = eV
watt = joule / second = W
coulomb = ampere * second
volt = watt / ampere = V
ohm = volt / ampere = \u03a9
siemens = 1 / ohm = S
farad = coulomb / volt = F
henry = volt * second / ampere = H
tesla = volt * second / meter ** 2 = T
gauss = 1e-4 * tesla = G
oersted = 1e-4 * tesla = Oe
"""

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_HIGHEST = {"A": 0, "V": 3, "ohm": 9, "Hz": 9, "W": 3, "F": 0, "H": 0, "m": 0, "eV": 0}
_HIGHEST |= {"s": 0, "T": 0, "K": 0}
"""Units that take a prefix, and the power of ten of the highest one in use."""


def parse_quantity(text: object, unit: str) -> float:
    """Return a quantity as a finite number of `unit`.

    Parameters
    ----------
    text
        A plain number, a space and a unit, at most 64 characters.
    unit
        The unit of the answer, in SI (or ``deg``); empty for a fraction, which is written in %.

    Returns
    -------
    float
        The nearest float to the exact value.

    Raises
    ------
    UnacceptableError
        No text, no unit, not a number, or another kind of unit.
    """
    expected = f"a quantity in {unit}" if unit else "a fraction in %"
    example = f"write a number, a space and a unit, such as '1 {unit or '%'}'"
    if not isinstance(text, str):
        bare = isinstance(text, int | float) and not isinstance(text, bool)
        advice = f"add the unit; {example}" if bare else example
        raise UnacceptableError(shown(text), expected, advice)
    match = _QUANTITY.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise UnacceptableError(shown(text), expected, _advice(text, example))
    number, written = match.groups()
    try:
        value = float(Fraction(number) * _factor(written, unit))
    except OverflowError:
        raise UnacceptableError(shown(text), expected, "write a smaller number") from None
    except _UnitError as problem:
        raise UnacceptableError(shown(text), expected, str(problem)) from None
    return value


def format_quantity(value: float, unit: str, digits: int = 6) -> str:
    """Return a quantity as readable text that `parse_quantity` reads.

    Parameters
    ----------
    value
        In `unit`.
    unit
        As for `parse_quantity`. Rates of temperature are shown per minute, fractions in %.
    digits
        Significant digits; 17 keep every bit, except of rates of temperature.

    Returns
    -------
    str
        Such as ``-0.2 mA``; a value that is not finite is shown as it is.
    """
    if not math.isfinite(value):
        return f"{value} {unit}".rstrip()
    number = Decimal(repr(float(value)))
    if unit == "K/s":
        number, unit = number * 60, "K/min"
    elif not unit:
        number, unit = number * 100, "%"
    number = Context(prec=digits).plus(number)
    base = re.split(r"[*/]", unit, maxsplit=1)[0]
    power = _power(number, base) if unit != "K/min" else 0
    return f"{_plain(number.scaleb(-power))} {_PREFIXES[power]}{unit}"


def _power(number: Decimal, base: str) -> int:
    highest = _HIGHEST.get(base)
    if highest is None or not number:
        return 0
    return min(max(number.adjusted() // 3 * 3, -15), highest)


def _plain(number: Decimal) -> str:
    if not number:
        return "0"
    number = number.normalize()
    if -7 <= number.adjusted() <= 9:
        return format(number, "f")
    return format(number, "E").replace("E", "e")


def _advice(text: str, example: str) -> str:
    if len(text) > LONGEST:
        return f"shorten it to at most {LONGEST} characters"
    if _PLAIN.fullmatch(text):
        return f"add the unit; {example}"
    glued = _GLUED.fullmatch(text)
    if glued is not None:
        return f"put a space before the unit: '{glued[1]} {glued[2]}'"
    return example


class _UnitError(Exception):
    """The unit cannot be used; the message is the advice."""


@lru_cache(maxsize=1024)
def _factor(written: str, unit: str) -> Fraction:
    """Return how many `unit` one `written` is."""
    import pint  # noqa: PLC0415 (costs 0.3 s; only those who read a unit pay it)

    registry = _registry()
    if written in _OFFSET:
        raise _UnitError(f"'{written}' has an offset or is unknown here; write the value in K")
    try:
        ratio = registry.convert(Fraction(1), _parsed(written), _parsed(unit))
    except pint.DimensionalityError:
        raise _UnitError(f"'{written}' is not a unit of that kind; convert the value") from None
    return Fraction(ratio)


def _parsed(unit: str) -> "Unit":
    registry = _registry()
    if not unit:
        return registry.Unit("")
    name = "percent" if unit == "%" else unit.translate(_SIGNS)
    if _UNIT.fullmatch(name) is None or len(name) > 32:
        raise _UnitError(f"{shown(unit)} is no unit; write one like mA, K/min, Oe/s or kohm")
    for part in re.findall(_NAME, name):
        # pint takes a plural s after any symbol: "mAs" would be milliampere
        if all(suffix for _, _, suffix in registry.parse_unit_name(part)):
            raise _UnitError(f"the unit '{part}' is not known; units are case sensitive")
    return registry.parse_units(name)


@cache
def _registry() -> "UnitRegistry[Fraction]":
    import pint  # noqa: PLC0415 (costs 0.3 s; only those who read a unit pay it)

    registry: UnitRegistry[Fraction] = pint.UnitRegistry(
        None, non_int_type=Fraction, on_redefinition="raise"
    )
    for definition in _DEFINITIONS.strip().splitlines():
        registry.define(definition)
    return registry
