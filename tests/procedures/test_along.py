import pytest

from instruments.errors import NotSettledError
from instruments.waiting import Record, drive, wait
from procedures.along import points_along


def taken(station, *, until, interval, lasts=0.0, timeout=1000.0):
    """Return when points were taken on the way to a moment."""
    times = []

    def take():
        times.append(station.clock.now())
        yield from wait(station.clock, lasts, "the reading")
        yield Record({"Time (s)": times[-1]})

    story = points_along(
        station,
        interval,
        lambda: station.clock.now() >= until,
        take,
        what="the field",
        timeout=timeout,
    )
    drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)
    return times


def test_points_come_at_the_interval_and_one_at_the_end(bench_station):
    _, station = bench_station()
    start = station.clock.now()
    times = taken(station, until=start + 10.0, interval=3.0)
    assert [time - start for time in times] == pytest.approx([0.0, 3.0, 6.0, 9.0, 11.0])


def test_readings_that_take_longer_follow_each_other(bench_station):
    _, station = bench_station()
    start = station.clock.now()
    times = taken(station, until=start + 10.0, interval=1.0, lasts=4.0)
    assert [time - start for time in times] == pytest.approx([0.0, 4.0, 8.0, 12.0])


def test_the_arrival_is_noticed_within_a_polling_period(bench_station):
    _, station = bench_station()
    start = station.clock.now()
    times = taken(station, until=start + 100.0, interval=3600.0)
    assert times[-1] - start == pytest.approx(100.0, abs=station.poll_period)


def test_what_never_arrives_is_an_error(bench_station):
    _, station = bench_station()
    with pytest.raises(NotSettledError, match="the field has not arrived within 20 s"):
        taken(station, until=1e9, interval=3.0, timeout=20.0)
