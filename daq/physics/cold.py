"""Averages over the Fermi edge when it is very sharp beside the voltages."""

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.density import Density
from daq.physics.quadrature import blocks, fermi, finite_or_zero, panels

_REACH = 30.0  # the Fermi edge ends here, in k T: e^-30 = 1e-13
_SMOOTH = 60.0  # distance in k T from an edge from where one Gauss rule is enough
_FERMI = 10  # nodes of that rule


def average_around(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Average around each voltage by itself.

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
        Shape (n,), after the first axis of the density if it has one.
    """
    marks = np.asarray(density.all_edges)
    near = np.abs(voltage[:, None] - marks).min(axis=1) < _SMOOTH * thermal
    nodes, weights = fermi(_FERMI)
    smooth = finite_or_zero(density.at(voltage[~near, None] + thermal * nodes)) @ weights
    result = np.empty((*smooth.shape[:-1], len(voltage)))
    result[..., ~near] = smooth
    result[..., near] = _average_at_edges(density, voltage[near], thermal)
    return result


def _average_at_edges(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Average on panels of its own for each voltage, split at the edges."""
    marks = np.asarray(density.all_edges)
    spread = np.array([-_REACH, -6.0, 0.0, 6.0, _REACH])
    results = []
    for part in blocks(len(voltage), 113 * (len(marks) + 4)):
        centre = voltage[part, None]
        inside = np.clip((marks - centre) / thermal, -_REACH, _REACH)
        window = np.broadcast_to(spread, (len(centre), len(spread)))
        x, weight = panels(np.sort(np.concatenate((window, inside), axis=1), axis=1))
        values = finite_or_zero(density.at(centre + thermal * x)) - 1
        results.append(1 + np.sum(values * weight / (4 * np.cosh(x / 2) ** 2), axis=-1))
    return np.concatenate(results, axis=-1)
