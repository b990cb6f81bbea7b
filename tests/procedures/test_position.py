import pytest

from instruments.errors import ColdpointError
from instruments.waiting import drive
from procedures.position import reach_position


def test_the_tip_is_brought_to_a_position_and_comes_to_rest(tunnelling_place):
    here = tunnelling_place()
    clock = here.station.clock
    drive(reach_position(here.station, 4e-9), clock, stopped=lambda: False, handle=lambda _: None)
    assert here.bench.truth()["position"] == pytest.approx(4e-9)
    assert clock.now() >= 0.1


def test_a_station_without_a_scanner_says_so(place):
    here = place()
    with pytest.raises(ColdpointError, match="has no scanner; add 'scanner'"):
        next(reach_position(here.station, 4e-9))
