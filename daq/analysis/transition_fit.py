"""Transition and normal state of a film in one fit: onset and zero without a window.

Where the resistance has a hump and fluctuations reach far up, no window above the transition is
flat, and a normal state that is fitted there and extrapolated is wrong. Here the transition of
Halperin and Nelson multiplies a normal state, and both are fitted to the whole curve. The
transition is written in its onset (90 % of the normal state) and zero (1 %), so that their errors
are those of the fit. The normal state is the one that the criterion of Schwarz prefers: a hump, or
a polynomial.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit, fit
from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs
from daq.analysis.smoothing import noise_scale, robust_sigma, sharp_smoother, thinned
from daq.physics.transition import halperin_nelson, hump, sheet_transition

LEAST_POINTS = 30
MOST_POINTS = 1000
"""Neighbouring points are averaged until a curve has no more than this many."""
ONSET, ZERO = 0.9, 0.01
SIGNIFICANT = 5.0
CLEAR = 10.0
"""By how much the criterion of Schwarz must prefer a transition to none."""
NEARLY = 0.12
"""Of the normal resistance: less at the coldest points is nearly zero if it still falls."""
STEEP = 3.0
"""Power of the temperature with which it must fall there at least."""
MISFIT = 0.02
"""Largest rms of the residuals over the normal resistance, unless noise explains it."""
_SHARE = (-4.0, 6.7)
"""Bounds of ln[(onset - zero) / (zero - T_BKT)]; above ln 890 there is no such transition."""


@dataclass(frozen=True, slots=True)
class FilmTransition:
    """The transition of a film, by the joint fit.

    Parameters
    ----------
    onset
        In K, 90 % of the fitted normal state.
    zero
        In K, 1 % of the fitted normal state.
    midpoint
        In K, half of the fitted normal state.
    sheet
        T_BKT in K.
    hump
        Temperature of the maximum of the normal state in K.
    normal
        Name of the normal state.
    fit
        The fit itself, over the temperature.
    """

    onset: Estimate
    zero: Estimate
    midpoint: Estimate
    sheet: Estimate
    hump: Estimate | NoResult
    normal: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class _Normal:
    """A form of the normal state: its first parameter is the size in ohm."""

    name: str
    parameters: tuple[Parameter, ...]
    curve: Callable[[FloatArray, FloatArray], FloatArray]


def film_transition(temperature: FloatArray, resistance: FloatArray) -> FilmTransition | NoResult:
    """Fit the transition of a film together with its normal state.

    Parameters
    ----------
    temperature
        In K, shape (n,), in any order, from below the zero to well above the onset.
    resistance
        In ohm, shape (n,).

    Returns
    -------
    FilmTransition or NoResult
        No result where there are too few points, no transition, no zero resistance, or a curve
        that this form does not describe.
    """
    try:
        t, r = thinned(*finite_pairs(temperature, resistance, LEAST_POINTS), MOST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    if len(t) < LEAST_POINTS or t[0] <= 0.0:
        return NoResult(f"there are {len(t)} temperatures above 0 K; {LEAST_POINTS} are needed")
    if float(np.median(r)) < 0.0:
        return NoResult(
            "the resistance is negative: the reference phase is turned by half a turn, as when it"
            " is set on a superconducting sample; set it in the normal state"
        )
    curve = sharp_smoother(t, r)
    smooth = curve.smooth(r)
    sigma = np.maximum(_beside(noise_scale(curve, r)), 1e-7 * float(np.max(np.abs(r))))
    start = _start(t, smooth, sigma)
    if isinstance(start, NoResult):
        return start
    found = [
        answer
        for normal in _normal_states(t, smooth, start[0])
        if isinstance(answer := _fitted(t, r, sigma, start, normal), tuple)
    ]
    if not found:
        return NoResult("no transition of Halperin and Nelson describes the curve")
    best, normal = min(found, key=lambda pair: pair[0].bic)
    refused_as = _unfit(best, normal, sigma)
    return refused_as if refused_as is not None else _answer(best, normal)


def _beside(sigma: FloatArray) -> FloatArray:
    """Return the largest error of every point and its two neighbours.

    Beside a bend the noise of the temperature carries a point over to the steeper side: the last
    one on the plateau below the zero would else be taken as exact, and decide where the zero is.
    """
    padded = np.pad(sigma, 1, mode="edge")
    return np.maximum(padded[1:-1], np.maximum(padded[:-2], padded[2:]))


def _start(t: FloatArray, smooth: FloatArray, sigma: FloatArray) -> tuple[float, float] | NoResult:
    """Return rough onset and zero in K."""
    top = float(np.max(smooth))
    floor = float(np.min(smooth[:5]))
    if top <= 0.0 or (floor > max(0.05 * top, 5.0 * float(sigma[0])) and not _falls(t, smooth)):
        return NoResult(
            f"the resistance at {t[0]:.3g} K is {floor:.3g} ohm, not zero: this fit is for a film"
            " that becomes superconducting"
        )
    steepest = int(np.argmax(np.gradient(smooth, t)))
    above = float(np.median(smooth[t > t[steepest]])) if steepest < len(t) - 5 else top
    high = np.flatnonzero((smooth > 0.85 * above) & (np.arange(len(t)) > steepest))
    low = np.flatnonzero(smooth < max(0.02 * above, 3.0 * float(sigma[0])))
    if not len(high):
        return NoResult("there is no transition from a normal state to zero resistance")
    zero = float(t[low[-1]]) if len(low) else float(t[0])  # it may lie a little below the data
    onset = float(t[high[0]])
    return (onset, zero) if zero < onset else NoResult("zero resistance is above the onset")


def _falls(t: FloatArray, smooth: FloatArray) -> bool:
    """Tell whether little resistance is left at the coldest points, and it still falls steeply."""
    few = slice(0, max(5, len(t) // 100))
    mean = float(np.mean(smooth[few]))
    slope = float(np.polyfit(t[few], smooth[few], 1)[0])
    return 0.0 < mean < NEARLY * float(np.max(smooth)) and slope * float(t[0]) > STEEP * mean


def _normal_states(t: FloatArray, smooth: FloatArray, onset: float) -> list[_Normal]:
    """Return the forms to try."""
    size = float(np.max(smooth))
    peak = float(t[int(np.argmax(smooth))])
    warm = float(t[-1])
    centre = 0.5 * (onset + warm)

    def polynomial(at: FloatArray, values: FloatArray) -> FloatArray:
        u = (at - centre) / (warm - onset)
        return np.asarray(values[0] * np.polyval([*values[:0:-1], 1.0], u))

    level = Parameter("normal", "ohm", "normal resistance", size, 1e-3 * size, 1e2 * size, size)
    terms = tuple(
        Parameter(f"bend {n}", "", f"power {n} of the normal state", 0.0, -5.0, 5.0) for n in (1, 2)
    )
    states = [
        _Normal("straight line", (level, terms[0]), polynomial),
        _Normal("parabola", (level, *terms), polynomial),
    ]
    if onset < peak:
        shape = (
            replace(level, definition="normal resistance at 0 K"),
            Parameter("height", "", "of the hump over the normal resistance", 0.5, 0.0, 50.0),
            Parameter("hump", "K", "maximum of the normal state", peak, onset, 5 * warm, peak),
        )
        states.append(_Normal("hump", shape, lambda at, p: np.asarray(hump(at, p[0], p[1], p[2]))))
    return states


def _fitted(
    t: FloatArray,
    r: FloatArray,
    sigma: FloatArray,
    start: tuple[float, float],
    normal: _Normal,
) -> tuple[Fit, _Normal] | NoResult:
    onset, zero = start
    width = max(onset - zero, 1e-3 * onset)
    share = Parameter("share", "", "ln[(onset - zero) / (zero - T_BKT)]", 1.0, *_SHARE)
    inner = (
        Parameter("zero", "K", "zero: 1 % of the fitted normal state", zero, 1e-2 * zero, t[-1]),
        Parameter(
            "width", "K", "onset less zero", width, 1e-4 * zero, t[-1], 0.1, logarithmic=True
        ),
        share,
    )
    parameters = (*inner, *normal.parameters)

    def curve(values: FloatArray) -> FloatArray:
        return np.asarray(reduced(t, values[:3]) * normal.curve(t, values[3:]))

    problem = Problem.of_curve(normal.name, parameters, (t, r, sigma), curve)
    starts = [
        {"share": value, "width": width * f} for value, f in ((0.0, 1.5), (1.0, 1.0), (2.5, 1.0))
    ]
    found = best_fit(problem, starts)
    if isinstance(found, NoResult):
        return found
    # the noise is known between points, its overall size from the scatter about the fit
    scaled = replace(problem, sigma=sigma * math.sqrt(found.reduced))
    again = fit(scaled.starting(found.values))
    if isinstance(again, NoResult):
        return again
    return replace(again, chi_square=found.chi_square), normal


def reduced(t: FloatArray, values: FloatArray) -> FloatArray:
    """Return R over the normal resistance for zero, width and share, shape (n,)."""
    zero, width, share = values.tolist()
    sheet = sheet_temperature(zero, width, share)
    found = sheet_transition(zero + width, zero, max(sheet, 1e-6 * zero))
    return np.asarray(halperin_nelson(t, found.temperature, found.stiffness, found.amplitude))


def sheet_temperature(zero: float, width: float, share: float) -> float:
    """Return T_BKT in K."""
    return zero - width * math.exp(-share)


def _unfit(best: Fit, normal: _Normal, sigma: FloatArray) -> NoResult | None:
    """Return why the best fit is no answer, or None."""
    level = float(np.max(best.curve))
    scatter = float(np.sqrt(np.mean(best.residuals**2)))
    if scatter > max(MISFIT * level, SIGNIFICANT * robust_sigma(sigma) + 2 * float(np.mean(sigma))):
        return NoResult(
            f"Halperin-Nelson with a {normal.name} leaves {scatter / level:.1%} of the normal"
            " resistance: this curve has another form"
        )
    onset = best.derived(lambda p: p["zero"] + p["width"], "")
    if onset.value > 0.95 * float(best.x[-1]):
        return NoResult("the normal state above the onset is not in the data")
    if best["width"].significance < 3.0:
        return NoResult("the width of the transition is not determined: take finer steps there")
    return None


def _answer(best: Fit, normal: _Normal) -> FilmTransition:
    top: Estimate | NoResult = NoResult(f"the normal state is a {normal.name}")
    if normal.name == "hump":
        top = best["hump"]
        if top.value > best.x[-1]:
            top = NoResult("the maximum of the normal state is above the data")
    coldest = float(best.x[0])
    beyond = "" if best["zero"].value > coldest else f", extrapolated below {coldest:.3g} K"
    return FilmTransition(
        best.derived(
            lambda p: p["zero"] + p["width"],
            f"onset in K: R = {ONSET:.0%} of the normal state of the joint fit",
        ),
        replace(
            best["zero"],
            definition=f"zero in K: R = {ZERO:.0%} of the normal state of the joint fit{beyond}",
        ),
        best.derived(
            lambda p: _halfway(p["zero"], p["width"], p["share"]),
            "midpoint in K: half of the normal state of the joint fit",
        ),
        best.derived(
            lambda p: sheet_temperature(p["zero"], p["width"], p["share"]),
            "T_BKT in K: Halperin-Nelson",
        ),
        top,
        normal.name,
        best,
    )


def _halfway(zero: float, width: float, share: float) -> float:
    """Return where the resistance is half of the normal one, in K."""
    found = sheet_transition(zero + width, zero, sheet_temperature(zero, width, share))
    x = math.asinh(found.amplitude / 2)
    return found.temperature * (1 + (found.stiffness / x) ** 2)
