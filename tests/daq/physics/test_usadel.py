import math

import numpy as np
import pytest
from scipy.integrate import solve_bvp

from daq.physics.dynes import dynes_density
from daq.physics.usadel import semi_infinite_density

GAP, XI = 1.343e-3, 20e-9


def test_the_density_solves_the_equation_of_usadel():
    """theta'' / 2 + i z sin(theta) / gap = 0, relaxed numerically in x / xi."""
    for energy in (3e-4, 1e-3, 2e-3):
        z = complex(energy, 5e-5) / GAP
        surface = np.arctan2(1, 0) if energy == 0 else np.arctan(1j / z + 0j)

        def slopes(_, y, z=z):
            theta = y[0] + 1j * y[1]
            second = -2j * z * np.sin(theta)
            return np.stack((y[2], y[3], second.real, second.imag))

        def ends(left, right, surface=surface):
            return np.array([left[0] - surface.real, left[1] - surface.imag, right[0], right[1]])

        x = np.linspace(0, 14, 400)
        guess = surface * np.exp(-np.sqrt(-2j * z) * x)
        start = np.stack((guess.real, guess.imag, 0 * x, 0 * x))
        solution = solve_bvp(slopes, ends, x, start, tol=1e-8, max_nodes=20000)
        assert solution.success
        at = np.array([0.0, 0.3, 1.0, 2.5])
        theta = solution.sol(at)[0] + 1j * solution.sol(at)[1]
        found = semi_infinite_density(energy, at * XI, GAP, 5e-5, XI)
        assert found == pytest.approx(np.abs(np.cos(theta).real), abs=1e-4)


def test_at_the_interface_it_is_the_superconductor_and_far_away_the_normal_metal():
    energy = np.linspace(-3e-3, 3e-3, 31)
    at_interface = semi_infinite_density(energy, 0.0, GAP, 1e-5, XI)
    assert at_interface == pytest.approx(dynes_density(energy, GAP, 1e-5), rel=1e-9, abs=1e-12)
    far = semi_infinite_density(energy, 1e-3, GAP, 1e-5, XI)
    assert far == pytest.approx(np.ones(31), abs=1e-9)


def test_limits_are_finite_and_shapes_broadcast():
    for broadening in (0.0, 1e-5):
        found = semi_infinite_density([0.0, GAP, -GAP], [[1e-9], [1e-6]], GAP, broadening, XI)
        assert found.shape == (2, 3)
        assert np.isfinite(found).all()
    assert semi_infinite_density(GAP, 0.0, GAP, 0.0, XI) == math.inf
    assert semi_infinite_density([0.0, 1.0], 0.0, 0.0, 0.0, XI).tolist() == [1.0, 1.0]
    assert semi_infinite_density(0.0, 1e-6, GAP, 0.0, XI) == pytest.approx(0.0, abs=1e-12)


def test_what_means_nothing_is_refused():
    for arguments, named in (
        ((math.nan, 0.0, GAP, 0.0, XI), "energy"),
        ((0.0, -1e-9, GAP, 0.0, XI), "distance"),
        ((0.0, 0.0, -GAP, 0.0, XI), "gap"),
        ((0.0, 0.0, GAP, 0.0, 0.0), "coherence_length"),
    ):
        with pytest.raises(ValueError, match=named):
            semi_infinite_density(*arguments)
