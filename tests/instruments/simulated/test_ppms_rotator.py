"""The rotator: steps, backlash, ends of the travel, heat."""

from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_motion import Latency
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.ppms_rotator import Rotator, RotatorOptions

PROMPT = RotatorOptions(latency=Latency(0.0, 0.0, 0.0, 0.0))


def rotator_at(angle=0.0, options=PROMPT):
    return Rotator(options, np.random.default_rng(1), 0.0, angle)


def test_positions_are_whole_steps():
    rotator = rotator_at()
    rotator.set(0.0, 33.33, 0, 0, 300.0)
    angle = rotator.reported(100.0)
    assert angle / (0.8 / 15.0) == pytest.approx(round(angle / (0.8 / 15.0)))
    assert abs(angle - 33.33) <= 0.0267


@pytest.mark.parametrize(("slow", "speed"), [(0, 12.0), (7, 6.4), (14, 0.8)])
def test_the_slow_code_sets_the_speed(slow, speed):
    rotator = rotator_at()
    rotator.set(0.0, 300.0, 0, slow, 300.0)
    assert rotator.reported(10.0) == pytest.approx(10.0 * speed, abs=0.03)


def test_backlash_shows_after_an_approach_from_above_only():
    rotator = rotator_at()
    rotator.set(0.0, 96.0, 0, 0, 300.0)
    assert rotator.true(100.0) == pytest.approx(96.0, abs=1e-6)
    rotator.set(100.0, 48.0, 0, 0, 300.0)
    assert rotator.reported(200.0) == pytest.approx(48.0, abs=1e-6)
    assert rotator.true(200.0) == pytest.approx(48.5, abs=1e-6)


def test_a_turn_smaller_than_the_backlash_does_not_move_the_sample():
    rotator = rotator_at(48.0)
    rotator.set(0.0, 47.68, 0, 0, 300.0)
    assert rotator.true(10.0) == pytest.approx(48.0, abs=1e-6)


def test_the_status_is_late_but_the_counts_are_not():
    rotator = rotator_at(options=replace(PROMPT, latency=Latency(2.0, 2.0, 0.0, 0.0)))
    rotator.set(0.0, 90.0, 0, 0, 300.0)
    assert rotator.status(1.9) == 1
    present, final = rotator.counts(0.1)
    assert (present, final) == (0, 1688)
    assert rotator.status(2.1) == 5
    assert rotator.status(60.0) == 1
    assert rotator.counts(60.0) == (1688, 1688)


def test_beyond_the_end_of_the_travel_it_stops_at_the_limit():
    rotator = rotator_at()
    rotator.set(0.0, 500.0, 0, 0, 300.0)
    assert rotator.status(100.0) == 8
    assert rotator.reported(100.0) == pytest.approx(370.0, abs=0.03)
    rotator.set(100.0, 0.0, 0, 0, 300.0)
    assert rotator.status(200.0) == 1


@pytest.mark.parametrize(("index", "code"), [(False, 8), (True, 9)])
def test_finding_the_end_calls_it_by_the_number_that_was_given(index, code):
    rotator = rotator_at(30.0, replace(PROMPT, index_switch=index))
    rotator.set(0.0, 5.0, 1, 0, 300.0)
    assert rotator.status(1.0) == 5
    assert rotator.status(100.0) == code
    assert rotator.reported(100.0) == pytest.approx(5.0, abs=0.03)
    assert rotator.true(100.0) == pytest.approx(-9.5, abs=0.05)


def test_an_interrupted_search_for_the_end_renames_nothing():
    rotator = rotator_at(30.0)
    rotator.set(0.0, 5.0, 1, 0, 300.0)
    rotator.set(1.0, 32.0, 0, 0, 300.0)
    assert rotator.reported(100.0) == pytest.approx(32.0)
    assert rotator.true(100.0) == pytest.approx(32.0)


def test_redefining_moves_nothing():
    rotator = rotator_at(32.0)
    rotator.set(10.0, 0.0, 2, 0, 300.0)
    assert rotator.reported(20.0) == pytest.approx(0.0, abs=1e-9)
    assert rotator.true(20.0) == pytest.approx(32.0)
    rotator.set(20.0, 16.0, 0, 0, 300.0)
    assert rotator.true(100.0) == pytest.approx(48.0)


def test_turning_warms_a_cold_block_and_the_status_sees_it():
    clock = VirtualClock()
    twin = PpmsTwin(clock, np.random.default_rng(1), PpmsOptions.at(temperature=2.0))
    hottest = 2.0
    codes = set()
    for turn in range(8):
        twin.move(360.0 if turn % 2 == 0 else 0.0, 0, 0)
        for _ in range(32):
            clock.elapse(1.0)
            hottest = max(hottest, twin.condition(clock.now()).temperature)
            codes.add(twin.packed_status() & 15)
    assert 2.02 < hottest < 2.05
    assert 6 in codes
    clock.elapse(900.0)
    assert twin.condition(clock.now()).temperature == pytest.approx(2.0, abs=2e-4)
    assert not twin.condition(clock.now()).moving


def test_turning_slowly_or_at_room_temperature_warms_less():
    heat = {}
    for slow, temperature in ((0, 2.0), (14, 2.0), (0, 300.0)):
        rotator = rotator_at()
        rotator.set(0.0, 360.0, 0, slow, temperature)
        heat[slow, temperature] = max(rotator.heat(float(t)) for t in range(500))
    assert heat[14, 2.0] < 0.2 * heat[0, 2.0]
    assert heat[0, 300.0] < 0.01 * heat[0, 2.0]
