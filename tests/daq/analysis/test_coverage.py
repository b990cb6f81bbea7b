"""The one-sigma interval of a fitted gap holds the truth in 68 of 100 cases.

The data come from a quadrature of the definitions that shares nothing with daq.physics.
"""

import numpy as np
import pytest

from daq.analysis.fit_problem import Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import fit
from daq.analysis.shape import Conditions
from daq.analysis.spectrum_fit import SpectrumModel, spectrum_problem

KELVIN = 8.617333262e-5  # eV
VOLTAGE = np.linspace(-4e-3, 4e-3, 201)
SEEDS = 200


def averaged(density, temperature, modulation):
    """Average over the Fermi edge by the trapezoid rule, over the modulation by its phase."""
    energy = np.linspace(-7e-3, 7e-3, 7001)
    thermal = KELVIN * temperature
    bias = np.linspace(-4.2e-3, 4.2e-3, 1121)
    kernel = 1 / (4 * thermal * np.cosh((energy - bias[:, None]) / (2 * thermal)) ** 2)
    sharp = kernel @ density(energy) * (energy[1] - energy[0])
    if modulation == 0.0:
        return np.interp(VOLTAGE, bias, sharp)
    phase = np.pi * (np.arange(64) + 0.5) / 64
    swing = VOLTAGE[:, None] + modulation * np.cos(phase)
    return np.mean(2 * np.sin(phase) ** 2 * np.interp(swing, bias, sharp), axis=1)


def dynes(energy, gap, broadening):
    z = energy + 1j * broadening
    return np.abs((z / np.sqrt(z * z - gap * gap)).real)


def anisotropic(energy, gap, anisotropy, broadening):
    angle = 2 * np.pi * (np.arange(400) + 0.5) / 400
    return np.mean(
        [dynes(energy, gap * (1 + anisotropy * np.cos(a)), broadening) for a in angle], axis=0
    )


def d_wave(energy, gap, broadening):
    angle = np.pi * (np.arange(400) + 0.5) / 400
    return np.mean([dynes(energy, gap * np.cos(a), broadening) for a in angle], axis=0)


def btk(energy, gap, broadening, barrier):
    """A and B of the original paper, with complex amplitudes."""
    z = np.abs(energy) + 1j * broadening
    u2 = 0.5 * (1 + np.sqrt(z * z - gap * gap) / z)
    v2 = 1 - u2
    gamma = np.abs(u2 + barrier**2 * (u2 - v2)) ** 2
    a = np.abs(u2 * v2) / gamma
    b = np.abs(u2 - v2) ** 2 * barrier**2 * (1 + barrier**2) / gamma
    return (1 + barrier**2) * (1 + a - b)


CASES = {
    "dynes": (
        {"gap": 1.3e-3, "broadening": 6e-5},
        Conditions(0.6, 1e-4),
        lambda e, p: dynes(e, p["gap"], p["broadening"]),
    ),
    "anisotropic": (
        {"gap": 1.03e-3, "broadening": 5e-5, "anisotropy": 0.3},
        Conditions(0.6),
        lambda e, p: anisotropic(e, p["gap"], p["anisotropy"], p["broadening"]),
    ),
    "d-wave": (
        {"gap": 1.2e-3, "broadening": 1e-4},
        Conditions(0.6, 1e-4),
        lambda e, p: d_wave(e, p["gap"], p["broadening"]),
    ),
    "btk": (
        {"gap": 0.7e-3, "broadening": 1e-4, "barrier": 0.5},
        Conditions(1.5),
        lambda e, p: btk(e, p["gap"], p["broadening"], p["barrier"]),
    ),
}


def covered(shape, seeds, *, given):
    truth, conditions, density = CASES[shape]
    clean = averaged(lambda e: density(e, truth), conditions.temperature, conditions.modulation) * (
        1 + 10.0 * VOLTAGE
    )
    sigma = np.full(len(VOLTAGE), 0.01)
    problem = spectrum_problem(
        VOLTAGE, clean, SpectrumModel(shape, conditions), sigma if given else None
    )
    assert isinstance(problem, Problem)
    problem = problem.starting(truth | {"scale": 1.0})
    inside, pulls = 0, []
    for seed in range(seeds):
        noise = 0.01 * np.random.default_rng(seed).standard_normal(len(VOLTAGE))
        found = fit(problem.measuring(clean + noise))
        assert isinstance(found, Fit)
        pulls.append((found["gap"].value - truth["gap"]) / found["gap"].error)
        inside += abs(pulls[-1]) < 1.0
    return inside / seeds, np.array(pulls)


@pytest.mark.parametrize("shape", ["dynes", "btk"])
def test_one_sigma_of_a_gap_holds_the_truth_as_often_as_it_should(shape):
    share, pulls = covered(shape, 80, given=shape == "btk")
    assert 0.58 <= share <= 0.78
    assert abs(np.mean(pulls)) < 0.35
    assert np.std(pulls) == pytest.approx(1.0, abs=0.2)


def test_one_sigma_of_an_anisotropic_gap_holds_the_truth_as_often_as_it_should():
    share, pulls = covered("anisotropic", 20, given=False)
    assert 0.45 <= share <= 0.91  # 20 seeds: two standard deviations of the count wider
    assert abs(np.mean(pulls)) < 0.7


@pytest.mark.soak
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("shape", CASES)
def test_one_sigma_of_every_gap_holds_the_truth_over_all_seeds(shape, given):
    share, pulls = covered(shape, SEEDS, given=given)
    assert 0.58 <= share <= 0.78
    assert abs(np.mean(pulls)) < 0.25
    assert np.std(pulls) == pytest.approx(1.0, abs=0.15)


def test_an_error_given_half_as_large_as_the_noise_is_seen_in_chi_square():
    truth, conditions, density = CASES["dynes"]
    clean = averaged(lambda e: density(e, truth), conditions.temperature, conditions.modulation)
    noise = 0.01 * np.random.default_rng(1).standard_normal(len(VOLTAGE))
    problem = spectrum_problem(
        VOLTAGE, clean + noise, SpectrumModel("dynes", conditions), np.full(len(VOLTAGE), 0.005)
    )
    found = fit(problem.starting(truth))
    assert found.reduced == pytest.approx(4.0, rel=0.25)
