"""The gap against temperature: critical temperature, gap at zero temperature, and their ratio.

The curve is the weak-coupling one with its height free (as for a strong coupling in the simplest
way): gap(T) = gap_0 delta(T / Tc), delta from the gap equation.
"""

from dataclasses import dataclass

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit
from daq.analysis.result import Estimate, FloatArray, NoResult, known_points
from daq.physics.constants import BOLTZMANN
from daq.physics.gap import bcs_gap

LEAST_POINTS = 5
SIGNIFICANT = 3.0
COLDEST = 2.0
"""Tc over the temperature of the warmest gap, at most."""
_TRIED = (1.02, 1.15, 1.6)  # Tc over the warmest gap


@dataclass(frozen=True, slots=True)
class GapCurve:
    """What the gap against temperature says.

    Parameters
    ----------
    zero_gap
        In eV.
    critical_temperature
        In K.
    ratio
        2 gap / k Tc, its error with the correlation of the two.
    chi_square
        Reduced, of the points about the universal curve.
    fit
        The fit itself, over the temperature.
    """

    zero_gap: Estimate
    critical_temperature: Estimate
    ratio: Estimate
    chi_square: float
    fit: Fit


def gap_curve(temperature: FloatArray, gap: FloatArray, error: FloatArray) -> GapCurve | NoResult:
    """Fit the gap against temperature by the curve of weak coupling with a free height.

    Parameters
    ----------
    temperature
        In K, shape (n,).
    gap
        In eV, shape (n,); not finite where there was no result, zero where the gap is closed.
    error
        One sigma of each gap in eV, shape (n,).

    Returns
    -------
    GapCurve or NoResult
        No result with fewer than five gaps, or where they do not fall with temperature.
    """
    t, y, sigma = known_points(temperature, gap, error)
    open_gap = y > SIGNIFICANT * sigma
    if np.count_nonzero(open_gap) < LEAST_POINTS:
        return NoResult(
            f"there are {np.count_nonzero(open_gap)} significant gaps; {LEAST_POINTS} are needed"
        )
    warmest, largest = float(np.max(t[open_gap])), float(np.max(y))
    parameters = (
        Parameter(
            "zero_gap", "eV", "gap at zero temperature", largest, 0.2 * largest, 20 * largest, 1e-3
        ),
        Parameter("critical_temperature", "K", "Tc", 1.1 * warmest, 1e-3, 10 * warmest),
    )
    problem = Problem.of_curve(
        "weak-coupling gap",
        parameters,
        (t, y, sigma),
        lambda p: np.asarray(bcs_gap(t, p[1], p[0])),
    )
    starts = [{"critical_temperature": factor * warmest} for factor in _TRIED]
    found = best_fit(problem, starts)
    if isinstance(found, NoResult):
        return found
    found = found.widened
    tc = found["critical_temperature"]
    far = tc.value > COLDEST * warmest  # so far below Tc every gap is flat
    if far or tc.state != "fitted" or tc.significance < SIGNIFICANT:
        return NoResult("the gap does not close in these data: measure closer to Tc")
    ratio = found.derived(
        lambda p: 2 * p["zero_gap"] / (BOLTZMANN * p["critical_temperature"]),
        "2 gap / k Tc, gap at zero temperature",
    )
    return GapCurve(found["zero_gap"], tc, ratio, found.reduced, found)
