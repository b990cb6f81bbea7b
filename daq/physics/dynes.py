"""Tunnelling into a superconductor with one gap and a broadening (Dynes et al. 1978).

Energies and gaps in eV, voltages in V, temperatures in K; one in the normal state.
"""

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from daq.physics import matsubara
from daq.physics.arguments import FloatArray, not_negative, real_array
from daq.physics.averaging import MOST_POINTS, warmth
from daq.physics.constants import BOLTZMANN
from daq.physics.lockin import first_harmonic, first_harmonic_between, points_needed
from daq.physics.matsubara import Derivatives


def dynes_density(energy: ArrayLike, gap: float, broadening: float) -> FloatArray:
    """Return the density of states of a broadened superconductor.

    abs(Re[(E + i broadening) / sqrt((E + i broadening)^2 - gap^2)]) (Dynes et al. 1978).

    Parameters
    ----------
    energy
        In eV from the Fermi energy, any shape.
    gap
        In eV, zero or more.
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
    return _dynes(values, not_negative("gap", gap), not_negative("broadening", broadening))[()]


def _dynes(energy: FloatArray, gap: float, broadening: float) -> FloatArray:
    if gap == 0:
        return np.ones_like(energy)
    if broadening > 0:
        z = energy + 1j * broadening
        return np.abs((z / matsubara.root(z, gap)).real)
    size = np.abs(energy)
    square = (size - gap) * (size + gap)
    with np.errstate(divide="ignore"):
        return np.where(square < 0, 0.0, size / np.sqrt(np.abs(square)))


def dynes_conductance(
    voltage: ArrayLike, gap: float, broadening: float, temperature: float, modulation: float = 0.0
) -> FloatArray:
    """Return dI/dV of a tunnel contact to a broadened superconductor.

    The Dynes density averaged with the derivative of the Fermi function (Tinkham, ch. 3) and with
    the kernel of the first harmonic. The error is below 1e-7 absolute; far inside a gap of many
    k T, where the conductance is smaller than that, the relative error is not.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Shape of the voltage; infinite only at voltage = gap with nothing to broaden it.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    bias = real_array("voltage", voltage)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    thermal = warmth(not_negative("temperature", temperature), gap)
    modulation = not_negative("modulation", modulation)
    if gap == 0:
        return np.ones_like(bias)[()]
    if thermal > 0:
        curve = partial(matsubara.average, gap=gap, broadening=broadening, thermal=thermal)
    else:
        curve = partial(_dynes, gap=gap, broadening=broadening)
    if modulation == 0:
        return curve(bias)[()]
    points = points_needed(modulation, math.pi * thermal + broadening)
    if points <= MOST_POINTS:
        return first_harmonic(curve, bias, modulation, points)
    current = partial(matsubara.current, gap=gap, broadening=broadening, thermal=thermal)
    flat = first_harmonic_between(curve, bias.ravel(), modulation, (-gap, gap), current)
    return np.maximum(flat, 0).reshape(bias.shape)[()]


def dynes_derivatives(
    voltage: ArrayLike, gap: float, broadening: float, temperature: float, modulation: float = 0.0
) -> Derivatives:
    """Return dI/dV of a tunnel contact and its derivatives by voltage and parameters.

    For the Jacobian of a fit: costs about two evaluations of `dynes_conductance`.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Arrays of the shape of the voltage.

    Raises
    ------
    ValueError
        As `dynes_conductance`; and no broadening at zero temperature, where the derivatives
        diverge at the gap.
    """
    bias = real_array("voltage", voltage)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    temperature = not_negative("temperature", temperature)
    modulation = not_negative("modulation", modulation)
    if gap == 0:
        flat = np.zeros_like(bias)
        return Derivatives(np.ones_like(bias), flat, flat, flat, flat)
    width = math.pi * BOLTZMANN * temperature + broadening
    points = points_needed(modulation, width)
    if width == 0 or points > 4096:
        raise ValueError(
            f"broadening is {broadening:g} eV at {temperature:g} K: derivatives need more of either"
        )
    if modulation == 0:
        return matsubara.derivatives(bias, gap, broadening, temperature)

    def stack(at: FloatArray) -> FloatArray:
        d = matsubara.derivatives(at, gap, broadening, temperature)
        return np.stack((d.conductance, d.voltage, d.gap, d.broadening, d.temperature))

    return Derivatives(*first_harmonic(stack, bias, modulation, points))


def dynes_current(
    voltage: ArrayLike, gap: float, broadening: float, temperature: float
) -> FloatArray:
    """Return the current of a tunnel contact times its normal resistance.

    The integral of `dynes_conductance` from zero, in closed form but for a short sum.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    temperature
        In K, zero or more.

    Returns
    -------
    :
        I R_N in V, shape of the voltage, odd.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    bias = real_array("voltage", voltage)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    thermal = warmth(not_negative("temperature", temperature), gap)
    if gap == 0:
        return bias.copy()[()]
    return matsubara.current(bias, gap, broadening, thermal)[()]
