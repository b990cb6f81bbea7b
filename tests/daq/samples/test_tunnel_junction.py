"""What holds for every sample under a tip; each paper's own numbers follow."""

import math
import time

import numpy as np
import pytest

from daq.physics.gap import gap_ratio
from daq.physics.lockin import first_harmonic
from daq.physics.tunnelling import anisotropic_conductance, dynes_conductance
from daq.samples.catalogue import make_sample
from daq.samples.crbst_tip import LAYERS, FilmTipNumbers, crbst_tip
from daq.samples.fete_line import fete_line
from daq.samples.nipb import SITES, AlloyNumbers, nipb
from daq.samples.nipb_line import LineNumbers, nipb_line
from daq.samples.pb111 import LeadNumbers, pb111
from daq.samples.tunnel_junction import Spectrum
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Environment, Exposure

COLD = Environment(0.32)
VOLTAGE = np.linspace(-8e-3, 8e-3, 201)
OPTIONS = {
    "pb111": {},
    "nipb": {"site": "top"},
    "nipb_line": {"decay_length": "2.75 nm"},
    "crbst_tip": {"m": 4},
    "fete_line": {},
}
every = pytest.mark.parametrize("name", sorted(OPTIONS))


def made(name):
    return make_sample(name, OPTIONS[name])


def slope(sample, voltage, environment, step=1e-7):
    """Return dI/dV over the set-point conductance, without modulation."""
    low, high = (
        sample.current(voltage + sign * step, "I+ I-", environment) for sign in (-1.0, 1.0)
    )
    point = sample.set_point
    return (high - low) / (2.0 * step) * point.voltage / point.current


@every
def test_the_current_at_the_set_point_is_that_of_the_set_point_everywhere(name):
    sample = made(name)
    for environment in (COLD, Environment(5.0), Environment(0.32, (0, 0, 1.0), 5e-9)):
        at = sample.current(np.array([sample.set_point.voltage]), "I+ I-", environment)
        assert at[0] == pytest.approx(sample.set_point.current, rel=1e-12)


@every
def test_the_current_is_odd_and_rises(name):
    current = made(name).current(VOLTAGE, "I+ I-", COLD)
    np.testing.assert_allclose(current, -current[::-1], rtol=1e-9, atol=1e-22)
    assert np.all(np.diff(current) > 0.0)


@every
def test_voltage_is_the_inverse_of_current(name):
    sample = made(name)
    current = sample.current(VOLTAGE, "I+ I-", COLD)
    np.testing.assert_allclose(
        sample.voltage(current, "V+ V-", "I+ I-", COLD), VOLTAGE, rtol=1e-9, atol=1e-12
    )


@every
def test_an_array_is_answered_point_by_point(name):
    sample = made(name)
    whole = sample.current(VOLTAGE, "I+ I-", COLD)
    single = [sample.current(VOLTAGE[i : i + 1], "I+ I-", COLD)[0] for i in range(201)]
    np.testing.assert_allclose(whole, single, rtol=1e-12, atol=1e-22)


@every
def test_nothing_is_remembered(name):
    sample = made(name)
    before = sample.current(VOLTAGE, "I+ I-", COLD)
    sample.evolve(1e5, Environment(300.0), {"I+ I-": Exposure(1.0, 1.0, 10.0)})
    np.testing.assert_array_equal(sample.current(VOLTAGE, "I+ I-", COLD), before)
    assert sample.state() == {}


def test_lead_has_the_dynes_conductance_with_the_gap_of_the_paper():
    gap = LeadNumbers().zero_gap
    sample = pb111()
    found = slope(sample, VOLTAGE, COLD)
    expected = dynes_conductance(VOLTAGE, gap, 0.04e-3, 0.32)
    np.testing.assert_allclose(found / found[0] * expected[0], expected, atol=2e-5)
    assert gap_ratio(gap, 7.1) == pytest.approx(4.39, abs=0.005)


def test_the_alloy_has_the_anisotropic_conductance_with_the_gap_of_the_paper():
    numbers = AlloyNumbers(enhancement=0.0)
    found = slope(nipb(numbers=numbers), VOLTAGE, COLD, step=1e-6)
    expected = anisotropic_conductance(VOLTAGE, 1.031e-3, 0.2, 0.04e-3, 0.32)
    np.testing.assert_allclose(found / found[0] * expected[0], expected, atol=3e-4)
    assert gap_ratio(numbers.zero_gap, 7.1) == pytest.approx(3.37, abs=0.005)


def asymmetry(sample, gap, field=(0.0, 0.0, 0.0)):
    """Return (peak - background) / (peak + background) at a modulation of 0.1 mV peak."""
    where = Environment(0.32, field)
    fine = np.linspace(-8e-3, 8e-3, 1601)
    curve = first_harmonic(lambda v: slope(sample, v.ravel(), where).reshape(v.shape), fine, 1e-4)
    peak, background = curve.max(), curve[np.abs(fine) >= 5.0 * gap].mean()
    return (peak - background) / (peak + background)


def test_the_coherence_peak_of_the_alloy_stands_four_percent_higher_than_that_of_lead():
    risen = asymmetry(nipb(), 1.031e-3) - asymmetry(pb111(), 1.343e-3)
    assert risen == pytest.approx(0.04, abs=0.003)


def test_a_field_quenches_lead_and_alloy_at_once_and_not_before():
    below, above = (Environment(0.32, (0.0, 0.0, field)) for field in (0.079, 0.0805))
    for sample in (pb111(), nipb()):
        assert slope(sample, np.zeros(1), below)[0] < 0.1
        assert slope(sample, np.zeros(1), above)[0] > 0.9
        np.testing.assert_array_equal(
            sample.current(VOLTAGE, "", below), sample.current(VOLTAGE, "", COLD)
        )


def test_both_gaps_close_at_one_temperature():
    for sample in (pb111(), nipb()):
        assert sample.spectrum(Environment(7.0)).gap > 0.0
        assert sample.spectrum(Environment(7.1)).gap == 0.0


def test_the_sites_of_the_alloy_differ_by_less_than_a_percent():
    gaps = [nipb(site).spectrum(COLD).gap for site in SITES]
    assert 0.0 < np.ptp(gaps) / np.mean(gaps) < 0.01
    with pytest.raises(ValueError, match="choose one of"):
        nipb("hollow")


@pytest.mark.parametrize("length", [3.55e-9, 2.75e-9])
def test_across_the_edge_the_gap_jumps_and_then_decays_over_the_length_put_in(length):
    sample = nipb_line(LineNumbers(decay_length=length))
    x = np.linspace(0.0, 20e-9, 51)
    gaps = np.array([sample.spectrum(Environment(0.32, position=float(p))).gap for p in x])
    slopes = np.polyfit(x[:30], np.log(gaps[:30] - 1.031e-3), 1)
    assert -1.0 / slopes[0] == pytest.approx(length, rel=1e-3)
    lead = sample.spectrum(Environment(0.32, position=-1e-12)).gap
    assert lead - gaps[0] > 0.05e-3


def test_the_gap_of_the_film_falls_with_its_thickness_and_closes_as_quoted():
    gaps = [crbst_tip(m).spectrum(Environment(0.31)).gap for m in LAYERS]
    assert np.all(np.diff(gaps) < 0.0)
    assert gaps[-1] > 0.3e-3
    film = crbst_tip(8)
    assert film.spectrum(Environment(6.45)).gap > 0.0
    assert film.spectrum(Environment(6.5)).gap == 0.0
    assert film.set_point.current / film.set_point.voltage == pytest.approx(30e-9)
    with pytest.raises(ValueError, match="1 to 10"):
        crbst_tip(11)


def test_the_layer_has_the_same_gap_everywhere_and_bare_fete_none():
    sample = fete_line()
    on = [sample.spectrum(Environment(0.31, position=x)).gap for x in (0.0, 1e-9, 50e-9)]
    assert len(set(on)) == 1
    assert on[0] == pytest.approx(FilmTipNumbers().zero_gap(1), rel=1e-6)
    assert sample.spectrum(Environment(0.31, position=-1e-9)).gap == 0.0


def test_the_tabled_current_is_the_integral_of_the_kernel():
    flat = Spectrum(1.031e-3, 0.04e-3, 0.32, enhancement=1e-12)
    bare = Spectrum(1.031e-3, 0.04e-3, 0.32)
    np.testing.assert_allclose(flat.current(VOLTAGE), bare.current(VOLTAGE), atol=2e-9)


def test_a_spectrum_is_finite_in_the_normal_state_and_far_from_the_gap():
    for temperature in (0.05, 0.32, 7.0, 300.0):
        spectrum = nipb().spectrum(Environment(temperature))
        current = spectrum.current(np.array([-1.0, 0.0, 1e-9, 1.0]))
        assert np.isfinite(current).all()
        assert current[1] == 0.0


def test_a_blind_truth_is_shifted_and_told():
    shifted = make_sample("nipb_line", {"truth_spread": "15 %", "truth_seed": 3})
    truth = shifted.truth()
    assert truth["decay_length"] != 3.55e-9
    assert abs(truth["zero_gap"] / 1.031e-3 - 1.0) <= 0.15
    far = shifted.spectrum(Environment(0.05, position=1e-6)).gap
    assert far == pytest.approx(truth["zero_gap"], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("nipb", {"site": "hollow"}),
        ("nipb_line", {"decay_length": "3 K"}),
        ("crbst_tip", {"m": 11}),
        ("pb111", {"m": 1}),
    ],
)
def test_an_option_that_cannot_be_is_refused(name, options):
    with pytest.raises(ConfigurationError):
        make_sample(name, options)


def test_a_map_of_181_places_and_201_voltages_takes_less_than_a_second_of_a_core():
    sample = nipb_line(LineNumbers(decay_length=math.pi * 1e-9))
    began = time.process_time()
    for x in np.linspace(-20e-9, 20e-9, 181):
        sample.current(VOLTAGE, "I+ I-", Environment(0.32, position=float(x)))
    assert time.process_time() - began < 1.0
