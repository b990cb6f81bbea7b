"""One crystal by two probes: its numbers must be one."""

import numpy as np
import pytest

from daq.samples.catalogue import make_sample
from instruments.simulated.sample import Environment, Exposure

STEP = np.array([-1e-7, 1e-7])
PULSE = {"I+ I-": Exposure(0.06, 6.0, 6.0)}


def zero_bias(sample, temperature, field=0.0):
    """Zero-bias resistance in ohm by V(I), four-wire where the sample has four."""
    pair = "V+ V-" if type(sample).__name__ == "Flake" else "I+ I-"
    here = Environment(temperature, (field, 0.0, 0.0))
    low, high = sample.voltage(STEP, pair, "I+ I-", here)
    return (high - low) / (STEP[1] - STEP[0])


def gone(sample):
    """Temperature in K above which a written sample is as a pristine one."""
    pristine = make_sample(
        "bi2se3_flake" if type(sample).__name__ == "Flake" else "bi2se3_soft_contact", BLIND
    )
    temperature = np.arange(1.9, 6.0, 0.01)
    differs = []
    for t in temperature:
        for one in (sample, pristine):
            one.evolve(1e3, Environment(float(t)), {})
        differs.append(zero_bias(sample, t) < zero_bias(pristine, t) * (1.0 - 1e-9))
    return float(temperature[np.flatnonzero(differs)[-1]])


BLIND = {"truth_spread": "0 %"}


def pulsed(name, options=BLIND):
    sample = make_sample(name, options)
    sample.evolve(600.0, Environment(1.9), {})
    for _ in range(3):
        sample.evolve(5e-3, Environment(1.9), PULSE)
    return sample


def test_flake_and_contact_lose_their_superconductivity_at_one_temperature():
    flake, contact = gone(pulsed("bi2se3_flake")), gone(pulsed("bi2se3_soft_contact"))
    assert flake == pytest.approx(4.5, abs=0.05)
    assert contact == pytest.approx(flake, abs=0.05)


def test_both_keep_one_temperature_after_cycles_that_erase_a_part():
    found = []
    for name in ("bi2se3_flake", "bi2se3_soft_contact"):
        sample = pulsed(name)
        for t in [*np.arange(2.0, 180.0, 1.0), *np.arange(180.0, 2.0, -1.0)]:
            sample.evolve(20.0, Environment(float(t)), {})  # 3 K/min
        sample.evolve(1e3, Environment(1.9), {})
        found.append(gone(sample))
    assert 2.0 < found[0] < 4.45
    assert found[1] == pytest.approx(found[0], abs=0.1)


def test_the_step_of_the_flake_ends_at_two_and_a_half_tesla_and_the_peak_of_the_contact_at_three():
    flake, contact = pulsed("bi2se3_flake"), pulsed("bi2se3_soft_contact")
    for sample, field in ((flake, 2.5), (contact, 3.0)):
        assert zero_bias(sample, 1.9, field - 0.05) < zero_bias(sample, 1.9, 8.0) * (1.0 - 1e-6)
        assert zero_bias(sample, 1.9, field + 0.05) == pytest.approx(
            zero_bias(sample, 1.9, 8.0), rel=1e-12
        )


def test_the_numbers_of_the_bar_are_those_of_its_geometry():
    bar = make_sample("bi2se3_bulk", {})
    cold = zero_bias(bar, 1.9)
    bar.evolve(1e4, Environment(40.0), {})
    assert zero_bias(bar, 40.0) == pytest.approx(cold, rel=0.02)
    assert cold / (1073e-6 / (591e-6 * 6.3e-6)) == pytest.approx(1e-5, rel=1e-3)  # ohm m
