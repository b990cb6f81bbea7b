"""The density of states of a gap that varies as a cosine, and its derivatives, for a fit.

Energies in eV. A gap between l and u, all directions of the cosine alike, has the density
Re[z / M(a, b)], M the arithmetic-geometric mean of a = sqrt(z - u) sqrt(z + l) and b = sqrt(z - l)
sqrt(z + u), z = E + i broadening: l = u is Dynes, l = -u is a d-wave.
"""

import numpy as np

from daq.physics.arguments import ComplexArray, FloatArray

_ALIKE = 1e-12
_MOST = 40


def density_and_slopes(
    energy: FloatArray, lowest: float, highest: float, broadening: float
) -> FloatArray:
    """Return the density of states and its derivatives by lowest gap, highest gap and broadening.

    The mean and its derivatives are taken through the same iteration, which converges
    quadratically.

    Parameters
    ----------
    energy
        In eV, zero or more, shape (n,).
    lowest
        Gap in eV, from minus to plus the highest.
    highest
        Gap in eV, more than zero.
    broadening
        In eV, more than zero.

    Returns
    -------
    array
        Shape (4, n); the derivatives in 1/eV.
    """
    z = energy + 1j * broadening
    roots = [np.sqrt(z + shift) for shift in (-highest, lowest, -lowest, highest)]
    first, second = roots[0] * roots[1], roots[2] * roots[3]
    inverse = [0.5 / root**2 for root in roots]
    none = np.zeros_like(z)
    # by z, by the lowest and by the highest gap
    by_first = first * np.stack((inverse[0] + inverse[1], inverse[1], -inverse[0]))
    by_second = second * np.stack((inverse[2] + inverse[3], -inverse[2], inverse[3]))
    for _ in range(_MOST):
        done = bool(np.all(np.abs(first - second) <= _ALIKE * np.abs(first)))
        mean = np.sqrt(first) * np.sqrt(second)
        by_mean = 0.5 * (by_first * second + first * by_second) / mean
        first, by_first = 0.5 * (first + second), 0.5 * (by_first + by_second)
        second, by_second = mean, by_mean
        if done:
            break
    ratio = z / first
    slopes: ComplexArray = np.stack((1.0 / first, none, none)) - ratio / first * by_first
    sign = np.where(ratio.real < 0.0, -1.0, 1.0)
    return np.asarray(
        sign * np.stack((ratio.real, slopes[1].real, slopes[2].real, -slopes[0].imag))
    )
