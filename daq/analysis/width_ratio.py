"""How a width changes with angle: the largest over the smallest, from its harmonics."""

import numpy as np

from daq.analysis.harmonics import AngularFit, angular_fit
from daq.analysis.result import Estimate, FloatArray, NoResult

ORDERS = (2, 4, 6)
_ANGLES = 721


def width_ratio(angle: FloatArray, width: FloatArray) -> Estimate | NoResult:
    """Return the largest over the smallest width against an angle.

    A ratio of widths of a spectrum is not the ratio of the critical fields: the width follows the
    critical current or the gap at the field of the measurement.

    Parameters
    ----------
    angle
        In degrees, shape (n,), a turn or half of one.
    width
        Such as the full width at half height of the peak at zero bias in V, shape (n,); not finite
        where there was no peak.

    Returns
    -------
    Estimate or NoResult
        A pure number, of the curve of two-, four- and six-fold harmonics; no result where the
        two-fold one is not significant.
    """
    found = angular_fit(angle, width, ORDERS)
    if isinstance(found, NoResult):
        return found
    if not found.harmonics[2].found:
        return NoResult("the width has no significant two-fold part")
    return extreme_ratio(found)


def extreme_ratio(found: AngularFit) -> Estimate | NoResult:
    """Return the largest over the smallest value of a curve of harmonics.

    Parameters
    ----------
    found
        The harmonics.

    Returns
    -------
    Estimate or NoResult
        No result where the smallest value is not above zero.
    """
    design = found.design(np.linspace(0.0, 360.0, _ANGLES))
    curve = design @ found.coefficients
    high, low = design[int(np.argmax(curve))], design[int(np.argmin(curve))]
    top, bottom = float(np.max(curve)), float(np.min(curve))
    if bottom <= 0.0:
        return NoResult("the smallest value of the curve is not above zero")
    slope = high / bottom - low * top / bottom**2
    error = float(np.sqrt(slope @ found.covariance @ slope))
    return Estimate(top / bottom, error, "largest over smallest, of a curve of harmonics")
