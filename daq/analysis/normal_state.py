"""The normal state above a transition: a polynomial, and where it may be fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyvander

from daq.analysis.result import FloatArray, NoResult

LEAST_NORMAL = 8
CANDIDATES = 24
NEAR = 1.0
"""Distance of the window from the steepest point, in widths of the window, at most."""
NARROWEST = 1.3
STRETCH = 2.5
"""Top of the window over its bottom, at least and at most, when the window is looked for."""
MARGIN = 1.1
"""Distance that the window keeps from where the fit begins to fail, as a factor."""
GOOD = 4.0
"""Standard deviations by which the chi square of a good window may exceed its expectation."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known before the normal state is fitted.

    Parameters
    ----------
    sigma
        Scatter of the points in ohm.
    steepest
        Temperature in K at which the resistance falls fastest.
    """

    sigma: float
    steepest: float


@dataclass(frozen=True, slots=True)
class NormalState:
    """A polynomial in (T - centre)/scale, fitted to the points inside a window.

    Parameters
    ----------
    window
        Lowest and highest temperature of the fit in K.
    order
        Of the polynomial.
    operator
        Turns the resistances of all points into the coefficients, shape (order + 1, n).
    """

    window: tuple[float, float]
    order: int
    operator: FloatArray

    def rows(self, temperature: FloatArray) -> FloatArray:
        """Return the powers of the scaled temperature, shape (m, order + 1)."""
        low, high = self.window
        return np.asarray(polyvander((temperature - 0.5 * (low + high)) / (high - low), self.order))

    def error(self, temperature: FloatArray) -> FloatArray:
        """Return the error of the extrapolation for points of error one, shape (m,)."""
        return np.asarray(np.linalg.norm(self.rows(temperature) @ self.operator, axis=1))


def normal_state(
    temperature: FloatArray,
    resistance: FloatArray,
    noise: Noise,
    window: tuple[float, float] | None,
    order: int,
) -> NormalState | NoResult:
    """Fit the normal state inside a window, or look for the window.

    Parameters
    ----------
    temperature
        In K, rising, shape (n,).
    resistance
        In ohm, shape (n,).
    noise
        Of the points, and where the transition is.
    window
        Lowest and highest temperature in K; None looks for the lowest window above the steepest
        point that the polynomial describes within the noise.
    order
        Of the polynomial.

    Returns
    -------
    NormalState or NoResult
        No result where the window holds too few points, or none fits.
    """
    least = max(LEAST_NORMAL, order + 3)
    if window is not None:
        state = _fit(temperature, window, order)
        if _inside(temperature, window) < least:
            return NoResult(f"there are fewer than {least} points in the normal state")
        return state
    highest = float(temperature[-1])
    for low in _candidates(noise.steepest, highest):
        apart = max(low, min(MARGIN * low, highest / NARROWEST))
        state = _fit(temperature, (low, min(highest, STRETCH * low)), order)
        chosen = (apart, min(highest, STRETCH * apart))
        if _inside(temperature, chosen) < least or not _near(noise.steepest, chosen):
            break
        if _fits(temperature, resistance, noise, state):
            return _fit(temperature, chosen, order)
    return NoResult(
        "above the steepest point there is no normal state that a polynomial describes near enough"
        " to be extrapolated; give its window"
    )


def _candidates(steepest: float, highest: float) -> list[float]:
    """Return lower ends of the window in K, from the steepest point on."""
    top = highest / NARROWEST
    lows = np.geomspace(1.02 * steepest, max(top, 1.02 * steepest), CANDIDATES)
    return [float(low) for low in lows] if top > 1.02 * steepest else []


def _near(steepest: float, window: tuple[float, float]) -> bool:
    return window[0] - steepest <= NEAR * (window[1] - window[0])


def _inside(temperature: FloatArray, window: tuple[float, float]) -> int:
    return int(np.count_nonzero((temperature >= window[0]) & (temperature <= window[1])))


def _fit(temperature: FloatArray, window: tuple[float, float], order: int) -> NormalState:
    low, high = window
    inside = (temperature >= low) & (temperature <= high)
    design = polyvander((temperature - 0.5 * (low + high)) / (high - low), order)
    return NormalState(
        window, order, np.asarray(np.linalg.pinv(design * inside[:, None]), dtype=np.float64)
    )


def _fits(t: FloatArray, r: FloatArray, noise: Noise, state: NormalState) -> bool:
    """Tell whether the residuals are noise: in size, and in the lowest third of the window."""
    inside = (t >= state.window[0]) & (t <= state.window[1])
    left = (r - state.rows(t) @ (state.operator @ r))[inside] / noise.sigma
    free = len(left) - state.order - 1
    low = left[: max(3, len(left) // 4)]
    size = (float(left @ left) / free - 1.0) / np.sqrt(2.0 / free)
    return bool(size < GOOD and abs(float(np.sum(low))) / np.sqrt(len(low)) < GOOD)
