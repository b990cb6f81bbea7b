"""Tunnelling into a superconductor: isotropic, anisotropic and d-wave densities of states.

Energies and gaps in eV, voltages in V, temperatures in K; densities and conductances are one in the
normal state. ``modulation`` is the peak amplitude of the lock-in's voltage. Everything is even in
the voltage, but the current, which is odd.
"""

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from daq.physics import matsubara
from daq.physics.arguments import ComplexArray, FloatArray, not_negative, real_array, within
from daq.physics.averaging import MOST_POINTS, Density, conductance
from daq.physics.constants import BOLTZMANN
from daq.physics.lockin import first_harmonic, first_harmonic_of_response, points_needed
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

_FINEST = 1e-6  # of the gap: graded panels start here where a density diverges like a logarithm


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
    thermal = BOLTZMANN * not_negative("temperature", temperature)
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
    flat = first_harmonic_of_response(current, bias.ravel(), modulation, (-gap, gap))
    return flat.reshape(bias.shape)[()]


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
    keep: list[Derivatives] = []

    def part(name: str) -> FloatArray:
        def curve(at: FloatArray) -> FloatArray:
            if not keep:
                keep.append(matsubara.derivatives(at, gap, broadening, temperature))
            values: FloatArray = getattr(keep[0], name)
            return values

        return first_harmonic(curve, bias, modulation, points)

    names = ("conductance", "voltage", "gap", "broadening", "temperature")
    return Derivatives(*(part(name) for name in names))


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
    thermal = BOLTZMANN * not_negative("temperature", temperature)
    if gap == 0:
        return bias.copy()[()]
    return matsubara.current(bias, gap, broadening, thermal)[()]


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
        return _dynes(values, gap, broadening)[()]
    return _elliptic(values, gap * (1 - spread), gap * (1 + spread), broadening)[()]


def anisotropic_conductance(
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
    return _elliptic_conductance(voltage, lowest, highest, broadening, temperature, modulation)


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
    return _elliptic_conductance(voltage, -gap, gap, broadening, temperature, modulation)


def _elliptic_conductance(
    voltage: ArrayLike,
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
    return conductance(density, bias, temperature, modulation)


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
