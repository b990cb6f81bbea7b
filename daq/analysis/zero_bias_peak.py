"""Find the peak of the conductance at zero bias, and the dips beside it.

The background is a polynomial of even and odd powers that is fitted outside the feature, where |V|
is in the outer part of the spectrum. Sigma is the standard deviation of the residuals of that fit;
the error of the height at zero bias is sigma over the root of the number of points that are
averaged, and the error of the background there, in quadrature.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyval, polyvander
from scipy.signal import find_peaks

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

LEAST_POINTS = 25
AVERAGED = 0.03
"""Fraction of the points of a spectrum that are averaged at zero bias."""
SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class Dip:
    """A minimum of the conductance beside the peak.

    Parameters
    ----------
    voltage
        Where it is in V.
    depth
        Below the background, normalised, with its error.
    """

    voltage: float
    depth: Estimate


@dataclass(frozen=True, slots=True)
class ZeroBiasPeak:
    """What a spectrum shows at zero bias.

    Parameters
    ----------
    height
        Of G over its background at zero bias, minus one, with its error.
    width
        Full width at half height in V; not a number if the height is not significant.
    dips
        On either side, the significant ones only.
    count
        Peaks of the averaged curve that stand out by more than five sigma, of which the error of
        the background is a part.
    normal_conductance
        Of the background at zero bias in S.
    sigma
        Scatter of the normalised conductance about the background, outside the feature.
    voltage, normalised
        The spectrum over its background, for a plot; shape (n,).
    """

    height: Estimate
    width: float
    dips: tuple[Dip, ...]
    count: int
    normal_conductance: float
    sigma: float
    voltage: FloatArray
    normalised: FloatArray

    @property
    def found(self) -> bool:
        """Tell whether the peak stands out by more than five sigma."""
        return self.height.value > 0.0 and self.height.significance > SIGNIFICANT


def zero_bias_peak(
    voltage: FloatArray,
    conductance: FloatArray,
    *,
    outside: float = 0.75,
    order: int = 3,
) -> ZeroBiasPeak | NoResult:
    """Measure the peak at zero bias against the background outside of it.

    Parameters
    ----------
    voltage
        Bias voltage in V, shape (n,).
    conductance
        Differential conductance in S, shape (n,).
    outside
        The background is fitted where |V| exceeds this fraction of the smaller end of the spectrum.
    order
        Of the polynomial.

    Returns
    -------
    ZeroBiasPeak or NoResult
        No result where the spectrum is too short, one-sided, or without a background.
    """
    try:
        v, g = finite_pairs(voltage, conductance, LEAST_POINTS)
    except ValueError as problem:
        return NoResult(str(problem))
    reach = min(-v[0], v[-1])
    if not reach > 0.0:
        return NoResult("the spectrum does not reach both sides of zero bias")
    x = v / reach
    apart = np.abs(x) > outside
    if np.count_nonzero(x > outside) < order + 2 or np.count_nonzero(x < -outside) < order + 2:
        return NoResult("there are too few points outside the feature for a background")
    fit = _background(x, g, apart, order)
    if fit is None:
        return NoResult("the conductance outside the feature is zero within five sigma")
    near = max(3, round(AVERAGED * len(x)))
    smooth = _averaged(fit.normalised, near)
    height = _height(x, fit, near)
    sigma_smooth = fit.sigma / np.sqrt(near)
    return ZeroBiasPeak(
        height=height,
        width=_width(v, smooth) if height.significance > SIGNIFICANT else float("nan"),
        dips=tuple(_dips(v, _Averaged(x, smooth, sigma_smooth, outside), fit)),
        count=_peaks(_Averaged(x, smooth, sigma_smooth, outside), fit),
        normal_conductance=float(polyval(0.0, fit.coefficients)),
        sigma=fit.sigma,
        voltage=v,
        normalised=fit.normalised,
    )


@dataclass(frozen=True, slots=True)
class _Background:
    coefficients: FloatArray
    covariance: FloatArray
    sigma: float
    normalised: FloatArray


def _background(x: FloatArray, g: FloatArray, apart: np.ndarray, order: int) -> _Background | None:
    design = polyvander(x[apart], order)
    coefficients, *_ = np.linalg.lstsq(design, g[apart], rcond=None)
    left = g[apart] - design @ coefficients
    variance = float(left @ left) / max(1, len(left) - order - 1)
    covariance = variance * np.linalg.inv(design.T @ design)
    level = polyval(x, coefficients)
    scale = float(np.mean(level))
    if not abs(scale) > SIGNIFICANT * float(np.sqrt(variance / len(left))):
        return None
    return _Background(
        coefficients, covariance / scale**2, float(np.sqrt(variance)) / abs(scale), g / level
    )


def _height(x: FloatArray, fit: _Background, near: int) -> Estimate:
    """Average the points nearest to zero bias."""
    nearest = np.argsort(np.abs(x), kind="stable")[:near]
    value = float(np.mean(fit.normalised[nearest])) - 1.0
    row = np.mean(polyvander(x[nearest], len(fit.coefficients) - 1), axis=0)
    error = float(np.sqrt(fit.sigma**2 / near + row @ fit.covariance @ row))
    return Estimate(value, error, f"G/G_background - 1, mean of the {near} points at zero bias")


def _averaged(values: FloatArray, points: int) -> FloatArray:
    window = np.ones(points)
    return np.convolve(values, window, "same") / np.convolve(np.ones_like(values), window, "same")


def _peaks(curve: "_Averaged", fit: _Background) -> int:
    """Count the peaks that neither scatter nor an error of the background can make."""
    inside = np.abs(curve.x) < curve.outside
    rows = polyvander(curve.x[inside], len(fit.coefficients) - 1)
    background = np.einsum("ij,jk,ik->i", rows, fit.covariance, rows)
    least = SIGNIFICANT * np.sqrt(curve.sigma**2 + background)
    found, _ = find_peaks(curve.smooth[inside], height=1.0 + least, prominence=least)
    return len(found)


def _width(v: FloatArray, smooth: FloatArray) -> float:
    """Return the full width at half height of the averaged peak, interpolated."""
    centre = int(np.argmin(np.abs(v)))
    half = 1.0 + 0.5 * (smooth[centre] - 1.0)
    edges = []
    for side in (-1, 1):
        index = centre
        while 0 < index < len(v) - 1 and smooth[index] > half:
            index += side
        before = index - side
        span = smooth[before] - smooth[index]
        share = (smooth[before] - half) / span if span != 0.0 else 0.0
        edges.append(v[before] + share * (v[index] - v[before]))
    return float(edges[1] - edges[0])


@dataclass(frozen=True, slots=True)
class _Averaged:
    x: FloatArray
    smooth: FloatArray
    sigma: float
    outside: float


def _dips(v: FloatArray, curve: _Averaged, fit: _Background) -> Iterator[Dip]:
    for side in (-1.0, 1.0):
        beside = curve.x * side
        inside = np.flatnonzero((beside > 0.0) & (beside < curve.outside))
        if len(inside) == 0:
            continue
        lowest = int(inside[np.argmin(curve.smooth[inside])])
        row = polyvander(curve.x[lowest], len(fit.coefficients) - 1)[0]
        error = float(np.sqrt(curve.sigma**2 + row @ fit.covariance @ row))
        depth = Estimate(1.0 - float(curve.smooth[lowest]), error, "1 - G/G_background, averaged")
        if depth.value > 0.0 and depth.significance > SIGNIFICANT:
            yield Dip(float(v[lowest]), depth)
