"""Rules of integration: nodes and weights, computed once and kept."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from daq.physics.arguments import FloatArray

_CHUNK = 1 << 13  # elements of a work array that still fit the cache of a small machine


@cache
def gauss(points: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of Gauss-Legendre on -1 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights


@cache
def semicircle(points: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for the weight (2/pi) sqrt(1 - x^2) on -1 to 1.

    Chebyshev rule of the second kind: exact up to degree 2 points - 1; the weights add up to 1.
    """
    angle = np.arange(1, points + 1) * np.pi / (points + 1)
    return np.cos(angle), 2 * np.sin(angle) ** 2 / (points + 1)


@cache
def fermi(points: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for the derivative of the Fermi function, in units of k T.

    The Gauss rule of the weight 1 / (4 cosh^2(x/2)), from its orthogonal polynomials (Golub and
    Welsch 1969): p_{n+1} = x p_n - n^4 pi^2 / (4 n^2 - 1) p_{n-1}.
    """
    n = np.arange(1, points)
    beside = n * n * np.pi / np.sqrt(4.0 * n * n - 1)
    nodes, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return nodes, vectors[0] ** 2


@cache
def both_ends() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a rule on 0 to 1 for integrands that are singular at, or just beyond, both ends.

    A double-exponential rule (Takahasi and Mori 1974) after the map sin^2(pi u / 2), which takes
    away a root in the denominator.

    Returns
    -------
    :
        Distance from the lower end, distance from the upper end (each to full relative
        precision), and weight, each of shape (113,).
    """
    step, half = 0.05, 56
    t = step * np.arange(-half, half + 1)
    u = 1 / (1 + np.exp(-np.pi * np.sinh(t)))
    v = 1 / (1 + np.exp(np.pi * np.sinh(t)))
    slope = step * np.pi * np.cosh(t) * u * v
    weight = slope * np.pi * np.sin(np.pi / 2 * u) * np.sin(np.pi / 2 * v)
    return np.sin(np.pi / 2 * u) ** 2, np.sin(np.pi / 2 * v) ** 2, weight / weight.sum()


def panels(bounds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights between ascending bounds that are singular points.

    Parameters
    ----------
    bounds
        Shape (n, b), ascending along the last axis; panels of no length are allowed.

    Returns
    -------
    :
        Nodes and weights, each of shape (n, (b - 1) * 113).
    """
    low, high, weight = both_ends()
    start, end = bounds[:, :-1, None], bounds[:, 1:, None]
    length = end - start
    nodes = np.where(low < high, start + length * low, end - length * high)
    flat = (len(bounds), nodes.shape[1] * len(weight))
    return nodes.reshape(flat), (length * weight).reshape(flat)


def blocks(rows: int, columns: int) -> list[slice]:
    """Return at least one slice of the rows; each keeps a work array of the columns small."""
    size = max(1, _CHUNK // max(1, columns))
    return [slice(start, start + size) for start in range(0, max(1, rows), size)]


def finite_or_zero(values: NDArray[np.float64]) -> FloatArray:
    """Return the values with zero for a node that rounding has put onto a divergence.

    The weight of such a node is below the rounding of the sum.
    """
    return np.where(np.isfinite(values), values, 0.0)
