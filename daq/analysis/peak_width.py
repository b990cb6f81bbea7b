"""The width of a peak of the conductance over the normal state, and what a modulation does to it.

A lock-in averages dV/dI over the modulation with the weight sqrt(a^2 - i^2), of variance a^2/4 for
an amplitude a. To second order that adds a^2/8 times the second derivative, which fills the dips
beside a peak and makes a narrow peak narrower; it is taken off again.
"""

import numpy as np
from numpy.polynomial import Polynomial

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

LEAST_POINTS = 9
SIGNIFICANT = 5.0
NORMAL_ORDER = 6
"""Of a polynomial that describes dV/dI of the normal state."""
OUTSIDE = 0.75
"""Of the reach: further out there is no peak, and the points scatter about the normal state."""
ROUNDING = 1e-9


def unmodulated(current: FloatArray, resistance: FloatArray, amplitude: float) -> FloatArray:
    """Return dV/dI free of what a modulation does to it, to second order.

    Parameters
    ----------
    current
        Dc current in A, evenly spaced, shape (n,), n >= 3.
    resistance
        dV/dI at these currents in ohm, shape (n,).
    amplitude
        Peak of the modulation in A; where it exceeds the spacing the second order is not enough.

    Returns
    -------
    array
        In ohm, shape (n,); the two ends are left as they are.
    """
    bend = np.zeros_like(resistance)
    step = float(np.mean(np.diff(current)))
    bend[1:-1] = (resistance[2:] - 2.0 * resistance[1:-1] + resistance[:-2]) / step**2
    return np.asarray(resistance - amplitude**2 / 8.0 * bend)


def width_over_normal(voltage: FloatArray, excess: FloatArray) -> Estimate | NoResult:
    """Return the full width of a peak at half height over the normal state.

    The points are taken as they are: beside the peak are dips, with which a smoothed flank would
    mix and make a narrow peak narrower. Between two points the curve is the cubic through them and
    their neighbours.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,).
    excess
        Conductance over that of the normal state, minus one, shape (n,).

    Returns
    -------
    Estimate or NoResult
        In V; the error is that of both crossings and of half the height, from the scatter outside.
    """
    try:
        voltage, excess = finite_pairs(voltage, excess, LEAST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    centre = int(np.argmin(np.abs(voltage)))
    if not 0 < centre < len(voltage) - 1:
        return NoResult("the spectrum does not reach both sides of zero bias")
    half = 0.5 * float(np.mean(excess[centre - 1 : centre + 2]))
    apart = np.abs(voltage) > OUTSIDE * float(np.max(np.abs(voltage)))
    scatter = float(np.std(np.diff(excess[apart]))) / np.sqrt(2.0)
    if not half > SIGNIFICANT * scatter:
        return NoResult("there is no peak over the normal state")
    edges, steep = [], []
    for side in (-1, 1):
        index = centre
        while 1 < index < len(voltage) - 2 and excess[index] > half:
            index += side
        if not excess[index] <= half < excess[index - side]:
            return NoResult("the peak does not fall to half of its height inside the spectrum")
        edges.append(_crossing(voltage, excess - half, index, side))
        step = voltage[index] - voltage[index - side]
        steep.append(float(abs(step / (excess[index] - excess[index - side]))))
    width = abs(float(edges[1] - edges[0]))
    level = 0.5 * scatter / np.sqrt(3.0) * sum(steep)
    error = float(np.hypot(scatter * np.hypot(steep[0], steep[1]), level))
    return Estimate(width, error, "full width in V at half height over normal")


def normal_curve(current: FloatArray, resistance: FloatArray) -> Polynomial:
    """Return the polynomial that describes dV/dI of the normal state.

    Parameters
    ----------
    current
        Dc current in A, shape (n,).
    resistance
        dV/dI in ohm, shape (n,).

    Returns
    -------
    Polynomial
        Of the current, in ohm.
    """
    return Polynomial.fit(current, resistance, NORMAL_ORDER)


def _crossing(voltage: FloatArray, left: FloatArray, index: int, side: int) -> float:
    """Return where the cubic through four points is zero, between the two in the middle."""
    before = index - side
    share = np.array([-1.0, 0.0, 1.0, 2.0])
    points = before + side * share.astype(np.intp)
    if points.min() < 0 or points.max() >= len(left):
        points, share = points[1:3], share[1:3]
    cubic = Polynomial(np.polynomial.polynomial.polyfit(share, left[points], len(share) - 1))
    roots = cubic.roots()
    real = roots[np.abs(roots.imag) < ROUNDING].real
    place = float(real[np.argmin(np.abs(real - 0.5))])
    return float(voltage[before] + place * (voltage[index] - voltage[before]))
