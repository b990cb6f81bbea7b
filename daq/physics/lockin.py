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

_DIGITS = 20.0  # natural logarithm of the precision asked from `points_needed`


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
    return np.asarray(values @ weights)[()]


def points_needed(amplitude: float, width: float) -> int:
    """Return how many Chebyshev points average a curve to about 1e-8.

    Parameters
    ----------
    amplitude
        Peak excitation.
    width
        Distance of the nearest singularity of the curve from the real axis, in the same unit:
        for a spectrum pi k T + broadening.

    Returns
    -------
    :
        At least one; more than any array holds where a Chebyshev rule is hopeless.
    """
    if amplitude == 0:
        return 1
    if width <= 1e-9 * amplitude:
        return 1 << 30
    return max(4, math.ceil(_DIGITS / (2 * math.asinh(width / amplitude))))


def first_harmonic_between(
    function: Curve,
    bias: FloatArray,
    amplitude: float,
    edges: Sequence[float],
    response: Curve | None = None,
) -> FloatArray:
    """Average a curve with the kernel of the first harmonic where it is singular.

    For a curve that is sharper than a Chebyshev rule can follow. A bias whose swing comes near
    an edge has its own panels between bias - amplitude, the edges within, and bias + amplitude.

    Parameters
    ----------
    function
        Derivative curve; it may return several along a first axis.
    bias
        Dc bias, shape (n,).
    amplitude
        Peak excitation, more than zero.
    edges
        Where the curve has kinks, cusps or divergences.
    response
        Integral of the curve. Give it when the curve diverges as a root: near an edge it is
        taken instead, by what a lock-in multiplies, 2 I(V + a cos(wt)) cos(wt) / a.

    Returns
    -------
    :
        Shape (n,), after the first axis of the curve if it has one.
    """
    marks = np.sort(np.asarray(edges, dtype=np.float64))
    near = np.abs(bias[:, None] - marks).min(axis=1) < 3 * amplitude
    smooth = first_harmonic(function, bias[~near], amplitude, points=16)
    result = np.empty((*smooth.shape[:-1], len(bias)))
    result[..., ~near] = smooth
    if response is None:
        result[..., near] = _by_curve(function, bias[near], amplitude, marks)
    else:
        result[..., near] = _by_response(response, bias[near], amplitude, marks)
    return result


def _by_curve(function: Curve, bias: FloatArray, amplitude: float, marks: FloatArray) -> FloatArray:
    results = []
    for part in blocks(len(bias), 113 * (len(marks) + 1)):
        centre = bias[part, None]
        ends = np.ones_like(centre)
        inside = np.clip((marks - centre) / amplitude, -1, 1)
        x, weights = panels(np.concatenate((-ends, inside, ends), axis=1))
        kernel = 2 / np.pi * np.sqrt(np.clip(1 - x * x, 0, None))
        values = finite_or_zero(function(centre + amplitude * x))
        results.append(np.sum(values * kernel * weights, axis=-1))
    return np.concatenate(results, axis=-1)


def _by_response(
    response: Curve, bias: FloatArray, amplitude: float, marks: FloatArray
) -> FloatArray:
    results = []
    for part in blocks(len(bias), 113 * (len(marks) + 1)):
        centre = bias[part, None]
        ends = np.zeros_like(centre)
        crossed = np.arccos(np.clip((marks[::-1] - centre) / amplitude, -1, 1))
        phase, weights = panels(np.concatenate((ends, crossed, ends + np.pi), axis=1))
        swing = np.cos(phase)
        change = response(centre + amplitude * swing) - response(centre)
        results.append(np.sum(change * swing * weights, axis=1) * 2 / (np.pi * amplitude))
    return np.concatenate(results)
