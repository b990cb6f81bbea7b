"""Fit a theory of the gap to a conductance spectrum that was taken at a voltage bias.

G(V) = G_N (1 + slope V + curvature V^2) g(V - offset), g the theory at the temperature of the
sample, averaged with the kernel of the lock-in at its amplitude. For dV/dI at a current bias the
kernel acts on another curve: `daq.analysis.contact_fit`.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit, fit
from daq.analysis.flatness import flat
from daq.analysis.gap_judgement import needed, with_a_gap
from daq.analysis.result import FloatArray, NoResult, finite_pairs
from daq.analysis.shape import Conditions, Shape
from daq.analysis.shapes import SHAPES

LEAST_POINTS = 15
_TRIED = 41  # points of the spectrum that first guesses are tried on
_MANY = 2  # extra parameters of a theory that takes long
_THINNED = 3  # of so many points one is fitted first where the theory takes long
_GAPS = tuple(np.geomspace(0.04, 0.7, 12).tolist())  # of the reach
_BROADENINGS = (0.03, 0.3)  # of the gap


@dataclass(frozen=True, slots=True)
class SpectrumModel:
    """What is fitted to a spectrum.

    Parameters
    ----------
    shape
        Name of the theory, one of `SHAPES`.
    conditions
        Temperature and modulation.
    curvature
        Whether the normal conductance may be bent, not sloped only.
    offset
        Whether zero bias may be elsewhere than at zero.
    """

    shape: str
    conditions: Conditions
    curvature: bool = False
    offset: bool = False

    @property
    def theory(self) -> Shape:
        """Return the theory.

        Returns
        -------
        Shape
            Of that name.

        Raises
        ------
        ValueError
            There is none of that name.
        """
        if self.shape not in SHAPES:
            raise ValueError(f"there is no model {self.shape!r}; choose of {', '.join(SHAPES)}")
        return SHAPES[self.shape]


def spectrum_problem(
    voltage: FloatArray,
    conductance: FloatArray,
    model: SpectrumModel,
    error: FloatArray | None = None,
) -> Problem | NoResult:
    """Return what is fitted to a spectrum, for joint fits and intervals.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,); points that are not finite are left out.
    conductance
        dI/dV in any unit, shape (n,).
    model
        Theory and conditions.
    error
        One sigma of the conductance, shape (n,), or omitted.

    Returns
    -------
    Problem or NoResult
        No result where there are too few points, or on one side of zero bias only.
    """
    try:
        conductance = known(conductance, error)
        v, g = finite_pairs(voltage, conductance, LEAST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    sigma = None if error is None else beside(voltage, conductance, error)
    reach = float(np.max(np.abs(v)))
    if not (np.ptp(v) > 0 and min(-v[0], v[-1]) > 0.3 * reach):
        return NoResult("the spectrum does not reach both sides of zero bias")
    theory = model.theory
    inner = theory.parameters(reach, model.conditions)
    parameters = (*inner, *background(v, g, curvature=model.curvature), _offset(reach, model))

    def evaluate(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        *_, level, slope, bend, shift = values
        at = v - shift
        value, slopes = theory.evaluate(at, values[: len(inner)], model.conditions)
        rise = 1 + slope * v + bend * v * v
        by_shift = np.zeros_like(v)
        if model.offset:
            step = 1e-4 * reach
            ends = (theory.curve(at + s, values, model.conditions) for s in (-step, step))
            by_shift = (next(ends) - next(ends)) / (2 * step)
        columns = (rise * value, level * v * value, level * v * v * value, level * rise * by_shift)
        scaled = np.asarray(level * rise)[:, None] * slopes
        return level * rise * value, np.concatenate((scaled, np.stack(columns, axis=1)), axis=1)

    return Problem(model.shape, parameters, v, g, sigma, evaluate)


def known(y: FloatArray, error: FloatArray | None) -> FloatArray:
    """Return y, not a number where its error is none."""
    values = np.asarray(y, dtype=np.float64)
    if error is None:
        return values
    return np.where(np.isfinite(error) & (np.asarray(error) > 0.0), values, np.nan)


def beside(x: FloatArray, y: FloatArray, error: FloatArray) -> FloatArray:
    """Return the errors of the finite pairs of x and y, in the order of rising x."""
    return finite_pairs(x, np.where(np.isfinite(y), error, np.nan), 1)[1]


def background(v: FloatArray, g: FloatArray, *, curvature: bool) -> tuple[Parameter, ...]:
    """Return level, slope and curvature of the normal conductance, from the outer quarter.

    Parameters
    ----------
    v
        Bias in V, rising, shape (n,).
    g
        Conductance, shape (n,).
    curvature
        Whether it may vary.

    Returns
    -------
    tuple of Parameter
        The level in the unit of the conductance, the others relative to it.
    """
    reach = float(np.max(np.abs(v)))
    level = float(np.median(np.abs(g[np.abs(v) > 0.75 * reach])))
    level = level if level > 0 else 1.0
    return (
        Parameter("scale", "S", "normal conductance at zero bias", level, scale=level),
        Parameter("slope", "1/V", "of the normal conductance, relative", 0.0, scale=0.1 / reach),
        Parameter(
            "curvature",
            "1/V^2",
            "of the normal conductance, relative",
            0.0,
            scale=0.1 / reach**2,
            vary=curvature,
        ),
    )


def _offset(reach: float, model: SpectrumModel) -> Parameter:
    return Parameter(
        "offset",
        "V",
        "voltage at which the bias is zero",
        0.0,
        -0.2 * reach,
        0.2 * reach,
        scale=1e-2 * reach,
        vary=model.offset,
    )


def fit_spectrum(
    voltage: FloatArray,
    conductance: FloatArray,
    model: SpectrumModel,
    error: FloatArray | None = None,
    start: dict[str, float] | None = None,
) -> Fit | NoResult:
    """Fit a theory of the gap to a spectrum at a voltage bias.

    Parameters
    ----------
    voltage
        Bias in V, shape (n,); points that are not finite are left out.
    conductance
        dI/dV in any unit, shape (n,).
    model
        Theory and conditions.
    error
        One sigma of the conductance, shape (n,); if omitted, the scatter is the error.
    start
        First guesses by name, such as the values of a neighbour; looked for if omitted.

    Returns
    -------
    Fit or NoResult
        No result where the spectrum is flat, too short, or does not determine a gap.
    """
    problem = spectrum_problem(voltage, conductance, model, error)
    if isinstance(problem, NoResult):
        return problem
    if not start and (none := flat(problem, problem.x, model.theory, model.conditions)) is not None:
        return none
    found = fit(problem.starting(start)) if start else _looked_for(problem, model)
    return needed(
        found if isinstance(found, NoResult) else with_a_gap(found),
        model.theory,
        lambda shape: fit_spectrum(voltage, conductance, replace(model, shape=shape), error),
    )


def _looked_for(problem: Problem, model: SpectrumModel) -> Fit | NoResult:
    """Fit from the best guesses; where the theory takes long, to every third point first."""
    starts = guesses(problem, model)
    if len(model.theory.extras) < _MANY or len(problem.x) < _THINNED * _TRIED:
        return best_fit(problem, starts)
    x, y = problem.x[::_THINNED], problem.y[::_THINNED]
    thin = spectrum_problem(
        x, y, model, None if problem.sigma is None else problem.sigma[::_THINNED]
    )
    found = thin if isinstance(thin, NoResult) else best_fit(thin, starts)
    if isinstance(found, NoResult):
        return best_fit(problem, starts)
    held = {name: found[name].value for name in found.at_bounds}
    inside = {name: value for name, value in found.values.items() if name not in held}
    return fit(problem.starting(starts[0] | inside), held)


def guesses(problem: Problem, model: SpectrumModel, count: int = 2) -> list[dict[str, float]]:
    """Return the best first guesses on a grid; level and slope follow by a linear fit.

    Parameters
    ----------
    problem
        Conductance against voltage.
    model
        Theory and conditions.
    count
        How many, of different gap or extra parameters.

    Returns
    -------
    list of dict
        By name, the best first.
    """
    theory = model.theory
    step = -(-len(problem.x) // _TRIED)
    v, g = problem.x[::step], problem.y[::step]
    reach = float(np.max(np.abs(v)))
    keys = tuple(theory.guesses)
    tried: list[tuple[float, dict[str, float]]] = []
    for share, relative, *extra in product(_GAPS, _BROADENINGS, *theory.guesses.values()):
        gap = share * reach
        broadening = max(relative * gap, problem.parameters[1].low)
        shape = theory.curve(v, np.array([gap, broadening, *extra]), model.conditions)
        design = np.stack((shape, shape * v / reach), axis=1)
        best = np.linalg.lstsq(design, g, rcond=None)[0]
        left = g - design @ best
        guess = {"gap": gap, "broadening": broadening, **dict(zip(keys, extra, strict=True))}
        if best[0] > 0:
            level = float(best[0])
            guess |= {"scale": level, "slope": float(best[1]) / level / reach}
            tried.append((float(left @ left), guess))
    tried.sort(key=lambda entry: entry[0])
    return [guess for _, guess in tried[:count]]
