"""The cryostat as a whole: what the sample feels, what is reported, and when."""

import time
from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.sample import Resistor


def twin_at(options=None, seed=1):
    clock = VirtualClock()
    return PpmsTwin(clock, np.random.default_rng(seed), options), clock


def seen(twin, clock, seconds, step=1.0):
    """Return the packed codes in the order in which they appeared."""
    codes = []
    for _ in range(int(seconds / step)):
        clock.elapse(step)
        word = twin.packed_status()
        if not codes or codes[-1] != word:
            codes.append(word)
    return codes


def test_a_settled_cryostat_says_that_everything_is_at_rest():
    twin, clock = twin_at(PpmsOptions.at(temperature=1.9, field=2.0, angle=32.0))
    assert twin.packed_status() == 0x1111
    condition = twin.condition(clock.now())
    assert condition.temperature == pytest.approx(1.9, rel=1e-4)
    assert condition.field == pytest.approx(2.0)
    assert condition.angle == pytest.approx(32.0, abs=0.03)
    assert not condition.moving


def test_the_condition_does_not_depend_on_how_often_it_was_asked_for():
    def run(step):
        twin, clock = twin_at(PpmsOptions.at(temperature=20.0))
        twin.set_temperature(5.0, 6.0, 0)
        twin.set_field(30000.0, 40.0, 2, 1)
        twin.move(200.0, 0, 3)
        for moment in np.arange(clock.now(), 1800.0, step):
            twin.condition(float(moment))
        return twin.condition(1800.0)

    assert run(0.25) == run(1800.0)


def test_status_judged_on_a_grid_does_not_depend_on_how_often_it_was_asked_for():
    def run(step):
        twin, clock = twin_at(PpmsOptions.at(temperature=20.0))
        twin.set_temperature(25.0, 6.0, 0)
        for _ in range(int(240.0 / step)):
            clock.elapse(step)
            twin.packed_status()
        return [twin.packed_status() for _ in range(60) if clock.elapse(0.5) is None]

    assert run(0.5) == run(240.0)


def test_a_sample_on_the_bench_moves_from_the_command_on():
    clock = VirtualClock()
    bench = Bench(Resistor(), clock)
    twin = PpmsTwin(clock, bench.generator(), PpmsOptions.at(temperature=10.0))
    twin.before_change = bench.sync
    bench.put_into(twin)
    clock.elapse(1000.0)
    twin.set_temperature(20.0, 6.0, 1)
    assert bench.condition.temperature == pytest.approx(10.0, rel=1e-3)
    assert twin.condition(clock.now()).moving
    clock.elapse(60.0)
    bench.sync()
    assert 14.0 < bench.condition.temperature < 16.1
    clock.elapse(1800.0)
    bench.sync()
    assert bench.condition.temperature == pytest.approx(20.0, rel=1e-4)
    assert not bench.condition.moving


@pytest.mark.parametrize(
    "change",
    [
        lambda twin: twin.set_temperature(20.0, 6.0, 0),
        lambda twin: twin.set_field(1000.0, 40.0, 0, 0),
        lambda twin: twin.move(90.0, 0, 0),
        lambda twin: twin.set_chamber(1),
        lambda twin: twin.shut_down(),
        lambda twin: twin.quench(11),
        lambda twin: twin.repair(),
    ],
)
def test_whoever_watches_is_told_before_anything_changes(change):
    twin, clock = twin_at()
    found = []
    twin.before_change = lambda: found.append(twin.condition(clock.now()).moving)
    change(twin)
    assert found == [False]


def test_the_past_is_still_what_it_was_after_a_command():
    twin, clock = twin_at(PpmsOptions.at(temperature=10.0))
    clock.elapse(100.0)
    twin.set_temperature(20.0, 6.0, 0)
    clock.elapse(100.0)
    assert twin.condition(90.0).temperature == pytest.approx(10.0, rel=1e-3)
    assert twin.condition(190.0).temperature > 15.0


def test_a_night_of_ramping_asked_every_two_seconds_is_cheap():
    twin, clock = twin_at()
    twin.set_temperature(40.0, 0.4, 1)
    began = time.perf_counter()
    asked = 0
    while clock.now() < 11 * 3600.0:
        clock.elapse(2.0)
        twin.condition(clock.now())
        asked += 1
    assert (time.perf_counter() - began) / asked < 20e-6 * 5  # a busy machine is allowed for


def test_one_seed_gives_one_life():
    def run(seed):
        twin, clock = twin_at(PpmsOptions.at(temperature=50.0), seed)
        twin.set_temperature(4.0, 5.0, 0)
        return seen(twin, clock, 3600.0, 5.0), twin.read()

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_a_spread_cryostat_is_off_by_no_more_than_its_spread():
    slopes = []
    for seed in range(12):
        twin, _ = twin_at(PpmsOptions().with_spread(0.2), seed)
        twin.set_temperature(200.0, 6.0, 0)
        slopes.append(twin.condition(20.0).temperature - twin.condition(80.0).temperature)
    assert min(slopes) >= 4.79
    assert max(slopes) <= 7.21
    assert max(slopes) - min(slopes) > 0.5


def test_a_spread_beyond_twenty_percent_is_refused():
    with pytest.raises(ValueError, match=r"give 0 to 0\.2"):
        PpmsOptions(spread=0.3)


def test_what_is_out_of_range_is_clipped_or_ignored_as_the_options_say():
    clipping, _ = twin_at()
    assert clipping.set_field(200_000.0, 200.0, 0, 1)
    assert clipping.magnet.setpoint[:2] == pytest.approx((140_000.0, 42.571), rel=1e-4)
    refusing, _ = twin_at(replace(PpmsOptions(), out_of_range="refuse"))
    assert not refusing.set_field(200_000.0, 40.0, 0, 1)
    assert refusing.magnet.setpoint[0] == 0.0


@pytest.mark.parametrize("target", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_ignored(target):
    twin, _ = twin_at()
    assert not twin.set_temperature(target, 5.0, 0)
    assert not twin.set_field(target, 40.0, 0, 0)
    assert not twin.move(target, 0, 0)


@pytest.mark.parametrize("subsystem", ["temperature", "magnet", "chamber", "position"])
def test_every_code_can_be_shown_on_demand(subsystem):
    twin, _ = twin_at()
    shift = ["temperature", "magnet", "chamber", "position"].index(subsystem) * 4
    for code in range(16):
        twin.faults.force_status(subsystem, code)
        assert twin.packed_status() >> shift & 15 == code
    twin.faults.repair()
    assert twin.packed_status() == 0x1111


def test_a_transient_zero_lasts_for_one_reading():
    twin, _ = twin_at()
    twin.faults.transient_zero()
    assert [twin.packed_status() for _ in range(2)] == [0, 0x1111]


def test_a_zero_reading_lasts_for_one_reading():
    twin, _ = twin_at()
    twin.faults.zero_reading()
    assert [twin.read().temperature > 0.0 for _ in range(2)] == [False, True]


def test_standby_impedance_and_failure_are_physical_and_can_be_repaired():
    for break_it, code in (("standby", 10), ("impedance_error", 14), ("failure", 15)):
        twin, clock = twin_at(PpmsOptions.at(temperature=3.0))
        getattr(twin.faults, break_it)()
        clock.elapse(1800.0)
        assert twin.packed_status() & 15 == code
        assert twin.condition(clock.now()).temperature > 5.0
        twin.faults.repair()
        clock.elapse(3 * 3600.0)
        assert twin.packed_status() & 15 == 1
        assert twin.condition(clock.now()).temperature == pytest.approx(3.0, rel=1e-3)


def test_a_new_set_point_ends_standby_but_not_a_failure():
    twin, clock = twin_at()
    twin.shut_down()
    twin.set_temperature(295.0, 10.0, 0)
    clock.elapse(1800.0)
    assert twin.packed_status() & 15 == 1
    twin.faults.failure()
    twin.set_temperature(290.0, 10.0, 0)
    clock.elapse(60.0)
    assert twin.packed_status() & 15 == 15
    assert twin.block.setpoint[0] == 290.0


def test_readings_are_noisy_in_truth_within_the_noise():
    twin, clock = twin_at(PpmsOptions.at(temperature=1.9))
    readings = np.array([twin.read().temperature for _ in range(500)])
    assert np.std(readings) == pytest.approx(1.9e-3, rel=0.2)
    assert np.mean(readings) == pytest.approx(twin.condition(clock.now()).temperature, abs=4e-4)


def test_the_sample_thermometer_lags_behind_the_block():
    twin, clock = twin_at()
    twin.set_temperature(250.0, 6.0, 0)
    clock.elapse(240.0)
    lag = np.mean([r.sample_temperature - r.temperature for r in (twin.read() for _ in range(50))])
    assert lag == pytest.approx(0.1 * 18.0, rel=0.2)


def test_the_truth_is_in_si_units():
    twin, _ = twin_at(PpmsOptions.at(temperature=1.9, field=-3.0))
    truth = twin.truth()
    assert truth["field"] == pytest.approx(-3.0)
    assert truth["helium_percent"] == pytest.approx(85.0)
    assert truth["catastrophe"] == ""
