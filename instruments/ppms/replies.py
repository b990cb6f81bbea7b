"""What a Model 6000 answers, parsed and verified: mask, number of fields, codes, signs."""

import math

from instruments.errors import DesynchronisedError, LimitError
from instruments.ppms.limits import OERSTED, PER_MINUTE, SLACK, MagnetConfiguration
from instruments.ppms.setpoints import (
    FIELD_APPROACHES,
    FIELD_MODES,
    TEMPERATURE_APPROACHES,
    AngleSetpoint,
    FieldSetpoint,
    TemperatureSetpoint,
)

ITEMS = 30
SLOW_CODES = 15
SLOW_STEP = 0.8
"""Degrees per second that one slow code of the MOVE command is worth, on the standard rotator."""


def parse_items(numbers: list[float], asked: int) -> dict[int, float]:
    """Parse a reply to GETDAT? by the mask that it carries.

    Parameters
    ----------
    numbers
        Mask, time stamp, and the values in ascending order of their bits.
    asked
        The mask of the question.

    Returns
    -------
    dict of int to float
        Values by item; items that are not fresh are missing.

    Raises
    ------
    DesynchronisedError
        Mask or number of values belong to another question.
    """
    mask = int(numbers[0]) if numbers[0].is_integer() and numbers[0] >= 0.0 else -1
    items = [item for item in range(ITEMS) if mask >= 0 and mask >> item & 1]
    if mask < 0 or mask & ~asked or len(numbers) != 2 + len(items):
        raise DesynchronisedError(
            f"Model 6000: GETDAT? {asked} was answered by {numbers}, which is another reply"
        )
    return dict(zip(items, numbers[2:], strict=True))


def parse_temperature(numbers: list[float]) -> TemperatureSetpoint:
    """Parse a reply to TEMP?: K, K/min, approach."""
    target, rate, approach = _fields("TEMP?", numbers, 3)
    words = TEMPERATURE_APPROACHES
    return TemperatureSetpoint(
        _positive("TEMP?", target), rate * PER_MINUTE, words[_code("TEMP?", approach, len(words))]
    )


def parse_field(numbers: list[float]) -> FieldSetpoint:
    """Parse a reply to FIELD?: Oe, Oe/s, approach, mode."""
    target, rate, approach, mode = _fields("FIELD?", numbers, 4)
    return FieldSetpoint(
        target * OERSTED,
        rate * OERSTED,
        FIELD_APPROACHES[_code("FIELD?", approach, len(FIELD_APPROACHES))],
        FIELD_MODES[_code("FIELD?", mode, len(FIELD_MODES))],
    )


def parse_move(numbers: list[float]) -> AngleSetpoint:
    """Parse a reply to MOVE?: degrees, mode, slow code."""
    target, _, slow = _fields("MOVE?", numbers, 3)
    return AngleSetpoint(target, (SLOW_CODES - _code("MOVE?", slow, SLOW_CODES)) * SLOW_STEP)


def parse_move_unit(numbers: list[float]) -> int:
    """Parse the unit out of a reply to MOVECFG?, of three or four fields."""
    if len(numbers) == 3:
        return _code("MOVECFG?", numbers[0], 8)
    return _code("MOVECFG?", _fields("MOVECFG?", numbers, 4)[0], 8)


def parse_level(numbers: list[float]) -> float:
    """Parse a reply to LEVEL?: percent, age code."""
    level, _ = _fields("LEVEL?", numbers, 2)
    if not 0.0 < level <= 110.0:
        raise DesynchronisedError(f"Model 6000: LEVEL? was answered by {level} %; ask again")
    return level


def parse_magnet(numbers: list[float]) -> MagnetConfiguration:
    """Parse a reply to MAGCNF?: Oe, Oe/A, H, V at low and high field, s to heat and to cool."""
    values = _fields("MAGCNF?", numbers, 7)
    for value in values[:5]:
        _positive("MAGCNF?", value)
    return MagnetConfiguration(
        field=values[0] * OERSTED,
        field_per_current=values[1] * OERSTED,
        inductance=values[2],
        charge_voltage=(values[3], values[4]),
        switch_heating=values[5],
        switch_cooling=values[6],
    )


def slow_code(rate: float) -> int:
    """Return the slow code of the fastest rate that does not exceed `rate` degrees per second."""
    code = max(0, math.ceil(SLOW_CODES - rate / SLOW_STEP - SLACK * SLOW_CODES))
    if code >= SLOW_CODES:
        raise LimitError(
            f"Model 6000: the rotator cannot turn at {rate:g} deg/s; its slowest is {SLOW_STEP:g}"
        )
    return code


def _fields(query: str, numbers: list[float], count: int) -> list[float]:
    if len(numbers) != count:
        raise DesynchronisedError(
            f"Model 6000: {query} was answered by {numbers}; expected {count} fields"
        )
    return numbers


def _code(query: str, value: float, count: int) -> int:
    if value not in range(count):
        raise DesynchronisedError(
            f"Model 6000: {query} was answered with the code {value:g}; expected 0 to {count - 1}"
        )
    return int(value)


def _positive(query: str, value: float) -> float:
    if not value > 0.0:
        raise DesynchronisedError(f"Model 6000: {query} was answered with {value:g}; expected more")
    return value
