"""Constants of nature (CODATA 2018), with energies in eV."""

from typing import Final

import numpy as np

BOLTZMANN: Final = 1.380649e-23 / 1.602176634e-19
"""Boltzmann constant in eV/K."""

FLUX_QUANTUM: Final = 6.62607015e-34 / (2 * 1.602176634e-19)
"""Superconducting flux quantum h/2e in Wb."""

BOHR_MAGNETON: Final = 5.7883818060e-5
"""Bohr magneton in eV/T."""

WEAK_COUPLING: Final = float(np.pi * np.exp(-np.euler_gamma))
"""Zero-temperature gap over k Tc of a weakly coupled superconductor, 1.763877."""
