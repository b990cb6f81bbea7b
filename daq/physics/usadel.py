"""The proximity effect in a dirty metal, where it has a closed solution."""

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import FloatArray, not_negative, not_negative_array, positive, real_array


def semi_infinite_density(
    energy: ArrayLike, distance: ArrayLike, gap: float, broadening: float, coherence_length: float
) -> FloatArray:
    """Return the density of states of a normal metal at a distance from a superconductor.

    Usadel's equation for a half-space of normal metal on a rigid superconductor, through a
    transparent interface between equal metals: theta = 4 arctan[tan(theta_S / 4) exp(-k x)] with
    (k xi)^2 = -2 i z / gap and tan(theta_S / 2) = i gap / (z + sqrt(z^2 - gap^2)); the density is
    Re cos(theta) (Belzig et al. 1999).

    Parameters
    ----------
    energy
        In eV from the Fermi energy.
    distance
        x from the interface into the normal metal in m, zero or more.
    gap
        Of the superconductor in eV, zero or more.
    broadening
        In eV, zero or more.
    coherence_length
        xi = sqrt(hbar D / gap) in m, more than zero.

    Returns
    -------
    :
        One in the normal state; shape of energy and distance broadcast against each other. At
        zero distance that of `dynes_density`, infinite at the gap without broadening.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    size = np.abs(real_array("energy", energy))
    depth = not_negative_array("distance", distance) / positive(
        "coherence_length", coherence_length
    )
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    if gap == 0:
        return np.ones(np.broadcast(size, depth).shape)[()]
    z = size + 1j * broadening
    pair = gap / (z + np.sqrt(z - gap) * np.sqrt(z + gap))  # tan(theta_S / 2) = i pair
    quarter = 1j * pair / (1 + np.sqrt((1 - pair) * (1 + pair)))  # tan(theta_S / 4)
    square = (quarter * np.exp(-np.sqrt(-2j * z / gap) * depth)) ** 2
    # cos(4 arctan q) = 2 [(1 - q^2) / (1 + q^2)]^2 - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        density = (2 * ((1 - square) / (1 + square)) ** 2 - 1).real
    return np.asarray(np.where(square == -1, np.inf, np.abs(density)))[()]
