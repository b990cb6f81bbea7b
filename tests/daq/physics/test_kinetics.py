import itertools

import numpy as np
import pytest

from daq.physics import kinetics


def cycle(state, top, rate=0.05, step=1.0, base=4.0):
    up = np.arange(base, top, rate * step)
    for temperature in np.concatenate([up, up[::-1]]):
        state = kinetics.erase(state, float(temperature), step)
    return state


@pytest.mark.parametrize(
    ("voltage", "seconds", "lowest", "highest"),
    [
        (3.0, 9.9e-3, 0.0, 0.0),
        (4.0, 9.9e-3, 0.9, 0.97),
        (6.0, 5e-3, 0.999, 1.0),
        (-6.0, 5e-3, 0.999, 1.0),
    ],
)
def test_a_pulse_writes_what_the_paper_sees(voltage, seconds, lowest, highest):
    written = kinetics.fraction(kinetics.write(kinetics.filled(0.0), voltage, seconds))
    assert lowest <= written <= highest


def test_two_short_pulses_write_as_one_long_one():
    state = kinetics.filled(0.0)
    once = kinetics.write(state, 4.5, 2e-3)
    twice = kinetics.write(kinetics.write(state, 4.5, 1e-3), 4.5, 1e-3)
    assert np.allclose(once, twice, rtol=1e-12)


@pytest.mark.parametrize(
    ("top", "expected"),
    [(50.0, 0.999), (100.0, 0.971), (150.0, 0.754), (200.0, 0.302), (250.0, 0.043), (300.0, 0.002)],
)
def test_thermal_cycles_at_3_kelvin_per_minute_leave_the_specified_fractions(top, expected):
    left = kinetics.fraction(cycle(kinetics.filled(1.0), top))
    assert left == pytest.approx(expected, abs=0.004)


def test_erasing_does_not_depend_on_the_step():
    fine = kinetics.fraction(cycle(kinetics.filled(1.0), 180.0, step=1.0))
    coarse = kinetics.fraction(cycle(kinetics.filled(1.0), 180.0, step=60.0))
    assert coarse == pytest.approx(fine, rel=0.02)
    at_rest = kinetics.erase(kinetics.filled(1.0), 180.0, 600.0)
    halves = kinetics.erase(kinetics.erase(kinetics.filled(1.0), 180.0, 300.0), 180.0, 300.0)
    assert np.allclose(at_rest, halves, rtol=1e-12)


def test_the_critical_temperature_falls_with_the_written_fraction():
    temperatures = kinetics.critical_temperature([1.0, 0.971, 0.754, 0.302, 0.043, 0.002], 4.5)
    assert temperatures == pytest.approx([4.50, 4.47, 4.19, 3.34, 2.05, 0.95], abs=0.01)


def test_nothing_happens_in_no_time_or_in_the_cold():
    state = kinetics.filled(0.7)
    assert np.array_equal(kinetics.erase(state, 300.0, 0.0), state)
    assert np.array_equal(kinetics.erase(state, 0.0, 1e9), state)
    night_at_4_kelvin = kinetics.erase(state, 4.0, 1e5)
    assert kinetics.fraction(night_at_4_kelvin) == pytest.approx(0.7, abs=1e-3)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_an_impossible_fraction_is_refused(fraction):
    with pytest.raises(ValueError, match="impossible"):
        kinetics.filled(fraction)


def test_negative_times_and_temperatures_are_refused():
    with pytest.raises(ValueError, match="seconds"):
        kinetics.erase(kinetics.filled(1.0), 300.0, -1.0)
    with pytest.raises(ValueError, match="temperature"):
        kinetics.erase(kinetics.filled(1.0), -1.0, 1.0)
    with pytest.raises(ValueError, match="seconds"):
        kinetics.write(kinetics.filled(1.0), 5.0, float("nan"))


@pytest.mark.parametrize(
    ("start", "stop"), [(4.0, 180.0), (180.0, 4.0), (150.0, 150.5), (0.0, 90.0)]
)
def test_a_ramp_is_one_exact_step(start, stop):
    seconds = 2000.0
    at_once = kinetics.erase(kinetics.filled(1.0), start, seconds, stop)
    halves = kinetics.filled(1.0)
    edges = np.linspace(start, stop, 8)
    for low, high in itertools.pairwise(edges):
        halves = kinetics.erase(halves, float(low), seconds / 7, float(high))
    assert halves == pytest.approx(at_once, abs=1e-9)
    many = np.linspace(start, stop, 4001)
    crept = kinetics.filled(1.0)
    for low, high in itertools.pairwise(many):
        crept = kinetics.erase(crept, float(low + high) / 2, seconds / 4000)
    assert crept == pytest.approx(at_once, abs=1e-4)


def test_steps_of_a_second_and_of_a_minute_on_a_ramp_agree():
    left = []
    for step in (1.0, 60.0):
        state = kinetics.filled(1.0)
        edges = np.linspace(4.0, 184.0, round(3600 / step) + 1)
        for low, high in itertools.pairwise(edges):
            state = kinetics.erase(state, float(low), step, float(high))
        left.append(kinetics.fraction(state))
    assert left[1] == pytest.approx(left[0], abs=1e-9)


def test_a_ramp_without_a_range_is_a_dwell():
    dwell = kinetics.erase(kinetics.filled(1.0), 170.0, 300.0)
    ramp = kinetics.erase(kinetics.filled(1.0), 170.0, 300.0, 170.0)
    assert ramp == pytest.approx(dwell, rel=1e-12)
