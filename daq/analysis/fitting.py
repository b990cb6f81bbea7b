"""Least squares with bounds and honest errors, on lmfit.

lmfit minimises, by MINPACK with the exact slopes of the model and bounds by transformation. The
covariance is the inverse of J^T J at the end. Given errors of the points are used as they are;
without them the scatter about the fit is the error. A parameter that ends at a bound is held there,
said to be there, and the others are fitted once more.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import lmfit  # type: ignore[import-untyped]  # comes without types
import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import GIVEN, SCATTER, Fit, FittedParameter
from daq.analysis.result import FloatArray, NoResult

SPARE = 3
"""Points more than parameters, so that the residuals tell the noise."""
_NEAR = 1e-3  # of the range, or of one in the number of the fit: this close is at the bound
_START = 0.02  # of the same: a first guess keeps this distance from a bound
_EVALUATIONS = 30  # per parameter, before a fit is given up
_AS_FAR_AS_ROUNDING = (6, 7, 8)  # of MINPACK: no further step changes anything
_ALIKE = 1e-13  # smallest eigenvalue of the scaled J^T J over its largest


def fit(problem: Problem, at_bounds: Mapping[str, float] | None = None) -> Fit | NoResult:
    """Fit a model by least squares.

    Parameters
    ----------
    problem
        Data and model; all numbers finite.
    at_bounds
        Parameters that are expected at a bound, and which: there the way by the transformation is
        long. They are left there only if chi square rises on the way back.

    Returns
    -------
    Fit or NoResult
        No result where there are too few points, the fit does not converge, or the data do not
        tell the parameters apart.

    Raises
    ------
    ValueError
        A number of the data is not finite, or an error is not above zero.
    """
    _check(problem)
    free = sum(parameter.vary for parameter in problem.parameters)
    if len(problem.y) < free + SPARE:
        return NoResult(f"there are {len(problem.y)} points for {free} parameters")
    if at_bounds:
        found = _fitted(problem.holding(at_bounds), list(at_bounds))
        if isinstance(found, Fit) and _stay(problem.starting(found.values), at_bounds):
            return found
    return _fitted(problem, [])


def _fitted(problem: Problem, bounds: list[str]) -> Fit | NoResult:
    for _ in range(len(problem.parameters) + 1):
        values = _minimised(problem)
        if isinstance(values, NoResult):
            return values
        held = {
            p.name: bound
            for p, value in zip(problem.parameters, values, strict=True)
            if p.vary and (bound := _bound_reached(p, value)) is not None
        }
        if not held:
            return _result(problem, values, bounds)
        bounds += held
        now = dict(zip(problem.names, values.tolist(), strict=True))
        problem = problem.starting(now).holding(held)
    return NoResult("every parameter ends at a bound")


def _stay(problem: Problem, at_bounds: Mapping[str, float]) -> bool:
    """Tell whether chi square rises from the bounds inwards."""
    left, slopes = _Cached(problem).at(problem.starts)
    vary = [p for p in problem.parameters if p.vary]
    inwards = {
        p.name: 1.0 if at_bounds[p.name] - p.low < p.high - at_bounds[p.name] else -1.0
        for p in vary
        if p.name in at_bounds
    }
    return all(
        float(left @ slopes[:, index]) * inwards.get(p.name, 0.0) >= 0.0
        for index, p in enumerate(vary)
    )


def best_fit(problem: Problem, starts: Sequence[dict[str, float]]) -> Fit | NoResult:
    """Fit from several first guesses and return the best.

    Parameters
    ----------
    problem
        Data and model.
    starts
        First guesses by name; those that are not named keep that of the problem.

    Returns
    -------
    Fit or NoResult
        The first reason where no guess leads to a result.
    """
    answers = [fit(problem.starting(start)) for start in starts or ({},)]
    found = [answer for answer in answers if isinstance(answer, Fit)]
    return min(found, key=lambda answer: answer.chi_square) if found else answers[0]


def _check(problem: Problem) -> None:
    if not (np.isfinite(problem.x).all() and np.isfinite(problem.y).all()):
        raise ValueError("a number of the data is not finite; leave it out")
    if problem.sigma is not None and not (
        np.isfinite(problem.sigma).all() and (problem.sigma > 0).all()
    ):
        raise ValueError("an error of a point is not above zero; give one for each, or none")


class _Cached:
    """The weighted residuals and slopes in the numbers of the fit; each place is evaluated once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._weight = 1.0 if problem.sigma is None else 1.0 / problem.sigma
        self._vary = np.array([p.vary for p in problem.parameters])
        self._key = b""
        self._last: tuple[FloatArray, FloatArray]

    def at(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        key = values.tobytes()
        if key != self._key:
            curve, slopes = self._problem.evaluate(values)
            rates = np.array(
                [p.rate(v) for p, v in zip(self._problem.parameters, values, strict=True)]
            )
            scaled = (slopes * rates)[:, self._vary]
            left = (curve - self._problem.y) * self._weight
            self._last = left, scaled * np.reshape(self._weight, (-1, 1))
            self._key = key
        return self._last


def _minimised(problem: Problem) -> FloatArray | NoResult:
    """Return the values of all parameters at the least chi square."""
    cached = _Cached(problem)
    if not any(parameter.vary for parameter in problem.parameters):
        return problem.starts
    numbers = _declared(problem)

    def values(current: Any) -> FloatArray:
        inside = [current[f"p{index}"].value for index in range(len(problem.parameters))]
        return np.array([p.outward(v) for p, v in zip(problem.parameters, inside, strict=True)])

    most = _EVALUATIONS * (1 + sum(p.vary for p in problem.parameters))
    minimiser = lmfit.Minimizer(
        lambda current: cached.at(values(current))[0], numbers, max_nfev=most
    )
    try:
        found = minimiser.minimize(
            "leastsq", Dfun=lambda current: cached.at(values(current))[1].T, col_deriv=1
        )
    except (ValueError, FloatingPointError, OverflowError) as problem_met:
        return NoResult(f"the model fails on the way: {problem_met}")
    reached = values(found.params)
    if found.success or found.ier in _AS_FAR_AS_ROUNDING:
        return reached
    creeping = any(
        p.vary and _bound_reached(p, value) is not None
        for p, value in zip(problem.parameters, reached, strict=True)
    )
    if found.aborted and creeping:  # it is at the bound but for ever smaller steps
        return reached
    said = f"not in {most} evaluations" if found.aborted else str(found.message)
    return NoResult(f"the fit does not converge: {said.rstrip('.')}")


def _declared(problem: Problem) -> Any:
    numbers = lmfit.Parameters()
    for index, parameter in enumerate(problem.parameters):
        low, high = _inner_bounds(parameter)
        start = parameter.inward(parameter.start)
        if parameter.vary:  # at a bound itself the transformation has no slope
            inside = _START * min(1.0, high - low)
            start = min(max(start, low + inside), high - inside)
        numbers.add(f"p{index}", start, vary=parameter.vary, min=low, max=high)
    return numbers


def _inner_bounds(parameter: Parameter) -> tuple[float, float]:
    """Return the bounds of the number of the fit."""
    if not parameter.vary:
        return -np.inf, np.inf
    if parameter.logarithmic:
        return parameter.inward(parameter.low), parameter.inward(parameter.high)
    return parameter.low / parameter.scale, parameter.high / parameter.scale


def _bound_reached(parameter: Parameter, value: float) -> float | None:
    low, high = _inner_bounds(parameter)
    near = _NEAR * min(1.0, high - low)
    number = parameter.inward(value)
    if number - low < near:
        return parameter.low
    return parameter.high if high - number < near else None


def _result(problem: Problem, values: FloatArray, bounds: list[str]) -> Fit | NoResult:
    left, slopes = _Cached(problem).at(values)
    chi_square = float(left @ left)
    vary = [p for p in problem.parameters if p.vary]
    inverse = _inverse(slopes)
    if inverse is None:
        return NoResult(
            f"the data do not tell {', '.join(p.name for p in vary)} apart; hold one of them"
        )
    rates = np.array([p.rate(v) for p, v in zip(problem.parameters, values, strict=True) if p.vary])
    freedom = len(problem.y) - len(vary)
    scatter = 1.0 if problem.sigma is not None else chi_square / freedom
    covariance = scatter * inverse * np.outer(rates, rates)
    errors = dict(zip((p.name for p in vary), np.sqrt(np.diag(covariance)).tolist(), strict=True))
    parameters = {
        p.name: FittedParameter(
            float(value),
            errors.get(p.name, 0.0),
            p.definition,
            p.unit,
            "fitted" if p.vary else "at its bound" if p.name in bounds else "given",
        )
        for p, value in zip(problem.parameters, values, strict=True)
    }
    curve = problem.evaluate(values)[0]
    given = problem.sigma
    return Fit(
        problem.model,
        MappingProxyType(parameters),
        tuple(p.name for p in vary),
        covariance,
        chi_square,
        SCATTER if given is None else GIVEN,
        problem.x,
        problem.y,
        curve,
        np.full_like(problem.y, np.sqrt(scatter)) if given is None else given,
    )


def _inverse(slopes: FloatArray) -> FloatArray | None:
    """Return the inverse of J^T J, or None where columns are alike."""
    size = np.linalg.norm(slopes, axis=0)
    if not (np.isfinite(size).all() and (size > 0).all()):
        return None
    scaled = slopes / size
    square: FloatArray = np.asarray(scaled.T @ scaled, dtype=np.float64)
    if not len(size):
        return square
    eigenvalues = np.linalg.eigvalsh(square)
    if eigenvalues[0] < _ALIKE * eigenvalues[-1]:
        return None
    return np.asarray(np.linalg.inv(square) / np.outer(size, size))
