import cmath
import math
from functools import partial

import mpmath
import numpy as np
import pytest

from daq.physics import averaging
from daq.physics.tunnelling import (
    anisotropic_conductance,
    anisotropic_density,
    d_wave_conductance,
    d_wave_density,
    dynes_conductance,
    dynes_current,
    dynes_density,
    dynes_derivatives,
)

GAP = 1.343e-3
VOLTAGES = [0.0, 4e-4, -1.1e-3, GAP, 1.4e-3, 4e-3]
BOLTZMANN = 8.617333262e-5


def dynes(energy, gap, broadening):
    z = complex(energy, broadening)
    root = cmath.sqrt(z - gap) * cmath.sqrt(z + gap)
    return abs((z / root).real) if root else 0.0


@pytest.mark.parametrize("gap", [0.3e-3, GAP])
@pytest.mark.parametrize("broadening", [0.0, 2e-5, 5e-4])
@pytest.mark.parametrize("temperature", [0.05, 0.32, 4.2])
def test_the_dynes_conductance_is_the_integral_that_defines_it(
    gap, broadening, temperature, by_integration
):
    expected = [
        by_integration(lambda e: dynes(e, gap, broadening), v, temperature, [gap]) for v in VOLTAGES
    ]
    found = dynes_conductance(VOLTAGES, gap, broadening, temperature)
    assert np.abs(found - expected).max() < 1e-7


@pytest.mark.parametrize("broadening", [0.0, 2e-5])
@pytest.mark.parametrize("modulation", [2e-5, 1e-4, 1e-3])
def test_the_modulated_conductance_is_the_average_over_the_phases(
    broadening, modulation, by_phases
):
    curve = partial(dynes_conductance, gap=GAP, broadening=broadening, temperature=0.32)
    for voltage in VOLTAGES:
        expected = by_phases(curve, voltage, modulation)
        found = dynes_conductance(voltage, GAP, broadening, 0.32, modulation)
        assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("broadening", [0.0, 1e-8, 1e-6, 1e-5])
@pytest.mark.parametrize("modulation", [1e-5, 1e-4])
def test_at_zero_temperature_the_modulation_alone_makes_the_conductance_finite(
    broadening, modulation
):
    def swing(phase, voltage):
        z = mpmath.mpc(voltage + modulation * mpmath.cos(phase), broadening)
        current = (mpmath.sqrt(z - GAP) * mpmath.sqrt(z + GAP)).real
        return 2 * current * mpmath.cos(phase) / (mpmath.pi * modulation)

    for voltage in (0.0, GAP - modulation, 1.336e-3, GAP, 1.35e-3, GAP + modulation, 3e-3):
        inside = [(edge - voltage) / modulation for edge in (-GAP, GAP)]
        cuts = [mpmath.acos(x) for x in inside if -1 < x < 1]
        width = math.sqrt(broadening / modulation)
        near = [c + s * width for c in cuts for s in (-1, 1) if 0 < c + s * width < mpmath.pi]
        bounds = sorted([mpmath.mpf(0), *cuts, *near, mpmath.pi])
        expected = float(mpmath.quad(partial(swing, voltage=voltage), bounds, maxdegree=9))
        found = dynes_conductance(voltage, GAP, broadening, 0.0, modulation)
        assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 1e-200, 0.01, 300.0])
@pytest.mark.parametrize("broadening", [0.0, 1e-9, 1e-4])
@pytest.mark.parametrize("modulation", [0.0, 1e-18, 1e-6, 1e-4])
@pytest.mark.parametrize(
    "conductance",
    [dynes_conductance, partial(anisotropic_conductance, anisotropy=0.3), d_wave_conductance],
    ids=["dynes", "anisotropic", "d-wave"],
)
def test_every_limit_is_finite_even_and_not_negative(
    temperature, broadening, modulation, conductance
):
    voltage = np.array([-2e-3, -0.5e-3, 0.0, 0.5e-3, 2e-3])
    found = conductance(
        voltage,
        gap=1e-3,
        broadening=broadening,
        temperature=temperature,
        modulation=modulation,
    )
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found == pytest.approx(found[::-1], abs=1e-12)
    if temperature <= 1e-200 and modulation <= 1e-18:
        cold = conductance(voltage, gap=1e-3, broadening=broadening, temperature=0.0)
        assert found == pytest.approx(cold, abs=1e-6)


def test_nothing_is_below_zero_in_a_gap_that_is_almost_empty():
    voltage = np.linspace(-3e-3, 3e-3, 12)
    for temperature in (0.0, 1e-3):
        assert (dynes_conductance(voltage, 1e-3, 0.0, temperature, 1e-4) >= 0.0).all()


def test_only_a_bare_edge_is_infinite():
    assert dynes_density(GAP, GAP, 0.0) == math.inf
    assert dynes_conductance(GAP, GAP, 0.0, 0.0) == math.inf
    assert anisotropic_density(1.3 * 1e-3, 1e-3, 0.3, 0.0) > 5
    assert d_wave_density(GAP, GAP, 0.0) == math.inf
    for warmed in ((0.0, 0.01, 0.0), (0.0, 0.0, 1e-6), (1e-6, 0.0, 0.0)):
        assert math.isfinite(dynes_conductance(GAP, GAP, *warmed))
        assert math.isfinite(d_wave_conductance(GAP, GAP, *warmed))


def test_closed_forms_of_the_dynes_density():
    energy = np.array([-3e-3, -1.5e-3, -1e-3, 0.0, 1e-3, 1.5e-3, 3e-3])
    bare = dynes_density(energy, GAP, 0.0)
    outside = np.abs(energy) > GAP
    root = np.sqrt(energy[outside] ** 2 - GAP**2)
    assert bare[~outside] == pytest.approx(0.0, abs=1e-12)
    assert bare[outside] == pytest.approx(np.abs(energy[outside]) / root, rel=1e-12)
    assert dynes_density(0.0, GAP, 1e-4) == pytest.approx(1e-4 / math.hypot(1e-4, GAP), rel=1e-12)
    assert dynes_density(0.1, GAP, 0.0) == pytest.approx(1 + (GAP / 0.1) ** 2 / 2, abs=1e-7)
    for conductance in (dynes_conductance, d_wave_conductance):
        assert conductance(energy, 0.0, 1e-4, 1.0, 1e-4) == pytest.approx(np.ones(7), abs=1e-12)


def test_deep_in_a_gap_the_conductance_is_activated():
    found = dynes_conductance(0.0, GAP, 0.0, 1.5)
    thermal = BOLTZMANN * 1.5
    expected = math.sqrt(2 * math.pi * GAP / thermal) * math.exp(-GAP / thermal)
    assert found == pytest.approx(expected, rel=0.05)


def test_states_are_moved_and_not_made():
    limit = 40e-3
    voltage = np.linspace(-limit, limit, 16001)
    for temperature, broadening in ((0.32, 2e-5), (4.2, 3e-4)):
        excess = dynes_conductance(voltage, GAP, broadening, temperature) - 1
        total = np.sum((excess[1:] + excess[:-1]) / 2) * (voltage[1] - voltage[0])
        assert total == pytest.approx(-(GAP**2) / limit, rel=0.02)


@pytest.mark.parametrize("broadening", [0.0, 5e-5])
@pytest.mark.parametrize("temperature", [0.0, 0.32, 4.2])
def test_the_current_is_the_integral_of_the_conductance(broadening, temperature, definite_integral):
    for voltage in (4e-4, 1.4e-3, -3e-3):
        expected = definite_integral(
            lambda v: float(dynes_conductance(v, GAP, broadening, temperature)),
            0.0,
            abs(voltage),
            [GAP],
        )
        found = dynes_current(voltage, GAP, broadening, temperature)
        assert found == pytest.approx(math.copysign(expected, voltage), abs=1e-9)
    assert dynes_current(0.0, GAP, broadening, temperature) == pytest.approx(0.0, abs=1e-17)
    assert dynes_current([1e-3, -2e-3], 0.0, 0.0, 1.0).tolist() == [1e-3, -2e-3]


@pytest.mark.parametrize("modulation", [0.0, 1e-4])
def test_the_derivatives_are_those_of_the_conductance(modulation):
    point = {"voltage": np.array(VOLTAGES), "gap": GAP, "broadening": 3e-5, "temperature": 0.9}
    found = dynes_derivatives(**point, modulation=modulation)
    value = dynes_conductance(**point, modulation=modulation)
    assert found.conductance == pytest.approx(value, abs=1e-9)
    for name in ("voltage", "gap", "broadening", "temperature"):
        step = 1e-4 * (GAP if name == "voltage" else point[name])

        def moved(by, name=name):
            shifted = {**point, name: point[name] + by}
            return dynes_conductance(**shifted, modulation=modulation)

        slope = (8 * (moved(step) - moved(-step)) - moved(2 * step) + moved(-2 * step)) / (
            12 * step
        )
        scale = max(1.0, float(np.abs(slope).max()))
        assert getattr(found, name) / scale == pytest.approx(slope / scale, abs=1e-4)


def test_derivatives_that_diverge_are_refused():
    with pytest.raises(ValueError, match="broadening"):
        dynes_derivatives(1e-3, GAP, 0.0, 0.0)
    assert dynes_derivatives(1e-3, 0.0, 0.0, 0.0).gap == 0.0


@pytest.mark.parametrize("energy", [0.0, 2e-4, 9e-4, 1e-3, 1.2e-3, 3e-3])
@pytest.mark.parametrize("anisotropy", [0.1, 0.4, 1.0])
def test_the_anisotropic_density_is_an_average_over_directions(energy, anisotropy):
    angle = (np.arange(20000) + 0.5) * np.pi / 20000
    z = energy + 2e-5j
    gap = 1e-3 * (1 + anisotropy * np.cos(angle))
    expected = np.mean(np.abs((z / (np.sqrt(z - gap) * np.sqrt(z + gap))).real))
    assert anisotropic_density(energy, 1e-3, anisotropy, 2e-5) == pytest.approx(expected, abs=1e-9)
    turned = anisotropic_density(energy, 1e-3, -anisotropy, 2e-5)
    assert turned == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("energy", [1e-5, 5e-4, 0.999e-3, 1.001e-3, 3e-3])
@pytest.mark.parametrize("broadening", [0.0, 1e-5, 1e-3])
def test_the_d_wave_density_is_the_elliptic_integral(energy, broadening):
    modulus = (1e-3 / mpmath.mpc(energy, broadening)) ** 2
    expected = abs(float((2 / mpmath.pi * mpmath.ellipk(modulus)).real))
    assert d_wave_density(energy, 1e-3, broadening) == pytest.approx(expected, rel=1e-9)


def test_an_anisotropic_gap_has_no_states_below_its_smallest_value():
    energy = np.linspace(-0.69e-3, 0.69e-3, 21)
    assert anisotropic_density(energy, 1e-3, 0.3, 0.0) == pytest.approx(np.zeros(21), abs=1e-12)
    assert anisotropic_density(0.71e-3, 1e-3, 0.3, 0.0) > 0.5
    slopes = d_wave_density([1e-6, 2e-6], 1e-3, 0.0)
    assert slopes == pytest.approx([1e-3, 2e-3], rel=1e-5)  # N = E / gap at a node


@pytest.mark.parametrize("broadening", [0.0, 2e-5])
@pytest.mark.parametrize("temperature", [0.05, 0.32, 1.9])
@pytest.mark.parametrize("anisotropy", [0.3, 1.0])
def test_the_anisotropic_conductance_is_an_average_over_directions(
    broadening, temperature, anisotropy
):
    directions = 1500 if temperature < 0.1 else 300
    angle = (np.arange(directions) + 0.5) * np.pi / directions
    voltage = [0.0, 7e-4, 1.3e-3, 2e-3]
    gaps = 1e-3 * (1 + anisotropy * np.cos(angle))
    each = [dynes_conductance(voltage, gap, broadening, temperature) for gap in gaps]
    found = anisotropic_conductance(voltage, 1e-3, anisotropy, broadening, temperature)
    assert found == pytest.approx(np.mean(each, axis=0), abs=2e-7)


def test_without_anisotropy_it_is_the_dynes_conductance():
    voltage = np.linspace(-2e-3, 2e-3, 21)
    plain = dynes_conductance(voltage, 1e-3, 1e-5, 0.5, 5e-5)
    found = anisotropic_conductance(voltage, 1e-3, 0.0, 1e-5, 0.5, 5e-5)
    assert found == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("temperature", [1e-3, 0.03, 0.2])
def test_all_ways_of_averaging_agree(temperature, monkeypatch):
    voltage = np.linspace(-2.5e-3, 2.5e-3, 31)
    found = []
    for outer, grid in ((340.0, 1e4), (0.0, 1e5), (0.0, 0.0)):
        monkeypatch.setattr(averaging, "_FARTHEST", outer)
        monkeypatch.setattr(averaging, "_FARTHEST_GRID", grid)
        found.append(anisotropic_conductance(voltage, 1e-3, 0.3, 1e-6, temperature))
    assert found[0] == pytest.approx(found[1], abs=1e-7)
    assert found[0] == pytest.approx(found[2], abs=1e-7)


@pytest.mark.parametrize(
    ("temperature", "broadening", "tolerance"), [(0.002, 1e-6, 1e-6), (0.05, 4e-5, 1e-7)]
)
def test_a_modulation_far_wider_than_the_temperature_is_followed(
    temperature, broadening, tolerance
):
    voltage = np.array([0.6e-3, 0.95e-3, 1.25e-3, 1.35e-3])
    found = anisotropic_conductance(voltage, 1e-3, 0.3, broadening, temperature, 1e-4)
    curve = partial(
        anisotropic_conductance,
        gap=1e-3,
        anisotropy=0.3,
        broadening=broadening,
        temperature=temperature,
    )
    phases = math.pi * (np.arange(2000) + 0.5) / 2000
    swept = curve(voltage[:, None] + 1e-4 * np.cos(phases))
    expected = np.mean(2 * np.sin(phases) ** 2 * swept, axis=1)
    assert found == pytest.approx(expected, abs=tolerance)


def test_the_shape_follows_the_voltage():
    for conductance in (dynes_conductance, d_wave_conductance):
        for modulation in (0.0, 1e-4, 2e-2):
            for shape in ((), (0,), (3,), (2, 3)):
                found = conductance(np.full(shape, 1e-3), GAP, 1e-5, 0.32, modulation)
                assert np.shape(found) == shape
    assert isinstance(float(dynes_conductance(1e-3, GAP, 0.0, 0.0)), float)


@pytest.mark.parametrize("name", ["gap", "broadening", "temperature", "modulation"])
@pytest.mark.parametrize("value", [-1e-6, math.nan, math.inf, "much"])
def test_a_parameter_that_means_nothing_is_refused_by_name(name, value):
    good = {"gap": GAP, "broadening": 1e-5, "temperature": 1.0, "modulation": 0.0}
    for conductance in (
        dynes_conductance,
        dynes_derivatives,
        d_wave_conductance,
        partial(anisotropic_conductance, anisotropy=0.3),
    ):
        with pytest.raises(ValueError, match=name) as refusal:
            conductance([1e-3], **{**good, name: value})
        assert "\n" not in str(refusal.value)


def test_a_voltage_that_is_no_number_is_refused():
    for voltage in (math.nan, [0.0, math.inf], "1 mV"):
        with pytest.raises(ValueError, match="voltage"):
            dynes_conductance(voltage, GAP, 0.0, 1.0)
    with pytest.raises(ValueError, match="anisotropy"):
        anisotropic_density(0.0, GAP, 1.1, 0.0)
