"""Averages of tunnelling densities with their derivatives by the parameters of a fit.

All tunnelling shapes have a gap that varies as a cosine between a lowest and a highest one; the
parameters of each shape set these. One average of a stack of densities gives the spectrum and all
its derivatives, several times faster than differences of averages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from daq.analysis.result import FloatArray
from daq.analysis.shape import Conditions
from daq.physics.averaging import conductance
from daq.physics.cosine_gap import density_and_slopes
from daq.physics.density import Density

_FINEST = 1e-6  # of the gap: where the panels of an average begin
_DECIMALS = 15  # of a voltage in V: a femtovolt changes nothing
Factor = Callable[[FloatArray], tuple[FloatArray, tuple[FloatArray, ...]]]
"""Energy in eV, zero or more; a factor of the density, and its derivatives by its parameters."""


@dataclass(frozen=True, slots=True)
class CosineGap:
    """A gap between two values, and how the parameters of a shape set them.

    Parameters
    ----------
    lowest, highest
        In eV.
    broadening
        In eV.
    chain
        Derivatives of lowest, highest and broadening by each parameter, shape (k, 3).
    """

    lowest: float
    highest: float
    broadening: float
    chain: FloatArray

    def density(self, factor: Factor | None = None, edge: float | None = None) -> Density:
        """Return the density and its derivatives by all parameters.

        Parameters
        ----------
        factor
            Of the density; its parameters come after those of the gap.
        edge
            Energy in eV beside which the factor varies, or None.

        Returns
        -------
        Density
            Of 1 + k densities, and one more per parameter of the factor.
        """

        def stack(energy: FloatArray) -> FloatArray:
            found = density_and_slopes(energy, self.lowest, self.highest, self.broadening)
            rows = np.concatenate((found[:1], self.chain @ found[1:]))
            if factor is None:
                return np.asarray(rows)
            size, by_parameters = factor(energy)
            return np.concatenate((rows * size, found[0] * np.stack(by_parameters)))

        spread = self.highest - max(self.lowest, 0.0)
        finest = max(self.broadening, _FINEST * self.highest)
        edges = {max(self.lowest, 0.0), self.highest} | ({edge} if edge is not None else set())
        return Density(
            stack,
            tuple(sorted(edges)),
            min(finest, spread or finest) / 4,
            self.broadening,
        )


def _dynes(p: FloatArray) -> CosineGap:
    gap, broadening = float(p[0]), float(p[1])
    return CosineGap(gap, gap, broadening, np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))


def _anisotropic(p: FloatArray) -> CosineGap:
    gap, broadening, spread = (float(value) for value in p[:3])
    chain = np.array([[1 - spread, 1 + spread, 0.0], [0.0, 0.0, 1.0], [-gap, gap, 0.0]])
    return CosineGap(gap * (1 - spread), gap * (1 + spread), broadening, chain)


def _d_wave(p: FloatArray) -> CosineGap:
    gap, broadening = float(p[0]), float(p[1])
    return CosineGap(-gap, gap, broadening, np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))


COSINE_GAPS: Mapping[str, Callable[[FloatArray], CosineGap]] = MappingProxyType(
    {"dynes": _dynes, "anisotropic": _anisotropic, "d-wave": _d_wave}
)
"""By the name of the shape: from its parameters, gap and broadening first, to the gap."""


def averaged(
    density: Density, voltage: FloatArray, conditions: Conditions
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return a spectrum and its derivatives from the stack of their densities.

    Parameters
    ----------
    density
        The density first, then its derivatives.
    voltage
        Bias in V, shape (n,).
    conditions
        With a temperature above zero.

    Returns
    -------
    tuple
        The spectrum, shape (n,), and as many derivatives.
    """
    # the spectrum is even: of voltages that differ in sign alone one is enough
    rounded: FloatArray = np.asarray(np.round(np.abs(voltage), _DECIMALS), dtype=np.float64)
    bias, place = np.unique(rounded, return_inverse=True)
    found = conductance(density, bias, conditions.temperature, conditions.modulation)
    return found[0, place], tuple(found[1:, place])
