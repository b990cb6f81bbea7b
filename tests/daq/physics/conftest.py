"""A second method: the definition of each average, by adaptive integration point by point."""

import itertools
import math

import pytest
from scipy.integrate import quad

BOLTZMANN = 8.617333262e-5  # eV/K, typed anew


def integral(function, start, stop, edges):
    """Integrate a function of one number that may diverge as a root at its edges."""
    bounds = [start, *sorted(edge for edge in edges if start < edge < stop), stop]
    total = 0.0
    for low, high in itertools.pairwise(bounds):
        reach = math.sqrt((high - low) / 2)
        for end, sign in ((low, 1), (high, -1)):
            part, _ = quad(
                lambda t, end=end, sign=sign: function(end + sign * t * t) * 2 * t,
                0,
                reach,
                epsabs=1e-13,
                epsrel=1e-11,
                limit=300,
            )
            total += part
    return total


def averaged(density, voltage, temperature, edges):
    """Average a density with the derivative of the Fermi function."""
    thermal = BOLTZMANN * temperature

    def integrand(energy):
        kernel = 1 / (4 * thermal * math.cosh((energy - voltage) / (2 * thermal)) ** 2)
        return density(energy) * kernel

    cuts = [voltage + step * thermal for step in (-8, -3, 0, 3, 8)]
    marks = [*cuts, *edges, *(-edge for edge in edges)]
    return integral(integrand, voltage - 40 * thermal, voltage + 40 * thermal, marks)


def demodulated(curve, voltage, amplitude, phases=120):
    """Average a curve over the phases of a modulation: mean of 2 G(V + a cos) sin^2."""
    total = 0.0
    for n in range(phases):
        phase = math.pi * (n + 0.5) / phases
        total += 2 * math.sin(phase) ** 2 * curve(voltage + amplitude * math.cos(phase))
    return total / phases


@pytest.fixture(scope="session")
def by_integration():
    return averaged


@pytest.fixture(scope="session")
def by_phases():
    return demodulated


@pytest.fixture(scope="session")
def definite_integral():
    return integral
