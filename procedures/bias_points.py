"""The values that a sweep of the bias takes."""

import numpy as np

ROUNDING = 1e-9
"""What a value may miss zero by, over the largest, and is zero still."""


def bias_points(start: float, stop: float, points: int, *, both_ways: bool) -> list[float]:
    """Return equally spaced values, in the order in which they are taken.

    Parameters
    ----------
    start
        First value, in any unit.
    stop
        Last value.
    points
        How many one way.
    both_ways
        Whether they are taken backwards as well.

    Returns
    -------
    list of float
        A value that is zero but for rounding is zero.
    """
    there = np.linspace(start, stop, points)
    there[np.abs(there) < ROUNDING * float(np.max(np.abs(there)))] = 0.0
    branch = [float(value) for value in there]
    return branch + branch[::-1] if both_ways else branch
