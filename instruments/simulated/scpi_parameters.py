"""What may stand behind a SCPI header: how parameters are read, checked and replied."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

TEXTS: Mapping[int, str] = {
    -101: "Invalid character",
    -102: "Syntax error",
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -123: "Exponent too large",
    -131: "Invalid suffix",
    -151: "Invalid string data",
    -211: "Trigger ignored",
    -221: "Settings conflict",
    -222: "Parameter data out of range",
    -223: "Too much data",
    -224: "Illegal parameter value",
    -225: "Out of memory",
    -230: "Data corrupt or stale",
    -241: "Hardware missing",
    -350: "Queue overflow",
    -410: "Query interrupted",
    -420: "Query unterminated",
}
"""Texts of the standard error codes."""
INFINITE = "+9.900000E+37"
_NUMBER = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]*)")
_REGISTER = re.compile(r"#(?:[hH]([0-9a-fA-F]+)|[qQ]([0-7]+)|[bB]([01]+))")
_MULTIPLIERS = {
    "": 1.0,
    "P": 1e-12,
    "N": 1e-9,
    "U": 1e-6,
    "M": 1e-3,
    "K": 1e3,
    "MA": 1e6,
    "G": 1e9,
}


class ScpiError(Exception):
    """Raise when an instrument refuses a message unit; it goes into the error queue.

    Parameters
    ----------
    code
        Of the SCPI standard if negative, of the instrument if positive.
    text
        Of the instrument's own codes; standard ones have theirs.
    """

    def __init__(self, code: int, text: str | None = None) -> None:
        self.code = code
        self.text = TEXTS[code] if text is None else text
        super().__init__(f'{code:+d},"{self.text}"')


class Parameter(Protocol[T]):
    """Read a parameter from a message, and write it into a reply."""

    def parse(self, text: str) -> T:
        """Return the value of `text`; raise ScpiError if it is none or out of range."""
        ...

    def render(self, value: T) -> str:
        """Return the reply for a value."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """A real number with an optional unit, or MINimum, MAXimum, DEFault, INFinity.

    Parameters
    ----------
    low
        Lowest legal value.
    high
        Highest legal value.
    unit
        Unit that may follow the number, with a multiplier, in capitals.
    default
        What DEFault stands for; the word is illegal if omitted.
    infinite
        Whether INFinity is legal.
    """

    low: float
    high: float
    unit: str = ""
    default: float | None = None
    infinite: bool = False

    def parse(self, text: str) -> float:
        """Return the number."""
        match = _NUMBER.fullmatch(text)
        if match is None:
            return self._word(text)
        digits, suffix = match.groups()
        value = float(digits)
        if suffix:
            value *= self._multiplier(suffix.upper())
        if not self.low <= value <= self.high:
            raise ScpiError(-123 if math.isinf(value) else -222)
        return value

    def render(self, value: float) -> str:
        """Return seven digits, or 9.9E37 for infinity."""
        return INFINITE if math.isinf(value) else f"{value:+.6E}"

    def _word(self, text: str) -> float:
        if "," in text:
            raise ScpiError(-108)
        word = text.upper()
        if word in {"MIN", "MINIMUM"}:
            return self.low
        if word in {"MAX", "MAXIMUM"}:
            return self.high
        if word in {"DEF", "DEFAULT"} and self.default is not None:
            return self.default
        if word in {"INF", "INFINITY"}:
            if self.infinite:
                return math.inf
            raise ScpiError(-222)
        raise ScpiError(-104)

    def _multiplier(self, suffix: str) -> float:
        if not self.unit or not suffix.endswith(self.unit):
            raise ScpiError(-131)
        prefix = suffix.removesuffix(self.unit)
        if prefix == "M" and self.unit == "HZ":
            return 1e6  # the one unit here whose M means mega (IEEE 488.2, 7.7.3)
        if prefix not in _MULTIPLIERS:
            raise ScpiError(-131)
        return _MULTIPLIERS[prefix]


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; what is sent is rounded. INFinity may be legal.

    Parameters
    ----------
    low
        Lowest legal value.
    high
        Highest legal value.
    default
        What DEFault stands for; the word is illegal if omitted.
    infinite
        Whether INFinity is legal.
    """

    low: int
    high: int
    default: int | None = None
    infinite: bool = False

    def parse(self, text: str) -> float:
        """Return the number, whole or infinite."""
        value = Number(self.low, self.high, "", self.default, self.infinite).parse(text)
        return value if math.isinf(value) else float(round(value))

    def render(self, value: float) -> str:
        """Return the digits, or 9.9E37 for infinity."""
        return INFINITE if math.isinf(value) else f"{value:.0f}"


@dataclass(frozen=True, slots=True)
class Mask:
    """The enable mask of a register: decimal, or #H, #Q, #B.

    Parameters
    ----------
    high
        Highest legal value.
    """

    high: int = 65535

    def parse(self, text: str) -> int:
        """Return the mask."""
        match = _REGISTER.fullmatch(text)
        if match is None:
            return int(Integer(0, self.high).parse(text))
        digits = next(
            (int(group, base), group)
            for group, base in zip(match.groups(), (16, 8, 2), strict=True)
            if group is not None
        )
        if digits[0] > self.high:
            raise ScpiError(-222)
        return digits[0]

    def render(self, value: int) -> str:
        """Return the decimal digits."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Boolean:
    """ON, OFF, 1 or 0."""

    def parse(self, text: str) -> bool:
        """Return the truth."""
        word = text.upper()
        if word in {"1", "ON"}:
            return True
        if word in {"0", "OFF"}:
            return False
        raise ScpiError(-108 if "," in word else -224)

    def render(self, value: bool) -> str:
        """Return 1 or 0."""
        return "1" if value else "0"


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One of several words, each in its short or long form.

    Parameters
    ----------
    meanings
        What each word means; words are written as manuals print them: ``{"SINusoid": Shape.SINE}``.
    """

    meanings: Mapping[str, T]
    _values: dict[str, T] = field(init=False, repr=False, default_factory=dict)
    _words: dict[T, str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for word, value in self.meanings.items():
            for spelling in spellings(word):
                self._values[spelling] = value
            self._words.setdefault(value, spellings(word)[0])

    def parse(self, text: str) -> T:
        """Return the meaning of the word."""
        word = text.upper()
        if word not in self._values:
            raise ScpiError(-108 if "," in word and "," not in "".join(self._values) else -224)
        return self._values[word]

    def render(self, value: T) -> str:
        """Return the short form."""
        return self._words[value]


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """A list with commas between.

    Parameters
    ----------
    item
        What each parameter is.
    most
        Longest list that one message may carry.
    """

    item: Parameter[T]
    most: int = 100

    def parse(self, text: str) -> tuple[T, ...]:
        """Return the values."""
        parts = text.split(",")
        if len(parts) > self.most:
            raise ScpiError(-223)
        return tuple(self.item.parse(part.strip()) for part in parts)

    def render(self, value: tuple[T, ...]) -> str:
        """Return the values with commas between."""
        return ",".join(self.item.render(part) for part in value)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string between quotes."""

    def parse(self, text: str) -> str:
        """Return what stands between the quotes."""
        if len(text) < 2 or text[0] not in "\"'":
            raise ScpiError(-104)
        mark = text[0]
        inner = text[1:-1].replace(mark * 2, "")
        if text[-1] != mark or mark in inner:
            raise ScpiError(-151)
        return text[1:-1].replace(mark * 2, mark)

    def render(self, value: str) -> str:
        """Return the string between double quotes."""
        return '"' + value.replace('"', '""') + '"'


def spellings(word: str) -> list[str]:
    """Return the short and the long form of a word in capitals; ``[1]`` is an optional suffix."""
    stem = word.removesuffix("[1]")
    short = "".join(letter for letter in stem if not letter.islower())
    forms = list(dict.fromkeys((short, stem.upper())))
    return forms + [f"{form}1" for form in forms] if stem != word else forms
