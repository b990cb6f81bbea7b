import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.analysis.thermometer import Ramp, at_reading, lag_between, lagging
from daq.analysis.transition import resistive_transition
from daq.samples.bulk import bulk
from daq.samples.flake import Flake, FlakeNumbers
from instruments.simulated.sample import Environment, Exposure

RATE = 0.05
"""3 K/min in K/s."""
NUMBERS = FlakeNumbers()


def pulsed(flake, voltage=6.0, width=5e-3):
    flake.evolve(width, Environment(1.9), {"I+ I-": Exposure(1e-2, voltage, voltage)})
    return flake


def cycle(flake, highest):
    """Warm to a temperature and cool again, at 3 K/min."""
    up = np.arange(1.9, highest, 1.0)
    for temperature in [*up, *up[::-1]]:
        flake.evolve(1.0 / RATE, Environment(float(temperature)), {})
    flake.evolve(600.0, Environment(1.9), {})
    return flake


def curve(flake, rng=None, field=0.0):
    """Resistance against temperature, at rest at every temperature."""
    temperature = np.linspace(1.9, 12.0, 200)
    resistance = np.array([flake.resistance(t, field) for t in temperature])
    noise = 0.0 if rng is None else 1e-4 * rng.standard_normal(200)
    return temperature, resistance * (1.0 + noise)


def ramp(flake, start, stop, rng, poll=2.0):
    """Columns time, temperature, age and resistance of a ramp at 3 K/min, a reading a second."""
    direction = np.sign(stop - start)
    rows, sample = [], (0.0, start)
    for step in range(int(abs(stop - start) / RATE / 0.25)):
        now, block = step * 0.25, start + direction * RATE * step * 0.25
        if step % round(poll / 0.25) == 0:
            sample = (now, block * (1.0 + 1e-3 * rng.standard_normal()))
        flake.evolve(0.25, Environment(block), {})
        if step % 4 == 3:
            here = Environment(block + direction * RATE * 0.25)
            resistance = flake.voltage(np.array([1e-6]), "V+ V-", "I+ I-", here)[0] / 1e-6
            noise = 1.0 + 1e-4 * rng.standard_normal()
            rows.append((now + 0.25, sample[1], now + 0.25 - sample[0], resistance * noise))
    return np.array(rows).T


def test_a_pristine_flake_has_no_transition_and_a_written_one_has_that_of_the_paper():
    pristine = resistive_transition(*curve(Flake(), np.random.default_rng(1)))
    assert isinstance(pristine, NoResult)
    for seed in range(5):
        written = resistive_transition(*curve(pulsed(Flake()), np.random.default_rng(seed)))
        assert written.onset_tangent.value == pytest.approx(NUMBERS.critical_temperature, abs=0.1)
        assert 0.010 < written.drop.value < 0.020
        assert isinstance(written.zero_fraction, NoResult)


def test_the_temperature_of_the_transition_survives_poller_and_lag_at_three_kelvin_a_minute():
    values, raw = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        flake = pulsed(Flake())
        up = ramp(flake, 1.9, 12.0, rng)
        flake.evolve(600.0, Environment(12.0), {})
        down = ramp(flake, 12.0, 1.9, rng)
        ramps = [Ramp(t, at_reading(t, k, age).value, r) for t, k, age, r in (up, down)]
        lag = lag_between(*(way.between(2.0, 7.0) for way in ramps))
        assert lag.value == pytest.approx(3.1, abs=4.0 * lag.error + 0.1)
        for way in ramps:
            own = lagging(way.time, way.temperature, lag.value)
            found = resistive_transition(own, way.resistance)
            values.append(found.onset_tangent.value)
        raw.append(resistive_transition(up[1], up[3]).midpoint.value)
    assert np.all(np.abs(np.array(values) - NUMBERS.critical_temperature) < 0.1)
    clean = resistive_transition(*curve(pulsed(Flake()))).midpoint.value
    assert np.mean(raw) > clean + 0.05  # without the corrections it would be off


def test_cycles_to_higher_temperatures_erase_as_in_the_paper_and_a_pulse_writes_anew():
    flake = pulsed(Flake())
    found = []
    for highest in (50.0, 150.0, 200.0, 300.0):
        cycle(flake, highest)
        found.append(resistive_transition(*curve(flake, np.random.default_rng(int(highest)))))
    assert found[0].onset_tangent.value == pytest.approx(4.5, abs=0.05)
    assert found[0].onset_tangent.value > found[1].onset_tangent.value + 0.1
    assert found[1].onset_tangent.value > found[2].onset_tangent.value + 0.3
    assert isinstance(found[3], NoResult)
    again = resistive_transition(*curve(pulsed(flake), np.random.default_rng(9)))
    assert again.onset_tangent.value == pytest.approx(4.5, abs=0.1)


def test_the_field_lowers_the_transition_and_ends_it_at_the_critical_field():
    flake = pulsed(Flake())
    temperatures = []
    for field in (0.0, 0.5, 1.0, 1.5):
        found = resistive_transition(*curve(flake, np.random.default_rng(3), field))
        temperatures.append(found.onset_tangent.value)
    assert np.all(np.diff(temperatures) < -0.2)
    assert flake.resistance(1.9, 2.4) < flake.resistance(1.9, 2.5)
    assert flake.resistance(1.9, 2.6) == flake.resistance(1.9, 2.5)


def test_a_pulse_below_the_threshold_writes_nothing():
    assert pulsed(Flake(), voltage=3.0).written == 0.0
    assert 0.5 < pulsed(Flake(), voltage=4.0, width=9.9e-3).written < 1.0


def test_the_bar_has_an_upturn_that_saturates_below_forty_kelvin():
    bar = bulk()
    warm = np.array([bar.resistance(t) for t in np.linspace(40.0, 300.0, 50)])
    assert np.all(np.diff(warm) < 0.0)
    assert abs(bar.resistance(1.9) / bar.resistance(40.0) - 1.0) < 0.02
    assert pulsed(bar).resistance(1.9) == bulk().resistance(1.9)
