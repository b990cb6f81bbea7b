"""What thermal cycles leave of traps with a Gaussian of barriers and a given attempt time.

Each trap empties by itself over its own barrier, at a rate exp(-E / kT) over the attempt time; the
time at a temperature on linear ramps is in closed form (Redhead 1962). `daq.physics.kinetics` has
the same law with the numbers of one sample, in steps of time.
"""

import numpy as np
from scipy.special import exp1

from daq.physics.arguments import FloatArray, positive
from daq.physics.constants import BOLTZMANN

_REACH, _NODES = 5.0, 601  # of the Gaussian, in standard deviations


def left_after_cycles(
    maximum: FloatArray, rate: FloatArray, barrier: float, spread: float, attempt_time: float
) -> FloatArray:
    """Return the fraction of the traps that is filled after each of successive cycles.

    Parameters
    ----------
    maximum
        Highest temperature of each cycle in K, in the order of the cycles, shape (n,).
    rate
        Of its ramps up and down in K/s, shape (n,).
    barrier
        Mean barrier in eV, more than zero.
    spread
        Standard deviation of the barriers in eV, more than zero.
    attempt_time
        In s, more than zero.

    Returns
    -------
    array
        From 0 to 1, falling, shape (n,): all are filled before the first cycle.

    Raises
    ------
    ValueError
        A barrier, spread or time that is not above zero.
    """
    mean, width = positive("barrier", barrier), positive("spread", spread)
    u = np.linspace(-_REACH, _REACH, _NODES)
    weight = np.exp(-0.5 * u * u)
    energy = np.maximum(mean + width * u, 1e-6 * mean)
    steep = energy / (BOLTZMANN * np.asarray(maximum, dtype=np.float64)[:, None])
    # the integral of exp(-E / kT) over the temperature from 0 to the maximum
    seen = maximum[:, None] * (np.exp(-steep) - steep * exp1(steep))
    exposed = np.cumsum(2.0 * np.maximum(seen, 0.0) / np.asarray(rate)[:, None], axis=0)
    filled = np.exp(-exposed / positive("attempt_time", attempt_time))
    return np.asarray(filled @ weight / weight.sum())
