import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from daq.physics.andreev import btk_conductance, btk_conductance_2d

GAP = 1e-3


def channel(theta, energy, broadening, barrier, angle):
    """Kashiwaya and Tanaka's sigma_S of one direction; `angle` None for an s-wave gap."""
    z = complex(abs(energy), broadening)
    ahead = behind = GAP
    if angle is not None:
        ahead, behind = (GAP * math.cos(2 * (theta + s * angle)) for s in (-1, 1))
    pairs = [
        gap / (z + np.sqrt(complex(z - gap)) * np.sqrt(complex(z + gap))) for gap in (ahead, behind)
    ]
    normal = math.cos(theta) ** 2 / (math.cos(theta) ** 2 + barrier**2)
    product = pairs[0] * pairs[1]
    top = 1 + normal * abs(pairs[0]) ** 2 + (normal - 1) * abs(product) ** 2
    return normal * top / abs(1 + (normal - 1) * product) ** 2, normal


def averaged(energy, broadening, barrier, angle):
    pieces = [0.0, 0.0]
    bounds = np.linspace(-math.pi / 2, math.pi / 2, 41)
    for low, high in itertools.pairwise(bounds):
        for index in (0, 1):
            pieces[index] += quad(
                lambda t, index=index: (
                    channel(t, energy, broadening, barrier, angle)[index] * math.cos(t)
                ),
                low,
                high,
                epsabs=1e-10,
                epsrel=1e-9,
                limit=200,
            )[0]
    return pieces[0] / pieces[1]


@pytest.mark.parametrize("barrier", [0.0, 0.5, 5.0])
@pytest.mark.parametrize("angle", [None, 0.0, 0.3, math.pi / 4])
def test_the_conductance_is_an_average_over_directions(barrier, angle):
    symmetry = {"symmetry": "s"} if angle is None else {"symmetry": "d", "angle": angle}
    for energy in (1e-5, 5e-4, 1.2e-3):
        expected = averaged(energy, 2e-5, barrier, angle)
        found = btk_conductance_2d(energy, GAP, 2e-5, barrier, 0.0, **symmetry)
        assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("broadening", [0.0, 5e-5])
def test_temperature_averages_what_it_finds_at_zero_temperature(broadening):
    """By Gauss's rule in the root of the distance from every edge, on both sides of zero."""
    shape = {"symmetry": "d", "angle": 0.3}
    thermal = 8.617333262e-5 * 1.9
    edges = [0.0, GAP * math.sin(0.6), GAP * math.cos(0.6), GAP, 8e-3]
    nodes, weights = np.polynomial.legendre.leggauss(40)
    energies, shares = [], []
    for low, high in itertools.pairwise(edges):
        root = math.sqrt((high - low) / 2)
        t = root * (nodes + 1) / 2
        for end, sign in ((low, 1), (high, -1)):
            energies.append(end + sign * t * t)
            shares.append(root * weights * t)
    energy, share = np.concatenate(energies), np.concatenate(shares)
    density = btk_conductance_2d(energy, GAP, broadening, 0.5, 0.0, **shape)
    for voltage in (0.0, 4e-4, 1.1e-3):
        kernel = sum(
            1 / (4 * thermal * np.cosh((energy + s * voltage) / (2 * thermal)) ** 2)
            for s in (-1, 1)
        )
        expected = np.sum(share * density * kernel)
        found = btk_conductance_2d(voltage, GAP, broadening, 0.5, 1.9, **shape)
        assert found == pytest.approx(expected, abs=3e-7)


def test_a_wide_swing_in_the_cold_is_the_average_over_its_phases():
    """Its density is tabulated as far as the Fermi edge at the end of the swing reaches."""
    shape = {"symmetry": "d", "angle": 0.4}
    phases = math.pi * (np.arange(400) + 0.5) / 400
    curve = btk_conductance_2d(1e-3 + 5e-3 * np.cos(phases), GAP, 1e-5, 1.5, 0.3, **shape)
    expected = np.mean(2 * np.sin(phases) ** 2 * curve)
    found = btk_conductance_2d(1e-3, GAP, 1e-5, 1.5, 0.3, 5e-3, **shape)
    assert found == pytest.approx(expected, abs=1e-6)


def test_without_a_barrier_all_directions_are_alike():
    voltage = np.array([0.0, 5e-4, 1e-3, 2e-3])
    for temperature in (0.0, 1.9):
        plane = btk_conductance_2d(voltage, GAP, 2e-5, 0.0, temperature)
        line = btk_conductance(voltage, GAP, 2e-5, 0.0, temperature)
        assert plane == pytest.approx(line, abs=1e-7)


def test_only_a_turned_d_wave_gap_has_bound_states_at_zero_energy():
    shape = {"symmetry": "d"}
    straight = btk_conductance_2d(0.0, GAP, 1e-5, 5.0, 0.5, angle=0.0, **shape)
    turned = btk_conductance_2d(0.0, GAP, 1e-5, 5.0, 0.5, angle=math.pi / 4, **shape)
    assert straight < 0.3
    assert turned > 3


@pytest.mark.parametrize("temperature", [0.0, 1.9])
@pytest.mark.parametrize("modulation", [0.0, 1e-4])
@pytest.mark.parametrize("symmetry", ["s", "d"])
def test_limits_are_finite(temperature, modulation, symmetry):
    voltage = np.array([-2e-3, -GAP, 0.0, GAP, 2e-3])
    found = btk_conductance_2d(
        voltage, GAP, 1e-4, 5.0, temperature, modulation, symmetry=symmetry, angle=0.3
    )
    assert np.isfinite(found).all()
    assert found == pytest.approx(found[::-1], rel=1e-9)
    bare = btk_conductance_2d(voltage, GAP, 0.0, 5.0, 1.9, symmetry=symmetry, angle=0.3)
    assert np.isfinite(bare).all()
    assert btk_conductance_2d(0.0, 0.0, 0.0, 1.0, temperature, modulation) == 1.0


def test_what_means_nothing_is_refused():
    with pytest.raises(ValueError, match="symmetry"):
        btk_conductance_2d(0.0, GAP, 0.0, 1.0, 1.0, symmetry="p")
    with pytest.raises(ValueError, match="barrier"):
        btk_conductance_2d(0.0, GAP, 0.0, -1.0, 1.0)
    with pytest.raises(ValueError, match="angle"):
        btk_conductance_2d(0.0, GAP, 0.0, 1.0, 1.0, symmetry="d", angle=math.nan)
