"""What a property of an instrument may be: how a value is checked and sent, how a reply is read."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_SEPARATOR = re.compile(r"\s*[,;\s]\s*")
ROUNDING = 1.001
INFINITE = 9e37
"""SCPI writes infinity and not-a-number as 9.9E37 and 9.91E37."""


def number(text: str) -> float:
    """Return the number that `text` is, in plain or E notation and nothing else."""
    stripped = text.strip()
    if NUMBER.fullmatch(stripped) is None:
        raise ValueError(f"{stripped!r} is not a number")
    return float(stripped)


def numbers(text: str, count: int | None = None, separator: str = ",") -> list[float]:
    """Return the numbers that `text` holds, `count` of them if given."""
    found = [number(item) for item in text.split(separator)]
    if count is not None and len(found) != count:
        raise ValueError(f"{len(found)} numbers instead of {count}")
    return found


def plain_decimal(value: float, digits: int = 9) -> str:
    """Return `value` without an exponent and with at least `digits` significant digits."""
    if value == 0.0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _as_float(value: Any) -> float:
    if isinstance(value, (bool, str, bytes)):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


class Domain(Protocol):
    """What a property may be, how it is sent and how a reply is read."""

    def encode(self, value: Any) -> str:
        """Return the text to send; raise ValueError or TypeError outside the domain."""
        ...

    def decode(self, reply: str) -> Any:
        """Return the value of a reply; raise ValueError if it cannot be one."""
        ...

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Real:
    """A real number in a closed interval.

    Parameters
    ----------
    low, high
        The interval.
    unit
        For messages.
    form
        How it is sent: a percent format, or ``plain`` for a decimal without exponent.
    infinite
        Whether infinity is a value too.
    """

    low: float
    high: float
    unit: str = ""
    form: str = "%.9g"
    infinite: bool = False

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        if self.infinite and value in {"INF", math.inf}:
            return "INF"
        checked = _as_float(value)
        if not self.low <= checked <= self.high:
            raise ValueError(value)
        return plain_decimal(checked) if self.form == "plain" else self.form % checked

    def decode(self, reply: str) -> float:
        """Return the value of a reply."""
        found = number(reply)
        if self.infinite and found >= INFINITE:
            return math.inf
        if abs(found) > ROUNDING * max(abs(self.low), abs(self.high)):
            raise ValueError(f"{found:g} is beyond what can be set")
        return found

    def __str__(self) -> str:
        more = " or infinity" if self.infinite else ""
        return f"a number from {self.low:g} to {self.high:g} {self.unit}".rstrip() + more


@dataclass(frozen=True, slots=True)
class Plausible(Real):
    """A measured number: a reply outside the interval cannot be true."""

    low: float = -math.inf
    high: float = math.inf

    def decode(self, reply: str) -> float:
        """Return the value of a reply."""
        found = number(reply)
        if not self.low <= found <= self.high:
            raise ValueError(f"{found:g} is not plausible")
        return found


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a closed interval; ``#B``, ``#H`` and ``#Q`` replies are understood too.

    Parameters
    ----------
    low, high
        The interval.
    infinite
        Whether infinity is a value too.
    """

    low: int
    high: int
    infinite: bool = False

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        if self.infinite and value in {"INF", math.inf}:
            return "INF"
        checked = _as_float(value)
        if not self.low <= checked <= self.high or checked != int(checked):
            raise ValueError(value)
        return str(int(checked))

    def decode(self, reply: str) -> float:
        """Return the value of a reply, as an int unless it is infinite."""
        text = reply.strip().upper()
        base = {"#B": 2, "#H": 16, "#Q": 8}.get(text[:2])
        if base is not None:
            return int(text[2:], base)
        found = number(text)
        if self.infinite and found >= INFINITE:
            return math.inf
        if found != int(found):
            raise ValueError(f"{found:g} is not a whole number")
        return int(found)

    def __str__(self) -> str:
        more = " or infinity" if self.infinite else ""
        return f"a whole number from {self.low} to {self.high}{more}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, each with a token of its own.

    Parameters
    ----------
    tokens
        From value to token; a reply may be longer than the token, as SCPI long forms are.
    """

    tokens: Mapping[Any, str]

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        try:
            return self.tokens[value]
        except KeyError:
            raise ValueError(value) from None

    def decode(self, reply: str) -> Any:
        """Return the value of a reply."""
        text = reply.strip().strip('"').upper()
        for value, token in self.tokens.items():
            if text == token:
                return value
        for value, token in self.tokens.items():
            if token.isalpha() and text.isalpha() and text.startswith(token):
                return value
        raise ValueError(f"{text!r} is none of {list(self.tokens.values())}")

    def __str__(self) -> str:
        return "one of " + ", ".join(repr(value) for value in self.tokens)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false, sent and read as 1 or 0."""

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        if value not in {0, 1}:
            raise ValueError(value)
        return "1" if value else "0"

    def decode(self, reply: str) -> bool:
        """Return the value of a reply."""
        found = number(reply)
        if found not in {0.0, 1.0}:
            raise ValueError(f"{found:g} is neither 0 nor 1")
        return found == 1.0

    def __str__(self) -> str:
        return "True or False"


@dataclass(frozen=True, slots=True)
class Table:
    """One of several numbers, sent and read as its place in the table.

    Parameters
    ----------
    values
        In order.
    unit
        For messages.
    """

    values: tuple[float, ...]
    unit: str = ""

    def encode(self, value: Any) -> str:
        """Return the text to send; a value must fit within a millionth."""
        checked = _as_float(value)
        for place, candidate in enumerate(self.values):
            if math.isclose(checked, candidate, rel_tol=1e-6):
                return str(place)
        raise ValueError(value)

    def decode(self, reply: str) -> float:
        """Return the value of a reply."""
        place = number(reply)
        if place not in range(len(self.values)):
            raise ValueError(f"there is no place {place:g} in the table")
        return self.values[int(place)]

    def __str__(self) -> str:
        return f"one of {', '.join(f'{value:g}' for value in self.values)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Several:
    """Several numbers in one reply; cannot be set.

    Parameters
    ----------
    count
        How many; any number of them if None.
    whole
        Whether all are whole numbers.
    """

    count: int | None = None
    whole: bool = False

    def encode(self, value: Any) -> str:
        """Refuse."""
        raise ValueError(value)

    def decode(self, reply: str) -> list[float]:
        """Return the numbers of a reply."""
        found = numbers(_SEPARATOR.sub(",", reply.strip()), self.count)
        if not self.whole:
            return found
        if any(value != int(value) for value in found):
            raise ValueError(f"{reply!r} holds more than whole numbers")
        return [int(value) for value in found]

    def __str__(self) -> str:
        return "numbers" if self.count is None else f"{self.count} numbers"


@dataclass(frozen=True, slots=True)
class Subset:
    """Some of several tokens, in any order.

    Parameters
    ----------
    tokens
        What there is to choose from.
    """

    tokens: tuple[str, ...]

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        chosen = (value,) if isinstance(value, str) else tuple(value)
        if not chosen or not set(chosen) <= set(self.tokens):
            raise ValueError(value)
        return ",".join(chosen)

    def decode(self, reply: str) -> tuple[str, ...]:
        """Return the tokens of a reply."""
        found = tuple(item.strip().upper() for item in reply.split(","))
        if not set(found) <= set(self.tokens):
            raise ValueError(f"{reply!r} is not a selection of {self.tokens}")
        return found

    def __str__(self) -> str:
        return "one or more of " + ", ".join(self.tokens)


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; cannot be set."""

    def encode(self, value: Any) -> str:
        """Refuse."""
        raise ValueError(value)

    def decode(self, reply: str) -> str:
        """Return the reply without the blanks around it."""
        return reply.strip()

    def __str__(self) -> str:
        return "text"
