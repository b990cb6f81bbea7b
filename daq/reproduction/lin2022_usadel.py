"""Figure 4d of Lin et al.: what a one-dimensional dirty metal would do beside the edge.

Two superconductors of equal metal meet at x = 0: lead for x < 0, the alloy for x > 0, which differ
in their coupling alone. Usadel's equation at the Matsubara frequencies w_n, in units of the gap of
lead and of xi = sqrt(hbar D / gap of lead), the length of `daq.physics.usadel`:

    theta'' / 2 = w_n sin(theta) - gap(x) cos(theta)
    gap(x) = coupling(x) 2 pi k T sum sin(theta_n)
    r theta' = sin(theta_right - theta_left) at x = 0 (Kupriyanov and Lukichev 1988)

r is the resistance of the interface over that of one coherence length. The gap of a fit is taken
for gap(x). The sum ends at the Debye energy of lead (assumed: 9 meV); k T is small (0.1).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_banded

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit
from daq.analysis.line_profile import Decay
from daq.analysis.result import Estimate, FloatArray, NoResult
from instruments.errors import ColdpointError

CUTOFF = 6.7
"""Debye energy over the gap of lead (assumed)."""
THERMAL = 0.1
"""k T over the gap of lead: far below both critical temperatures."""
REACH, NODES, GRADING = 12.0, 70, 5.0
"""Of one side: its length in xi, its points, and by how much they crowd at the interface."""
ROUNDS, SETTLED = 400, 1e-7
NANOMETRE = 1e-9


@dataclass(frozen=True, slots=True)
class Profile:
    """The best one-dimensional profile.

    Parameters
    ----------
    coherence_length
        xi in m; the only length that is free.
    jump
        Of the gap at the interface in eV.
    fit
        Over the distance behind the edge in m.
    curve
        Positions relative to the edge in m and gaps in eV, shape (n,) each.
    """

    coherence_length: Estimate
    jump: float
    fit: Fit
    curve: tuple[FloatArray, FloatArray]


def one_dimensional(measured: Decay, resistance: float) -> Profile | NoResult:
    """Fit the self-consistent profile to the gaps behind an edge, with xi and the far gap free.

    Parameters
    ----------
    measured
        The gaps; their values far from the edge on both sides set the couplings.
    resistance
        r of the interface, above zero.

    Returns
    -------
    Profile or NoResult
        No result without gaps before the edge.
    """
    lead = measured.other_side
    if isinstance(lead, NoResult):
        return lead
    x, gap = gap_profile(measured.far.value / lead.value, resistance)
    behind = slice(NODES, None)
    shape = gap[behind] / gap[-1]
    parameters = (
        Parameter("length", "m", "xi", NANOMETRE, 1e-11, 1e-7, NANOMETRE, logarithmic=True),
        Parameter("far", "eV", "gap far from the edge", measured.far.value, scale=1e-3),
    )
    data = (measured.fit.x, measured.fit.y, measured.fit.sigma)
    problem = Problem.of_curve(
        "one-dimensional Usadel",
        parameters,
        data,
        lambda p: p[1] * np.interp(data[0] / p[0], x[behind], shape),
    )
    found = best_fit(problem, [{"length": NANOMETRE * start} for start in (0.5, 2.0, 8.0)])
    if isinstance(found, NoResult):
        return found
    xi = found["length"].value
    inside = np.abs(x) * xi < 1.05 * float(np.max(data[0]))
    jump = lead.value * float(gap[NODES - 1] - gap[NODES])
    return Profile(found["length"], jump, found, (xi * x[inside], lead.value * gap[inside]))


def gap_profile(ratio: float, resistance: float) -> tuple[FloatArray, FloatArray]:
    """Return the self-consistent gap across the interface of two superconductors.

    Parameters
    ----------
    ratio
        Gap of the right one over that of the left one, far from the interface.
    resistance
        r of the interface, above zero.

    Returns
    -------
    tuple of array
        Positions in xi, rising, and gaps over that of the left one; shape (2 n,), the interface
        between its points n - 1 and n.

    Raises
    ------
    ColdpointError
        It does not settle.
    """
    count = max(4, round(CUTOFF / (2.0 * np.pi * THERMAL)))
    order = np.arange(count, dtype=np.float64)[:, None]
    frequency: FloatArray = np.asarray(np.pi * THERMAL * (2.0 * order + 1.0), dtype=np.float64)
    side = REACH * np.sinh(GRADING * np.linspace(0.0, 1.0, NODES)) / np.sinh(GRADING)
    x = np.concatenate((-side[::-1], side))
    bulk = np.where(np.arange(2 * NODES) < NODES, 1.0, ratio)
    inverse = np.sum(1.0 / np.sqrt(frequency**2 + bulk**2), axis=0)  # of the coupling
    gap = bulk.copy()
    theta = np.arctan(gap / frequency)
    for _ in range(ROUNDS):
        theta = theta - _step(x, theta, gap, frequency, resistance)
        new = np.sum(np.sin(theta), axis=0) / inverse
        change = float(np.max(np.abs(new - gap)))
        gap = new
        if change < SETTLED:
            return x, gap
    raise ColdpointError(f"Usadel: the gap still changes by {change:.1g}; allow more rounds")


def _step(
    x: FloatArray, theta: FloatArray, gap: FloatArray, frequency: FloatArray, resistance: float
) -> FloatArray:
    """Return by how much Newton's method corrects theta, shape (frequencies, 2 n)."""
    middle = NODES - 1
    spacing = np.diff(x)
    difference = np.diff(theta, axis=1)
    conducted = 1.0 / np.where(spacing > 0.0, spacing, 1.0)
    flux, rate = difference * conducted, np.broadcast_to(conducted, difference.shape).copy()
    flux[:, middle] = np.sin(difference[:, middle]) / resistance
    rate[:, middle] = np.cos(difference[:, middle]) / resistance
    closed = np.zeros((len(theta), 1))
    cell = 0.5 * (np.concatenate(([0.0], spacing)) + np.concatenate((spacing, [0.0])))
    source = frequency * np.sin(theta) - gap * np.cos(theta)
    slope = frequency * np.cos(theta) + gap * np.sin(theta)
    left, right = np.hstack((closed, flux)), np.hstack((flux, closed))
    residual = 0.5 * (right - left) - cell * source
    low, high = np.hstack((closed, rate)), np.hstack((rate, closed))
    inner = np.hstack((0.5 * rate, closed)).ravel()  # nothing couples two frequencies
    bands = np.zeros((3, theta.size))
    bands[0, 1:] = inner[:-1]
    bands[1] = (-0.5 * (low + high) - cell * slope).ravel()
    bands[2] = inner
    correction = solve_banded((1, 1), bands, residual.ravel())
    return np.asarray(correction, dtype=np.float64).reshape(theta.shape)
