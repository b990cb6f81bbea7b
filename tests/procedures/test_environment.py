import pytest

from instruments.errors import ColdpointError, RefusedError
from instruments.waiting import drive
from procedures.environment import reach_angle, reach_field, reach_temperature, refuse_warming


def carry_out(story, station):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)


def test_temperature_field_and_angle_are_reached_and_settled(place):
    here = place(temperature=20.0)
    carry_out(reach_temperature(here.station, 21.0, 0.1), here.station)
    carry_out(reach_field(here.station, 0.05), here.station)
    carry_out(reach_angle(here.station, 30.0), here.station)
    truth = here.bench.truth()
    assert truth["temperature"] == pytest.approx(21.0, abs=0.02)
    assert truth["field"] == pytest.approx(0.05, abs=2e-3)
    assert truth["angle"] == pytest.approx(30.0, abs=0.06)


def test_a_temperature_that_would_change_the_sample_is_refused_and_not_sent(place):
    here = place(temperature=20.0)
    here.station.keep_below = 30.0
    with pytest.raises(RefusedError, match="kept below 30 K; confirm it"):
        carry_out(reach_temperature(here.station, 30.1), here.station)
    assert here.ppms.block.setpoint[0] == 20.0


def test_the_overshoot_of_a_fast_approach_counts(place):
    station = place(temperature=20.0).station
    station.keep_below = 30.0
    with pytest.raises(RefusedError, match=r"overshoots to 30.2 K .* or approach it with no over"):
        refuse_warming(station, 30.0, "fast")
    refuse_warming(station, 30.0, "no overshoot")
    refuse_warming(station, 29.7, "fast")


def test_a_person_may_confirm_it(place):
    station = place(temperature=20.0).station
    station.keep_below = 30.0
    station.confirmed_above = True
    refuse_warming(station, 300.0)


def test_what_a_person_has_confirmed_holds_up_to_the_temperature_that_was_told(place):
    station = place(temperature=20.0).station
    station.keep_below, station.confirmed_above, station.confirmed_up_to = 30.0, True, 40.0
    refuse_warming(station, 40.0)
    with pytest.raises(RefusedError, match="41 K would change the sample"):
        refuse_warming(station, 41.0)


def test_without_such_a_temperature_nothing_is_refused(place):
    refuse_warming(place().station, 300.0)


def test_a_station_without_a_cryostat_says_so(bench_station):
    _, station = bench_station()
    with pytest.raises(ColdpointError, match="has no cryostat"):
        carry_out(reach_temperature(station, 10.0), station)
