"""The theories of a conductance spectrum that a fit knows."""

from collections.abc import Mapping
from types import MappingProxyType

from daq.analysis.cosine_shapes import COSINE_GAPS, averaged
from daq.analysis.enhanced_shapes import enhanced
from daq.analysis.fit_problem import Parameter
from daq.analysis.result import FloatArray
from daq.analysis.shape import Conditions, Shape
from daq.analysis.two_gap_shapes import TWO_GAPS
from daq.physics.andreev import btk_conductance, btk_conductance_2d, btk_derivatives
from daq.physics.tunnelling import (
    anisotropic_conductance,
    d_wave_conductance,
    dynes_conductance,
    dynes_derivatives,
)

_BARRIER = Parameter(
    "barrier", "", "Z of Blonder, Tinkham and Klapwijk", 0.5, 0.01, 30.0, logarithmic=True
)


def _dynes(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return dynes_conductance(v, p[0], p[1], c.temperature, c.modulation)


def _dynes_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    found = dynes_derivatives(v, p[0], p[1], c.temperature, c.modulation)
    return found.conductance, (found.gap, found.broadening)


def _anisotropic(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return anisotropic_conductance(v, p[0], p[2], p[1], c.temperature, c.modulation)


def _d_wave(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return d_wave_conductance(v, p[0], p[1], c.temperature, c.modulation)


def _anisotropic_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    return averaged(COSINE_GAPS["anisotropic"](p).density(), v, c)


def _d_wave_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    return averaged(COSINE_GAPS["d-wave"](p).density(), v, c)


def _btk(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return btk_conductance(v, p[0], p[1], p[2], c.temperature, c.modulation)


def _btk_slopes(
    v: FloatArray, p: FloatArray, c: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    found = btk_derivatives(v, p[0], p[1], p[2], c.temperature, c.modulation)
    return found.conductance, (found.gap, found.broadening, found.barrier)


def _btk_2d(v: FloatArray, p: FloatArray, c: Conditions) -> FloatArray:
    return btk_conductance_2d(v, p[0], p[1], p[2], c.temperature, c.modulation)


_ANISOTROPY = Parameter("anisotropy", "", "a in gap (1 + a cos n theta)", 0.3, 0.0, 1.0)
_BASES = (
    Shape(
        "dynes",
        "one gap with a broadening (Dynes)",
        (),
        _dynes,
        _dynes_slopes,
        {},
        "gap, one for all directions",
    ),
    Shape(
        "anisotropic",
        "anisotropic s-wave gap, averaged over all directions",
        (_ANISOTROPY,),
        _anisotropic,
        _anisotropic_slopes,
        {"anisotropy": (0.1, 0.3, 0.6)},
        "gap, mean over the directions: gap (1 + anisotropy cos n theta)",
    ),
    Shape(
        "d-wave",
        "d-wave gap, averaged over all directions",
        (),
        _d_wave,
        _d_wave_slopes,
        {},
        "gap, the largest one: gap cos 2 theta",
    ),
    Shape(
        "btk",
        "Andreev reflection at a barrier, one dimension (BTK)",
        (_BARRIER,),
        _btk,
        _btk_slopes,
        {"barrier": (0.1, 0.4, 0.8, 3.0)},
        "gap at the contact, one for all directions",
    ),
    Shape(
        "btk-2d",
        "Andreev reflection at a barrier, averaged over a plane (Kashiwaya-Tanaka)",
        (_BARRIER,),
        _btk_2d,
        None,
        {"barrier": (0.1, 0.4, 0.8, 3.0)},
        "gap at the contact, one for all directions in the plane",
    ),
)
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {shape.name: shape for shape in (*_BASES, *(enhanced(base) for base in _BASES[:3]), *TWO_GAPS)}
)
"""By name: dynes, anisotropic, d-wave, btk, btk-2d, the first three with ``-enhanced``, two-gap and
two-gap-own."""
