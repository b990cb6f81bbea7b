"""Tunnelling shapes with a density of normal states that rises towards the Fermi energy.

N(E) (1 + eta / (1 + (E / w)^2)), N that of a superconductor: the factor stands inside the averages
over the Fermi edge and over the modulation. It is one far away, so that the scale of a fit is the
conductance there.
"""

from collections.abc import Callable

import numpy as np

from daq.analysis.cosine_shapes import COSINE_GAPS, averaged
from daq.analysis.fit_problem import Parameter
from daq.analysis.result import FloatArray
from daq.analysis.shape import MEV, Conditions, Shape
from daq.physics.averaging import conductance
from daq.physics.density import Density
from daq.physics.tunnelling import anisotropic_density, d_wave_density, dynes_density

_FINEST = 1e-6  # of the gap: where the panels of an average begin
_EXTRAS = (
    Parameter("enhancement", "", "eta in N(E) (1 + eta / (1 + (E/w)^2))", 0.5, -0.9, 20.0),
    Parameter(
        "enhancement width",
        "eV",
        "w in N(E) (1 + eta / (1 + (E/w)^2))",
        3e-3,
        2e-4,
        0.1,
        scale=MEV,
        logarithmic=True,
    ),
)


def enhanced(base: Shape) -> Shape:
    """Return a tunnelling shape with the enhancement as two more parameters.

    Parameters
    ----------
    base
        One of dynes, anisotropic, d-wave.

    Returns
    -------
    Shape
        Called by the name of the base and ``-enhanced``.

    Raises
    ------
    KeyError
        The base is no tunnelling shape.
    """
    density = _DENSITIES[base.name]
    count = 2 + len(base.extras)

    def curve(voltage: FloatArray, values: FloatArray, conditions: Conditions) -> FloatArray:
        inner, (eta, width) = values[:count], values[count : count + 2]
        whole = density(inner)

        def product(energy: FloatArray) -> FloatArray:
            factor = 1 + eta / (1 + (energy / width) ** 2)
            return np.asarray(whole.function(energy) * factor)

        # the enhancement is smooth on its own width: an edge there makes the panels fine enough
        edges = tuple(sorted({*whole.edges, float(width)}))
        both = Density(product, edges, whole.sharpness, whole.broadening)
        return conductance(both, voltage, conditions.temperature, conditions.modulation)

    def slopes(
        voltage: FloatArray, values: FloatArray, conditions: Conditions
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        eta, width = values[count : count + 2].tolist()

        def factor(energy: FloatArray) -> tuple[FloatArray, tuple[FloatArray, ...]]:
            share = 1 / (1 + (energy / width) ** 2)
            return 1 + eta * share, (share, 2 * eta / width * share * (1 - share))

        gap = COSINE_GAPS[base.name](values)
        return averaged(gap.density(factor, width), voltage, conditions)

    return Shape(
        f"{base.name}-enhanced",
        f"{base.words}; density of normal states enhanced at the Fermi energy",
        (*base.extras, *_EXTRAS),
        curve,
        slopes,
        {**base.guesses, "enhancement": (0.2, 0.8), "enhancement width": (3e-3,)},
        base.gap,
    )


def _dynes(p: FloatArray) -> Density:
    gap, broadening = float(p[0]), float(p[1])
    finest = max(broadening, _FINEST * gap) / 4
    return Density(lambda e: dynes_density(e, gap, broadening), (gap,), finest, broadening)


def _anisotropic(p: FloatArray) -> Density:
    gap, broadening, spread = (float(value) for value in p[:3])
    if spread == 0.0:
        return _dynes(p)
    edges = (gap * (1 - spread), gap * (1 + spread))
    finest = min(max(broadening, _FINEST * gap), 2 * gap * spread) / 4
    return Density(
        lambda e: anisotropic_density(e, gap, spread, broadening), edges, finest, broadening
    )


def _d_wave(p: FloatArray) -> Density:
    gap, broadening = float(p[0]), float(p[1])
    finest = max(broadening, _FINEST * gap) / 4
    return Density(lambda e: d_wave_density(e, gap, broadening), (0.0, gap), finest, broadening)


_DENSITIES: dict[str, Callable[[FloatArray], Density]] = {
    "dynes": _dynes,
    "anisotropic": _anisotropic,
    "d-wave": _d_wave,
}
