"""The gap of a weakly coupled superconductor as a function of temperature."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import FloatArray, not_negative_array, positive_array
from daq.physics.constants import BOLTZMANN, WEAK_COUPLING

_TABLE = 400  # intervals of (T / Tc)^2
_TERMS = 64  # Matsubara energies taken one by one


def bcs_gap(
    temperature: ArrayLike, critical_temperature: ArrayLike, zero_gap: ArrayLike | None = None
) -> FloatArray:
    """Return the gap at a temperature, by the weak-coupling gap equation.

    ln(Tc/T) = sum_n [1/(n + 1/2) - 1/sqrt((n + 1/2)^2 + (gap / 2 pi k T)^2)], from a table of
    gap^2 against T^2 that is good to 1e-8 of the gap at zero temperature (Muehlschlegel 1959).

    Parameters
    ----------
    temperature
        In K, zero or more.
    critical_temperature
        In K, zero or more; with zero there is no gap.
    zero_gap
        Gap at zero temperature in eV; 1.7639 k Tc unless given. Another value scales the curve.

    Returns
    -------
    :
        In eV, shape of the arguments broadcast against each other; zero from Tc on.

    Raises
    ------
    ValueError
        A negative argument, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    tc = not_negative_array("critical_temperature", critical_temperature)
    if zero_gap is None:
        zero = WEAK_COUPLING * BOLTZMANN * tc
    else:
        zero = not_negative_array("zero_gap", zero_gap)
    reduced = np.divide(t, tc, out=np.ones(np.broadcast(t, tc).shape), where=tc > 0)
    return np.asarray(zero * reduced_gap(reduced))[()]


def reduced_gap(reduced_temperature: ArrayLike) -> FloatArray:
    """Return gap(T) / gap(0) for T / Tc, zero from one on."""
    t = not_negative_array("reduced_temperature", reduced_temperature)
    values, slopes = _table()
    place = np.minimum(t * t, 1.0) * _TABLE
    left = np.minimum(place.astype(np.intp), _TABLE - 1)
    u = place - left
    # cubic Hermite, written from the right end: exact where the gap goes to zero
    v = 1 - u
    start, end, start_slope, end_slope = (a[left + i] for a in (values, slopes) for i in (0, 1))
    rise = start_slope * v - end_slope * u
    square = v * v * (1 + 2 * u) * start + u * u * (1 + 2 * v) * end + u * v * rise
    return np.asarray(np.sqrt(np.maximum(square, 0)))[()]


def gap_ratio(zero_gap: ArrayLike, critical_temperature: ArrayLike) -> FloatArray:
    """Return 2 gap / k Tc for a gap at zero temperature in eV and Tc in K; 3.528 if weak."""
    gap = not_negative_array("zero_gap", zero_gap)
    tc = positive_array("critical_temperature", critical_temperature)
    return np.asarray(2 * gap / (BOLTZMANN * tc))[()]


def tanh_gap(
    temperature: ArrayLike, critical_temperature: float, zero_gap: float | None = None
) -> FloatArray:
    """Return the gap as zero_gap tanh(1.74 sqrt(Tc/T - 1)), to compare with papers that use it.

    Parameters
    ----------
    temperature
        In K, zero or more.
    critical_temperature
        In K, more than zero.
    zero_gap
        In eV; 1.7639 k Tc unless given.

    Returns
    -------
    :
        In eV, shape of the temperature; up to 1.8 % of the zero gap off `bcs_gap`.

    Raises
    ------
    ValueError
        A negative argument, a critical temperature of zero, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    tc = positive_array("critical_temperature", critical_temperature)
    zero = WEAK_COUPLING * BOLTZMANN * tc if zero_gap is None else zero_gap
    with np.errstate(divide="ignore"):
        rise = np.sqrt(np.maximum(tc / t - 1, 0))
    return np.asarray(not_negative_array("zero_gap", zero) * np.tanh(1.74 * rise))[()]


def _sum(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the sum of the gap equation for y = gap / 2 pi k T, and its derivative."""
    n = (np.arange(_TERMS) + 0.5)[:, None]
    root = np.sqrt(n * n + y * y)
    top = np.sqrt(_TERMS**2 + y * y)
    # the rest by Euler-Maclaurin at mid-points; the next term is below 1e-11
    rest = np.log((_TERMS + top) / (2 * _TERMS)) + (_TERMS / top**3 - _TERMS**-2.0) / 24
    total = np.sum(1 / n - 1 / root, axis=0) + rest
    rest_slope = y / (top * (_TERMS + top)) - _TERMS * y / top**5 / 8
    return total, np.sum(y / root**3, axis=0) + rest_slope


@cache
def _table() -> tuple[FloatArray, FloatArray]:
    """Return (gap(T) / gap(0))^2 and its slope per interval, at equal steps of (T / Tc)^2."""
    t = np.sqrt(np.arange(1, _TABLE) / _TABLE)
    y = WEAK_COUPLING / (2 * np.pi * t) * np.sqrt(np.cos(np.pi / 2 * t * t))
    for _ in range(20):  # Newton; the sum rises like ln y, so steps in y from below stay below
        total, slope = _sum(y)
        y = np.maximum(y - (total + np.log(t)) / slope, y / 4)
    slope = _sum(y)[1]
    scale = (2 * np.pi / WEAK_COUPLING) ** 2
    last = -scale / (7 * 1.2020569031595942)  # 7 zeta(3): near Tc the sum is 7 zeta(3) y^2 / 2
    values = np.concatenate(([1.0], scale * (t * y) ** 2, [0.0]))
    slopes = np.concatenate(([0.0], scale * (y * y - y / slope), [last]))
    return values, slopes / _TABLE
