"""Types of fields of a model: quantities with units in a file, SI numbers in Python."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from daq.config.problem import UnacceptableError, normalised, shown, suggestion
from daq.config.quantity import parse_quantity


class Model(BaseModel):
    """A frozen part of a configuration that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _know_every_key(cls, data: object) -> object:
        """Let keys be written with spaces, and name the nearest known key for an unknown one."""
        if not isinstance(data, dict):
            return data
        for key in data:
            if normalised(str(key)) not in cls.model_fields:
                raise UnacceptableError(
                    f"the unknown key {shown(key)}",
                    "a known key",
                    suggestion(str(key), cls.model_fields),
                    (str(key),),
                )
        return {normalised(str(key)): value for key, value in data.items()}


def _in(unit: str) -> BeforeValidator:
    def read(value: object, info: ValidationInfo) -> object:
        """Read a text; numbers without a unit are for Python only, where no file is the context."""
        return parse_quantity(value, unit) if info.context or isinstance(value, str) else value

    return BeforeValidator(read)


def _above(value: float) -> float:
    if not value > 0.0:
        raise UnacceptableError(f"{value:g}", "more than 0", "write a larger value")
    return value


def _not_below(value: float) -> float:
    if not value >= 0.0:
        raise UnacceptableError(f"{value:g}", "0 or more", "write a larger value")
    return value


def _yes_or_no(value: object) -> object:
    words = {"on": True, "off": False}
    return words.get(value, value) if isinstance(value, str) else value


Amperes = Annotated[float, _in("A"), AfterValidator(_above)]
AmperesPerSecond = Annotated[float, _in("A/s"), AfterValidator(_above)]
Volts = Annotated[float, _in("V"), AfterValidator(_above)]
VoltsPerSecond = Annotated[float, _in("V/s"), AfterValidator(_above)]
VoltsPerAmpere = Annotated[float, _in("V/A"), AfterValidator(_above)]
AmperesPerRootHertz = Annotated[float, _in("A/rtHz"), AfterValidator(_not_below)]
MetresPerVolt = Annotated[float, _in("m/V"), AfterValidator(_above)]
MetresPerSecond = Annotated[float, _in("m/s"), AfterValidator(_above)]
Ohms = Annotated[float, _in("ohm"), AfterValidator(_above)]
Farads = Annotated[float, _in("F"), AfterValidator(_above)]
Hertz = Annotated[float, _in("Hz"), AfterValidator(_above)]
Kelvins = Annotated[float, _in("K"), AfterValidator(_above)]
KelvinsPerSecond = Annotated[float, _in("K/s"), AfterValidator(_above)]
TeslasPerSecond = Annotated[float, _in("T/s"), AfterValidator(_above)]
PositiveTeslas = Annotated[float, _in("T"), AfterValidator(_above)]
Teslas = Annotated[float, _in("T")]
Degrees = Annotated[float, _in("deg")]
NotNegativeDegrees = Annotated[float, _in("deg"), AfterValidator(_not_below)]
Metres = Annotated[float, _in("m")]
Seconds = Annotated[float, _in("s"), AfterValidator(_not_below)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]+$"),
]
