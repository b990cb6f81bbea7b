import pytest

from instruments.errors import LimitError
from instruments.waiting import drive


def move(station, to):
    began = station.clock.now()
    drive(station.scanner.move(to), station.clock, stopped=lambda: False, handle=lambda _: None)
    return station.clock.now() - began


def test_the_tip_goes_where_it_is_told_at_its_rate(tunnelling_station):
    twins, station = tunnelling_station()
    seconds = move(station, 40e-9)
    assert twins.bench.truth()["position"] == pytest.approx(40e-9)
    assert station.scanner.position == pytest.approx(40e-9)
    assert 39e-9 / 20e-9 <= seconds <= 5.0


def test_a_position_is_a_whole_step_of_the_converter(tunnelling_station):
    _, station = tunnelling_station()
    move(station, 0.44e-9)
    assert station.scanner.position == pytest.approx(0.4e-9)


def test_zero_volts_is_where_the_simulated_tip_begins(tunnelling_station):
    twins, station = tunnelling_station(("coldest:", "position: 3 nm, coldest:"))
    move(station, 1e-9)
    assert twins.bench.truth()["position"] == pytest.approx(4e-9)


def test_a_position_outside_the_limits_is_refused_and_nothing_moves(tunnelling_station):
    twins, station = tunnelling_station()
    with pytest.raises(LimitError, match="outside -1e-07 to 1e-07 m"):
        move(station, 101e-9)
    assert twins.bench.truth()["position"] == 0.0


def test_the_tip_stays_when_the_station_is_made_safe(tunnelling_station):
    twins, station = tunnelling_station()
    move(station, 40e-9)
    station.make_safe()
    assert twins.bench.truth()["position"] == pytest.approx(40e-9)
