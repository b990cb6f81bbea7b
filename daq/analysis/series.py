"""Fits of a series, such as spectra at many temperatures: with warm starts, or all at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import fit
from daq.analysis.result import FloatArray, NoResult


def fit_series(
    problems: Sequence[Problem | NoResult], start: Mapping[str, float] | None = None
) -> list[Fit | NoResult]:
    """Fit one after the other, each from the last result.

    Parameters
    ----------
    problems
        In an order in which neighbours are alike; one without data passes its reason on.
    start
        First guesses for the first.

    Returns
    -------
    list of Fit or NoResult
        One per problem.
    """
    answers: list[Fit | NoResult] = []
    guess = dict(start or {})
    for problem in problems:
        if isinstance(problem, NoResult):
            answers.append(problem)
            continue
        answer = fit(problem.starting(guess))
        answers.append(answer)
        if isinstance(answer, Fit):
            guess = answer.values
    return answers


@dataclass(frozen=True, slots=True)
class _Part:
    """One problem inside a joint one: where its parameters and points are."""

    problem: Problem
    places: list[int]
    rows: slice


def joint(problems: Sequence[Problem], shared: Iterable[str]) -> Problem:
    """Return the problem of fitting several data sets at once with shared parameters.

    Parameters
    ----------
    problems
        All with errors of the points, or all without; then their scatter is taken to be one and
        the same.
    shared
        Names of parameters that have one value for all; the others are called ``name[0]``,
        ``name[1]``, ... by the place of their problem.

    Returns
    -------
    Problem
        For `fit`; x and y are those of the problems one after the other.

    Raises
    ------
    ValueError
        There are no problems, some have errors and some have none, or none has a shared parameter.
    """
    if not problems:
        raise ValueError("there is nothing to fit: give one problem or more")
    if len({problem.sigma is None for problem in problems}) > 1:
        raise ValueError("some data have errors and some have none: give all, or none")
    shared = frozenset(shared)
    strangers = sorted(shared.difference(*(problem.names for problem in problems)))
    if strangers:
        raise ValueError(f"no model has a parameter {', '.join(strangers)}")
    parameters, parts = _assembled(problems, shared)

    def evaluate(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        curves = np.empty(parts[-1].rows.stop)
        slopes = np.zeros((len(curves), len(values)))
        for part in parts:
            curves[part.rows], slopes[part.rows, part.places] = part.problem.evaluate(
                values[part.places]
            )
        return curves, slopes

    sigma = [problem.sigma for problem in problems if problem.sigma is not None]
    return Problem(
        f"{len(problems)} x {problems[0].model}",
        tuple(parameters.values()),
        np.concatenate([problem.x for problem in problems]),
        np.concatenate([problem.y for problem in problems]),
        np.concatenate(sigma) if sigma else None,
        evaluate,
    )


def _assembled(
    problems: Sequence[Problem], shared: frozenset[str]
) -> tuple[dict[str, Parameter], list[_Part]]:
    """Return all parameters by their new names, and where each problem finds its own."""
    parameters: dict[str, Parameter] = {}
    parts: list[_Part] = []
    first = 0
    for index, problem in enumerate(problems):
        names = [name if name in shared else f"{name}[{index}]" for name in problem.names]
        for name, parameter in zip(names, problem.parameters, strict=True):
            own = replace(parameter, name=name)
            parameters[name] = _narrower(parameters[name], own) if name in parameters else own
        order = list(parameters)
        rows = slice(first, first + len(problem.y))
        parts.append(_Part(problem, [order.index(name) for name in names], rows))
        first = rows.stop
    return parameters, parts


def _narrower(one: Parameter, other: Parameter) -> Parameter:
    """Return the first with bounds that both allow."""
    kept = replace(one, low=max(one.low, other.low), high=min(one.high, other.high))
    return replace(kept, start=kept.bounded(kept.start))
