import math

import numpy as np
import pytest
from scipy.special import gammainc

from instruments.simulated.lockin_filter import (
    TICK,
    Drive,
    OutputFilter,
    innovation,
    noise_bandwidth,
)

SETTLING = {
    1: (2.30, 3.00, 4.61, 6.91),
    2: (3.89, 4.74, 6.64, 9.23),
    3: (5.32, 6.30, 8.41, 11.23),
    4: (6.68, 7.75, 10.05, 13.06),
}
CORRELATION = {
    1: lambda s: np.exp(-s),
    2: lambda s: (1 + s) * np.exp(-s),
    3: lambda s: (1 + s + s**2 / 3) * np.exp(-s),
    4: lambda s: (1 + s + 2 * s**2 / 5 + s**3 / 15) * np.exp(-s),
}


def make(poles, time_constant=0.1, seed=1):
    return OutputFilter(np.random.default_rng(seed), 0.0, time_constant, poles)


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_a_step_settles_within_the_times_of_the_table(poles):
    chain = make(poles)
    chain.follow(0.0, Drive(2.0 - 1.0j))
    for time, left in zip(SETTLING[poles], (0.1, 0.05, 0.01, 0.001), strict=True):
        reached = chain.value(0.1 * time) / (2.0 - 1.0j)
        assert reached.imag == pytest.approx(0.0, abs=1e-12)
        assert 1.0 - reached.real == pytest.approx(left, rel=0.01)
        assert reached.real == pytest.approx(gammainc(poles, time), abs=1e-12)


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_constant_and_tones_agree_with_a_fine_integration_of_the_chain(poles):
    time_constant, step = 0.02, 2e-6
    drives = [
        (0.0, Drive(1.0 + 0.5j, np.array([0.7 + 0.2j, -0.3j]), (-154.0, 27.0))),
        (0.031, Drive(-0.4j, np.array([0.1 + 0.2j, 0.5]), (-154.0, 27.0))),
        (0.047, Drive(0.3, np.array([1.0 + 0.0j]), (-40.0,))),
        (0.055, Drive(0.1)),
    ]
    chain = make(poles, time_constant)
    x = np.zeros(poles, complex)
    for (start, drive), end in zip(drives, (0.031, 0.047, 0.055, 0.07), strict=True):
        chain.follow(start, drive)
        times = start + step * (np.arange(round((end - start) / step)) + 0.5)
        turns = np.exp(2j * np.pi * np.outer(times, drive.beats))
        for u in drive.constant + turns @ drive.amplitudes:
            before = np.concatenate([[u], x[:-1]])
            middle = x + 0.5 * step / time_constant * (before - x)
            x = x + step / time_constant * (np.concatenate([[u], middle[:-1]]) - middle)
        assert abs(chain.value(end) - x[-1]) < 2e-4


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_the_answer_does_not_depend_on_how_often_it_is_asked_for(poles):
    drive = Drive(1.0, np.array([0.5j]), (-33.0,))
    often, once = make(poles), make(poles)
    for chain in (often, once):
        chain.follow(0.0, drive)
    for time in np.linspace(0.001, 0.2, 57):
        often.follow(float(time), drive)
    assert abs(often.value(0.25) - once.value(0.25)) < 1e-12


def test_a_tone_is_left_as_one_over_one_plus_i_w_tc_to_the_n():
    chain = make(3, 0.005)
    chain.follow(0.0, Drive(0.0, np.array([1.0 + 0.0j]), (-154.0,)))
    angular = -2.0 * math.pi * 154.0
    expected = (1.0 + 1.0j * angular * 0.005) ** -3 * np.exp(1j * angular * 1.234)
    assert abs(chain.value(1.234) - expected) < 1e-9
    assert abs(expected) == pytest.approx((1 + (0.005 * angular) ** 2) ** -1.5)


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_the_innovations_are_what_the_stationary_covariance_needs(poles):
    order = np.arange(poles)
    sums = np.add.outer(order, order)
    share = np.vectorize(lambda i, j: math.comb(i + j, i))
    stationary = share(*np.meshgrid(order, order)) / 2.0 ** (sums + 1)
    matrix, factor = innovation(poles, 0.7)
    wanted = stationary - matrix @ stationary @ matrix.T
    assert factor @ factor.T == pytest.approx(wanted, abs=1e-14)
    assert stationary[-1, -1] / 2.0 == pytest.approx(noise_bandwidth(poles, 1.0))


def test_the_innovations_of_a_very_short_step_are_still_positive():
    _, factor = innovation(4, 1.25e-3 / 100e3)
    assert np.all(np.diag(factor) > 0.0)
    assert factor[0, 0] ** 2 == pytest.approx(1.25e-8, rel=1e-6)


@pytest.mark.parametrize("poles", [1, 2, 3, 4])
def test_noise_has_the_bandwidth_and_the_correlation_of_the_filter(poles):
    time_constant, points = 4 * TICK, 12_000
    chain = make(poles, time_constant, seed=poles)
    chain.follow(0.0, Drive(noise=3e-9))
    start = 100 * TICK
    read = np.array([chain.value(start + i * TICK) for i in range(points)])
    x, y = read.real, read.imag
    wanted = 3e-9 * math.sqrt(noise_bandwidth(poles, time_constant))
    # about points/16 independent samples for 4 poles: 3 % of one sigma in the standard deviation
    assert np.std(x) == pytest.approx(wanted, rel=0.1)
    assert np.std(y) == pytest.approx(wanted, rel=0.1)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.12
    for lag in (1, 2, 4, 8):
        found = np.mean(x[lag:] * x[:-lag] + y[lag:] * y[:-lag]) / np.mean(x**2 + y**2)
        assert found == pytest.approx(CORRELATION[poles](lag / 4), abs=0.07)


def test_noise_does_not_depend_on_the_steps_in_which_its_drive_is_renewed():
    whole, parts = make(2, 0.005), make(2, 0.005)
    for chain in (whole, parts):
        chain.follow(0.0, Drive(noise=1e-9))
    for time in (0.0003, 0.0009, 0.0021, 0.0077):
        parts.follow(time, Drive(noise=1e-9))
    assert parts.value(0.01) == pytest.approx(whole.value(0.01), rel=1e-9)


def test_noise_that_comes_for_part_of_an_interval_counts_for_that_part():
    brief, full = make(1, 10.0), make(1, 10.0)
    brief.follow(0.0, Drive(noise=0.0))
    brief.follow(0.75 * TICK, Drive(noise=2e-9))
    full.follow(0.0, Drive(noise=2e-9))
    assert abs(brief.value(TICK) / full.value(TICK)) == pytest.approx(0.5)


@pytest.mark.parametrize(("before", "after"), [(1, 4), (2, 4), (4, 2), (3, 1), (2, 2)])
def test_another_slope_or_time_constant_leaves_no_step(before, after):
    chain = make(before, 0.05)
    chain.follow(0.0, Drive(1.0, np.array([0.1j]), (-20.0,), 1e-3))
    held = chain.value(8 * TICK)
    chain.reshape(8 * TICK, 0.2, after)
    assert abs(chain.value(8 * TICK) - held) < 1e-12
    end = chain.value(20.0)
    assert abs(end - 1.0) < 0.02
