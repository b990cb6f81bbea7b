"""Whether a spectrum has any structure of a gap: cheap, before a theory is fitted to it.

A gap counts only if the criterion of Schwarz falls clearly from a parabola to a spectrum with it
(`with_a_gap`). How far it can fall is told by templates: shapes of the theory on a grid of its
parameters, each with a free amplitude beside the parabola, one linear fit per shape. Where even the
best of them is far from enough, no fit of the theory is needed to say so.
"""

from itertools import product

import numpy as np

from daq.analysis.fit_problem import Problem
from daq.analysis.gap_judgement import FLAT, PREFERRED
from daq.analysis.result import FloatArray, NoResult
from daq.analysis.shape import Conditions, Shape

SHARE = 0.6
"""Of what is needed: the best template falls behind the best fit by less than this."""
GAPS = tuple(np.geomspace(0.04, 0.9, 24).tolist())
"""Of the reach."""
BROADENINGS = (0.03, 0.3)
"""Of the gap."""
OFFSETS = tuple(np.linspace(-0.2, 0.2, 17).tolist())
"""Of the reach: where zero bias may be."""
BEYOND = 1.25
"""Reach of the templates over that of the spectrum."""
NONE = 1e-12
"""Part of a template beside the parabola below which there is none."""


def flat(
    problem: Problem, voltage: FloatArray, theory: Shape, conditions: Conditions
) -> NoResult | None:
    """Return that a spectrum is flat where no fit of the theory could find a gap in it.

    Parameters
    ----------
    problem
        The fit that may be spared: conductance or dV/dI against the bias, with errors or without.
    voltage
        At its points in V, shape (n,).
    theory
        The shape that would be fitted.
    conditions
        Temperature, and modulation in V.

    Returns
    -------
    NoResult or None
        None where a fit must decide, or the theory has a simpler one that decides.
    """
    if theory.simpler or len(voltage) != len(problem.y):
        return None
    points = len(problem.y)
    fewest = sum(p.vary for p in problem.parameters) - 1 - len(theory.extras)
    needed = PREFERRED + max(0, fewest - 3) * np.log(points)
    offset = any(p.name == "offset" and p.vary for p in problem.parameters)
    chi, gain = _gain(problem, voltage, theory, conditions, OFFSETS if offset else (0.0,))
    if problem.sigma is None:
        gain = points * np.log(chi / (chi - gain)) if gain < chi else np.inf
    return NoResult(FLAT) if gain < SHARE * needed else None


def _gain(
    problem: Problem,
    voltage: FloatArray,
    theory: Shape,
    conditions: Conditions,
    offsets: tuple[float, ...],
) -> tuple[float, float]:
    """Return chi square of a parabola, and by how much the best template lowers it."""
    reach, u = float(np.max(np.abs(voltage))), problem.x / float(np.max(np.abs(problem.x)))
    weight = np.ones_like(u) if problem.sigma is None else 1.0 / problem.sigma
    parabola = np.linalg.qr(np.stack((np.ones_like(u), u, u * u), axis=1) * weight[:, None])[0]
    left = problem.y * weight
    left = left - parabola @ (parabola.T @ left)
    wide = np.linspace(-BEYOND * reach, BEYOND * reach, 2 * len(u) + 1)
    finest, best = theory.parameters(reach, conditions)[1].low, 0.0
    for share, relative, *extra in product(GAPS, BROADENINGS, *theory.guesses.values()):
        gap = share * reach
        values = np.array([gap, max(relative * gap, finest), *extra])
        curve = theory.curve(wide, values, conditions)
        moved = [np.interp(voltage - shift * reach, wide, curve) for shift in offsets]
        shapes = np.stack(moved, axis=1) * weight[:, None]
        shapes = shapes - parabola @ (parabola.T @ shapes)
        size = np.sum(shapes * shapes, axis=0)
        there = size > NONE * float(weight @ weight)
        if there.any():
            best = max(best, float(np.max((left @ shapes[:, there]) ** 2 / size[there])))
    return float(left @ left), best
