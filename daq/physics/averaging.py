"""Average a density of states over the Fermi edge and over the modulation of a lock-in.

The density is an even function of energy that tends to one. It is integrated on panels that are
graded towards its edges and fine enough for the temperature; the same panels serve all voltages,
so a spectrum is one product of a matrix and a vector.
"""

import math
from dataclasses import replace

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.cold import average_around
from daq.physics.constants import BOLTZMANN
from daq.physics.density import Density
from daq.physics.grid import energy_grid
from daq.physics.lockin import Curve, first_harmonic, first_harmonic_between, points_needed
from daq.physics.quadrature import blocks, finite_or_zero
from daq.physics.tabulated import tabulated

_REACH = 30.0  # the Fermi edge ends here, in k T: e^-30 = 1e-13
_FARTHEST = 340.0  # cosh of more, squared, leaves the range of a float
_FARTHEST_GRID = 1e4  # beyond, in k T, a grid for all voltages has too many energies
_WINDOW = 100.0  # voltages that share their energies, in k T
_FINEST = 1e-8  # of the highest edge: finest panel of a table
MOST_POINTS = 64
"""Of a Chebyshev rule, before panels are cheaper."""


def warmth(temperature: float, scale: float) -> float:
    """Return k T in eV, or zero where it is below the rounding of energies of that scale."""
    thermal = BOLTZMANN * temperature
    return thermal if thermal > 1e-15 * scale else 0.0


def conductance(
    density: Density, voltage: FloatArray, temperature: float, modulation: float
) -> FloatArray:
    """Return dI/dV in units of the normal state, as a lock-in reads it.

    Parameters
    ----------
    density
        What is averaged.
    voltage
        Bias in V, any shape.
    temperature
        In K; at zero the density itself is averaged.
    modulation
        Peak amplitude in V.

    Returns
    -------
    :
        Shape of the voltage.
    """
    thermal = warmth(temperature, density.edges[-1])
    span = float(np.abs(voltage).max(initial=0)) + modulation + _REACH * thermal
    width = math.pi * thermal + density.broadening
    points = points_needed(modulation, width)
    many = points > MOST_POINTS
    if density.costly and (many or span > _FARTHEST_GRID * thermal > 0):
        finest = max(density.broadening, _FINEST * density.edges[-1])
        reach = span + _REACH * thermal  # of an average at the end of the span
        density = replace(density, function=tabulated(density.at, density.all_edges, finest, reach))

    def unmodulated(bias: FloatArray) -> FloatArray:
        flat = np.ravel(bias)
        values = thermal_average(density, flat, thermal) if thermal > 0 else density.at(flat)
        return values.reshape(values.shape[:-1] + bias.shape)

    if modulation == 0:
        return unmodulated(voltage)[()]
    if not many:
        return first_harmonic(unmodulated, voltage, modulation, points)
    curve: Curve = unmodulated
    if thermal > 0:
        finest = max(width, _FINEST * density.edges[-1])
        curve = tabulated(unmodulated, density.all_edges, finest, span)
    values = first_harmonic_between(curve, voltage.ravel(), modulation, density.all_edges)
    return values.reshape(values.shape[:-1] + voltage.shape)[()]


def thermal_average(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Average a density with the derivative of the Fermi function.

    Parameters
    ----------
    density
        What is averaged.
    voltage
        Bias in V, shape (n,).
    thermal
        k T in eV, more than zero.

    Returns
    -------
    :
        Shape (n,).
    """
    reach = float(np.abs(voltage).max(initial=0)) + _REACH * thermal
    if reach > _FARTHEST_GRID * thermal:
        return average_around(density, voltage, thermal)
    if reach > _FARTHEST * thermal:
        return _average_in_windows(density, voltage, thermal, reach)
    energy, weight = energy_grid(density, reach, thermal)
    excess = weight * (finite_or_zero(density.function(energy)) - 1) / thermal
    hot = 1 / np.cosh(energy / thermal)
    # -f'(E - V) - f'(E + V) = (1 + cosh E cosh V) / (cosh E + cosh V)^2 / kT, in units of kT; with
    # h = 1 / cosh E and c = 1 / cosh V the matrix left to compute is 1 / (h + c)^2
    weighted = np.stack((hot * excess, hot * hot * excess))
    results = []
    for part in blocks(len(voltage), len(energy)):
        cold = 1 / np.cosh(voltage[part] / thermal)
        kernel = np.add.outer(hot, cold)
        kernel *= kernel
        np.reciprocal(kernel, out=kernel)
        once, twice = weighted @ kernel
        results.append(1 + cold * (once + cold * twice))
    return np.concatenate(results, axis=-1)


def thermal_current(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Integrate a density between two Fermi edges: the current times the normal resistance.

    Parameters
    ----------
    density
        What is integrated.
    voltage
        Bias in V, shape (n,).
    thermal
        k T in eV, more than zero, and at least the largest voltage over 300.

    Returns
    -------
    :
        In V, shape (n,).
    """
    energy, weight = energy_grid(
        density, float(np.abs(voltage).max(initial=0)) + _REACH * thermal, thermal
    )
    excess = weight * (finite_or_zero(density.function(energy)) - 1)
    hot = 1 / np.cosh(energy / thermal)
    result = np.empty_like(voltage)
    for part in blocks(len(voltage), len(energy)):
        cold = 1 / np.cosh(voltage[part] / thermal)
        # f(E - V) - f(E + V) = sinh V / (cosh E + cosh V), in units of kT
        share = (hot / np.add.outer(cold, hot)) @ excess
        result[part] = voltage[part] + np.tanh(voltage[part] / thermal) * share
    return result


def _average_in_windows(
    density: Density, voltage: FloatArray, thermal: float, reach: float
) -> FloatArray:
    """Average voltages that lie together over the energies near them."""
    energy, weight = energy_grid(density, reach, thermal)
    order = np.argsort(energy)
    energy = energy[order] / thermal
    values = finite_or_zero(density.function(energy * thermal))
    excess = weight[order] * (values - 1) / thermal
    bias = np.abs(voltage) / thermal
    result = np.empty((*excess.shape[:-1], len(voltage)))
    group = (bias / _WINDOW).astype(np.intp)
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        centre = _WINDOW * (number + 0.5)
        half = _WINDOW / 2 + _REACH
        first, last = np.searchsorted(energy, (centre - half, centre + half))
        near = energy[first:last]
        for part in blocks(len(members), len(near)):
            here = bias[members[part], None]
            kernel = 1 / np.cosh((near - here) / 2) ** 2
            if number == 0:  # beyond, the energies below zero are out of reach
                kernel += 1 / np.cosh((near + here) / 2) ** 2
            result[..., members[part]] = 1 + excess[..., first:last] @ kernel.T / 4
    return result
