"""The thermal average of a Dynes spectrum in closed form, but for a short sum.

The BCS density g(z) = z / sqrt(z^2 - gap^2) is analytic above the real axis, and the derivative of
the Fermi function has double poles at the fermionic Matsubara energies. The average is therefore
the real part of

    S(z) = 1 - h sum_{n >= 0} g'(z + h (n + 1/2)),    h = 2 pi i k T,    z = eV + i broadening.

The terms from a fixed n on are summed by the Euler-Maclaurin formula at mid-points. Near an edge
the error depends on n alone and not on the temperature; for T -> 0 the tail alone is left, g(z).
Derivatives of g come from q_k, the k-th derivative of (z^2 - gap^2)^(-3/2), by recurrence.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from daq.physics.arguments import ComplexArray, FloatArray
from daq.physics.constants import BOLTZMANN
from daq.physics.quadrature import blocks

_TERMS: Final = 6  # taken one by one
_TAIL: Final = (1 / 24, -7 / 5760, 31 / 967680)  # of h^2 g'', h^4 g'''', h^6 g^(6), up to a sign


def root(z: ComplexArray, gap: float) -> ComplexArray:
    """Return sqrt(z^2 - gap^2) on the branch that is z for large z, for z above the real axis."""
    result: ComplexArray = 1j * np.sqrt((gap - z) * (gap + z))
    return result


def _powers(z: ComplexArray, gap: float, order: int) -> list[ComplexArray]:
    """Return q_0 to q_order, where q_k is the k-th derivative of (z^2 - gap^2)^(-3/2)."""
    inverse = 1 / ((z - gap) * (z + gap))
    powers: list[ComplexArray] = [inverse / root(z, gap)]
    if order:
        powers.append(-3 * z * powers[0] * inverse)
    for k in range(1, order):
        nearest = (2 * k + 3) * z * powers[k] + k * (k + 2) * powers[k - 1]
        powers.append(-nearest * inverse)
    return powers


def _ladder(z: ComplexArray, thermal: float) -> tuple[ComplexArray, ComplexArray, complex]:
    """Return the energies taken one by one, the one where the tail begins, and the step."""
    step = 2j * math.pi * thermal
    rungs = z + step * (np.arange(_TERMS) + 0.5)[:, None]
    return rungs, z + step * _TERMS, step


def average(voltage: FloatArray, gap: float, broadening: float, thermal: float) -> FloatArray:
    """Return the thermal average of the Dynes density.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, more than zero.
    broadening
        In eV, zero or more.
    thermal
        k T in eV, more than zero.

    Returns
    -------
    :
        Shape of the voltage, never below zero.
    """
    flat = voltage.ravel()
    result = np.empty_like(flat)
    step = 2j * math.pi * thermal
    for part in blocks(len(flat), 2):
        near = flat[part]
        total = 1j * step * _rungs(near, gap, broadening, abs(step))
        top = near + 1j * (broadening + _TERMS * abs(step))
        powers = _powers(top, gap, 5)
        for index, factor in enumerate(_TAIL):
            total += factor * step ** (2 * index + 2) * powers[2 * index + 1]
        result[part] = (top / root(top, gap) + gap**2 * total).real
    return np.maximum(result, 0).reshape(voltage.shape)


def _rungs(voltage: FloatArray, gap: float, broadening: float, step: float) -> FloatArray:
    """Return the sum of Im q_0 over the energies taken one by one, in real arithmetic.

    With p = gap^2 - z^2 it is the sum of Re p^(-3/2) = |p|^(-3/2) cos(3/2 arg p), several times
    faster than complex roots.
    """
    height = (broadening + step * (np.arange(_TERMS) + 0.5))[:, None]
    real = (gap - voltage) * (gap + voltage) + height * height
    size = real * real
    size += np.square(2 * voltage * height)
    np.sqrt(size, out=size)
    cosine = real / size
    half = np.sqrt(np.maximum(1 + cosine, 0) / 2)  # rounding may pass -1
    half *= 2 * cosine - 1
    half /= size * np.sqrt(size)
    total: FloatArray = half.sum(axis=0)
    return total


def current(voltage: FloatArray, gap: float, broadening: float, thermal: float) -> FloatArray:
    """Return the current times the normal resistance in V: the integral of `average` from zero.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, more than zero.
    broadening
        In eV, zero or more.
    thermal
        k T in eV, zero or more.

    Returns
    -------
    :
        Shape of the voltage, odd in it.
    """
    z = voltage.ravel() + 1j * broadening
    if thermal == 0:
        return np.copysign(np.abs(root(z, gap).real).reshape(voltage.shape), voltage)
    rungs, top, step = _ladder(z, thermal)
    total = -step * np.sum(rungs / root(rungs, gap), axis=0)
    powers = _powers(top, gap, 4)
    for index, factor in enumerate(_TAIL):
        total += factor * gap**2 * step ** (2 * index + 2) * powers[2 * index]
    return np.asarray((root(top, gap) + total).real).reshape(voltage.shape)


@dataclass(frozen=True, slots=True)
class Derivatives:
    """A conductance and its derivatives, each of the shape of the voltage.

    Parameters
    ----------
    conductance
        In units of the normal conductance.
    voltage
        Derivative by the bias in 1/V.
    gap
        Derivative by the gap in 1/eV.
    broadening
        Derivative by the broadening in 1/eV.
    temperature
        Derivative by the temperature in 1/K; zero at zero temperature.
    """

    conductance: FloatArray
    voltage: FloatArray
    gap: FloatArray
    broadening: FloatArray
    temperature: FloatArray


def derivatives(
    voltage: FloatArray, gap: float, broadening: float, temperature: float
) -> Derivatives:
    """Return the thermal average of the Dynes density and its exact derivatives.

    Parameters
    ----------
    voltage
        Bias in V, any shape.
    gap
        In eV, more than zero.
    broadening
        In eV, zero or more; not zero at zero temperature.
    temperature
        In K, zero or more.

    Returns
    -------
    :
        The average, and its derivatives by all four arguments.
    """
    thermal = BOLTZMANN * temperature
    z = voltage.ravel() + 1j * broadening
    rungs, top, step = _ladder(z, thermal)
    q0, q1 = _powers(rungs, gap, 1)
    tail = _powers(top, gap, 6)
    value = step * q0.sum(axis=0)
    by_energy = step * q1.sum(axis=0)
    by_gap = -step * (rungs * q1 + q0).sum(axis=0)
    for index, factor in enumerate(_TAIL):
        k, scale = 2 * index + 1, factor * step ** (2 * index + 2)
        value += scale * tail[k]
        by_energy += scale * tail[k + 1]
        by_gap -= scale * (top * tail[k + 1] + (k + 1) * tail[k])
    value = top / root(top, gap) + gap**2 * value
    by_energy = gap**2 * (by_energy - tail[0])
    by_gap = gap * (by_gap + top * tail[0])
    parts = (value.real, by_energy.real, by_gap.real, -by_energy.imag)
    conductance, by_voltage, by_gap_real, by_broadening = (p.reshape(voltage.shape) for p in parts)
    by_temperature = np.zeros_like(conductance)
    if temperature > 0:  # the average does not change when all energies are scaled together
        scaled = voltage * by_voltage + gap * by_gap_real + broadening * by_broadening
        by_temperature = -scaled / temperature
    return Derivatives(conductance, by_voltage, by_gap_real, by_broadening, by_temperature)
