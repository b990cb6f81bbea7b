"""A density of states as an average needs to know it."""

from dataclasses import dataclass

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.lockin import Curve


@dataclass(frozen=True, slots=True)
class Density:
    """A density of states, and where it is not smooth.

    Parameters
    ----------
    function
        Density of an array of energies in eV >= 0, one far from the edges. It may return several
        densities along a first axis; so does then what averages it.
    edges
        Energies in eV >= 0, ascending, of kinks, cusps and integrable divergences.
    sharpness
        Smallest scale in eV near the edges, more than zero; a square root at an edge itself
        needs no scale.
    broadening
        Distance of the singularities from the real axis in eV.
    costly
        Whether the density is worth a table when it is asked at very many energies.
    """

    function: Curve
    edges: tuple[float, ...]
    sharpness: float
    broadening: float = 0.0
    costly: bool = False

    def at(self, voltage: FloatArray) -> FloatArray:
        """Return the density at a voltage of either sign."""
        return self.function(np.abs(voltage))

    @property
    def all_edges(self) -> tuple[float, ...]:
        """Return the edges on both sides of zero."""
        return tuple(-edge for edge in reversed(self.edges)) + self.edges
