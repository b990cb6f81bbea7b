"""What a lock-in makes of a derivative curve: exact averages with the kernel of a harmonic.

All amplitudes are peak values; the front panel of a lock-in shows rms, smaller by sqrt(2).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import FloatArray, not_negative, real_array
from daq.physics.quadrature import blocks, finite_or_zero, panels, semicircle

Curve = Callable[[FloatArray], FloatArray]
"""A function of an array that returns an array of the same shape."""

_DIGITS = 18.0  # natural logarithm of the precision asked from `points_needed`


def first_harmonic(
    function: Curve, bias: ArrayLike, amplitude: float, points: int = 8
) -> FloatArray:
    """Average a derivative curve as the first harmonic of a lock-in does.

    The first harmonic over the excitation is the mean of the derivative with the weight
    (2/pi) sqrt(1 - x^2) over bias + amplitude x (Klein et al. 1973). Give dI/dV of V for a
    voltage bias and dV/dI of I for a current bias: the two averages are not each other's
    reciprocals.

    Parameters
    ----------
    function
        Derivative curve; called once, with an array of shape bias.shape + (points,).
    bias
        Dc bias in the unit of the argument of the function, any shape.
    amplitude
        Peak excitation in the same unit, zero or more.
    points
        Nodes of the Chebyshev rule of the second kind, exact to degree 2 points - 1.

    Returns
    -------
    :
        Shape of the bias.

    Raises
    ------
    ValueError
        Negative amplitude, fewer than one point, or a bias that is not finite.
    """
    return nth_harmonic(function, bias, amplitude, harmonic=1, points=points)


def nth_harmonic(
    function: Curve, bias: ArrayLike, amplitude: float, harmonic: int, points: int = 8
) -> FloatArray:
    """Return a harmonic of the response over the excitation, from the derivative curve.

    With the drive bias + amplitude cos(wt), the coefficient of cos(n wt) in the response,
    divided by the amplitude, is the mean of the derivative with the weight
    (2/pi) sqrt(1 - x^2) U_{n-1}(x) / n, U the Chebyshev polynomial of the second kind. For a
    small amplitude the second harmonic is amplitude / 4 times the second derivative.

    Parameters
    ----------
    function
        Derivative curve; called once, with an array of shape bias.shape + (points,).
    bias
        Dc bias in the unit of the argument of the function, any shape.
    amplitude
        Peak excitation in the same unit, zero or more.
    harmonic
        1, 2, 3, ...
    points
        Nodes of the Chebyshev rule of the second kind, at least as many as the harmonic.

    Returns
    -------
    :
        Shape of the bias.

    Raises
    ------
    ValueError
        Negative amplitude, harmonic below 1, too few points, or a bias that is not finite.
    """
    centre = real_array("bias", bias)
    swing = not_negative("amplitude", amplitude)
    if harmonic < 1 or points < harmonic:
        raise ValueError(
            f"harmonic is {harmonic} and points is {points}: give 1 or more, and as many points"
        )
    nodes, weights = semicircle(points)
    angle = np.arccos(nodes)
    weights = weights * np.sin(harmonic * angle) / np.sin(angle) / harmonic
    values: FloatArray = np.asarray(function(centre[..., None] + swing * nodes), dtype=np.float64)
    return (values @ weights)[()]


def points_needed(amplitude: float, width: float) -> int:
    """Return how many Chebyshev points average a curve to about 1e-8.

    Parameters
    ----------
    amplitude
        Peak excitation.
    width
        Distance of the nearest singularity of the curve from the real axis, in the same unit:
        for a spectrum pi k T + broadening.
    """
    if amplitude == 0:
        return 1
    if width <= 1e-9 * amplitude:
        return 1 << 30
    return max(4, math.ceil(_DIGITS / (2 * math.asinh(width / amplitude))))


def first_harmonic_between(
    function: Curve, bias: FloatArray, amplitude: float, edges: Sequence[float]
) -> FloatArray:
    """Average a curve with the kernel of the first harmonic, split where the curve is singular.

    For a curve that is sharper than a Chebyshev rule can follow: each bias has its own panels
    between bias - amplitude, the edges within reach, and bias + amplitude.

    Parameters
    ----------
    function
        Derivative curve, finite but for integrable divergences at the edges.
    bias
        Dc bias, shape (n,).
    amplitude
        Peak excitation, more than zero.
    edges
        Where the curve has kinks, cusps or divergences.

    Returns
    -------
    :
        Shape (n,).
    """
    results = []
    marks = np.sort(np.asarray(edges, dtype=np.float64))
    for part in blocks(len(bias), 113 * (len(marks) + 1)):
        centre = bias[part, None]
        low, high = centre - amplitude, centre + amplitude
        bounds = np.concatenate((low, np.clip(marks, low, high), high), axis=1)
        nodes, weights = panels(bounds)
        x = (nodes - centre) / amplitude
        kernel = 2 / np.pi * np.sqrt(np.clip(1 - x * x, 0, None)) / amplitude
        results.append(np.sum(finite_or_zero(function(nodes)) * kernel * weights, axis=-1))
    return np.concatenate(results, axis=-1)


def first_harmonic_of_response(
    function: Curve, bias: FloatArray, amplitude: float, edges: Sequence[float]
) -> FloatArray:
    """Return the first harmonic over the excitation, from the response itself.

    The mean of 2 I(V + a cos(wt)) cos(wt) / a over a period: what a lock-in multiplies. For a
    derivative that diverges, since its integral does not.

    Parameters
    ----------
    function
        Response: I of V or V of I, continuous.
    bias
        Dc bias, shape (n,).
    amplitude
        Peak excitation a, more than zero.
    edges
        Where the derivative has kinks, cusps or divergences.

    Returns
    -------
    :
        Shape (n,).
    """
    results = []
    marks = np.sort(np.asarray(edges, dtype=np.float64))[::-1]
    for part in blocks(len(bias), 113 * (len(marks) + 1)):
        centre = bias[part, None]
        crossed = np.arccos(np.clip((marks - centre) / amplitude, -1, 1))
        ends = np.zeros_like(centre)
        phase, weights = panels(np.concatenate((ends, crossed, ends + np.pi), axis=1))
        swing = np.cos(phase)
        change = function(centre + amplitude * swing) - function(centre)
        results.append(np.sum(change * swing * weights, axis=1) * 2 / (np.pi * amplitude))
    return np.concatenate(results)
