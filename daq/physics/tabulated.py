"""A curve that costs much, kept as polynomials."""

import math
from collections.abc import Sequence

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.lockin import Curve
from daq.physics.quadrature import gauss

_DEGREE = 16  # nodes of a panel


def tabulated(curve: Curve, edges: Sequence[float], width: float, span: float) -> Curve:
    """Return a curve as polynomials on panels that are graded towards its edges.

    For a curve that costs much and is asked at very many voltages that lie close together. The
    panels are up to twice as long as they are far from an edge.

    Parameters
    ----------
    curve
        Of an array; it may return several along a first axis.
    edges
        Real parts of its singularities.
    width
        Their distance from the real axis, or the length below which nothing matters.
    span
        The table goes from minus this to this.

    Returns
    -------
    :
        The curve within the span, good to about 1e-9 of its size.
    """
    away = width * 3.0 ** np.arange(max(1, math.ceil(math.log(2 * span / width) / math.log(3)) + 1))
    offsets = np.concatenate((-away[::-1], [0.0], away))
    bounds = np.unique(np.concatenate([edge + offsets for edge in edges] + [[-span, span]]))
    bounds = bounds[(bounds >= -span) & (bounds <= span)]
    nodes, weights = gauss(_DEGREE)
    barycentric = (-1.0) ** np.arange(_DEGREE) * np.sqrt((1 - nodes * nodes) * weights)
    half = (bounds[1:] - bounds[:-1])[:, None] / 2
    middle = (bounds[1:] + bounds[:-1])[:, None] / 2
    table = curve(middle + half * nodes)

    def interpolated(at: FloatArray) -> FloatArray:
        panel = np.clip(np.searchsorted(bounds, at) - 1, 0, len(half) - 1)
        distance = ((at - middle[panel, 0]) / half[panel, 0])[..., None] - nodes
        distance[distance == 0] = 1e-300
        share = barycentric / distance
        total: FloatArray = np.sum(share * table[..., panel, :], axis=-1) / np.sum(share, axis=-1)
        return total

    return interpolated
