"""Energies at which a density is taken once for a whole spectrum."""

import math
from itertools import pairwise

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.density import Density
from daq.physics.quadrature import gauss

_GROWTH = 9.0  # ratio of neighbouring bounds of graded panels (3 in the square root)
_WIDEST = 4.0  # widest panel in k T
_NODES = 10  # per panel


def energy_grid(density: Density, reach: float, thermal: float) -> tuple[FloatArray, FloatArray]:
    """Return energies and weights from zero to the reach, graded towards the edges.

    Parameters
    ----------
    density
        Whose edges and sharpness set the grading.
    reach
        Highest energy in eV, more than zero.
    thermal
        k T in eV, more than zero: the panels are no wider than a few of it.

    Returns
    -------
    :
        Energies in eV, not in order, and their weights.
    """
    edges = [edge for edge in density.edges if edge < reach]
    if not edges:
        edges = [reach]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    starts, stops, origins, signs = [], [], [], []
    for edge, below, above in zip(edges, [0.0, *middles], [*middles, reach], strict=True):
        for sign, extent in ((-1.0, edge - below), (1.0, above - edge)):
            if extent <= 0:
                continue
            root = np.sqrt(_offsets(extent, density.sharpness, _WIDEST * thermal))
            starts.append(root[:-1])
            stops.append(root[1:])
            origins.append(np.full(len(root) - 1, edge))
            signs.append(np.full(len(root) - 1, sign))
    nodes, weights = gauss(_NODES)
    start, stop = np.concatenate(starts)[:, None], np.concatenate(stops)[:, None]
    root = (start + stop + (stop - start) * nodes) / 2
    weight = root * (stop - start) * weights
    energy = np.concatenate(origins)[:, None] + np.concatenate(signs)[:, None] * root * root
    return np.abs(energy.ravel()), weight.ravel()


def _offsets(extent: float, finest: float, widest: float) -> FloatArray:
    """Return bounds from 0 to the extent: geometric at first, then no wider than the widest."""
    finest = min(finest, widest / (_GROWTH - 1))  # the Fermi edge is sharper in the square root
    limit = min(widest, extent) / (_GROWTH - 1)
    count = max(0, math.ceil(math.log(limit / finest) / math.log(_GROWTH))) + 1
    graded = finest * _GROWTH ** np.arange(count)
    graded = graded[graded < extent]
    last = float(graded[-1]) if len(graded) else 0.0
    count = max(1, math.ceil((extent - last) / widest))
    even = last + (extent - last) / count * np.arange(count + 1)
    return np.concatenate(([0.0], graded[:-1], even) if len(graded) else (even,))
