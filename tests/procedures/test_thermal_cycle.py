import pytest

from daq.samples.soft_contact import SoftContact
from instruments.errors import ConfigurationError
from instruments.waiting import Wait
from procedures.base import Resume
from procedures.thermal_cycle import ThermalCycle

SLOW = {"interval": 30.0, "time_constant": 0.02}


def test_a_cycle_at_three_kelvins_a_minute_erases_what_the_kinetics_say(place):
    sample = SoftContact(written=1.0)
    here = place(sample, temperature=100.0)
    rows = here.rows(ThermalCycle(maximum=150.0, rate=0.05, **SLOW))
    assert sample.written == pytest.approx(0.754, abs=0.01)
    assert rows[-1]["Temperature (K)"] == pytest.approx(100.0, abs=0.1)


def test_it_turns_round_at_the_maximum(place):
    here = place(temperature=50.0)
    highest = 0.0
    for event in ThermalCycle(maximum=53.0, interval=2.0).records(here.station):
        if isinstance(event, Wait):
            here.station.clock.sleep(max(0.0, event.until - here.station.clock.now()))
        highest = max(highest, here.bench.truth()["temperature"])
    assert highest == pytest.approx(53.0, abs=0.5)


def test_with_a_pause_it_settles_at_the_maximum(place):
    here = place(temperature=50.0)
    rows = here.rows(ThermalCycle(maximum=52.0, pause=600.0, **SLOW))
    up = [row["Time (s)"] for row in rows if row["Branch"] == 1]
    down = [row["Time (s)"] for row in rows if row["Branch"] == -1]
    assert down[0] - up[-1] >= 600.0
    assert next(row for row in reversed(rows) if row["Branch"] == 1)["Status"] == 0


def test_it_goes_to_the_base_first_and_comes_back_to_it(place):
    here = place(temperature=50.0)
    rows = here.rows(ThermalCycle(base=48.0, maximum=52.0, **SLOW))
    assert rows[0]["Temperature (K)"] == pytest.approx(48.0, abs=0.2)
    assert rows[-1]["Temperature (K)"] == pytest.approx(48.0, abs=0.1)


def test_a_maximum_below_the_base_is_refused(place):
    with pytest.raises(ConfigurationError, match="not above the base of 300 K"):
        ThermalCycle(maximum=50.0).check(place(temperature=300.0).station)


def test_only_a_person_may_repeat_it():
    assert ThermalCycle.resume is Resume.ASK
