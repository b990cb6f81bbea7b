"""Contacts between a normal metal and a superconductor: Andreev reflection at a barrier.

Blonder, Tinkham and Klapwijk (1982), with the broadening of Plecenik et al. (1994) in the coherence
factors. Energies and gaps in eV, voltages in V, temperatures in K; conductances are one in the
normal state, so each barrier is divided by its own. ``modulation`` is the peak amplitude of the
lock-in's voltage.

With c = gap / (z + sqrt(z^2 - gap^2)), z = abs(E) + i broadening, and t = 1 / (1 + barrier^2) the
conductance at zero temperature is

    (1 + t |c|^2 - (1 - t) |c|^4) / |1 - (1 - t) c^2|^2,

which is (1 + barrier^2)(1 + A - B) without its cancellations. Moduli, not real parts: A and B are
probabilities of complex amplitudes, and the textbook's branch for E < gap is wrong when broadened.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from daq.physics import channel
from daq.physics.andreev_plane import btk_conductance_2d
from daq.physics.arguments import ComplexArray, FloatArray, not_negative, real_array
from daq.physics.averaging import conductance, thermal_current
from daq.physics.constants import BOLTZMANN
from daq.physics.density import Density
from daq.physics.thermal_contact import thermal_contact_resistance, thermal_contact_voltage

__all__ = [
    "AndreevDerivatives",
    "btk_conductance",
    "btk_conductance_2d",
    "btk_current",
    "btk_density",
    "btk_derivatives",
    "thermal_contact_resistance",
    "thermal_contact_voltage",
]


def btk_density(energy: ArrayLike, gap: float, broadening: float, barrier: float) -> FloatArray:
    """Return the conductance of a contact at zero temperature, without a lock-in.

    Parameters
    ----------
    energy
        In eV from the Fermi energy, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    barrier
        Dimensionless barrier Z, zero or more.

    Returns
    -------
    :
        Shape of the energy: 2 in the gap without a barrier, 2 (1 + Z^2) at the gap.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    values = real_array("energy", energy)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    return _btk(values, gap, broadening, _transparency(barrier))[()]


def btk_conductance(  # noqa: PLR0917 (the order of the theory, called by position)
    voltage: ArrayLike,
    gap: float,
    broadening: float,
    barrier: float,
    temperature: float,
    modulation: float = 0.0,
) -> FloatArray:
    """Return dI/dV of a contact with a barrier, in one dimension.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    barrier
        Dimensionless barrier Z, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Shape of the voltage, even in it.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    bias = real_array("voltage", voltage)
    density = _density(gap, broadening, barrier)
    temperature = not_negative("temperature", temperature)
    modulation = not_negative("modulation", modulation)
    if gap == 0:
        return np.ones_like(bias)[()]
    return np.maximum(conductance(density, bias, temperature, modulation), 0)


def btk_current(
    voltage: ArrayLike, gap: float, broadening: float, barrier: float, temperature: float
) -> FloatArray:
    """Return the current of a contact with a barrier times its normal resistance.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more.
    broadening
        In eV, zero or more.
    barrier
        Dimensionless barrier Z, zero or more.
    temperature
        In K, more than zero, and not so low that the voltage is above 300 k T.

    Returns
    -------
    :
        I R_N in V, shape of the voltage, odd; its excess over the voltage at high bias is
        4/3 gap without a barrier.

    Raises
    ------
    ValueError
        A negative parameter, a number that is not finite, or a temperature too low.
    """
    bias = real_array("voltage", voltage)
    density = _density(gap, broadening, barrier)
    thermal = BOLTZMANN * not_negative("temperature", temperature)
    if gap == 0:
        return bias.copy()[()]
    if bias.size and float(np.abs(bias).max()) > 300 * thermal:
        raise ValueError(
            f"temperature is {temperature:g} K: the current needs k T above 1/300 of the voltage"
        )
    return thermal_current(density, bias.ravel(), thermal).reshape(bias.shape)[()]


@dataclass(frozen=True, slots=True)
class AndreevDerivatives:
    """A conductance and its derivatives by the parameters, each of the shape of the voltage.

    Parameters
    ----------
    conductance
        In units of the normal conductance.
    gap
        Derivative by the gap in 1/eV.
    broadening
        Derivative by the broadening in 1/eV.
    barrier
        Derivative by the barrier Z.
    """

    conductance: FloatArray
    gap: FloatArray
    broadening: FloatArray
    barrier: FloatArray


def btk_derivatives(  # noqa: PLR0917 (the order of the theory, called by position)
    voltage: ArrayLike,
    gap: float,
    broadening: float,
    barrier: float,
    temperature: float,
    modulation: float = 0.0,
) -> AndreevDerivatives:
    """Return dI/dV of a contact and its derivatives by the parameters, for the Jacobian of a fit.

    The derivatives of the density are averaged on the panels of the density itself.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, more than zero.
    broadening
        In eV, zero or more.
    barrier
        Dimensionless barrier Z, zero or more.
    temperature
        In K, more than zero.
    modulation
        Peak amplitude in V, zero or more.

    Returns
    -------
    :
        Arrays of the shape of the voltage.

    Raises
    ------
    ValueError
        A negative parameter, a gap or temperature of zero, or a number that is not finite.
    """
    bias = real_array("voltage", voltage)
    density = _density(gap, broadening, barrier)
    if gap == 0 or temperature == 0:
        raise ValueError(
            f"gap is {gap:g} eV at {temperature:g} K: derivatives need both above zero"
        )
    temperature = not_negative("temperature", temperature)
    modulation = not_negative("modulation", modulation)
    slopes = partial(_slopes, gap=gap, broadening=broadening, transparency=_transparency(barrier))
    stack = Density(slopes, density.edges, density.sharpness, density.broadening)
    value, by_gap, by_broadening, by_transparency = conductance(
        stack, bias, temperature, modulation
    )
    by_barrier = -2 * barrier * _transparency(barrier) ** 2 * (by_transparency - 1)
    return AndreevDerivatives(value, (by_gap - 1) / gap, (by_broadening - 1) / gap, by_barrier)


def _transparency(barrier: float) -> float:
    return 1 / (1 + not_negative("barrier", barrier) ** 2)


def _density(gap: float, broadening: float, barrier: float) -> Density:
    """Return the density of one dimension; its edge is as sharp as the barrier makes it."""
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    transparency = _transparency(barrier)
    return Density(
        partial(_btk, gap=gap, broadening=broadening, transparency=transparency),
        edges=(gap,),
        sharpness=max(broadening, gap * transparency**2 / 8) / 4,
        broadening=broadening,
    )


def _btk(energy: FloatArray, gap: float, broadening: float, transparency: float) -> FloatArray:
    if gap == 0:
        return np.ones_like(energy)
    pair = channel.pairing(energy, gap, broadening)
    return channel.conductance(transparency, pair, pair)


def _slopes(energy: FloatArray, gap: float, broadening: float, transparency: float) -> FloatArray:
    """Return the density, and 1 + its derivatives by gap, broadening (times gap) and transparency.

    The one makes all four tend to one, as an average of densities expects.
    """
    z = np.abs(energy) + 1j * broadening
    root = np.sqrt(z - gap) * np.sqrt(z + gap)
    pair = gap / (z + root)
    opaque = 1 - transparency
    size = np.abs(pair) ** 2
    bare = 1 - opaque * pair * pair
    below = np.abs(bare) ** 2
    value = (1 + transparency * size - opaque * size * size) / below

    def along(change: ComplexArray) -> FloatArray:
        above = (transparency - 2 * opaque * size) * 2 * (pair.conj() * change).real
        below_too = value * 4 * opaque * (bare.conj() * pair * change).real
        return np.asarray(1 + (above + below_too) / below)

    with np.errstate(divide="ignore", invalid="ignore"):
        by_gap = along(pair * z / root)
        by_broadening = along(-1j * gap * pair / root)
    by_transparency = size + size * size - value * 2 * (bare.conj() * pair * pair).real
    return np.stack((value, by_gap, by_broadening, 1 + by_transparency / below))
