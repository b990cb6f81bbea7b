import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import SourceOutput, Tone, Wiring
from instruments.simulated.sample import Resistor
from instruments.simulated.sample_space import Condition, Mount, Steady


@dataclass
class Source:
    now: SourceOutput = field(default_factory=lambda: SourceOutput(connected=True, compliance=10.0))
    changes: list[tuple[float, SourceOutput]] = field(default_factory=list)

    def output(self, now):
        for moment, output in self.changes:
            if now >= moment:
                self.now = output
        return self.now

    def next_change(self, now):
        return min((moment for moment, _ in self.changes if moment > now), default=math.inf)


@dataclass
class Oscillator:
    tone: Tone | None = None

    def oscillator(self):
        return self.tone


class Cubic(Resistor):
    """V = R I + c I^3."""

    def voltage(self, current, terminals, source, environment):
        return self.resistance * current + 1e10 * current**3

    def current(self, voltage, source, environment):
        roots = [np.roots([1e10, 0.0, self.resistance, -v]) for v in voltage]
        return np.array([float(r[np.abs(r.imag) < 1e-9].real[0]) for r in roots])


def bench_with(sample, source=None, tone=None, **wiring):
    bench = Bench(sample, VirtualClock(), wiring=Wiring(**wiring))
    bench.source = source or Source()
    bench.oscillator = Oscillator(tone)
    return bench


def test_the_oscillator_and_the_resistor_divide_as_ohm_says():
    bench = bench_with(Resistor(100.0), tone=Tone(137.0, 0.1))
    first = bench.signal("lockin").harmonics[1]
    assert first == pytest.approx(0.1 * 100.0 / (100e3 + 50.0 + 100.0), rel=1e-9)


def test_direct_current_leaks_back_through_the_series_resistance():
    source = Source(SourceOutput(connected=True, current=1e-3, compliance=10.0))
    bench = bench_with(Resistor(1000.0), source, series_resistance=9950.0)
    assert bench.truth()["sample_current"] == pytest.approx(1e-3 * 10000.0 / 11000.0, rel=1e-9)


def test_a_blocking_capacitor_stops_the_leak_once_it_is_charged():
    source = Source(SourceOutput(connected=True, current=1e-3, compliance=10.0))
    bench = bench_with(Resistor(1000.0), source, series_resistance=9950.0, blocking_capacitor=1e-4)
    bench.clock.sleep(0.1)
    bench.sync()
    assert bench.truth()["sample_current"] < 0.95e-3
    for _ in range(100):
        bench.clock.sleep(0.2)
        bench.sync()
    assert bench.truth()["sample_current"] == pytest.approx(1e-3, rel=1e-3)


def test_the_harmonics_of_a_cubic_law_are_the_ones_of_the_binomial_theorem():
    bias, amplitude = 2e-5, 1e-5
    source = Source(SourceOutput(connected=True, current=bias, compliance=10.0))
    bench = bench_with(Cubic(100.0), source, Tone(137.0, amplitude * 1e9), series_resistance=1e9)
    harmonics = bench.signal("lockin").harmonics
    c = 1e10
    expected = [
        100 * bias + c * (bias**3 + 1.5 * bias * amplitude**2),
        100 * amplitude + c * (3 * bias**2 * amplitude + 0.75 * amplitude**3),
        c * 1.5 * bias * amplitude**2,
        c * 0.25 * amplitude**3,
    ]
    assert np.real(harmonics[:4]) == pytest.approx(expected, rel=1e-4)
    assert np.abs(harmonics[4:]) == pytest.approx(0.0, abs=1e-12)


def test_a_curved_contact_that_loads_the_oscillator_is_solved_to_the_last_digits():
    bias, volts, series = 2e-5, 0.02, 950.0
    source = Source(SourceOutput(connected=True, current=bias, compliance=10.0))
    bench = bench_with(Cubic(100.0), source, Tone(137.0, volts), series_resistance=series)
    total = series + 50.0
    nodes = np.cos(np.pi * np.arange(13) / 12)
    currents = []
    for drive in bias + volts / total * nodes:
        roots = np.roots([1e10 / total, 0.0, 1.0 + 100.0 / total, -drive])
        currents.append(float(roots[np.abs(roots.imag) < 1e-12].real[0]))
    law = np.polynomial.chebyshev.Chebyshev.fit(
        nodes, 100.0 * np.array(currents) + 1e10 * np.array(currents) ** 3, 11
    )
    expected = law.coef[:4]
    assert np.real(bench.signal("lockin").harmonics[:4]) == pytest.approx(expected, rel=1e-10)


def test_a_point_costs_three_evaluations_of_the_sample():
    class Counting(Cubic):
        asked = 0

        def voltage(self, *args):
            Counting.asked += 1
            return super().voltage(*args)

    source = Source(SourceOutput(connected=True, current=2e-5, compliance=10.0))
    bench = bench_with(Counting(100.0), source, Tone(137.0, 0.1))
    Counting.asked = 0
    bench.signal("lockin")
    bench.signal("lockin")
    assert Counting.asked == 3


def test_an_excitation_lost_in_the_digits_of_the_bias_leaves_the_slope_right():
    output = SourceOutput(connected=True, current=1e-4, compliance=10.0, noise=1e-6)
    bench = bench_with(Resistor(100.0), Source(output), Tone(137.0, 3e-15))
    assert bench.signal("lockin").noise == pytest.approx(1e-4, rel=1e-4)


def test_a_source_above_its_compliance_holds_the_compliance():
    source = Source(SourceOutput(connected=True, current=1e-3, compliance=0.5))
    bench = bench_with(Resistor(10e3), source, tone=Tone(137.0, 0.1))
    bench.clock.sleep(1.0)
    truth = bench.truth()
    assert bench.in_compliance()
    assert truth["contact_voltage"] == pytest.approx(0.5)
    assert truth["peak_contact_voltage"] == pytest.approx(0.5)


def test_an_output_that_is_off_holds_nothing_and_drives_nothing():
    source = Source(SourceOutput(connected=False, current=1e-3, compliance=0.5))
    bench = bench_with(Resistor(1e9), source, tone=Tone(137.0, 0.7))
    bench.clock.sleep(1.0)
    assert not bench.in_compliance()
    assert bench.truth()["contact_voltage"] == pytest.approx(0.7, rel=1e-3)


def test_peaks_remember_a_short_pulse_that_nobody_looked_at():
    source = Source()
    source.changes = [
        (1.0, SourceOutput(connected=True, current=0.06, compliance=10.0)),
        (1.005, SourceOutput(connected=True, current=0.0, compliance=10.0)),
    ]
    bench = bench_with(Resistor(100.0), source)
    bench.clock.sleep(100.0)
    truth = bench.truth()
    assert truth["peak_contact_voltage"] == pytest.approx(6.0, rel=2e-3)
    assert truth["contact_voltage"] == pytest.approx(0.0)


def test_the_sample_feels_every_piece_of_the_time():
    class Recorder(Resistor):
        felt: ClassVar[list] = []

        def evolve(self, seconds, environment, exposures):
            self.felt.append((seconds, exposures["I+ I-"].voltage))

    source = Source()
    source.changes = [
        (1.0, SourceOutput(connected=True, current=0.01, compliance=10.0)),
        (1.25, SourceOutput(connected=True, current=0.0, compliance=10.0)),
    ]
    sample = Recorder(100.0)
    bench = bench_with(sample, source, series_resistance=1e12)
    bench.clock.sleep(10.0)
    bench.sync()
    assert sample.felt == [
        (pytest.approx(1.0), pytest.approx(0.0)),
        (pytest.approx(0.25), pytest.approx(1.0)),
        (pytest.approx(8.75), pytest.approx(0.0)),
    ]


def test_the_field_vector_follows_the_rotator():
    mount = Mount(offset=10.0)
    assert mount.field(2.0, 10.0) == pytest.approx((2.0, 0.0, 0.0))
    assert mount.field(2.0, 100.0) == pytest.approx((0.0, 2.0, 0.0))
    tilted = Mount(misalignment=0.5).field(1.0, 0.0)
    assert tilted[2] == pytest.approx(math.sin(math.radians(0.5)))


def test_observers_see_each_stretch_of_constant_signal_once():
    class Watcher:
        seen: ClassVar[list] = []

        def advance(self, start, end):
            self.seen.append((start, end))

    source = Source()
    source.changes = [(2.0, SourceOutput())]
    bench = bench_with(Resistor(), source)
    watcher = Watcher()
    bench.watch(watcher)
    bench.clock.sleep(5.0)
    bench.sync()
    assert watcher.seen == [(0.0, 2.0), (2.0, 5.0)]


def test_one_seed_gives_one_stream_and_twins_do_not_share_it():
    draws = []
    for _ in range(2):
        bench = Bench(Resistor(), VirtualClock(), seed=5)
        draws.append([bench.generator().random(), bench.generator().random()])
    assert draws[0] == draws[1]
    assert draws[0][0] != draws[0][1]


def test_johnson_noise_follows_the_temperature_of_the_block():
    bench = Bench(Resistor(100.0), VirtualClock(), cryostat=Steady(Condition(temperature=4.2)))
    assert bench.signal("lockin").noise == pytest.approx(
        math.sqrt(4 * 1.380649e-23 * 4.2 * 100.0), rel=1e-9
    )


def test_a_signal_on_a_ramp_does_not_lag_behind_it():
    class Ramp:
        def condition(self, now):
            return Condition(temperature=10.0 + now, moving=True)

    class Thermometer(Resistor):
        def voltage(self, current, terminals, source, environment):
            return current * environment.temperature

    class Mean:
        def __init__(self, bench):
            self.bench, self.seconds, self.area = bench, 0.0, 0.0

        def advance(self, start, end):
            self.seconds += end - start
            self.area += (end - start) * abs(self.bench.signal("lockin").harmonics[0])

    source = Source(SourceOutput(connected=True, current=1.0, compliance=1e6))
    bench = bench_with(Thermometer(), source, series_resistance=1e15)
    bench.put_into(Ramp())
    mean = Mean(bench)
    bench.watch(mean)
    bench.clock.sleep(10.5)
    bench.sync()
    assert mean.area / mean.seconds == pytest.approx(10.0 + 0.5 * 10.5, rel=1e-6)
