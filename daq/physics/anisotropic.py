"""Tunnelling into a superconductor whose gap depends on the direction.

Energies and gaps in eV, voltages in V, temperatures in K; one in the normal state. Gaps that vary
as a cosine between two values have a density of states in closed form, an elliptic integral.
"""

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import ComplexArray, FloatArray, not_negative, real_array, within
from daq.physics.averaging import conductance
from daq.physics.density import Density
from daq.physics.dynes import dynes_conductance, dynes_density

_FINEST = 1e-6  # of the gap: graded panels start here where a density diverges like a logarithm


def anisotropic_density(
    energy: ArrayLike, gap: float, anisotropy: float, broadening: float
) -> FloatArray:
    """Return the density of states for the gap (1 + anisotropy cos(n theta)) gap, over all theta.

    The average over the angle is a complete elliptic integral, given by the arithmetic-geometric
    mean M: Re[z / M(sqrt(z - u) sqrt(z + l), sqrt(z - l) sqrt(z + u))] with z = E + i broadening
    and l, u the smallest and largest gap. It does not depend on n.

    Parameters
    ----------
    energy
        In eV from the Fermi energy, any shape.
    gap
        Mean gap in eV, zero or more.
    anisotropy
        From -1 to 1; the sign does not matter.
    broadening
        In eV, zero or more.

    Returns
    -------
    :
        Shape of the energy; infinite at the largest gap without broadening.

    Raises
    ------
    ValueError
        A negative gap or broadening, an anisotropy beyond one, or a number that is not finite.
    """
    values = real_array("energy", energy)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    spread = abs(within("anisotropy", anisotropy, -1, 1))
    if gap * spread == 0:
        return dynes_density(values, gap, broadening)
    return _elliptic(values, gap * (1 - spread), gap * (1 + spread), broadening)[()]


def anisotropic_conductance(  # noqa: PLR0917 (the order of the theory, called by position)
    voltage: ArrayLike,
    gap: float,
    anisotropy: float,
    broadening: float,
    temperature: float,
    modulation: float = 0.0,
) -> FloatArray:
    """Return dI/dV of a tunnel contact for the gap (1 + anisotropy cos(n theta)) gap.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        Mean gap in eV, zero or more.
    anisotropy
        From -1 to 1; the sign does not matter.
    broadening
        In eV, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Shape of the voltage.

    Raises
    ------
    ValueError
        A negative parameter, an anisotropy beyond one, or a number that is not finite.
    """
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    spread = abs(within("anisotropy", anisotropy, -1, 1))
    if gap * spread == 0:
        return dynes_conductance(voltage, gap, broadening, temperature, modulation)
    lowest, highest = gap * (1 - spread), gap * (1 + spread)
    return _elliptic_conductance(
        voltage,
        lowest=lowest,
        highest=highest,
        broadening=broadening,
        temperature=temperature,
        modulation=modulation,
    )


def d_wave_density(energy: ArrayLike, gap: float, broadening: float) -> FloatArray:
    """Return the density of states for the gap cos(2 theta) gap, over all theta.

    Re[(2/pi) K(m = (gap / z)^2)] with z = E + i broadening (Won and Maki 1994).

    Parameters
    ----------
    energy
        In eV from the Fermi energy, any shape.
    gap
        Largest gap in eV, zero or more.
    broadening
        In eV, zero or more.

    Returns
    -------
    :
        Shape of the energy; infinite at energy = gap without broadening.

    Raises
    ------
    ValueError
        A negative gap or broadening, or a number that is not finite.
    """
    values = real_array("energy", energy)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    if gap == 0:
        return np.ones_like(values)[()]
    return _elliptic(values, -gap, gap, broadening)[()]


def d_wave_conductance(
    voltage: ArrayLike, gap: float, broadening: float, temperature: float, modulation: float = 0.0
) -> FloatArray:
    """Return dI/dV of a tunnel contact for the gap cos(2 theta) gap, all directions alike.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        Largest gap in eV, zero or more.
    broadening
        In eV, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Shape of the voltage.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    return _elliptic_conductance(
        voltage,
        lowest=-gap,
        highest=gap,
        broadening=broadening,
        temperature=temperature,
        modulation=modulation,
    )


def _elliptic_conductance(
    voltage: ArrayLike,
    *,
    lowest: float,
    highest: float,
    broadening: float,
    temperature: float,
    modulation: float,
) -> FloatArray:
    """Average the density of a gap that varies as a cosine between the lowest and the highest."""
    bias = real_array("voltage", voltage)
    temperature = not_negative("temperature", temperature)
    modulation = not_negative("modulation", modulation)
    if highest == 0:
        return np.ones_like(bias)[()]
    density = Density(
        partial(_elliptic, lowest=lowest, highest=highest, broadening=broadening),
        edges=(max(lowest, 0.0), highest),
        sharpness=min(max(broadening, _FINEST * highest), highest - lowest) / 4,
        broadening=broadening,
    )
    return np.maximum(conductance(density, bias, temperature, modulation), 0)


def _elliptic(energy: FloatArray, lowest: float, highest: float, broadening: float) -> FloatArray:
    z = np.abs(energy) + 1j * broadening
    first = np.sqrt(z - highest) * np.sqrt(z + lowest)
    second = np.sqrt(z - lowest) * np.sqrt(z + highest)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.abs((z / _mean(first, second)).real)
    density = np.where((first == 0) | (second == 0), math.inf, density)
    return np.where(z == 0, 0.0, density)


def _mean(first: ComplexArray, second: ComplexArray) -> ComplexArray:
    """Return the arithmetic-geometric mean of numbers that are not below the real axis."""
    for _ in range(40):
        first, second = (first + second) / 2, np.sqrt(first) * np.sqrt(second)
        if np.all(np.abs(first - second) <= 1e-7 * np.abs(first)):
            break
    return (first + second) / 2
