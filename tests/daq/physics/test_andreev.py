import math
from functools import partial

import numpy as np
import pytest

from daq.physics.andreev import (
    btk_conductance,
    btk_current,
    btk_density,
    btk_derivatives,
)
from daq.physics.dynes import dynes_conductance, dynes_density

GAP = 0.68e-3
VOLTAGES = [0.0, 2e-4, -6e-4, GAP, 9e-4, 3e-3]


def textbook(energy, gap, broadening, barrier):
    """Coherence factors as Blonder, Tinkham and Klapwijk write them, with complex energies."""
    z = complex(abs(energy), broadening) or 1e-300
    root = np.sqrt(complex(z - gap)) * np.sqrt(complex(z + gap))
    u2 = (1 + root / z) / 2
    v2 = 1 - u2
    bottom = abs(u2 + (u2 - v2) * barrier**2) ** 2
    andreev = abs(u2 * v2) / bottom
    normal = abs(u2 - v2) ** 2 * barrier**2 * (1 + barrier**2) / bottom
    return (1 + barrier**2) * (1 + andreev - normal)


@pytest.mark.parametrize("broadening", [0.0, 5e-5, 5e-4])
@pytest.mark.parametrize("barrier", [0.0, 0.3, 5.0])
def test_the_density_is_that_of_the_coherence_factors(broadening, barrier):
    for energy in (1e-5, 3e-4, -6e-4, 7e-4, 2e-3):
        expected = textbook(energy, GAP, broadening, barrier)
        assert btk_density(energy, GAP, broadening, barrier) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("broadening", [0.0, 5e-5, 5e-4])
@pytest.mark.parametrize("barrier", [0.0, 0.3, 5.0])
@pytest.mark.parametrize("temperature", [0.05, 0.32, 1.9])
def test_the_conductance_is_the_integral_that_defines_it(
    broadening, barrier, temperature, by_integration
):
    density = partial(textbook, gap=GAP, broadening=broadening, barrier=barrier)
    edges = [GAP, GAP * (1 - 1e-3), GAP * (1 + 1e-3), 1e-9]
    for voltage in (2e-4, GAP, -1.5e-3):
        expected = by_integration(density, voltage, temperature, edges)
        found = btk_conductance(voltage, GAP, broadening, barrier, temperature)
        assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("barrier", [0.0, 0.7, 5.0])
def test_closed_forms_of_the_density(barrier):
    z2 = barrier**2
    at_zero = btk_density(0.0, GAP, 0.0, barrier)
    assert at_zero == pytest.approx(2 * (1 + z2) / (1 + 2 * z2) ** 2, rel=1e-12)
    assert btk_density(GAP, GAP, 0.0, barrier) == pytest.approx(2 * (1 + z2), rel=1e-9)
    assert btk_density([-1e-3, 0.0], 0.0, 1e-4, barrier) == pytest.approx([1, 1], abs=1e-12)
    assert btk_density(0.3, GAP, 0.0, barrier) == pytest.approx(1.0, abs=1e-4)
    assert btk_conductance(VOLTAGES, 0.0, 0.0, barrier, 1.9, 1e-4) == pytest.approx([1.0] * 6)


def test_without_a_barrier_all_is_reflected_in_the_gap():
    energy = np.linspace(-0.999 * GAP, 0.999 * GAP, 15)
    assert btk_density(energy, GAP, 0.0, 0.0) == pytest.approx(np.full(15, 2.0), abs=1e-9)
    assert btk_conductance(0.0, GAP, 0.0, 0.0, 0.02) == pytest.approx(2.0, abs=1e-9)


def test_a_high_barrier_makes_a_tunnel_contact():
    energy = np.array([0.0, 3e-4, 7e-4, 2e-3])
    dense = dynes_density(energy, GAP, 1e-5)
    assert btk_density(energy, GAP, 1e-5, 1e5) == pytest.approx(dense, rel=1e-6)
    tunnel = dynes_conductance(energy, GAP, 5e-5, 1.9, 1e-4)
    found = btk_conductance(energy, GAP, 5e-5, 1e5, 1.9, 1e-4)
    assert found == pytest.approx(tunnel, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 1e-200, 1e-6, 0.05, 300.0])
@pytest.mark.parametrize("broadening", [0.0, 1e-9, 1e-4])
@pytest.mark.parametrize("barrier", [0.0, 1e3])
@pytest.mark.parametrize("modulation", [0.0, 1e-18, 1e-6, 1e-4])
def test_every_limit_is_finite_even_and_positive(temperature, broadening, barrier, modulation):
    voltage = np.array([-3e-3, -GAP, -3e-4, 0.0, 3e-4, GAP, 3e-3])
    found = btk_conductance(voltage, GAP, broadening, barrier, temperature, modulation)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found == pytest.approx(found[::-1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("broadening", [0.0, 3e-5])
@pytest.mark.parametrize("temperature", [0.0, 0.01, 0.32, 1.9])
def test_the_modulated_conductance_is_the_average_over_the_phases(broadening, temperature):
    phases = math.pi * (np.arange(20000) + 0.5) / 20000
    voltage = np.array([0.0, 6.3e-4, GAP, 7.5e-4])
    swept = voltage[:, None] + 1e-4 * np.cos(phases)
    curve = btk_conductance(swept, GAP, broadening, 0.5, temperature)
    expected = np.mean(2 * np.sin(phases) ** 2 * curve, axis=1)
    found = btk_conductance(voltage, GAP, broadening, 0.5, temperature, 1e-4)
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_current_is_the_integral_of_the_conductance(definite_integral):
    for barrier, broadening in ((0.0, 0.0), (0.5, 3e-5), (5.0, 1e-4)):
        curve = partial(
            btk_conductance, gap=GAP, broadening=broadening, barrier=barrier, temperature=1.9
        )
        expected = definite_integral(lambda v, curve=curve: float(curve(v)), 0.0, 1.5e-3, [GAP])
        found = btk_current([-1.5e-3, 0.0, 1.5e-3], GAP, broadening, barrier, 1.9)
        assert found == pytest.approx([-expected, 0.0, expected], abs=1e-9)


def test_the_excess_current_of_a_clean_contact_is_four_thirds_of_the_gap():
    far = 60e-3
    excess = btk_current(far, GAP, 0.0, 0.0, 3.0) - far
    assert excess == pytest.approx(4 / 3 * GAP, rel=1e-2)
    assert btk_current(1e-3, 0.0, 0.0, 0.0, 1.0) == 1e-3
    with pytest.raises(ValueError, match="temperature"):
        btk_current(1e-3, GAP, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("modulation", [0.0, 1e-4])
@pytest.mark.parametrize("temperature", [0.05, 1.9])
def test_the_derivatives_are_those_of_the_conductance(modulation, temperature):
    point = {"gap": GAP, "broadening": 4e-5, "barrier": 0.6}
    rest = {"temperature": temperature, "modulation": modulation}
    found = btk_derivatives(VOLTAGES, **point, **rest)
    value = btk_conductance(VOLTAGES, **point, **rest)
    assert found.conductance == pytest.approx(value, abs=1e-9)
    for name, at in point.items():
        step = 1e-3 * at

        def moved(by, name=name, at=at):
            return btk_conductance(VOLTAGES, **{**point, name: at + by}, **rest)

        slope = (8 * (moved(step) - moved(-step)) - moved(2 * step) + moved(-2 * step)) / (
            12 * step
        )
        assert getattr(found, name) * at == pytest.approx(slope * at, abs=1e-5)


def test_derivatives_that_diverge_are_refused():
    for gap, temperature in ((0.0, 1.9), (GAP, 0.0)):
        with pytest.raises(ValueError, match="above zero"):
            btk_derivatives(VOLTAGES, gap, 1e-5, 0.5, temperature)


@pytest.mark.parametrize("function", [btk_conductance, btk_derivatives])
@pytest.mark.parametrize("name", ["gap", "broadening", "barrier", "temperature", "modulation"])
@pytest.mark.parametrize("value", [-1e-6, math.nan, math.inf])
def test_a_parameter_that_means_nothing_is_refused_by_name(function, name, value):
    good = {
        "gap": GAP,
        "broadening": 1e-5,
        "barrier": 0.5,
        "temperature": 1.9,
        "modulation": 0.0,
    }
    with pytest.raises(ValueError, match=name) as refusal:
        function([1e-3], **{**good, name: value})
    assert "\n" not in str(refusal.value)


def test_the_shape_follows_the_voltage():
    for modulation in (0.0, 1e-4, 2e-2):
        for shape in ((), (0,), (3,), (2, 3)):
            found = btk_conductance(np.full(shape, 1e-3), GAP, 1e-5, 0.5, 0.32, modulation)
            assert np.shape(found) == shape
            stack = btk_derivatives(np.full(shape, 1e-3), GAP, 1e-5, 0.5, 0.32, modulation)
            assert np.shape(stack.barrier) == shape
