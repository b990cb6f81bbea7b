"""Average a density of states over the Fermi edge and over the modulation of a lock-in.

The density is an even function of energy that tends to one. It is integrated on panels that are
graded towards its edges and fine enough for the temperature; the same panels serve all voltages,
so a spectrum is one product of a matrix and a vector.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from daq.physics.arguments import FloatArray
from daq.physics.constants import BOLTZMANN
from daq.physics.lockin import Curve, first_harmonic, first_harmonic_between, points_needed
from daq.physics.quadrature import blocks, finite_or_zero, gauss, panels

_REACH = 30.0  # the Fermi edge ends here, in k T: e^-30 = 1e-13
_FARTHEST = 340.0  # cosh of more, squared, leaves the range of a float
_GROWTH = 9.0  # ratio of neighbouring bounds of graded panels (3 in the square root)
_WIDEST = 4.0  # widest panel in k T
_NODES = 10  # per panel
_FINEST = 1e-8  # of the highest edge: finest panel of a table
_DEGREE = 16  # nodes of a panel of a table
MOST_POINTS = 64
"""Of a Chebyshev rule, before panels are cheaper."""


@dataclass(frozen=True, slots=True)
class Density:
    """A density of states, and where it is not smooth.

    Parameters
    ----------
    function
        Density of an array of energies in eV >= 0, one far from the edges. It may return several
        densities along a first axis; so does then what averages it.
    edges
        Energies in eV >= 0, ascending, of kinks, cusps and integrable divergences.
    sharpness
        Smallest scale in eV near the edges, more than zero; a square root at an edge itself
        needs no scale.
    broadening
        Distance of the singularities from the real axis in eV.
    costly
        Whether the density is worth a table when it is asked at very many energies.
    """

    function: Curve
    edges: tuple[float, ...]
    sharpness: float
    broadening: float = 0.0
    costly: bool = False

    def at(self, voltage: FloatArray) -> FloatArray:
        """Return the density at a voltage of either sign."""
        return self.function(np.abs(voltage))

    @property
    def all_edges(self) -> tuple[float, ...]:
        """Return the edges on both sides of zero."""
        return tuple(-edge for edge in reversed(self.edges)) + self.edges


def conductance(
    density: Density, voltage: FloatArray, temperature: float, modulation: float
) -> FloatArray:
    """Return dI/dV in units of the normal state, as a lock-in reads it.

    Parameters
    ----------
    density
        What is averaged.
    voltage
        Bias in V, any shape.
    temperature
        In K; at zero the density itself is averaged.
    modulation
        Peak amplitude in V.

    Returns
    -------
    :
        Shape of the voltage.
    """
    thermal = BOLTZMANN * temperature

    def unmodulated(bias: FloatArray) -> FloatArray:
        flat = np.ravel(bias)
        values = thermal_average(density, flat, thermal) if thermal > 0 else density.at(flat)
        return values.reshape(values.shape[:-1] + bias.shape)

    if modulation == 0:
        return unmodulated(voltage)[()]
    width = math.pi * thermal + density.broadening
    points = points_needed(modulation, width)
    if points <= MOST_POINTS:
        return first_harmonic(unmodulated, voltage, modulation, points)
    curve = unmodulated
    if thermal > 0 or density.costly:
        span = float(np.abs(voltage).max(initial=0)) + modulation
        finest = max(width, _FINEST * density.edges[-1])
        curve = _tabulated(unmodulated, density.all_edges, finest, span)
    values = first_harmonic_between(curve, voltage.ravel(), modulation, density.all_edges)
    return values.reshape(values.shape[:-1] + voltage.shape)[()]


def _tabulated(curve: Curve, edges: Sequence[float], width: float, span: float) -> Curve:
    """Return a curve as polynomials on panels that are graded towards its edges.

    For a curve that costs much and is asked at very many voltages that lie close together. The
    polynomials of degree 15 on panels whose length is up to twice their distance from an edge
    are good to about 1e-9.
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


def thermal_average(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Average a density with the derivative of the Fermi function.

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
        Shape (n,).
    """
    if voltage.size == 0:
        return voltage
    reach = float(np.abs(voltage).max()) + _REACH * thermal
    if reach > _FARTHEST * thermal:
        return _average_around(density, voltage, thermal)
    energy, weight = _grid(density, reach, thermal)
    excess = weight * (finite_or_zero(density.function(energy)) - 1) / thermal
    hot = 1 / np.cosh(energy / thermal)
    results = []
    for part in blocks(len(voltage), len(energy)):
        cold = 1 / np.cosh(voltage[part] / thermal)
        # -f'(E - V) - f'(E + V) = (1 + cosh E cosh V) / (cosh E + cosh V)^2 / kT, in units of kT
        kernel = np.multiply.outer(cold, hot)
        kernel += kernel * kernel
        total = np.add.outer(cold, hot)
        total *= total
        kernel /= total
        results.append(1 + excess @ kernel.T)
    return np.concatenate(results, axis=-1)


def thermal_current(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Integrate a density between two Fermi edges: the current times the normal resistance.

    Parameters
    ----------
    density
        What is integrated.
    voltage
        Bias in V, shape (n,).
    thermal
        k T in eV, more than zero, and at least the largest voltage over 300.

    Returns
    -------
    :
        In V, shape (n,).
    """
    if voltage.size == 0:
        return voltage
    energy, weight = _grid(density, float(np.abs(voltage).max()) + _REACH * thermal, thermal)
    excess = weight * (finite_or_zero(density.function(energy)) - 1)
    hot = 1 / np.cosh(energy / thermal)
    result = np.empty_like(voltage)
    for part in blocks(len(voltage), len(energy)):
        cold = 1 / np.cosh(voltage[part] / thermal)
        # f(E - V) - f(E + V) = sinh V / (cosh E + cosh V), in units of kT
        share = (hot / np.add.outer(cold, hot)) @ excess
        result[part] = voltage[part] + np.tanh(voltage[part] / thermal) * share
    return result


def _grid(density: Density, reach: float, thermal: float) -> tuple[FloatArray, FloatArray]:
    """Return energies and weights from zero to the reach, graded towards the edges."""
    edges = [edge for edge in density.edges if edge < reach]
    if not edges:
        edges = [reach]
    middles = [(low + high) / 2 for low, high in zip(edges[:-1], edges[1:], strict=True)]
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
    even = np.linspace(last, extent, math.ceil((extent - last) / widest) + 1)
    return np.concatenate(([0.0], graded[:-1], even) if len(graded) else (even,))


def _average_around(density: Density, voltage: FloatArray, thermal: float) -> FloatArray:
    """Average around each voltage on its own panels: for a temperature that is small beside it."""
    marks = np.asarray(density.all_edges)
    spread = thermal * np.array([-_REACH, -6.0, 0.0, 6.0, _REACH])
    results = []
    for part in blocks(len(voltage), 113 * (len(marks) + 4)):
        centre = voltage[part, None]
        window = centre + spread
        inside = np.clip(marks, window[:, :1], window[:, -1:])
        energy, weight = panels(np.sort(np.concatenate((window, inside), axis=1), axis=1))
        values = finite_or_zero(density.at(energy)) - 1
        kernel = 1 / np.cosh((energy - centre) / (2 * thermal)) ** 2 / (4 * thermal)
        results.append(1 + np.sum(values * kernel * weight, axis=-1))
    return np.concatenate(results, axis=-1)
