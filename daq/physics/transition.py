"""Resistance against temperature: sheet transitions and the normal state around them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import (
    FloatArray,
    not_negative,
    not_negative_array,
    positive,
    positive_array,
    real,
    within,
)
from daq.physics.constants import BOLTZMANN

_NOTHING = 1e-300
"""In K: takes the place of a zero that would be divided by."""


@dataclass(frozen=True, slots=True)
class SheetTransition:
    """The three numbers of a transition by Halperin and Nelson.

    Parameters
    ----------
    temperature
        Of the transition (Berezinskii, Kosterlitz and Thouless) in K.
    stiffness
        b, dimensionless.
    amplitude
        A, dimensionless.
    """

    temperature: float
    stiffness: float
    amplitude: float


def halperin_nelson(
    temperature: ArrayLike, transition_temperature: float, stiffness: float, amplitude: float
) -> FloatArray:
    """Return the sheet resistance over the normal one through a transition.

    1 / [1 + (2/A)^2 sinh^2(b / sqrt(tau))] with tau = T/T_BKT - 1: vortices near T_BKT,
    superconducting fluctuations far above (Halperin and Nelson 1979, Benfatto et al. 2009).

    Parameters
    ----------
    temperature
        In K, zero or more.
    transition_temperature
        T_BKT in K, more than zero.
    stiffness
        b, more than zero.
    amplitude
        A, more than zero.

    Returns
    -------
    :
        From 0 to 1, shape of the temperature; zero up to T_BKT.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    centre = positive("transition_temperature", transition_temperature)
    b, a = positive("stiffness", stiffness), positive("amplitude", amplitude)
    x = b / np.sqrt(np.maximum(t - centre, _NOTHING) / centre)
    # multiplied through by exp(-2x): nothing overflows, and a huge x gives zero
    small = np.exp(-2 * x)
    result = small / (small + ((1 - small) / a) ** 2)
    return np.asarray(result)[()]


def sheet_transition(
    onset: float,
    zero: float,
    transition_temperature: float,
    *,
    onset_fraction: float = 0.9,
    zero_fraction: float = 0.01,
) -> SheetTransition:
    """Return the transition that passes through an onset and a zero.

    Parameters
    ----------
    onset
        Temperature in K at which the resistance is the onset fraction of the normal one.
    zero
        Temperature in K at which it is the zero fraction.
    transition_temperature
        T_BKT in K, below the zero.
    onset_fraction
        Between the zero fraction and 1.
    zero_fraction
        Between 0 and the onset fraction.

    Returns
    -------
    :
        For `halperin_nelson`.

    Raises
    ------
    ValueError
        Temperatures or fractions out of order, or a transition too wide to be one of these.
    """
    centre = positive("transition_temperature", transition_temperature)
    if not centre < real("zero", zero) < real("onset", onset):
        raise ValueError(f"{centre:g} K, zero {zero:g} K, onset {onset:g} K: give them ascending")
    if not 0 < real("zero_fraction", zero_fraction) < real("onset_fraction", onset_fraction) < 1:
        raise ValueError(
            f"fractions are {zero_fraction:g} and {onset_fraction:g}: give them ascending in 0 to 1"
        )
    steep, flat = 1 / math.sqrt(zero / centre - 1), 1 / math.sqrt(onset / centre - 1)
    high, low = math.sqrt(1 / zero_fraction - 1), math.sqrt(1 / onset_fraction - 1)
    goal = math.log(high / low)
    if goal <= math.log(steep / flat):
        raise ValueError(
            f"zero {zero:g} K is too close to {centre:g} K for an onset at {onset:g} K: lower T_BKT"
        )

    def rise(b: float) -> float:
        """Return ln [sinh(b steep) / sinh(b flat)], which grows with b."""
        ends = math.expm1(-2 * b * steep) / math.expm1(-2 * b * flat)
        return b * (steep - flat) + math.log(ends)

    below, above = 0.0, goal / (steep - flat)
    for _ in range(200):
        middle = (below + above) / 2
        if middle in {below, above}:
            break
        below, above = (middle, above) if rise(middle) < goal else (below, middle)
    return SheetTransition(centre, above, 2 * math.sinh(above * flat) / low)


def midpoint(transition: SheetTransition, fraction: float = 0.5) -> float:
    """Return the temperature at which `halperin_nelson` has a value.

    Parameters
    ----------
    transition
        The three numbers.
    fraction
        Of the normal resistance, between 0 and 1.

    Returns
    -------
    :
        In K.

    Raises
    ------
    ValueError
        The fraction is not between 0 and 1.
    """
    if not 0 < real("fraction", fraction) < 1:
        raise ValueError(f"fraction is {fraction:g}: give one between 0 and 1")
    x = math.asinh(transition.amplitude / 2 * math.sqrt(1 / fraction - 1))
    return transition.temperature * (1 + (transition.stiffness / x) ** 2)


def hump(
    temperature: ArrayLike, resistance: float, height: float, peak_temperature: float
) -> FloatArray:
    """Return a normal state with a broad maximum, R [1 + height x exp(1 - x)], x = T / T_peak.

    Parameters
    ----------
    temperature
        In K, zero or more.
    resistance
        R in ohm, far from the maximum, zero or more.
    height
        Of the maximum over R, from -1.
    peak_temperature
        Of the maximum in K, more than zero.

    Returns
    -------
    :
        In ohm, shape of the temperature.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    x = not_negative_array("temperature", temperature) / positive(
        "peak_temperature", peak_temperature
    )
    base = not_negative("resistance", resistance)
    return np.asarray(base * (1 + within("height", height, -1, 1e6) * x * np.exp(1 - x)))[()]


def surface_and_bulk(
    temperature: ArrayLike, surface: float, bulk: float, activation: float
) -> FloatArray:
    """Return a constant resistance in parallel with an activated one.

    1/R = 1/R_s + exp(-E_g / 2kT) / R_b: a slight upturn that saturates in the cold.

    Parameters
    ----------
    temperature
        In K, zero or more.
    surface
        R_s in ohm, more than zero.
    bulk
        R_b in ohm at high temperature, more than zero.
    activation
        E_g in eV, zero or more.

    Returns
    -------
    :
        In ohm, shape of the temperature.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    gap = not_negative("activation", activation)
    active = np.exp(-gap / (2 * BOLTZMANN * np.maximum(t, _NOTHING)))
    conductance = 1 / positive("surface", surface) + active / positive("bulk", bulk)
    return np.asarray(1 / conductance)[()]


def hopping(
    temperature: ArrayLike, resistance: float, characteristic_temperature: float, cap: float
) -> FloatArray:
    """Return an insulating resistance R exp((T0/T)^(1/3)) in parallel with a cap.

    Variable-range hopping in two dimensions (Mott), kept finite in the cold (assumed).

    Parameters
    ----------
    temperature
        In K, zero or more.
    resistance
        R in ohm, more than zero.
    characteristic_temperature
        T0 in K, zero or more.
    cap
        In ohm, more than zero: the value at zero temperature.

    Returns
    -------
    :
        In ohm, shape of the temperature.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    scale = not_negative("characteristic_temperature", characteristic_temperature)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(t > 0, np.cbrt(scale / t), np.inf if scale > 0 else 0.0)
    free = np.exp(-power) / positive("resistance", resistance)
    return np.asarray(1 / (free + 1 / positive_array("cap", cap)))[()]
