"""The chamber with its pressures, and the helium with its meter."""

from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_chamber import Chamber, ChamberOptions
from instruments.simulated.ppms_helium import HeliumOptions
from instruments.simulated.ppms_options import PpmsOptions

STEADY = HeliumOptions(noise=0.0, glitch=0.0)


def chamber_codes(command, before=()):
    chamber = Chamber(ChamberOptions(), np.random.default_rng(1), 0.0)
    for index, earlier in enumerate(before):
        chamber.set(1000.0 * index, earlier)
    start = 1000.0 * len(before)
    chamber.set(start, command)
    found = []
    for moment in np.arange(start, start + 900.0, 1.0):
        code = chamber.status(float(moment))
        if not found or found[-1] != code:
            found.append(code)
    return found, chamber.pressure(start + 900.0)


def twin_at(options=None):
    clock = VirtualClock()
    return PpmsTwin(clock, np.random.default_rng(1), options), clock


@pytest.mark.parametrize(
    ("command", "codes", "pressure"),
    [
        (0, [1], 3.0),
        (1, [1, 4, 1], 3.0),
        (2, [1, 5, 2], 760.0),
        (3, [1, 8], 0.05),
        (4, [1, 9], 760.0),
        (5, [1, 6, 7], 1e-5),
    ],
)
def test_every_sequence_shows_its_codes_and_reaches_its_pressure(command, codes, pressure):
    found, reached = chamber_codes(command)
    assert found == codes
    assert reached == pytest.approx(pressure, rel=0.05)


def test_purging_pumps_and_floods_three_times():
    chamber = Chamber(ChamberOptions(), np.random.default_rng(1), 0.0)
    chamber.set(0.0, 1)
    low = np.array([chamber.pressure(float(moment)) < 1.0 for moment in range(300)])
    assert np.count_nonzero(np.diff(low.astype(int)) == 1) == 3


@pytest.mark.parametrize(("before", "code"), [(2, 2), (4, 2), (3, 3), (5, 3)])
def test_sealing_remembers_what_the_chamber_holds(before, code):
    assert chamber_codes(0, [before])[0][-1] == code


def test_venting_a_warm_chamber_is_harmless():
    twin, clock = twin_at()
    twin.set_chamber(2)
    clock.elapse(300.0)
    assert twin.packed_status() == 0x1211
    assert twin.truth()["catastrophe"] == ""


def test_venting_a_cold_chamber_is_not_refused_but_is_a_catastrophe():
    twin, clock = twin_at(PpmsOptions.at(temperature=4.0))
    assert twin.set_chamber(2)
    clock.elapse(300.0)
    assert twin.packed_status() & 0xF0F == 0xF0F
    assert twin.condition(clock.now()).temperature > 50.0
    assert "vented at 4.0 K" in twin.truth()["catastrophe"]
    assert twin.level() < 70.0
    assert twin.advisory() != 0


def test_helium_falls_by_its_idle_rate_and_faster_in_driven_mode():
    twin, clock = twin_at(PpmsOptions.at(field=14.0))
    clock.elapse(10 * 3600.0)
    assert twin.level() == pytest.approx(81.0, abs=1e-6)
    twin.set_field(140_000.0, 40.0, 0, 1)
    clock.elapse(10 * 3600.0)
    assert twin.level() == pytest.approx(81.0 - 4.0 - 6.0, abs=0.05)


def test_filling_the_pot_costs_helium():
    idle, clock = twin_at(PpmsOptions.at(temperature=6.0))
    clock.elapse(3600.0)
    cold, cold_clock = twin_at(PpmsOptions.at(temperature=6.0))
    cold.set_temperature(1.9, 5.0, 0)
    cold_clock.elapse(3600.0)
    assert 0.05 < idle.level() - cold.level() < 0.2


def test_the_level_does_not_depend_on_how_often_it_was_asked_for():
    def run(step):
        twin, clock = twin_at(PpmsOptions.at(temperature=6.0))
        twin.set_field(50_000.0, 40.0, 0, 1)
        for _ in range(int(7200 / step)):
            clock.elapse(step)
            twin.level()
        return twin.level()

    assert run(60.0) == pytest.approx(run(7200.0), rel=1e-4)


def test_a_low_level_raises_an_advisory():
    twin, clock = twin_at(replace(PpmsOptions(), helium=HeliumOptions(start=52.1)))
    assert twin.advisory() == 0
    clock.elapse(3600.0)
    assert twin.advisory() == 1


def test_the_hourly_meter_shows_a_value_of_the_last_hour():
    twin, clock = twin_at(replace(PpmsOptions(), helium=STEADY))
    clock.elapse(1.5 * 3600.0)
    assert twin.meter.read(clock.now()) == (pytest.approx(84.6), 1)
    assert twin.level() == pytest.approx(84.4)


def test_a_meter_that_is_off_shows_an_old_value():
    twin, clock = twin_at(replace(PpmsOptions(), helium=STEADY))
    twin.meter.switch(clock.now(), 3)
    clock.elapse(5 * 3600.0)
    assert twin.meter.read(clock.now()) == (pytest.approx(85.0), 0)


def test_a_single_reading_takes_ten_seconds():
    twin, clock = twin_at(replace(PpmsOptions(), helium=STEADY))
    twin.meter.switch(clock.now(), 3)
    clock.elapse(5 * 3600.0)
    twin.meter.switch(clock.now(), 0)
    clock.elapse(9.0)
    assert twin.meter.read(clock.now())[1] == 0
    clock.elapse(2.0)
    assert twin.meter.read(clock.now()) == (pytest.approx(83.0, abs=0.01), 1)


def test_a_continuous_meter_stops_when_nobody_reads_it():
    twin, clock = twin_at(replace(PpmsOptions(), helium=STEADY))
    twin.meter.switch(clock.now(), 1)
    for _ in range(10):
        clock.elapse(30.0)
        assert twin.meter.read(clock.now())[1] == 2
    clock.elapse(2 * 3600.0)
    assert twin.meter.read(clock.now())[1] == 0
    clock.elapse(30.0)
    assert twin.meter.read(clock.now())[1] == 0


def test_readings_outside_the_meter_happen_now_and_then():
    twin, clock = twin_at(replace(PpmsOptions(), helium=HeliumOptions(glitch=0.2)))
    values = [twin.meter.read(clock.now())[0] for _ in range(200)]
    assert 20 < sum(value < 30.0 for value in values) < 60
