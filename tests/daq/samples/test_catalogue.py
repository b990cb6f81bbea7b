import numpy as np
import pytest

from daq.samples.catalogue import SAMPLES, make_sample
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Environment, Exposure

OPTIONS = {
    "resistor": {"resistance": "120 ohm", "lead": "3 ohm"},
    "bi2se3_soft_contact": {"written": 0.8, "axis": "20 deg"},
    "bi2se3_contact_pair": {"written_a": 0.8, "written_b": 0.5, "axis_b": "50 deg"},
    "bi2se3_flake": {"written": 0.9},
    "bi2se3_bulk": {},
    "crbst_fete": {},
    "fete_film": {},
    "hall_bar": {},
    "bi2se3_tip": {"written": 0.8},
}
JUNCTIONS = {"pb111", "nipb", "nipb_line", "crbst_tip", "fete_line"}
"""Samples that are biased with a voltage, of which test_tunnel_junction.py tells."""
SOURCES = {"bi2se3_contact_pair": ["A+ A-", "B+ B-"]}
METERS = {
    "bi2se3_flake": ["V+ V-"],
    "bi2se3_bulk": ["V+ V-"],
    "crbst_fete": ["V+ V-", "H+ H-"],
    "fete_film": ["V+ V-", "H+ H-"],
    "hall_bar": ["V+ V-", "H+ H-"],
}
CURRENT = np.linspace(-1e-4, 1e-4, 21)
COLD = Environment(2.5)
IN_FIELD = Environment(2.5, (0.5, 0.7, 0.1))

every = pytest.mark.parametrize("name", sorted(set(SAMPLES) - JUNCTIONS))


def pairs(name):
    sources = SOURCES.get(name, ["I+ I-"])
    return [(source, pair) for source in sources for pair in (source, *METERS.get(name, []))]


def made(name):
    return make_sample(name, OPTIONS[name])


def voltages(sample, name, environment):
    return np.array([sample.voltage(CURRENT, pair, src, environment) for src, pair in pairs(name)])


def after(sample, steps, environment, exposures=None):
    for seconds in steps:
        sample.evolve(seconds, environment, exposures or {})
    return sample


def test_every_sample_is_tested_with_options():
    assert set(OPTIONS) | JUNCTIONS == set(SAMPLES)


@every
def test_a_sample_answers_arrays_of_any_shape_point_by_point(name):
    sample = made(name)
    for source, pair in pairs(name):
        whole = sample.voltage(CURRENT, pair, source, IN_FIELD)
        single = [sample.voltage(CURRENT[i : i + 1], pair, source, IN_FIELD)[0] for i in range(21)]
        assert whole.shape == CURRENT.shape
        np.testing.assert_allclose(whole, single, rtol=1e-13)
        assert np.isfinite(whole).all()


@every
def test_current_is_the_inverse_of_voltage(name):
    sample = made(name)
    for source in SOURCES.get(name, ["I+ I-"]):
        voltage = sample.voltage(CURRENT, source, source, COLD)
        np.testing.assert_allclose(
            sample.current(voltage, source, COLD), CURRENT, rtol=1e-9, atol=1e-14
        )


@every
def test_a_sample_is_odd_in_current_if_and_only_if_it_says_so(name):
    sample = made(name)
    voltage = voltages(sample, name, COLD)
    odd = np.allclose(voltage, -voltage[:, ::-1], rtol=1e-12, atol=1e-18)
    assert odd == sample.symmetric


@every
def test_more_current_means_more_voltage_between_the_terminals_of_the_source(name):
    sample = made(name)
    for source in SOURCES.get(name, ["I+ I-"]):
        assert np.all(np.diff(sample.voltage(CURRENT, source, source, COLD)) > 0.0)


@every
@pytest.mark.parametrize(("start", "end"), [(300.0, 140.0), (2.0, 60.0), (60.0, 8.0)])
def test_the_size_of_the_steps_in_time_makes_no_difference(name, start, end):
    found = []
    for steps in ([12.0] * 2, [1.0] * 24, [3.7] * 6 + [1.8]):
        sample = after(made(name), [0.0], Environment(start))
        after(sample, steps, Environment(end, (0.03, 0.0, 0.0)))
        found.append(voltages(sample, name, Environment(end)))
        cold = after(sample, [600.0], COLD)
        found.append(voltages(cold, name, COLD))
    scale = np.max(np.abs(found[1]))
    for again in (2, 4):
        np.testing.assert_allclose(found[again], found[0], rtol=1e-3, atol=1e-6 * scale)
        np.testing.assert_allclose(found[again + 1], found[1], rtol=1e-3, atol=1e-6 * scale)


@every
def test_a_saved_sample_goes_on_bit_for_bit(name):
    one, other = made(name), make_sample(name, {})
    after(one, [5.0], Environment(300.0))
    pulse = {source: Exposure(1e-3, 4.0, 4.0) for source in SOURCES.get(name, ["I+ I-"])}
    after(one, [1e-3], COLD, pulse)
    after(one, [1.0, 2.5], Environment(80.0, (0.05, 0.0, 0.0)))
    other.restore(one.state())
    assert other.state() == one.state()
    assert other.restless == one.restless
    for sample in (one, other):
        if name == "bi2se3_soft_contact":
            sample.axis = 0.0  # options are no state
        if name == "bi2se3_contact_pair":
            sample.contact("B+ B-").axis = 0.0
    for environment in (Environment(30.0, (-0.02, 0.0, 0.0)), COLD):
        after(one, [3.0], environment)
        after(other, [3.0], environment)
        if name != "resistor":
            np.testing.assert_array_equal(
                voltages(other, name, environment), voltages(one, name, environment)
            )


@every
def test_asking_a_sample_does_not_change_it(name):
    sample = after(made(name), [1.0], Environment(10.0))
    before = sample.state()
    voltages(sample, name, Environment(2.0, (-1.0, 0.0, 0.0)))
    assert sample.state() == before


@every
def test_the_noise_is_that_of_a_resistance_of_ohms(name):
    sample = made(name)
    for _, pair in pairs(name):
        assert 1e-11 < sample.noise_density(pair, Environment(30.0)) < 1e-8


ONE_PAIR = {"resistor", "bi2se3_soft_contact", "bi2se3_tip"}


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - JUNCTIONS - ONE_PAIR))
def test_a_sample_refuses_terminals_that_it_does_not_have(name):
    sample = made(name)
    source = SOURCES.get(name, ["I+ I-"])[0]
    with pytest.raises(ValueError, match="has no terminals 'X\\+ X-'"):
        sample.voltage(CURRENT, "X+ X-", source, COLD)
    with pytest.raises(ValueError, match="has no terminals 'X\\+ X-'"):
        sample.voltage(CURRENT, source, "X+ X-", COLD)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_an_unknown_option_is_refused(name):
    with pytest.raises(ConfigurationError, match="no option 'colour'"):
        make_sample(name, {"colour": 3})


def test_an_unknown_sample_is_refused():
    with pytest.raises(ConfigurationError, match="no virtual sample 'lead'"):
        make_sample("lead", {})
