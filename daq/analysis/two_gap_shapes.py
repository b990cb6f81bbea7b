"""Tunnelling into a superconductor with two gaps: the sum of two spectra of Dynes.

weight D(gap, broadening) + (1 - weight) D(gap ratio gap, second broadening), the second broadening
that of the first or one of its own. The larger gap comes first, so that the two cannot change
places. A fit of it must beat a single gap clearly, else one gap suffices: see
`daq.analysis.spectrum_fit`.
"""

from collections.abc import Mapping

import numpy as np

from daq.analysis.fit_problem import Parameter
from daq.analysis.result import FloatArray
from daq.analysis.shape import MEV, Conditions, Shape
from daq.physics.tunnelling import dynes_conductance, dynes_derivatives

RATIO, WEIGHT, SECOND = "gap ratio", "weight", "second broadening"
_SHARED = (
    Parameter(RATIO, "", "smaller gap over the larger one", 0.5, 0.02, 0.98),
    Parameter(WEIGHT, "", "share of the larger gap in the normal conductance", 0.5, 0.0, 1.0),
)
_OWN = Parameter(
    SECOND,
    "eV",
    "Gamma of Dynes of the smaller gap",
    5e-5,
    1e-8,
    1e-1,
    scale=MEV,
    logarithmic=True,
)
_GUESSES = {RATIO: (0.3, 0.6), WEIGHT: (0.3, 0.7)}


def second_gap(values: Mapping[str, float]) -> float:
    """Return the smaller gap in eV, from the parameters of a fit by name."""
    return values["gap"] * values[RATIO]


def _curve(v: FloatArray, p: FloatArray, second: float, c: Conditions) -> FloatArray:
    gap, broadening, ratio, weight = p[:4].tolist()
    large = dynes_conductance(v, gap, broadening, c.temperature, c.modulation)
    small = dynes_conductance(v, ratio * gap, second, c.temperature, c.modulation)
    return np.asarray(weight * large + (1.0 - weight) * small)


def _slopes(
    v: FloatArray, p: FloatArray, second: float, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return the shape, and its derivatives with the broadenings apart, that of the second last."""
    gap, broadening, ratio, weight = p[:4].tolist()
    large = dynes_derivatives(v, gap, broadening, c.temperature, c.modulation)
    small = dynes_derivatives(v, ratio * gap, second, c.temperature, c.modulation)
    rest = 1.0 - weight
    return weight * large.conductance + rest * small.conductance, (
        weight * large.gap + rest * ratio * small.gap,
        weight * large.broadening,
        rest * gap * small.gap,
        large.conductance - small.conductance,
        rest * small.broadening,
    )


def _shared(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return _curve(v, p, float(p[1]), c)


def _shared_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    curve, (gap, broadening, ratio, weight, second) = _slopes(v, p, float(p[1]), c)
    return curve, (gap, broadening + second, ratio, weight)


def _own(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return _curve(v, p, float(p[4]), c)


def _own_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    return _slopes(v, p, float(p[4]), c)


TWO_GAPS = (
    Shape(
        "two-gap",
        "two gaps with one broadening (Dynes)",
        _SHARED,
        _shared,
        _shared_slopes,
        _GUESSES,
        "the larger gap",
        simpler="dynes",
    ),
    Shape(
        "two-gap-own",
        "two gaps, each with a broadening of its own (Dynes)",
        (*_SHARED, _OWN),
        _own,
        _own_slopes,
        {**_GUESSES, SECOND: (3e-5, 2e-4)},
        "the larger gap",
        simpler="dynes",
    ),
)
"""One broadening for both gaps, and one for each."""
