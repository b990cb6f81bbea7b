import math
from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Tone, VoltageWiring, Wiring
from instruments.simulated.circuit_voltage import VoltageCircuit
from instruments.simulated.sample import Environment, Resistor
from instruments.simulated.wiring_errors import NONE, WiringErrors, draw_wiring

ERRORS = WiringErrors(
    series_resistance=1e-3,
    divider=2e-3,
    oscillator_divider=-1e-3,
    preamplifier=5e-3,
    input_offset=20e-6,
    output_offset=1e-3,
    oscillator=3e-3,
    converter=-2e-3,
    converter_offset=4e-3,
)


class Lockin:
    """A converter and an oscillator that are set to 2 V and 1 V peak."""

    def oscillator(self):
        return Tone(977.0, 1.0)

    def converter(self, number):
        return 2.0 if number == 1 else 0.04


def bench(sample, wiring, hidden=ERRORS):
    made = Bench(sample, VirtualClock(), wiring=wiring, hidden=hidden)
    made.oscillator = made.converters = Lockin()
    return made


def test_the_same_seed_hides_the_same_and_no_other_draw_of_the_bench_changes():
    assert draw_wiring(7) == draw_wiring(7)
    assert draw_wiring(7) != draw_wiring(8)
    draws = [
        Bench(Resistor(), VirtualClock(), seed=7, hidden=hidden).generator().random()
        for hidden in (NONE, draw_wiring(7))
    ]
    assert draws[0] == draws[1]


def test_what_is_hidden_is_as_large_as_the_parts_may_differ():
    drawn = [draw_wiring(seed) for seed in range(400)]
    for name, sigma in [
        ("series_resistance", 1e-3),
        ("divider", 3e-3),
        ("oscillator_divider", 3e-3),
        ("preamplifier", 5e-3),
        ("input_offset", 20e-6),
        ("output_offset", 1e-3),
        ("oscillator", 1.5e-3),
        ("converter", 1e-3),
        ("converter_offset", 3e-3),
    ]:
        values = np.array([getattr(one, name) for one in drawn])
        assert np.std(values) == pytest.approx(sigma, rel=0.15)
        assert abs(np.mean(values)) < 4.0 * sigma / 20.0
    assert max(abs(one.converter_offset) for one in drawn) <= 10e-3


def test_a_bench_without_errors_is_wired_as_it_is_told():
    told = Wiring(voltage=VoltageWiring())
    assert NONE.applied(told) == told
    assert NONE.converted(1.234) == 1.234
    tone = Tone(977.0, 1.0)
    assert NONE.sounding(tone) is tone


def test_a_junction_feels_both_dividers_the_oscillator_the_converter_and_the_offset():
    here = bench(Resistor(10e6), Wiring(voltage=VoltageWiring()))
    truth = here.truth()
    direct = 1.002e-3 * (0.998 * 2.0 + 4e-3) - 20e-6
    assert truth["bias_scale"] * 2.0 + truth["bias_offset"] == pytest.approx(direct, rel=1e-12)
    peak = direct + 0.999e-3 * 1.003
    assert truth["contact_voltage"] == pytest.approx(peak, rel=1e-9)
    assert truth["modulation_scale"] == pytest.approx(0.999e-3 * 1.003, rel=1e-12)
    shown = here.signal("lockin")
    assert shown.harmonics[0].real == pytest.approx(1.005e8 * direct / 10e6 + 1e-3, rel=1e-9)


def test_a_contact_feels_the_true_series_resistance_and_oscillator():
    here = bench(Resistor(100.0), Wiring(series_resistance=1e5))
    current = 1.003 / (1.001e5 + 50.0 + 100.0)
    assert abs(here.signal("lockin").harmonics[1]) == pytest.approx(100.0 * current, rel=1e-6)
    assert here.wiring.series_resistance == 1e5  # what is told
    assert here.truth()["series_resistance"] == pytest.approx(1.001e5)
    assert here.truth()["oscillator_rms"] == pytest.approx(1.003 / math.sqrt(2.0))
    here.connect(replace(here.wiring, series_resistance=2e5))
    assert here.truth()["series_resistance"] == pytest.approx(2.002e5)


def test_an_offset_of_the_output_is_clipped_with_the_rest():
    wiring = VoltageWiring(full_scale=0.05, output_offset=0.02)
    circuit = VoltageCircuit(Resistor(10e6), wiring, "I+ I-", Environment(0.32))
    shown = [circuit.measure(circuit.solve(volts, None)).harmonics[0].real for volts in (1.0, 6.0)]
    assert shown == pytest.approx([0.03, 0.05])
