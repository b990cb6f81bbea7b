"""The definitions of a resistive transition in temperature, each with its error.

The normal state is a polynomial fitted above the transition and extrapolated below it. Every
definition is evaluated on a local polynomial through the points, and once more on copies of that
curve with the noise that the points show; the scatter over the copies is the error.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from daq.analysis.normal_state import Noise, NormalState, normal_state
from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs
from daq.analysis.smoothing import (
    Smoother,
    noise_scale,
    noisy_copies,
    robust_sigma,
    sharp_smoother,
    smoother,
    thinned,
)
from daq.analysis.transition_points import DEFINITIONS, Curves, Levels, evaluate, missing

Answer: TypeAlias = Estimate | NoResult

LEAST_POINTS = 25
SIGNIFICANT = 5.0
COPIES = 120
FAR = 5.0
"""Points above so many times the temperature of the steepest place do not matter to it."""
STEEPER = 3.0
"""How much steeper than its own background the transition must be."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What a curve of resistance against temperature says of its transition.

    Temperatures are in K. A definition that the data do not answer says why.

    Parameters
    ----------
    onset_tangent
        Where the tangent at the steepest point meets the normal state.
    onset_fraction
        Where the resistance falls below a fraction of the normal one.
    onset_departure
        Where the resistance begins to leave the normal state by more than k sigma.
    zero_fraction
        Where the resistance falls below 1 % of the normal one.
    zero_noise
        Where the resistance falls below three sigma.
    zero_tangent
        Where the tangent at the foot of the transition meets zero.
    midpoint
        Where half of the drop is done.
    width
        From 10 to 90 % of the drop.
    steepest
        Where dR/dT is largest.
    drop
        Fraction of the normal resistance that is gone at the lowest temperatures.
    normal
        Where the normal state was fitted, and its coefficients.
    sigma
        Scatter of the points about the smooth curve in ohm.
    """

    onset_tangent: Answer
    onset_fraction: Answer
    onset_departure: Answer
    zero_fraction: Answer
    zero_noise: Answer
    zero_tangent: Answer
    midpoint: Answer
    width: Answer
    steepest: Answer
    drop: Estimate
    normal: NormalState
    sigma: float


def resistive_transition(
    temperature: FloatArray,
    resistance: FloatArray,
    *,
    normal: tuple[float, float] | None = None,
    order: int = 2,
    levels: Levels | None = None,
    neighbours: int | None = None,
    seed: int = 0,
) -> Transition | NoResult:
    """Find a resistive transition and evaluate every definition of its temperature.

    Parameters
    ----------
    temperature
        In K, shape (n,), in any order.
    resistance
        In ohm, shape (n,).
    normal
        Temperatures between which the normal state is fitted; if omitted, the lowest window above
        the transition that a polynomial describes within the noise.
    order
        Of the polynomial of the normal state.
    levels
        Fractions and multiples of sigma that the definitions use.
    neighbours
        Points of each local polynomial; the fewest with which the slope is known if
        omitted.
    seed
        Of the copies; the same data and seed give the same errors.

    Returns
    -------
    Transition or NoResult
        No result where there are too few points, or no transition.
    """
    try:
        every = finite_pairs(temperature, resistance, LEAST_POINTS)
    except ValueError as problem:
        return NoResult(str(problem))
    near = _near(every, normal, neighbours)
    if isinstance(near, NoResult):
        return near
    t, r, curve = near.temperature, near.resistance, near.curve
    state = normal_state(t, r, Noise(near.sigma, float(t[near.steepest])), normal, order)
    if isinstance(state, NoResult):
        return state
    return _transition(t, r, _Found(curve, near.sigma, state), levels or Levels(), seed)


@dataclass(frozen=True, slots=True)
class _Near:
    """The points that matter to the transition, averaged, and the smooth curve through them."""

    temperature: FloatArray
    resistance: FloatArray
    curve: Smoother
    sigma: float
    steepest: int


def _near(
    every: tuple[FloatArray, FloatArray], window: tuple[float, float] | None, neighbours: int | None
) -> _Near | NoResult:
    """Leave out what is far above the transition, until the points near it decide.

    In a sweep to room temperature the averages of neighbouring points would else be as wide as
    the transition.
    """
    t, r = every
    while True:
        near = _steepest(*thinned(t, r), neighbours)
        if isinstance(near, NoResult):
            return near
        highest = FAR * float(near.temperature[near.steepest])
        inside = t <= max(highest, 0.0 if window is None else window[1])
        if inside.all() or int(np.count_nonzero(inside)) < LEAST_POINTS:
            return near
        t, r = t[inside], r[inside]


def _steepest(t: FloatArray, r: FloatArray, neighbours: int | None) -> _Near | NoResult:
    """Find where the resistance falls fastest on cooling."""
    if len(t) < LEAST_POINTS:
        return NoResult(f"there are {len(t)} different temperatures; {LEAST_POINTS} are needed")
    curve = sharp_smoother(t, r) if neighbours is None else smoother(t, neighbours)
    sigma = max(robust_sigma(curve.residuals(r)), 1e-9 * float(np.max(np.abs(r))))
    slope = curve.derivative(r)
    steep = np.where(slope > SIGNIFICANT * sigma * curve.slope_error, slope, -np.inf)
    top = int(np.argmax(steep))
    if not np.isfinite(steep[top]):
        return NoResult("there is no transition: the resistance falls nowhere on cooling")
    return _Near(t, r, curve, sigma, top)


@dataclass(frozen=True, slots=True)
class _Found:
    curve: Smoother
    sigma: float
    state: NormalState


def _transition(
    t: FloatArray, r: FloatArray, found: _Found, levels: Levels, seed: int
) -> Transition | NoResult:
    curve, state = found.curve, found.state
    smooth = curve.smooth(r)
    scale = noise_scale(curve, r)
    noise = noisy_copies(smooth, scale, COPIES, np.random.default_rng(seed))
    every = np.vstack([r[None, :], noise])
    normal = (every @ state.operator.T) @ state.rows(t).T
    spread = np.hypot(found.sigma * curve.value_error, found.sigma * state.error(t))
    curves = Curves(
        temperature=t,
        smooth=curve.smooth(every),
        slope=curve.derivative(every),
        normal=normal,
        departure_error=spread,
        sigma=found.sigma,
        ceiling=state.window[0],
    )
    drop = _estimate(curves.drop, "1 - R/R_n at the lowest temperatures")
    problem = _no_drop(curves, drop)
    if problem is not None:
        return problem
    answers = {
        name: _answer(name, values, definition.format(levels=levels), curves)
        for (name, definition), values in zip(
            DEFINITIONS.items(), evaluate(curves, levels), strict=True
        )
    }
    return Transition(**answers, drop=drop, normal=state, sigma=found.sigma)


def _no_drop(curves: Curves, drop: Estimate) -> NoResult | None:
    if drop.value <= 0.0 or drop.significance < SIGNIFICANT:
        return NoResult(
            f"there is no transition: the resistance is {drop.value:.2g} +- {drop.error:.2g} of the"
            " normal one below it"
        )
    steepest = curves.steepest[0]
    background = np.gradient(curves.normal[0], curves.temperature)[steepest]
    if curves.slope[0, steepest] < STEEPER * abs(background):
        return NoResult("there is no transition: the resistance falls as the normal state does")
    return None


def _estimate(values: FloatArray, definition: str) -> Estimate:
    """Return the value of the data and the scatter of the copies."""
    copies = values[1:][np.isfinite(values[1:])]
    value, spread = float(values[0]), float(np.std(copies, ddof=1))
    # smoothing the smooth curve once more moves the answer about as far as smoothing the points
    # did; of that, what the noise of the points does not explain is taken back
    moved = float(np.mean(copies)) - value
    bias = moved * max(0.0, 1.0 - (spread / moved) ** 2) if moved else 0.0
    return Estimate(value - bias, math.hypot(spread, bias), definition)


def _answer(name: str, values: FloatArray, definition: str, curves: Curves) -> Answer:
    """Refuse what the data, or a tenth of their copies, do not answer."""
    if not np.isfinite(values[0]):
        return NoResult(missing(name, curves))
    if np.count_nonzero(~np.isfinite(values[1:])) > COPIES // 10:
        return NoResult(f"with another noise there would be none: {missing(name, curves)}")
    return _estimate(values, definition)
