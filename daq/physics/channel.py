"""One channel between a normal metal and a superconductor, as a function of its transparency."""

import numpy as np

from daq.physics.arguments import ComplexArray, FloatArray


def pairing(energy: FloatArray, gap: FloatArray | float, broadening: float) -> ComplexArray:
    """Return the amplitude of Andreev reflection gap / (z + sqrt(z^2 - gap^2)).

    Parameters
    ----------
    energy
        In eV, of either sign.
    gap
        In eV, of either sign; broadcast against the energy.
    broadening
        In eV, the imaginary part of z.

    Returns
    -------
    :
        Modulus from 0 to 1.
    """
    z = np.abs(energy) + 1j * broadening
    amplitude: ComplexArray = gap / (z + np.sqrt(z - gap) * np.sqrt(z + gap))
    return amplitude


def conductance(
    transparency: FloatArray | float, pair: ComplexArray, other: ComplexArray
) -> FloatArray:
    """Return the conductance of one channel over its normal one.

    Parameters
    ----------
    transparency
        Of the barrier, from 0 to 1.
    pair
        Amplitude of Andreev reflection for the gap ahead.
    other
        The same for the gap that a reflected quasiparticle meets.

    Returns
    -------
    :
        (1 + t |c|^2 - (1 - t) |c d|^2) / |1 - (1 - t) c d|^2, with c and d the amplitudes.
    """
    opaque = 1 - transparency
    product = pair * other
    own = pair.real * pair.real + pair.imag * pair.imag
    both = product.real * product.real + product.imag * product.imag
    bare = 1 - opaque * product
    below = bare.real * bare.real + bare.imag * bare.imag
    with np.errstate(divide="ignore", invalid="ignore"):
        result: FloatArray = (1 + transparency * own - opaque * both) / below
    return result
