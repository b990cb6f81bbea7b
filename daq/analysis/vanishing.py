"""The temperature at which what a superconductor takes out of a resistance is gone.

Two smooth curves meet there: that of the normal state above, and that of the missing resistance
below, which near the critical temperature is a power series in 1 - T/Tc. Each is fitted to its side
and both are extrapolated to each other. The tangent at the steepest point, in contrast, meets the
normal state above the critical temperature if the curve below it is bent, and below it if the
steepest point lies in a rounded part.

Close to the critical temperature an excitation is no longer small against the critical current, and
a spread of critical temperatures rounds the corner. How much is left out there, and how bent the
curve below may be, follows from the data: the answer is the best known one from which all that are
known less well differ by no more than noise explains (Lepskii 1991). A rounding with so long a tail
that no part of the curve is free of it stays in the answer.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.polynomial import polyvander

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

BELOW, ABOVE = 0.45, 0.5
"""Reach of the curves to either side, relative to the critical temperature."""
BENT, STRAIGHT = (2, 3), 1
"""Orders of the polynomials: below, and of the normal state."""
LEFT_OUT = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06)
"""What may be left out to either side, relative to the critical temperature."""
AGREE = 2.0
"""Sigmas by which answers of different parts and orders may differ."""
KNOWN = 2.0
"""Answers of up to so many times the error tell what noise does not explain."""
BLOCK = 4
"""Rows over which residuals are averaged: neighbours share a sample of the thermometer."""
LEAST_BLOCKS = 3
"""Blocks more than coefficients, so that their scatter tells the noise."""
LEAST_POINTS = 25
ROUNDS, CLOSE = 30, 1e-5
FURTHEST = 0.2
"""Of the place from the first guess, relative to it."""
ROUNDING = 1e-9
UNKNOWN = 0.03
"""Error relative to the place from which on noise alone may have made the curves meet."""
WORDS = "onset in K: the curve below, extrapolated, meets the normal state; {0:.2g} K left out"


def vanishing_temperature(
    temperature: FloatArray, resistance: FloatArray, near: float
) -> Estimate | NoResult:
    """Find the temperature at which the resistance reaches the normal state.

    Parameters
    ----------
    temperature
        In K, shape (n,), in any order.
    resistance
        In ohm, shape (n,).
    near
        First guess in K, such as the onset by tangents.

    Returns
    -------
    Estimate or NoResult
        In K; no result where there are too few points to either side, or the curves do not meet.
        The error has a part by which answers differ beyond their noise.
    """
    try:
        t, r = finite_pairs(temperature, resistance, LEAST_POINTS)
    except ValueError as problem:
        return NoResult(str(problem))
    x = t / near - 1.0
    tried = [_meeting(x, r, order, share) for order, share in product(BENT, LEFT_OUT)]
    met = [one for one in tried if one is not None]
    if not met:
        return NoResult(f"near {near:.3g} K no smooth curves meet; measure more points around it")
    known = sorted(_known(met), key=lambda one: one.error)
    chosen, *others = next(_agreeing(known))
    beyond = [
        math.sqrt(max(0.0, (other.place - chosen.place) ** 2 - _apart(chosen, other) ** 2))
        for other in others
        if other.error < KNOWN * chosen.error
    ]
    share = math.hypot(chosen.error, max(beyond, default=0.0))
    if not share < UNKNOWN:
        return NoResult(f"the curves meet at {near * (1.0 + chosen.place):.3g} K by chance only")
    error = near * share
    return Estimate(near * (1.0 + chosen.place), error, WORDS.format(near * chosen.left_out))


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where two curves meet, relative to the first guess.

    The shares of its variance are those of either side for points of variance one.
    """

    place: float
    shares: tuple[float, float]
    noise: tuple[float, float]
    left_out: float


@dataclass(frozen=True, slots=True)
class _Known:
    place: float
    error: float
    left_out: float


def _known(met: Sequence[_Meeting]) -> Iterator[_Known]:
    """Yield the meetings with errors from one noise for all: that of few points is known badly.

    Below, the median of the smaller half, in which the curve is neither rounded nor too straight.
    """
    below = np.sort([one.noise[0] for one in met])[: max(1, len(met) // 2)]
    noise = float(np.median(below)), float(np.median([one.noise[1] for one in met]))
    for one in met:
        variance = one.shares[0] * noise[0] + one.shares[1] * noise[1]
        yield _Known(one.place, math.sqrt(variance), one.left_out)


def _agreeing(known: Sequence[_Known]) -> Iterator[Sequence[_Known]]:
    """Yield each answer, and those known less well, from which noise alone sets it apart."""
    for index, one in enumerate(known):
        rest = known[index + 1 :]
        if all(abs(other.place - one.place) <= AGREE * _apart(one, other) for other in rest):
            yield known[index:]


def _apart(one: _Known, other: _Known) -> float:
    """Return the error of the difference of two answers, the second of which is known less well."""
    return math.sqrt(max(0.0, other.error**2 - one.error**2))


def _meeting(x: FloatArray, r: FloatArray, order: int, share: float) -> _Meeting | None:
    """Fit both sides of a place, and move it to where they meet."""
    place, found = 0.0, None
    for _ in range(ROUNDS):
        below = _Side.of(x, r, (place - BELOW, place - share), order)
        above = _Side.of(x, r, (place + share, place + ABOVE), STRAIGHT)
        if below is None or above is None:
            return None
        between = below.curve - above.curve
        roots = between.roots()
        real = roots[np.abs(roots.imag) < ROUNDING].real
        meets = float(real[np.argmin(np.abs(real - place))]) if len(real) else math.inf
        if abs(meets) > FURTHEST or not (slope := float(between.deriv()(meets))) > 0.0:
            return None
        shares = below.share(meets) / slope**2, above.share(meets) / slope**2
        found = _Meeting(meets, shares, (below.noise, above.noise), share)
        moved, place = abs(meets - place), meets
        if moved < CLOSE:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Side:
    """A polynomial through the points of one side.

    Its covariance is that of points of variance one; the noise is their variance.
    """

    curve: Polynomial
    covariance: FloatArray
    noise: float

    @classmethod
    def of(
        cls, x: FloatArray, r: FloatArray, window: tuple[float, float], order: int
    ) -> "_Side | None":
        inside = (x >= window[0]) & (x <= window[1])
        blocks = int(np.count_nonzero(inside)) // BLOCK
        if blocks < order + 1 + LEAST_BLOCKS:
            return None
        design, y = polyvander(x[inside], order), r[inside]
        inverse = np.linalg.pinv(design)
        coefficients = inverse @ y
        left = y - design @ coefficients
        single = float(left @ left) / (len(y) - order - 1)
        means = left[: blocks * BLOCK].reshape(blocks, BLOCK).mean(axis=1)
        slow = BLOCK * float(means @ means) / (blocks - order - 1)
        return cls(Polynomial(coefficients), inverse @ inverse.T, max(single, slow))

    def share(self, at: float) -> float:
        row = polyvander(np.array([at]), self.curve.degree())[0]
        return float(row @ self.covariance @ row)
