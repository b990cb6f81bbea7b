"""The even and the odd part of a spectrum in its bias.

A tunnelling or Andreev spectrum of one contact is even; what is odd is the background, or a leak.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyvander

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

ORDER = 5
"""Of the polynomial whose odd powers tell the asymmetry."""
LEAST_POINTS = 15
SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class Parity:
    """A spectrum as the sum of an even and an odd part.

    Parameters
    ----------
    voltage
        From zero as far as both sides go, in V, shape (m,).
    even
        Half the sum of both sides there, in the unit of the conductance, shape (m,).
    odd
        Half of the positive less the negative side, shape (m,).
    asymmetry
        The odd powers of a polynomial at the largest bias over its value at zero; the error is that
        of the scatter about it.
    """

    voltage: FloatArray
    even: FloatArray
    odd: FloatArray
    asymmetry: Estimate


def even_and_odd(voltage: FloatArray, conductance: FloatArray) -> Parity | NoResult:
    """Split a spectrum into its even and its odd part.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,), in any order; both sides need not have the same points.
    conductance
        dI/dV in any unit, shape (n,); points that are not finite are left out.

    Returns
    -------
    Parity or NoResult
        No result where there are too few points, on one side of zero bias only, or the conductance
        at zero bias is not significant.
    """
    try:
        v, g = finite_pairs(voltage, conductance, LEAST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    reach = float(min(-v[0], v[-1]))
    if not reach > 0.0:
        return NoResult("the spectrum does not reach both sides of zero bias")
    asymmetry = _asymmetry(v / float(np.max(np.abs(v))), g)
    if isinstance(asymmetry, NoResult):
        return asymmetry
    at = np.unique(np.abs(v[np.abs(v) <= reach]))
    right, left = np.interp(at, v, g), np.interp(-at, v, g)
    return Parity(at, 0.5 * (right + left), 0.5 * (right - left), asymmetry)


def _asymmetry(x: FloatArray, g: FloatArray) -> Estimate | NoResult:
    design = polyvander(x, ORDER)
    coefficients, *_ = np.linalg.lstsq(design, g, rcond=None)
    left = g - design @ coefficients
    variance = float(left @ left) / (len(x) - ORDER - 1)
    covariance = variance * np.linalg.pinv(design.T @ design)
    scale = float(coefficients[0])
    if not abs(scale) > SIGNIFICANT * float(np.sqrt(covariance[0, 0])):
        return NoResult("the conductance at zero bias is zero within five sigma")
    odd = np.arange(ORDER + 1) % 2 == 1
    value, error = float(odd @ coefficients), float(np.sqrt(odd @ covariance @ odd))
    return Estimate(
        value / scale, error / abs(scale), "odd part at the largest bias, over the value at zero"
    )
