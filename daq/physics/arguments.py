"""What the functions of this room accept: checks that name the argument they refuse.

Virtual samples ask with one number at a time, thousands of times a second: a good one passes the
checks of arrays at a tenth of their expense.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
ComplexArray: TypeAlias = NDArray[np.complexfloating[Any, Any]]


def real_array(name: str, value: ArrayLike | float) -> FloatArray:
    """Return the value as an array of finite float64, or raise ValueError."""
    if isinstance(value, float) and math.isfinite(value):
        return np.asarray(value)
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}: give real numbers") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has a value that is NaN or infinite: give finite numbers")
    return array


def not_negative_array(name: str, value: ArrayLike | float) -> FloatArray:
    """Return the value as an array of finite numbers >= 0, or raise ValueError."""
    if isinstance(value, float) and 0.0 <= value < math.inf:
        return np.asarray(value)
    array = real_array(name, value)
    if (array < 0).any():
        raise ValueError(f"{name} goes down to {array.min():g}: give zero or more")
    return array


def positive_array(name: str, value: ArrayLike | float) -> FloatArray:
    """Return the value as an array of finite numbers > 0, or raise ValueError."""
    if isinstance(value, float) and 0.0 < value < math.inf:
        return np.asarray(value)
    array = real_array(name, value)
    if (array <= 0).any():
        raise ValueError(f"{name} goes down to {array.min():g}: give more than zero")
    return array


def real(name: str, value: float) -> float:
    """Return one finite number, or raise ValueError."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}: give one real number") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number:g}: give a finite number")
    return number


def not_negative(name: str, value: float) -> float:
    """Return one finite number >= 0, or raise ValueError."""
    number = real(name, value)
    if number < 0:
        raise ValueError(f"{name} is {number:g}: give zero or more")
    return number


def positive(name: str, value: float) -> float:
    """Return one finite number > 0, or raise ValueError."""
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} is {number:g}: give more than zero")
    return number


def within(name: str, value: float, lowest: float, highest: float) -> float:
    """Return one number from the lowest to the highest, or raise ValueError."""
    number = real(name, value)
    if not lowest <= number <= highest:
        raise ValueError(f"{name} is {number:g}: give a number from {lowest:g} to {highest:g}")
    return number
