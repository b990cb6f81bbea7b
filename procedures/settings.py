"""Settings of a procedure: typed wrappers that return pymeasure parameters.

A setting is declared with its type, its unit (SI) and its range, and holds them on every
assignment::

    maximum: float = real("Maximum field", units="T", default=1.0, minimum=0.0, maximum=16.0)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pymeasure.experiment import BooleanParameter, FloatParameter, IntegerParameter, ListParameter
from pymeasure.experiment.parameters import Parameter

Kind = Literal["real", "integer", "choice", "boolean"]
SettingValue = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting of a procedure accepts.

    Parameters
    ----------
    name
        As keyword, such as ``excitation_rms``.
    kind
        Which type of value.
    label
        In words, for forms and files.
    units
        SI unit, or None for a bare number or a word.
    default
        The value when nothing is said, or None when one must be given.
    minimum, maximum
        Range of a number, both ends included.
    choices
        The values of a choice.
    """

    name: str
    kind: Kind
    label: str
    units: str | None
    default: SettingValue | None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[SettingValue, ...] = ()


class RealParameter(FloatParameter):
    """A finite real number that is written with all its digits."""

    def convert(self, value: Any) -> float:
        """Return `value` as a float within the range; the message of the error says which range."""
        number = float(super().convert(value) if isinstance(value, str) else value)
        if not math.isfinite(number) or not self.minimum <= number <= self.maximum:
            unit = f" {self.units}" if self.units else ""
            raise ValueError(f"expected a number from {self.minimum:g} to {self.maximum:g}{unit}")
        return number

    def __str__(self) -> str:
        if not self.is_set():
            return ""
        return f"{self.value!r} {self.units}" if self.units else f"{self.value!r}"


def real(
    label: str,
    *,
    units: str | None = None,
    default: float | None = None,
    minimum: float = -1e9,
    maximum: float = 1e9,
) -> float:
    """Declare a real setting; ends of the range included; SI units."""
    parameter = RealParameter(
        label, units=units, minimum=minimum, maximum=maximum, default=default, decimals=12
    )
    return cast("float", parameter)


def integer(
    label: str, *, default: int | None = None, minimum: int = -(10**9), maximum: int = 10**9
) -> int:
    """Declare a whole number."""
    return cast("int", IntegerParameter(label, minimum=minimum, maximum=maximum, default=default))


def boolean(label: str, *, default: bool = False) -> bool:
    """Declare a yes or no."""
    return cast("bool", BooleanParameter(label, default=default))


def choice(label: str, choices: Sequence[SettingValue], *, default: SettingValue) -> Any:
    """Declare one of several values, numbers or words."""
    return ListParameter(label, choices=list(choices), default=default)


def describe(name: str, parameter: Parameter) -> Setting:
    """Return what `parameter` accepts."""
    if isinstance(parameter, BooleanParameter):
        return Setting(name, "boolean", parameter.name, None, parameter.default)
    if isinstance(parameter, ListParameter):
        choices = tuple(parameter.choices)
        return Setting(
            name, "choice", parameter.name, parameter.units, parameter.default, choices=choices
        )
    if not isinstance(parameter, IntegerParameter | FloatParameter):
        raise TypeError(f"{name}: declare it with real, integer, boolean or choice")
    kind: Kind = "integer" if isinstance(parameter, IntegerParameter) else "real"
    return Setting(
        name,
        kind,
        parameter.name,
        parameter.units,
        parameter.default,
        parameter.minimum,
        parameter.maximum,
    )
