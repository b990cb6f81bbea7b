import math

import numpy as np
import pytest

from instruments.simulated.circuit import Tone, VoltageWiring
from instruments.simulated.circuit_voltage import CHARGE, VoltageCircuit
from instruments.simulated.sample import Environment, Resistor

HERE = Environment(0.32)


class Cubic(Resistor):
    """I = G V + c V^3, native in I(V)."""

    native = "I(V)"

    def current(self, voltage, source, environment):
        return voltage / self.resistance + 1e-2 * voltage**3


def circuit(sample=None, **wiring):
    return VoltageCircuit(sample or Resistor(10e6), VoltageWiring(**wiring), "I+ I-", HERE)


def test_the_voltage_at_the_sample_is_the_sum_behind_both_dividers():
    here = circuit(divider=1e-2, oscillator_divider=1e-3)
    solution = here.solve(1.5, Tone(977.0, 0.2))
    assert solution.exposure.voltage == pytest.approx(15e-3)
    assert solution.exposure.peak_voltage == pytest.approx(15.2e-3)
    assert solution.exposure.current == pytest.approx(1.5e-9)
    assert solution.slope == pytest.approx(10e6)


def test_the_preamplifier_shows_dc_and_first_harmonic_with_its_pole():
    here = circuit(gain=1e8, bandwidth=1000.0)
    signal = here.measure(here.solve(5.0, Tone(1000.0, 0.1)))
    assert signal.harmonics[0].real == pytest.approx(1e8 * 5e-10)
    assert signal.harmonics[1] == pytest.approx(1e8 * 1e-11 / (1.0 + 1.0j))


def test_a_cubic_law_has_the_third_harmonic_that_algebra_gives():
    here = circuit(Cubic(10e6), bandwidth=1e9)
    signal = here.measure(here.solve(0.0, Tone(100.0, 5.0)))
    amplitude = 5e-3
    expected = 1e8 * (1e-7 * amplitude + 0.75e-2 * amplitude**3)
    assert signal.harmonics[1].real == pytest.approx(expected, rel=1e-9)
    assert signal.harmonics[3].real == pytest.approx(1e8 * 0.25e-2 * amplitude**3, rel=1e-4)


def test_the_output_ends_at_its_full_scale():
    here = circuit(full_scale=0.05)
    solution = here.solve(8.0, Tone(977.0, 0.1))
    signal = here.measure(solution)
    assert solution.clamped
    assert signal.harmonics[0].real == pytest.approx(0.05)
    assert abs(signal.harmonics[1]) < 1e-12


def test_the_noise_is_that_of_amplifier_junction_and_shot():
    here = circuit(Cubic(10e6), noise=15e-15)
    signal = here.measure(here.solve(8.0, None))
    current = 8e-10 + 1e-2 * 8e-3**3
    slope = 1e-7 + 3e-2 * 8e-3**2
    johnson = math.sqrt(4.0 * 1.380649e-23 * 0.32 * 10e6) * slope
    shot = math.sqrt(2.0 * CHARGE * current)
    expected = 1e8 * np.linalg.norm([15e-15, johnson, shot])
    assert signal.noise == pytest.approx(expected, rel=1e-4)
