import math

import numpy as np
import pytest
from scipy.integrate import quad

from instruments.averaging import BANDWIDTH, Average, average, correlation, mean_of_correlated
from instruments.errors import RefusedError
from instruments.excitation import Excitation
from instruments.reference_frequency import Detection
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.waiting import drive

AMPLIFIER = 5e-9
PLAIN = Detection(5000.0, 5e-3)


def carry_out(story, station):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)


def readings(station, count, dwell, frequency=137.0):
    excitation = Excitation.averaged(1e-6, frequency, dwell)
    carry_out(station.bias.configure(excitation, 0.0), station)
    return [carry_out(station.bias.read(), station) for _ in range(count)]


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
@pytest.mark.parametrize("steps", [0.0, 0.7, 2.0, 5.0])
def test_the_correlation_is_the_transform_of_the_noise_behind_the_filter(poles, steps):
    top, _ = quad(lambda w: math.cos(w * steps) * (1.0 + w * w) ** -poles, 0.0, 300.0, limit=900)
    below, _ = quad(lambda w: (1.0 + w * w) ** -poles, 0.0, 300.0, limit=900)
    assert correlation(poles, np.array(steps)) == pytest.approx(top / below, abs=3e-3)


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_the_integral_of_the_correlation_is_the_noise_bandwidth(poles):
    area, _ = quad(lambda s: float(correlation(poles, np.array(s))), 0.0, 60.0)
    assert 4.0 * area * BANDWIDTH[poles - 1] == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize(("frequency", "latency"), [(137.0, 0.0), (733.0, 0.0), (137.0, 0.003)])
def test_the_error_is_the_scatter_of_repeated_points_with_line_pickup_on(
    bench_station, frequency, latency
):
    _, station = bench_station(Resistor(30.0), latency=latency, seed=3)
    found = readings(station, 300, 0.2, frequency)
    resistance = np.array([reading.resistance for reading in found])
    error = np.array([reading.error for reading in found])
    reduced = np.var(resistance, ddof=1) / np.mean(error**2)
    assert reduced == pytest.approx(1.0, abs=4.0 * math.sqrt(2.0 / 300))


@pytest.mark.parametrize("dwell", [0.2, 0.5])
def test_the_noise_is_that_of_the_dwell(bench_station, dwell):
    _, station = bench_station(Resistor(30.0), seed=5)
    x = [reading.x for reading in readings(station, 300, dwell)]
    assert np.std(x, ddof=1) == pytest.approx(AMPLIFIER / math.sqrt(2.0 * dwell), rel=0.2)


def test_ripple_and_line_are_taken_out_however_large_they_are():
    detection = Detection(137.0, 5e-3)
    times = 1.003 + 0.01 * np.arange(20)
    refreshed = np.floor(times / 5e-3) * 5e-3
    clean = np.full(20, 1e-4 + 2e-5j)
    ripple = 3e-6 * np.exp(-2j * np.pi * 274.0 * refreshed)
    line = 2e-6 * np.exp(-2j * np.pi * 87.0 * refreshed)
    mean = mean_of_correlated(times, clean + ripple + line, detection)
    assert complex(mean.x, mean.y) == pytest.approx(1e-4 + 2e-5j, abs=1e-15)
    assert mean.x_error < 1e-12


def test_the_spectral_density_comes_from_the_scatter(bench_station):
    _, station = bench_station(Resistor(1e-3), seed=2)
    carry_out(station.bias.configure(Excitation.averaged(1e-6, 137.0, 5.0), 0.0), station)
    mean = carry_out(station.bias.raw(), station)
    assert mean.density == pytest.approx(AMPLIFIER, rel=0.1)


def test_an_output_that_never_moves_is_known_within_a_rounding_only():
    detection = Detection(5000.0, 5e-3, quantum=1e-8)
    mean = mean_of_correlated(0.01 * np.arange(20), np.full(20, 1e-6 + 0j), detection)
    assert mean.x == pytest.approx(1e-6)
    assert mean.x_error == pytest.approx(1e-8 / math.sqrt(12.0))


def test_rounding_that_noise_dithers_is_averaged():
    generator = np.random.default_rng(1)
    quantum, count = 1e-8, 400
    detection = Detection(5000.0, 5e-3, quantum=quantum)
    means = []
    for _ in range(100):
        noise = 2e-8 * generator.standard_normal(count)
        rounded = np.round((3.3e-9 + noise) / quantum) * quantum
        means.append(mean_of_correlated(0.05 * np.arange(count), rounded + 0j, detection))
    scatter = np.std([mean.x for mean in means], ddof=1)
    assert scatter == pytest.approx(np.mean([mean.x_error for mean in means]), rel=0.3)
    assert np.mean([mean.x for mean in means]) == pytest.approx(3.3e-9, abs=4e-10)


def test_readings_of_one_refresh_count_once():
    times = np.repeat(0.01 * np.arange(10), 2) + np.tile([0.0, 0.001], 10)
    mean = mean_of_correlated(times, np.arange(20) + 0j, PLAIN)
    assert mean.readings == 10


def test_a_slow_bus_fills_the_dwell_with_fewer_readings(bench_station):
    _, station = bench_station(latency=0.02)
    lockin = station.role("lockin")
    began = station.clock.now()
    mean: Average = carry_out(average(lockin, station.clock, 1.0, PLAIN), station)
    assert station.clock.now() - began == pytest.approx(1.0, abs=0.05)
    assert 8 <= mean.readings < 40


def test_an_average_with_one_overloaded_reading_is_taken_again_and_flagged(bench_station):
    class Jumping(Resistor):
        def voltage(self, current, terminals, source, environment):
            return np.where(np.abs(current) > 5e-6, 500.0, 100.0) * current

        def current(self, voltage, source, environment):
            return np.where(np.abs(voltage) > 2.5e-3, voltage / 500.0, voltage / 100.0)

    _, station = bench_station(Jumping(), ideal=True)
    carry_out(station.bias.configure(Excitation.averaged(1e-6, 137.0, 0.2), 2e-5), station)
    carry_out(station.bias.set(2e-5), station)
    reading = carry_out(station.bias.read(), station)
    assert reading.status & Status.SENSITIVITY_CHANGED
    assert not reading.status & Status.OVERLOAD
    assert reading.resistance == pytest.approx(500.0, rel=0.01)


def test_the_measured_zero_takes_the_offset_of_the_lockin_off(bench_station):
    bench, station = bench_station(Resistor(1.0), seed=1)
    lockin = bench.oscillator.lockin
    lockin.errors = type(lockin.errors)(offset=0.01 - 0.004j)
    carry_out(station.bias.configure(Excitation.averaged(1e-6, 137.0, 1.0), 0.0), station)
    before = carry_out(station.bias.read(), station)
    carry_out(station.bias.zero(), station)
    after = carry_out(station.bias.read(), station)
    assert abs(before.resistance - 1.0) > 0.01
    assert after.resistance == pytest.approx(1.0, abs=0.015)
    assert abs(after.resistance - 1.0) < 4.0 * after.error
    assert after.error > before.error


def test_what_needs_averages_is_refused_without_a_dwell(bench_station):
    _, station = bench_station()
    carry_out(station.bias.configure(Excitation(1e-6, 137.0, 0.02), 0.0), station)
    with pytest.raises(RefusedError, match="no dwell"):
        carry_out(station.bias.raw(), station)
