"""The inverse of a rising law, for samples that answer V(I) only."""

from collections.abc import Callable

import numpy as np

from instruments.simulated.sample import FloatArray

HALVINGS = 100


def inverse(law: Callable[[FloatArray], FloatArray], value: FloatArray, scale: float) -> FloatArray:
    """Return the argument at which a rising law takes a value, by bisection.

    Parameters
    ----------
    law
        Rising and odd enough to change sign near zero; takes and returns arrays.
    value
        Wanted, shape (n,).
    scale
        A typical slope d(argument)/d(value), from which the search starts.

    Returns
    -------
    array
        Shape (n,).
    """
    value = np.asarray(value, dtype=np.float64)
    high = 2.0 * np.abs(value) * scale + np.finfo(np.float64).tiny
    for _ in range(60):
        short = (law(high) < value) | (law(-high) > value)
        if not np.any(short):
            break
        high = np.where(short, 4.0 * high, high)
    low = -high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = law(middle) > value
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return 0.5 * (low + high)
