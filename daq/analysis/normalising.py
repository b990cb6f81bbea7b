"""A conductance over that of the normal state: by what it is at high bias, or by the set-point."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyvander

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

SPARE = 3
"""Points more than coefficients, so that the residuals tell the noise."""
SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class Normalised:
    """A spectrum over its normal conductance.

    Parameters
    ----------
    voltage
        Bias in V, rising, shape (n,).
    conductance
        G/G_N, shape (n,).
    normal
        G_N at these voltages, in the unit of the conductance that was given, shape (n,).
    level
        G_N at zero bias in that unit, and how it was found.
    """

    voltage: FloatArray
    conductance: FloatArray
    normal: FloatArray
    level: Estimate


def over_high_bias(
    voltage: FloatArray, conductance: FloatArray, beyond: float, order: int = 0
) -> Normalised | NoResult:
    """Divide a spectrum by a polynomial through its points at high bias.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,).
    conductance
        dI/dV in any unit, shape (n,); points that are not finite are left out.
    beyond
        Magnitude of the bias in V from which on the contact is as in the normal state.
    order
        Of the polynomial in the voltage; 0 is the mean.

    Returns
    -------
    Normalised or NoResult
        No result with too few points beyond on either side, or where the polynomial is not above
        zero throughout.
    """
    try:
        v, g = finite_pairs(voltage, conductance, order + 1 + SPARE)
    except ValueError as refused:
        return NoResult(str(refused))
    far = np.abs(v) > beyond
    sides = int(np.count_nonzero(far & (v > 0.0))), int(np.count_nonzero(far & (v < 0.0)))
    if min(sides) < SPARE or sum(sides) < order + 1 + SPARE:
        return NoResult(f"there are {sides[1]} and {sides[0]} points beyond {1e3 * beyond:.3g} mV")
    x = v / float(np.max(np.abs(v)))
    powers = polyvander(x, order)
    inverse = np.linalg.pinv(powers[far])
    coefficients = inverse @ g[far]
    left = g[far] - powers[far] @ coefficients
    variance = float(left @ left) / (len(left) - order - 1)
    error = float(np.sqrt(variance * (inverse[0] @ inverse[0])))
    normal = powers @ coefficients
    if not (np.min(normal) > 0.0 and coefficients[0] > SIGNIFICANT * error):
        return NoResult("the conductance at high bias is not above zero")
    name = f"normal conductance at zero bias: order {order} beyond {1e3 * beyond:.3g} mV"
    return Normalised(v, g / normal, normal, Estimate(float(coefficients[0]), error, name))


def over_set_point(
    voltage: FloatArray, conductance: FloatArray, set_voltage: float, set_current: float
) -> Normalised | NoResult:
    """Divide a tunnelling spectrum by the current over the voltage at which the tip was held.

    The set-point is as good a normal conductance as its voltage is far above the gap.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,).
    conductance
        dI/dV in S, shape (n,); points that are not finite are left out.
    set_voltage
        Of the set-point in V.
    set_current
        Of the set-point in A, of the sign of the voltage.

    Returns
    -------
    Normalised or NoResult
        No result without points, or where the set-point is no conductance.
    """
    try:
        v, g = finite_pairs(voltage, conductance, 1)
    except ValueError as refused:
        return NoResult(str(refused))
    if not (np.isfinite([set_voltage, set_current]).all() and set_voltage * set_current > 0.0):
        return NoResult(f"{set_current:g} A at {set_voltage:g} V is no set-point")
    level = set_current / set_voltage
    name = f"set-point of {set_current:g} A at {set_voltage:g} V, taken as exact"
    return Normalised(v, g / level, np.full_like(v, level), Estimate(level, 0.0, name))
