"""What makes a Hall loop wrong beyond the scatter of its points, and by how much.

- The field of a superconducting magnet is worked out from its current, and the flux in its windings
  lags behind: both branches cross zero early by the same field, which looks like a smaller coercive
  field and cannot be told from one. Its size must be known from elsewhere.
- A crossing is found with a straight line through points a step apart, and a loop is curved there.
- Values on the grid of a digital output repeat in both branches and from point to point: so many
  points say less than as many independent ones.
- Behind a filter the signal is late: the field that belongs to it is that of an earlier time.
"""

import numpy as np

from daq.analysis.result import FloatArray

HYSTERESIS = 0.005
"""Field by which a magnet lags behind its current, as a fraction of the largest one (assumed)."""
LARGEST_HYSTERESIS = 0.012
"""Largest of that in T: 120 Oe are told of a 14 T magnet."""
SAME = 0.01
"""Distance of equal values in units of the scatter: the excitation differs a little by row."""
FEWEST = 8
"""Points in a row from which a correlation is told."""


def magnet_error(field: FloatArray) -> float:
    """Return one sigma in T for the lag of the flux in a superconducting magnet.

    Half a per cent of the largest field, at most 12 mT (both assumed): for a magnet of which
    nothing else is known. A loop of a paramagnet or a Hall sensor in it tells it better.

    Parameters
    ----------
    field
        Of the loop in T, shape (n,).

    Returns
    -------
    float
        In T.
    """
    return min(HYSTERESIS * float(np.max(np.abs(field))), LARGEST_HYSTERESIS)


def redundancy(residuals: list[FloatArray], values: FloatArray, sigma: float) -> float:
    """Return how many points say as much as one independent point; at least 1.

    Neighbours that are alike count by their autocorrelation, summed while it stands out of the
    noise. Where the values lie on a grid that is coarser than their scatter, the two branches
    repeat each other.

    Parameters
    ----------
    residuals
        Of the fit in ohm, one array per stretch without a gap, in the order of the field.
    values
        All values in ohm, shape (n,).
    sigma
        Scatter of the residuals in ohm.

    Returns
    -------
    float
        Factor for the variances of a fit that takes every point for independent.
    """
    pieces = [piece for piece in residuals if len(piece) >= FEWEST]
    total = sum(float(piece @ piece) for piece in pieces)
    summed = 0.0
    if total > 0.0:
        for shift in range(1, min(len(piece) for piece in pieces) // 2):
            alike = sum(float(piece[:-shift] @ piece[shift:]) for piece in pieces) / total
            count = sum(len(piece) for piece in pieces)
            if alike <= 1.0 / np.sqrt(count):
                break
            summed += alike
    twice = 2.0 if _grid(values, SAME * sigma) > sigma else 1.0
    return twice * (1.0 + 2.0 * summed)


def _grid(values: FloatArray, same: float) -> float:
    """Return the least distance in ohm of values that are not the same; 0 for a single one."""
    steps = np.diff(np.sort(values))
    steps = steps[steps > same]
    return float(np.min(steps)) if len(steps) else 0.0


def field_of_signal(field: FloatArray, time: FloatArray, lag: FloatArray | float) -> FloatArray:
    """Return the field in T at which a signal stood at the sample.

    Parameters
    ----------
    field
        At the time of each row in T, shape (n,).
    time
        Of the rows in s, rising, shape (n,).
    lag
        Of the signal behind the sample in s, such as the column ``Lag (s)``, which a lock-in's time
        constant and slope make; a number or shape (n,).

    Returns
    -------
    array
        In T, shape (n,).
    """
    return np.asarray(np.interp(time - lag, time, field))
