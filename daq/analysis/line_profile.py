"""The gap along a line across an interface: a step, then an exponential return.

gap(x) = gap_far + (gap_near - gap_far) exp(-(x - edge) / length) beyond the edge; before it the gap
of the other side, constant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit
from daq.analysis.result import Estimate, FloatArray, NoResult, known_points

LEAST_POINTS = 6
SIGNIFICANT = 3.0
NANOMETRE = 1e-9


@dataclass(frozen=True, slots=True)
class Decay:
    """How the gap returns behind an interface.

    Parameters
    ----------
    length
        L in m.
    near, far
        Gap at the edge and far from it, in eV.
    other_side
        Gap before the edge in eV: the mean of its points.
    step
        Jump of the gap at the edge in eV: other side less near.
    fit
        The fit beyond the edge.
    """

    length: Estimate
    near: Estimate
    far: Estimate
    other_side: Estimate | NoResult
    step: Estimate | NoResult
    fit: Fit


def decay(
    position: FloatArray, gap: FloatArray, error: FloatArray, edge: float = 0.0
) -> Decay | NoResult:
    """Fit the exponential return of the gap beyond an edge.

    Parameters
    ----------
    position
        Along the line in m, shape (n,).
    gap
        In eV, shape (n,); not finite where there was no result.
    error
        One sigma of each in eV, shape (n,).
    edge
        Position of the interface in m; the return is at larger positions.

    Returns
    -------
    Decay or NoResult
        No result where there are too few points, or no significant return with a length between
        the distance of two points and the line.
    """
    x, y, sigma = known_points(position - edge, gap, error)
    beyond = x >= -1e-6 * float(np.ptp(x)) if len(x) else np.zeros(0, dtype=bool)
    if np.count_nonzero(beyond) < LEAST_POINTS:
        return NoResult(
            f"there are {np.count_nonzero(beyond)} gaps beyond the edge; {LEAST_POINTS} are needed"
        )
    at, values, errors = x[beyond], y[beyond], sigma[beyond]
    line = float(np.max(at))
    closest = line / (4 * len(at))
    first, last = (float(np.mean(values[order])) for order in _ends(at))
    scale = max(abs(first), abs(last))
    if scale == 0.0:
        return NoResult("there is no gap along the line")
    parameters = (
        Parameter(
            "length",
            "m",
            "decay length L",
            0.2 * line,
            closest,
            3 * line,
            NANOMETRE,
            logarithmic=True,
        ),
        Parameter("near", "eV", "gap at the edge", first, scale=scale),
        Parameter("far", "eV", "gap far from the edge", last, scale=scale),
    )
    problem = Problem.of_curve(
        "exponential return",
        parameters,
        (at, values, errors),
        lambda p: p[2] + (p[1] - p[2]) * np.exp(-at / p[0]),
    )
    found = best_fit(problem, [{"length": share * line} for share in (0.05, 0.2, 0.6)])
    if isinstance(found, NoResult):
        return found
    found = found.widened
    height = found.derived(lambda p: p["near"] - p["far"], "change of the gap in eV")
    length = found["length"]
    if height.significance < SIGNIFICANT or length.state != "fitted":
        return NoResult("the gap does not return exponentially within the line")
    if length.significance < SIGNIFICANT:
        return NoResult(f"the length is not determined: {length.value:.2g} +- {length.error:.2g} m")
    other = _mean(y[~beyond], sigma[~beyond])
    return Decay(length, found["near"], found["far"], other, _step(other, found["near"]), found)


def _ends(x: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices of the first and the last points."""
    order = np.argsort(x)
    few = max(1, len(x) // 6)
    return order[:few], order[-few:]


def _mean(values: FloatArray, errors: FloatArray) -> Estimate | NoResult:
    if not len(values):
        return NoResult("there are no points before the edge")
    weight = 1.0 / errors**2
    mean = float(values @ weight / np.sum(weight))
    spread = float(np.sum(weight * (values - mean) ** 2)) / max(1, len(values) - 1)
    error = float(np.sqrt(max(1.0, spread) / np.sum(weight)))
    return Estimate(mean, error, "gap before the edge in eV: weighted mean")


def _step(other: Estimate | NoResult, near: Estimate) -> Estimate | NoResult:
    if isinstance(other, NoResult):
        return other
    error = float(np.hypot(other.error, near.error))
    return Estimate(other.value - near.value, error, "jump of the gap at the edge in eV")
