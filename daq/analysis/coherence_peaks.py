"""The peaks at the gap edges of a tunnelling spectrum: where, how high, and over what background.

The contrast (I_p - I_b) / (I_p + I_b) compares the peak I_p with the background I_b far outside the
gap. A parabola through the points near the highest one gives the peak; it is not a fit of a theory.
"""

from dataclasses import dataclass

import numpy as np

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs
from daq.analysis.smoothing import robust_sigma, smoother

LEAST_POINTS = 25
OUTSIDE = 5.0
"""The background is beyond this many gaps."""
NEAR = 0.92
"""Fraction of the height of the peak above the background that the parabola is fitted to."""
SIGNIFICANT = 5.0


@dataclass(frozen=True, slots=True)
class CoherencePeaks:
    """The two peaks of a spectrum.

    Parameters
    ----------
    negative, positive
        Voltages of the peaks in V.
    heights
        Of the peaks at negative and positive voltage, in the unit of the conductance.
    contrast
        (I_p - I_b) / (I_p + I_b), mean of both peaks.
    asymmetry
        Height of the positive less the negative peak over their sum.
    background
        I_b: mean beyond five gaps.
    """

    negative: Estimate
    positive: Estimate
    heights: tuple[Estimate, Estimate]
    contrast: Estimate
    asymmetry: Estimate
    background: Estimate


def coherence_peaks(
    voltage: FloatArray, conductance: FloatArray, outside: float = OUTSIDE
) -> CoherencePeaks | NoResult:
    """Find the peaks at the gap edges and their contrast.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,).
    conductance
        dI/dV in any unit, shape (n,).
    outside
        Where the background begins, over the voltage of the peaks.

    Returns
    -------
    CoherencePeaks or NoResult
        No result where a side has no significant peak, or no background.
    """
    try:
        v, g = finite_pairs(voltage, conductance, LEAST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    smooth = smoother(v, 7)
    sigma = robust_sigma(smooth.residuals(g))
    curve = smooth.smooth(g)
    sides = [np.flatnonzero(side * v > 0) for side in (-1, 1)]
    if min(len(side) for side in sides) < LEAST_POINTS // 2:
        return NoResult("the spectrum does not reach both sides of zero bias")
    tops = [int(side[np.argmax(curve[side])]) for side in sides]
    far = np.abs(v) > outside * 0.5 * float(v[tops[1]] - v[tops[0]])
    if np.count_nonzero(far & (v > 0)) < 3 or np.count_nonzero(far & (v < 0)) < 3:
        return NoResult(f"the spectrum does not reach {outside:g} times the voltage of its peaks")
    level = 0.5 * float(np.mean(g[far & (v > 0)]) + np.mean(g[far & (v < 0)]))
    base = Estimate(
        level, sigma / float(np.sqrt(np.count_nonzero(far))), "mean far outside the gap"
    )
    peaks = [_vertex(v, g, top, _near(curve, top, level), sigma) for top in tops]
    (left, low), (right, high) = peaks
    if min(low.value, high.value) - level < SIGNIFICANT * sigma:
        return NoResult("a side has no peak above the background by more than five sigma")
    asymmetry = (high.value - low.value) / (high.value + low.value)
    error = float(np.hypot(low.error, high.error)) / (high.value + low.value)
    return CoherencePeaks(
        left,
        right,
        (low, high),
        _contrast((low, high), base),
        Estimate(asymmetry, error, "(positive - negative) / (positive + negative) peak"),
        base,
    )


def _near(curve: FloatArray, top: int, level: float) -> slice:
    """Return the points round the top that are nearly as high, at least five."""
    limit = level + NEAR * (curve[top] - level)
    first = last = top
    while first > 0 and curve[first - 1] > limit:
        first -= 1
    while last < len(curve) - 1 and curve[last + 1] > limit:
        last += 1
    return slice(max(0, min(first, top - 2)), min(len(curve), max(last, top + 2) + 1))


def _vertex(
    v: FloatArray, g: FloatArray, top: int, near: slice, sigma: float
) -> tuple[Estimate, Estimate]:
    """Return place and height of a parabola through the points near the top."""
    reach = float(np.max(np.abs(v[near] - v[top])))
    powers = np.vander((v[near] - v[top]) / reach, 3, increasing=True)
    inverse = np.linalg.pinv(powers)
    level, slope, bend = inverse @ g[near]
    left = g[near] - powers @ np.array([level, slope, bend])
    # a sharp peak is no parabola: what is left of it counts as much as the noise
    scatter = float(np.sqrt(left @ left / max(1, len(left) - 3)))
    covariance = max(sigma, scatter) ** 2 * inverse @ inverse.T
    step = float(np.clip(-0.5 * slope / bend, -1.0, 1.0)) if bend < 0 else 0.0
    row = np.array([1.0, step, step * step])
    error = float(np.sqrt(row @ covariance @ row))
    turn = np.array([0.0, 1.0, 2.0 * step])
    shift = float(np.sqrt(turn @ covariance @ turn) / max(abs(2.0 * bend), 1e-300))
    place = Estimate(float(v[top] + reach * step), reach * shift, "peak voltage in V: parabola")
    return place, Estimate(
        float(level + slope * step + bend * step * step), error, "height of the peak: parabola"
    )


def _contrast(heights: tuple[Estimate, Estimate], base: Estimate) -> Estimate:
    values, slopes = [], []
    for height in heights:
        total = height.value + base.value
        values.append((height.value - base.value) / total)
        slopes.append((2 * base.value / total**2, -2 * height.value / total**2))
    own = [0.5 * slope[0] * height.error for slope, height in zip(slopes, heights, strict=True)]
    common = 0.5 * (slopes[0][1] + slopes[1][1]) * base.error
    error = float(np.sqrt(own[0] ** 2 + own[1] ** 2 + common**2))
    return Estimate(float(np.mean(values)), error, "(I_p - I_b) / (I_p + I_b), mean of both peaks")
