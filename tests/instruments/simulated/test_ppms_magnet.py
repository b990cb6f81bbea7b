"""The magnet: leads, switch, approach, rates, and a field that is not what is reported."""

from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_field_course import MagnetOptions
from instruments.simulated.ppms_magnet import Magnet
from instruments.simulated.ppms_motion import Latency
from instruments.simulated.ppms_options import PpmsOptions

PROMPT = MagnetOptions(latency=Latency(0.0, 0.0, 0.0, 0.0))


def magnet_at(field=0.0, options=PROMPT, seed=1, factor=1.0):
    return Magnet(options, factor, np.random.default_rng(seed), 0.0, field)


def codes(magnet, seconds, start=0.0, step=0.5):
    found = []
    for moment in np.arange(start, start + seconds, step):
        code = magnet.status(float(moment))
        if not found or found[-1][1] != code:
            found.append((float(moment), code))
    return found


def swept(magnet, seconds, start=0.0, step=1.0):
    return np.array([magnet.reported(float(t)) for t in np.arange(start, start + seconds, step)])


def test_the_cap_of_the_rate_follows_from_the_configuration():
    assert MagnetOptions().fastest == pytest.approx(42.57, abs=0.01)
    assert MagnetOptions(charge_voltage=(4.6, 4.6)).fastest == pytest.approx(195.8, abs=0.1)


def test_a_rate_beyond_floor_or_cap_is_not_taken_literally():
    for asked, expected in ((1000.0, 42.571), (1.0, 9.3)):
        clock = VirtualClock()
        twin = PpmsTwin(clock, np.random.default_rng(1), replace(PpmsOptions(), magnet=PROMPT))
        twin.set_field(20_000.0, asked, 0, 1)
        sweep = twin.magnet.reported(120.0) - twin.magnet.reported(60.0)
        assert sweep / 60.0 == pytest.approx(expected, rel=1e-3)


def test_a_driven_sweep_goes_through_charging_and_iterating_to_holding():
    magnet = magnet_at()
    magnet.set(0.0, 1000.0, 40.0, 0, 1)
    assert [code for _, code in codes(magnet, 200.0)] == [2, 6, 5, 4]
    magnet.set(200.0, -1000.0, 40.0, 0, 1)
    assert [code for _, code in codes(magnet, 200.0, start=200.0)] == [7, 6, 5, 4]


def test_from_persistent_mode_the_leads_ramp_first_with_a_status_of_one():
    magnet = magnet_at(70_000.0)
    magnet.set(0.0, 70_100.0, 40.0, 0, 0)
    found = codes(magnet, 200.0)
    assert [code for _, code in found] == [1, 2, 6, 5, 3, 1]
    leads, warm = found[1][0], found[2][0]
    assert leads == pytest.approx(15.0, abs=0.6)
    assert warm - leads == pytest.approx(20.0, abs=0.6)
    assert found[5][0] - found[4][0] == pytest.approx(20.0, abs=0.6)
    assert magnet.reported(30.0) == 70_000.0


def test_a_command_that_changes_nothing_still_costs_the_whole_cycle():
    magnet = magnet_at(10_000.0)
    magnet.set(0.0, 10_000.0, 20.0, 0, 0)
    assert [code for _, code in codes(magnet, 100.0)] == [1, 2, 5, 3, 1]


def test_driven_mode_opens_the_switch_only_once():
    magnet = magnet_at()
    magnet.set(0.0, 1000.0, 40.0, 0, 1)
    magnet.set(300.0, 2000.0, 40.0, 0, 1)
    assert 2 not in {code for _, code in codes(magnet, 100.0, start=300.0)}


def test_the_status_of_a_magnet_is_late_and_the_sweep_begins_before_it():
    magnet = magnet_at(options=MagnetOptions(latency=Latency(8.0, 8.0, 0.0, 0.0)))
    magnet.set(0.0, 1000.0, 40.0, 0, 1)
    magnet.set(300.0, 2000.0, 40.0, 0, 1)
    assert codes(magnet, 20.0, start=300.0)[1] == (308.0, 6)
    assert magnet.reported(307.0) == pytest.approx(1000.0 + 3.0 * 40.0)


def test_no_overshoot_approaches_from_one_side_and_slowly():
    magnet = magnet_at()
    magnet.set(0.0, 5000.0, 40.0, 1, 1)
    field = swept(magnet, 300.0)
    assert field.max() <= 5000.0
    assert (np.diff(field) >= 0.0).all()
    assert field[-1] == 5000.0


def test_a_linear_approach_overshoots_a_little():
    magnet = magnet_at()
    magnet.set(0.0, 5000.0, 40.0, 0, 1)
    assert 5000.5 < swept(magnet, 300.0).max() <= 5005.0


def test_an_oscillating_approach_alternates_with_decaying_swings():
    magnet = magnet_at()
    magnet.set(0.0, 10_000.0, 40.0, 2, 1)
    field = swept(magnet, 2000.0, start=30.3)
    away = field[np.argmax(field > 10_000.0) :] - 10_000.0
    groups = np.split(away, np.flatnonzero(np.diff(np.sign(away))) + 1)
    swings = np.array([np.abs(group).max() for group in groups])
    assert swings[0] == pytest.approx(2500.0, abs=40.0)
    assert swings[1:5] / swings[:4] == pytest.approx(np.full(4, 0.6), abs=0.05)
    assert field[-1] == 10_000.0


def test_no_approach_leaves_the_range_of_the_magnet():
    for approach in range(3):
        magnet = magnet_at(100_000.0)
        magnet.set(0.0, 140_000.0, 42.0, approach, 1)
        assert swept(magnet, 6000.0, step=5.0).max() <= 140_000.0


def test_after_a_high_field_a_reported_zero_is_not_zero():
    magnet = magnet_at()
    magnet.set(0.0, 140_000.0, 42.0, 0, 1)
    magnet.set(4000.0, 0.0, 42.0, 0, 1)
    assert magnet.reported(8000.0) == 0.0
    assert -120.0 < magnet.true(8000.0) < -80.0


def test_trapped_flux_relaxes_for_minutes_after_a_linear_approach():
    magnet = magnet_at()
    magnet.set(0.0, 100_000.0, 42.0, 1, 1)
    magnet.set(4000.0, 0.0, 42.0, 1, 1)
    arrived = next(t for t, code in codes(magnet, 4000.0, start=4000.0, step=1.0) if code == 4)
    first, later = abs(magnet.true(arrived)), abs(magnet.true(arrived + 180.0))
    assert first - later == pytest.approx(0.15 * first * (1.0 - np.exp(-1.0)), rel=0.05)
    assert arrived + 300.0 < magnet.until < arrived + 1200.0


def test_oscillating_to_zero_leaves_less_flux_behind():
    left = {}
    for approach in (0, 2):
        magnet = magnet_at()
        magnet.set(0.0, 50_000.0, 42.0, 0, 1)
        magnet.set(2000.0, 0.0, 42.0, approach, 1)
        left[approach] = abs(magnet.true(20_000.0))
    assert left[2] < 0.25 * left[0]


def test_the_true_field_is_continuous():
    magnet = magnet_at(20_000.0)
    magnet.set(0.0, -20_000.0, 40.0, 2, 0)
    field = np.array([magnet.true(float(t)) for t in np.arange(0.0, 4000.0, 0.25)])
    assert np.abs(np.diff(field)).max() < 0.25 * 42.0


def test_a_magnet_that_differs_from_the_book_ramps_at_another_rate():
    magnet = magnet_at(factor=0.8)
    magnet.set(0.0, 10_000.0, 40.0, 0, 1)
    assert magnet.reported(120.0) - magnet.reported(60.0) == pytest.approx(60.0 * 32.0)


@pytest.mark.parametrize("code", [11, 15])
def test_a_quench_takes_field_and_helium_and_shows(code):
    clock = VirtualClock()
    twin = PpmsTwin(clock, np.random.default_rng(1), PpmsOptions.at(field=9.0))
    before = twin.level()
    twin.faults.quench(code)
    assert twin.packed_status() >> 4 & 15 == code
    assert twin.read().field == 0.0
    assert twin.condition(clock.now()).field == pytest.approx(9.0)
    clock.elapse(30.0)
    assert abs(twin.condition(clock.now()).field) < 1e-3
    assert before - twin.level() == pytest.approx(20.0, abs=0.1)
    twin.set_field(1000.0, 40.0, 0, 1)
    clock.elapse(120.0)
    assert twin.packed_status() >> 4 & 15 == code
    clock.elapse(600.0)
    twin.set_field(1000.0, 40.0, 0, 1)
    clock.elapse(120.0)
    assert twin.packed_status() >> 4 & 15 == 4


def test_the_reading_is_noisy_only_while_the_supply_drives():
    clock = VirtualClock()
    twin = PpmsTwin(clock, np.random.default_rng(1), PpmsOptions.at(field=0.1))
    assert {twin.read().field for _ in range(20)} == {1000.0}
    twin.set_field(1000.0, 40.0, 0, 1)
    clock.elapse(100.0)
    assert 0.03 < np.std([twin.read().field for _ in range(50)]) < 0.3
