"""Tunnelling into a superconductor: isotropic, anisotropic and d-wave densities of states.

Energies and gaps in eV, voltages in V, temperatures in K; densities and conductances are one in the
normal state. ``modulation`` is the peak amplitude of the lock-in's voltage. Everything is even in
the voltage, but the current, which is odd.
"""

from daq.physics.anisotropic import (
    anisotropic_conductance,
    anisotropic_density,
    d_wave_conductance,
    d_wave_density,
)
from daq.physics.dynes import (
    dynes_conductance,
    dynes_current,
    dynes_density,
    dynes_derivatives,
)
from daq.physics.matsubara import Derivatives

__all__ = [
    "Derivatives",
    "anisotropic_conductance",
    "anisotropic_density",
    "d_wave_conductance",
    "d_wave_density",
    "dynes_conductance",
    "dynes_current",
    "dynes_density",
    "dynes_derivatives",
]
