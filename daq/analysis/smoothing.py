"""Local polynomials: a curve and its slope from noisy points, as weights on the points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.analysis.result import FloatArray

MOST_POINTS = 400
"""Neighbouring points are averaged until a curve has no more than this many."""
LEAST_NEIGHBOURS = 7
NEAREST = 0.75
"""Fraction of the residuals that tells their scatter."""
NEAREST_SQUARE = 0.36852
"""Mean square of that fraction of a normal distribution nearest to its middle."""
QUIET = 3.0
"""How much better than wanted a slope must be known before a cubic makes it noisier."""


@dataclass(frozen=True, slots=True)
class Smoother:
    """Weights that turn points into a smooth curve and its slope.

    Parameters
    ----------
    index
        Points that each value is made of, shape (n, k).
    value, slope
        Their weights, shape (n, k).
    own
        Weight of a point in its own smooth value, shape (n,).
    """

    index: NDArray[np.intp]
    value: FloatArray
    slope: FloatArray
    own: FloatArray

    def smooth(self, y: FloatArray) -> FloatArray:
        """Return the smooth curve through y, shape (..., n)."""
        return np.asarray(np.einsum("...nk,nk->...n", y[..., self.index], self.value))

    def derivative(self, y: FloatArray) -> FloatArray:
        """Return the slope of the smooth curve through y, shape (..., n)."""
        return np.asarray(np.einsum("...nk,nk->...n", y[..., self.index], self.slope))

    @property
    def value_error(self) -> FloatArray:
        """Return the error of the smooth curve for points of error one, shape (n,)."""
        return np.asarray(np.sqrt(np.sum(self.value**2, axis=1)))

    @property
    def slope_error(self) -> FloatArray:
        """Return the error of the slope for points of error one, shape (n,)."""
        return np.asarray(np.sqrt(np.sum(self.slope**2, axis=1)))

    def residuals(self, y: FloatArray) -> FloatArray:
        """Return what the smooth curve leaves of y, scaled up to the scatter of the points."""
        kept = 1.0 - 2.0 * self.own + np.sum(self.value**2, axis=1)
        return np.asarray((y - self.smooth(y)) / np.sqrt(np.maximum(kept, 0.05)))


def smoother(x: FloatArray, neighbours: int, *, bent: bool = False) -> Smoother:
    """Fit a parabola, and for the slope a straight line, to the neighbours of every point.

    Parameters
    ----------
    x
        Rising, shape (n,).
    neighbours
        How many points go into each fit, at least four; the ends use as many on one side.
    bent
        Whether the slope is that of a cubic: less blurred, and noisier.

    Returns
    -------
    Smoother
        For every array of shape (..., n) that belongs to `x`.

    Raises
    ------
    ValueError
        There are fewer points than neighbours.
    """
    n = len(x)
    if not 4 <= neighbours <= n:
        raise ValueError(f"{neighbours} neighbours of {n} points; give 4 to {n}")
    first = np.clip(np.arange(n) - neighbours // 2, 0, n - neighbours)
    index = first[:, None] + np.arange(neighbours)
    away = x[index] - x[:, None]
    reach = np.max(np.abs(away), axis=1)
    reach = np.where(reach > 0.0, reach, 1.0)
    u = away / reach[:, None]
    parabola = np.linalg.pinv(np.stack([np.ones_like(u), u, u * u], axis=-1))
    powers = [np.ones_like(u), u, u * u, u**3] if bent else [np.ones_like(u), u]
    line = np.linalg.pinv(np.stack(powers, axis=-1))
    own = parabola[np.arange(n), 0, np.arange(n) - first]
    return Smoother(index, parabola[:, 0], line[:, 1] / reach[:, None], own)


def sharp_smoother(x: FloatArray, y: FloatArray, wanted: float = 20.0) -> Smoother:
    """Choose the fewest neighbours with which the largest slope is known well enough.

    A steep place is blurred least by few neighbours; with too few its slope is noise.

    Parameters
    ----------
    x
        Rising, shape (n,), at least 25 points.
    y
        Noisy values, shape (n,).
    wanted
        Largest slope in units of its error.

    Returns
    -------
    Smoother
        With an eighth of the points as neighbours at most.
    """
    most = max(LEAST_NEIGHBOURS, len(x) // 8)
    curve = smoother(x, LEAST_NEIGHBOURS, bent=True)
    sigma = robust_sigma(curve.residuals(y))
    if np.max(np.abs(curve.derivative(y)) / curve.slope_error) >= QUIET * wanted * sigma:
        return curve
    for neighbours in range(LEAST_NEIGHBOURS, most + 1, 2):
        curve = smoother(x, neighbours)
        if np.max(np.abs(curve.derivative(y)) / curve.slope_error) >= wanted * sigma:
            break
    return curve


def thinned(x: FloatArray, y: FloatArray, most: int = MOST_POINTS) -> tuple[FloatArray, FloatArray]:
    """Average points of the same x, and neighbouring points until no more than `most` are left.

    Parameters
    ----------
    x
        Rising, shape (n,).
    y
        Shape (n,).
    most
        Points that may be left.

    Returns
    -------
    tuple of array
        Averages of equally many points, less what the bend of the curve adds to them; those left
        over at the end make one of their own.
    """
    x, y = _averaged(x, y, np.flatnonzero(np.diff(x, prepend=-np.inf) > 0.0))
    group = -(-len(x) // most)
    return (x, y) if group == 1 else _grouped(x, y, np.arange(0, len(x), group))


def _grouped(
    x: FloatArray, y: FloatArray, edges: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    """Average points beside each other; the mean of a bent curve is not its value at their mean."""
    middle, mean = _averaged(x, y, edges)
    spread = _averaged(x, x * x, edges)[1] - middle**2
    bend = np.zeros_like(mean)
    slope = np.diff(mean) / np.diff(middle)
    bend[1:-1] = 2.0 * np.diff(slope) / (middle[2:] - middle[:-2])
    return middle, mean - 0.5 * spread * bend


def _averaged(
    x: FloatArray, y: FloatArray, edges: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    counts = np.diff(np.append(edges, len(x)))
    return np.add.reduceat(x, edges) / counts, np.add.reduceat(y, edges) / counts


def robust_sigma(residuals: FloatArray) -> float:
    """Return the standard deviation of a normal distribution whatever its largest quarter is.

    The root of the mean square of the three quarters that are nearest to the median. The median of
    the magnitudes alone would be wrong by a factor of two where readings come in steps, as those of
    a converter do, that are no smaller than their scatter.

    Parameters
    ----------
    residuals
        Shape (n,), n >= 1.

    Returns
    -------
    float
        Zero where three quarters are equal.
    """
    square = np.sort((residuals - np.median(residuals)) ** 2)
    near = square[: max(1, round(NEAREST * len(square)))]
    return float(np.sqrt(np.mean(near) / NEAREST_SQUARE))


def noisy_copies(
    smooth: FloatArray, scale: FloatArray, copies: int, generator: np.random.Generator
) -> FloatArray:
    """Return copies of a curve with normal noise.

    Parameters
    ----------
    smooth
        The curve without noise, shape (n,).
    scale
        Standard deviation of the noise at each point, shape (n,).
    copies
        How many.
    generator
        Of the noise.

    Returns
    -------
    array
        Shape (copies, n).
    """
    return np.asarray(smooth + scale * generator.standard_normal((copies, len(smooth))))


def noise_scale(curve: Smoother, y: FloatArray) -> FloatArray:
    """Return the noise of each point: that of y everywhere, and that of x where the curve is steep.

    The variance is sigma_y^2 + (slope sigma_x)^2, with sigma_y from the smaller residuals and
    sigma_x fitted to the residuals where it is steep, there between their size with and without the
    point itself: the one is a little small for unequal noise, the other a little large.

    Parameters
    ----------
    curve
        Weights of the smooth curve.
    y
        The points, shape (n,).

    Returns
    -------
    array
        Standard deviation of each point, shape (n,).
    """
    residuals = curve.residuals(y)
    flat = robust_sigma(residuals) ** 2
    missed = (y - curve.smooth(y)) / np.maximum(1.0 - curve.own, 0.2)
    steep = curve.derivative(y) ** 2
    strength = float(steep @ steep)
    excess = float(steep @ (missed * residuals - flat)) / strength if strength > 0.0 else 0.0
    return np.asarray(np.sqrt(flat + max(0.0, excess) * steep))
