"""Where a signal vanishes with field or temperature, such as the height of a peak at zero bias.

signal(x) = size (1 - (x / x_c)^p)^q below x_c and zero above; p is given, q is fitted. Points above
x_c count: they say that nothing is left.
"""

from dataclasses import dataclass

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit
from daq.analysis.result import Estimate, FloatArray, NoResult

LEAST_POINTS = 5
SIGNIFICANT = 3.0


@dataclass(frozen=True, slots=True)
class Vanishing:
    """Where a signal is gone.

    Parameters
    ----------
    point
        x_c in the unit of x.
    exponent
        q of the approach to it; given where it was held.
    fit
        The fit itself.
    """

    point: Estimate
    exponent: Estimate
    fit: Fit


def vanishing_point(
    x: FloatArray,
    signal: FloatArray,
    error: FloatArray,
    *,
    power: float = 1.0,
    exponent: float | None = None,
) -> Vanishing | NoResult:
    """Fit where a signal vanishes.

    Parameters
    ----------
    x
        Field in T or temperature in K, shape (n,).
    signal
        In any unit, zero in the normal state, shape (n,).
    error
        One sigma of each, shape (n,).
    power
        p: 1 for a field, 2 for a temperature.
    exponent
        q, if it is known; else it is fitted between 0.2 and 4.

    Returns
    -------
    Vanishing or NoResult
        No result with fewer than five significant points, or where the signal does not vanish
        within the data and their doubled range.
    """
    good = np.isfinite(x) & np.isfinite(signal) & np.isfinite(error) & (error > 0.0)
    at, y, sigma = (values[good] for values in (x, signal, error))
    seen = y > SIGNIFICANT * sigma
    if np.count_nonzero(seen) < LEAST_POINTS:
        return NoResult(
            f"the signal is significant at {np.count_nonzero(seen)} points; {LEAST_POINTS} are"
            " needed"
        )
    last, top = float(np.max(at[seen])), float(np.max(y))
    least = float(np.min(at))
    parameters = (
        Parameter("size", "", "signal at zero", top, 1e-3 * top, 1e3 * top, top, logarithmic=True),
        Parameter("point", "", "where the signal is gone", 1.1 * last, max(least, 1e-9), 3 * last),
        Parameter(
            "exponent",
            "",
            "q",
            1.0 if exponent is None else exponent,
            0.2,
            4.0,
            vary=exponent is None,
        ),
    )

    def curve(p: FloatArray) -> FloatArray:
        left = np.maximum(1.0 - (at / p[1]) ** power, 0.0)
        return np.asarray(p[0] * np.where(left > 0.0, left, 1.0) ** p[2] * (left > 0.0))

    problem = Problem.of_curve("vanishing signal", parameters, (at, y, sigma), curve)
    starts = [
        {"point": factor * last, "exponent": q}
        for factor in (1.01, 1.1, 1.3)
        for q in ((0.5, 1.0, 2.0) if exponent is None else (exponent,))
    ]
    found = best_fit(problem, starts)
    if isinstance(found, NoResult):
        return found
    point = found["point"]
    if point.state != "fitted" or point.significance < SIGNIFICANT or point.value > 2 * max(at):
        return NoResult("the signal does not vanish within the data: measure further")
    return Vanishing(point, found["exponent"], found)
