"""Whether a fit of a spectrum is a result: the data must determine a gap, and need each of them."""

from collections.abc import Callable

import numpy as np

from daq.analysis.fit_result import Fit
from daq.analysis.result import Estimate, NoResult
from daq.analysis.shape import Shape

SIGNIFICANT = 3.0
"""Sigmas of its own error that a gap must have."""
PREFERRED = 10.0
"""By how much the criterion of Schwarz must fall from a simpler description: from a parabola to a
spectrum with a gap, from one gap to two."""
FLAT = "the spectrum is flat within its noise: a parabola without a gap does as well"
SHARP = 2.0
"""How far above its lower bound a broadening may stand and be there all the same."""


def needed(
    found: Fit | NoResult, theory: Shape, fitted: Callable[[str], Fit | NoResult]
) -> Fit | NoResult:
    """Return a fit that a simpler theory cannot replace, else that the simpler one suffices.

    Parameters
    ----------
    found
        Of the theory.
    theory
        Names the simpler one, if there is any.
    fitted
        Fits a theory by its name to the same data.

    Returns
    -------
    Fit or NoResult
        No result where the criterion of Schwarz does not fall clearly from the simpler theory, or
        place or weight of the second gap are not significant or end at a bound.
    """
    simple = fitted(theory.simpler) if theory.simpler else NoResult("there is none")
    if not isinstance(simple, Fit):
        return found
    if isinstance(found, NoResult):
        return NoResult(f"one gap suffices: {theory.simpler} fits, and for two {found.reason}")
    gain = simple.bic - found.bic
    doubt = _doubt(found, theory)
    if gain >= PREFERRED:
        return NoResult(f"two gaps are not determined: {doubt}") if doubt else found
    change = f"{'falls' if gain > 0.0 else 'rises'} by {abs(gain):.1f}"
    return NoResult(
        f"one gap suffices: with two the criterion of Schwarz {change};"
        f" a fall by {PREFERRED:g} is needed"
    )


def _doubt(found: Fit, theory: Shape) -> str:
    """Return why there may be no second gap; empty if there is one."""
    for extra in theory.extras:
        one = found[extra.name]
        ends = extra.name in found.at_bounds
        if extra.logarithmic:
            # a broadening at its lowest is a gap that is sharper than the resolution
            if ends and one.value > SHARP * extra.low:
                return f"{extra.name} ends at its bound"
        elif ends:
            return f"{extra.name} ends at its bound"
        elif one.significance < SIGNIFICANT:
            return f"{extra.name} is {one.value:.2g} +- {one.error:.2g}"
    return ""


def with_a_gap(found: Fit) -> Fit | NoResult:
    """Return a fit whose gap the data determine, else why it is none.

    Parameters
    ----------
    found
        Of a spectrum, with parameters `gap` and `scale`.

    Returns
    -------
    Fit or NoResult
        No result where the spectrum is as well described by a parabola without a gap, where it
        does not reach beyond the gap, or where the gap is not significant.
    """
    flat = _without_gap(found)
    if flat - found.bic < PREFERRED:
        return NoResult(FLAT)
    gap: Estimate = found["gap"]
    if "gap" in found.at_bounds:
        return NoResult(
            f"the gap ends at {1e3 * gap.value:.3g} meV, the bound of what the spectrum can show;"
            " measure to higher bias, or with a finer step"
        )
    if not found["scale"].value > 0:
        return NoResult("the normal conductance comes out below zero")
    if gap.significance < SIGNIFICANT:
        return NoResult(
            f"the gap is not determined: {1e3 * gap.value:.3g} +- {1e3 * gap.error:.2g} meV"
        )
    return found


def _without_gap(found: Fit) -> float:
    """Return the criterion of Schwarz of a parabola."""
    weight = 1.0 / found.sigma
    u = found.x / float(np.max(np.abs(found.x)))
    design = np.stack((np.ones_like(u), u, u * u), axis=1) * weight[:, None]
    y = found.y * weight
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    chi = float(left @ left)
    best = float(np.sum((found.residuals * weight) ** 2))
    if found.noise == "scatter about the fit":
        change = found.points * (np.log(max(chi, 1e-300)) - np.log(max(best, 1e-300)))
    else:
        change = chi - best
    return float(found.bic + change + (3 - len(found.names)) * np.log(found.points))
