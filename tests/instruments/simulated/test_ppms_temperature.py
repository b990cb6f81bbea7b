"""The block: rates, regimes, settling, and a status that is late."""

from dataclasses import replace

import numpy as np
import pytest

from instruments.simulated.ppms_motion import Latency
from instruments.simulated.ppms_temperature import Block
from instruments.simulated.ppms_temperature_course import Misfit, TemperatureOptions

PROMPT = Latency(0.0, 0.0, 0.0, 0.0)
PLAIN = TemperatureOptions(drift=0.0, latency=PROMPT)


def block_at(temperature, options=PLAIN, misfit=None, seed=1):
    return Block(options, misfit or Misfit(), np.random.default_rng(seed), 0.0, temperature)


def course(block, seconds, start=0.0, step=1.0):
    times = np.arange(start, start + seconds, step)
    return times, np.array([block.value(float(moment)) for moment in times])


def codes(block, seconds, start=0.0, step=1.0):
    found = []
    for moment in np.arange(start, start + seconds, step):
        code = block.status(float(moment))
        if not found or found[-1][1] != code:
            found.append((float(moment), code))
    return found


def test_a_ramp_has_the_rate_that_was_asked_for():
    block = block_at(300.0)
    block.set(0.0, 200.0, 6.0, 0)
    assert block.value(600.0) == pytest.approx(240.0)


def test_fast_settle_overshoots_by_one_to_two_percent_and_comes_back():
    block = block_at(100.0)
    block.set(0.0, 150.0, 12.0, 0)
    _, values = course(block, 1200.0)
    assert 0.49 <= values.max() - 150.0 <= 1.01
    assert values[-1] == pytest.approx(150.0, abs=1e-3)


def test_the_overshoot_of_a_huge_step_is_limited():
    block = block_at(10.0)
    block.set(0.0, 390.0, 12.0, 0)
    _, values = course(block, 3600.0)
    assert values.max() - 390.0 <= 2.0


@pytest.mark.parametrize(("start", "target"), [(100.0, 150.0), (150.0, 100.0)])
def test_no_overshoot_never_crosses_its_target(start, target):
    block = block_at(start)
    block.set(0.0, target, 12.0, 1)
    _, values = course(block, 1800.0)
    inside = values <= target + 1e-9 if target > start else values >= target - 1e-9
    assert inside.all()
    assert np.abs(np.diff(values)).max() <= 0.2 + 1e-9
    assert values[-1] == pytest.approx(target, abs=1e-3)


def test_cooling_from_above_fifty_kelvin_waits_about_a_quarter_of_an_hour_at_ten():
    block = block_at(100.0)
    block.set(0.0, 5.0, 10.0, 0)
    times, values = course(block, 3000.0)
    held = times[np.abs(values - 10.0) < 1e-6]
    assert held[-1] - held[0] == pytest.approx(30.0 * 40.0 - 240.0, abs=3.0)
    assert block.status(float(held[50])) == 2


def test_the_wait_at_ten_kelvin_counts_from_the_last_time_it_was_warm():
    block = block_at(60.0)
    block.set(0.0, 20.0, 10.0, 0)
    block.set(7200.0, 5.0, 10.0, 0)
    times, values = course(block, 1200.0, start=7200.0)
    held = times[np.abs(values - 10.0) < 1e-6]
    assert held[-1] - held[0] == pytest.approx(30.0 * 10.0 - 60.0, abs=3.0)


def test_a_wait_at_ten_kelvin_goes_on_when_the_command_is_repeated():
    block = block_at(100.0)
    block.set(0.0, 5.0, 10.0, 0)
    block.set(900.0, 5.0, 10.0, 0)
    assert block.value(1490.0) == pytest.approx(10.0)
    assert block.value(1510.0) < 10.0


def test_below_ten_kelvin_cooling_is_slow():
    block = block_at(9.0)
    block.set(0.0, 5.0, 12.0, 1)
    assert block.value(60.0) == pytest.approx(7.0)


def test_the_pot_is_filled_at_four_point_two_kelvin_with_status_seven():
    block = block_at(6.0)
    block.set(0.0, 1.9, 12.0, 0)
    times, values = course(block, 1500.0)
    held = times[np.abs(values - 4.2) < 1e-6]
    assert 300.0 <= held[-1] - held[0] <= 600.0
    assert block.status(float(held[10])) == 7
    assert block.filling(0.0, 1500.0) == pytest.approx(held[-1] - held[0], abs=2.0)


def test_a_full_pot_is_not_filled_again():
    block = block_at(1.9)
    block.set(0.0, 3.0, 2.0, 1)
    block.set(1000.0, 1.9, 2.0, 1)
    assert 7 not in {code for _, code in codes(block, 1000.0, start=1000.0)}


def test_a_pot_that_was_left_is_filled_again():
    block = block_at(1.9)
    block.set(0.0, 6.0, 2.0, 1)
    assert 7 in {code for _, code in codes(block, 500.0)}
    block.set(1000.0, 1.9, 2.0, 1)
    assert 300.0 <= block.filling(1000.0, 3000.0) <= 600.0


def test_an_interrupted_filling_takes_only_the_time_that_was_left():
    block = block_at(6.0)
    block.set(0.0, 1.9, 12.0, 0)
    before = block.filling(0.0, 3000.0)
    block.set(200.0, 2.0, 12.0, 0)
    assert block.filling(0.0, 3000.0) == pytest.approx(before, abs=1e-6)


def test_the_pot_of_a_slow_cryostat_takes_longer():
    slow = block_at(6.0, misfit=Misfit(pot=1.2))
    book = block_at(6.0)
    for block in (slow, book):
        block.set(0.0, 1.9, 12.0, 0)
    ratio = slow.filling(0.0, 3000.0) / book.filling(0.0, 3000.0)
    assert ratio == pytest.approx(1.2)


def test_the_status_goes_from_tracking_through_near_to_stable():
    block = block_at(20.0)
    block.set(0.0, 15.0, 6.0, 1)
    found = codes(block, 600.0)
    assert [code for _, code in found] == [2, 6, 5, 1]
    near, stable = found[2][0], found[3][0]
    assert stable - near == pytest.approx(60.0, abs=1.5)
    assert abs(block.value(near) - 15.0) <= 0.005 * 15.0


def test_the_status_shows_the_old_point_as_stable_for_two_to_ten_seconds():
    delays = []
    for seed in range(20):
        options = replace(PLAIN, latency=Latency(2.0, 10.0, 0.0, 0.0))
        block = block_at(20.0, options, seed=seed)
        block.set(100.0, 30.0, 6.0, 0)
        delays.append(codes(block, 12.0, start=100.0, step=0.1)[1][0] - 100.0)
    assert 2.0 <= min(delays) < 4.0
    assert 8.0 < max(delays) <= 10.2


def test_between_two_codes_a_zero_may_be_seen():
    options = replace(PLAIN, latency=Latency(2.0, 10.0, 1.0, 0.5))
    block = block_at(20.0, options)
    block.set(0.0, 30.0, 6.0, 0)
    assert [code for _, code in codes(block, 12.0, step=0.1)] == [1, 0, 2]


def test_a_disturbance_takes_the_status_back_to_chasing_only_beyond_twice_the_tolerance():
    for size, expected in ((0.03, {1}), (0.05, {1, 6, 5})):
        block = block_at(2.0)
        block.disturbance = lambda when, size=size: size if 100.0 < when < 150.0 else 0.0
        block.disturbed_until = lambda: 150.0
        assert {code for _, code in codes(block, 400.0)} == expected


def test_the_block_wanders_slowly_and_little():
    block = block_at(100.0, TemperatureOptions())
    _, values = course(block, 7200.0, step=10.0)
    assert 1e-3 < np.ptp(values) <= 4.1e-3
    assert np.abs(np.diff(values)).max() < 1e-4
