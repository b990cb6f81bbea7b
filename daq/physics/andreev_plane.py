"""Andreev reflection at a barrier, averaged over the directions in a plane."""

import math
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from daq.physics import channel
from daq.physics.arguments import FloatArray, not_negative, real, real_array
from daq.physics.averaging import conductance
from daq.physics.density import Density
from daq.physics.quadrature import blocks, both_ends, finite_or_zero, panels

_FINEST = 1e-6  # of the gap: panels start here where directions with low transparency add up


def btk_conductance_2d(  # noqa: PLR0917 (the order of the theory, called by position)
    voltage: ArrayLike,
    gap: float,
    broadening: float,
    barrier: float,
    temperature: float,
    modulation: float = 0.0,
    *,
    symmetry: Literal["s", "d"] = "s",
    angle: float = 0.0,
) -> FloatArray:
    """Return dI/dV of a contact with a barrier, averaged over the directions in a plane.

    Kashiwaya and Tanaka (1996): an electron that comes in at an angle theta to the normal sees
    the transparency cos^2(theta) / (cos^2(theta) + Z^2), and the two gaps that belong to the
    directions theta and pi - theta. Their signs count: a d-wave gap has bound states at zero
    energy on every surface but those along its lobes.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, zero or more; the largest one for d-wave.
    broadening
        In eV, zero or more.
    barrier
        Dimensionless barrier Z at normal incidence, zero or more.
    temperature
        In K, zero or more.
    modulation
        Peak amplitude in V, zero or more.
    symmetry
        "s" for a constant gap, "d" for gap cos(2 (theta - angle)).
    angle
        Between a lobe of the d-wave gap and the normal of the contact, in rad.

    Returns
    -------
    :
        Shape of the voltage, even in it.

    Raises
    ------
    ValueError
        A negative parameter, an unknown symmetry, or a number that is not finite.
    """
    bias = real_array("voltage", voltage)
    gap, broadening = not_negative("gap", gap), not_negative("broadening", broadening)
    barrier, angle = not_negative("barrier", barrier), real("angle", angle)
    temperature = not_negative("temperature", temperature)
    modulation = not_negative("modulation", modulation)
    if symmetry not in {"s", "d"}:
        raise ValueError(f"symmetry is {symmetry!r}: give 's' or 'd'")
    if gap == 0:
        return np.ones_like(bias)[()]
    if symmetry == "s":
        function = partial(_plane_s, gap=gap, broadening=broadening, barrier=barrier)
        edges: tuple[float, ...] = (gap,)
    else:
        function = partial(_plane_d, gap=gap, broadening=broadening, barrier=barrier, angle=angle)
        # two directions meet the energy of their gap at once at these
        crossings = {gap * abs(math.cos(2 * angle)), gap * abs(math.sin(2 * angle))}
        edges = tuple(sorted({0.0, gap} | crossings))
    finest = max(broadening, _FINEST * gap) / 4
    density = Density(function, edges, finest, broadening, costly=True)
    return np.maximum(conductance(density, bias, temperature, modulation), 0)


def _plane_s(energy: FloatArray, gap: float, broadening: float, barrier: float) -> FloatArray:
    """Average over the directions in a plane, for the same gap in all of them."""
    _, high, weight = both_ends()
    cosine = np.sin(np.pi / 2 * high)
    transparency = cosine**2 / (cosine**2 + barrier**2)
    weight = weight * transparency * cosine
    pair = channel.pairing(energy, gap, broadening)[..., None]
    values = finite_or_zero(channel.conductance(transparency, pair, pair))
    return np.asarray(values @ (weight / weight.sum()))


def _plane_d(
    energy: FloatArray, gap: float, broadening: float, barrier: float, angle: float
) -> FloatArray:
    """Average over the directions in a plane, for a d-wave gap."""
    flat = np.abs(energy).ravel()
    result = np.empty_like(flat)
    turns = np.pi / 2 * np.arange(4)
    for part in blocks(len(flat), 1000):
        size = flat[part, None]
        where = np.arccos(np.clip(size / gap, 0, 1)) / 2  # the gap equals the energy here
        marks = np.concatenate(
            [turns + side * angle + sign * where for side in (-1, 1) for sign in (-1, 1)]
            + [
                np.broadcast_to(turns + side * angle + np.pi / 4, (len(size), 4))
                for side in (-1, 1)
            ],
            axis=1,
        )
        marks = np.sort((marks + np.pi / 2) % np.pi - np.pi / 2, axis=1)
        ends = np.full((len(size), 1), np.pi / 2)
        theta, weight = panels(np.concatenate((-ends, marks, ends), axis=1))
        cosine = np.cos(theta)
        transparency = cosine**2 / (cosine**2 + barrier**2)
        weight *= transparency * cosine
        ahead = channel.pairing(size, gap * np.cos(2 * (theta - angle)), broadening)
        behind = channel.pairing(size, gap * np.cos(2 * (theta + angle)), broadening)
        values = finite_or_zero(channel.conductance(transparency, ahead, behind))
        result[part] = np.sum(values * weight, axis=1) / np.sum(weight, axis=1)
    return result.reshape(energy.shape)
