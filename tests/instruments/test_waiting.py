import threading

import pytest

from instruments.clock import ScaledClock, VirtualClock
from instruments.errors import NotSettledError
from instruments.waiting import Progress, Record, Stop, Wait, drive, settle, wait


def carry_out(story, clock, stopped=lambda: False, stop=None):
    seen = []
    answer = drive(story, clock, stopped=stopped, handle=seen.append, stop=stop)
    return seen, answer


def test_a_story_is_carried_out_in_order_and_its_waits_take_their_time():
    clock = VirtualClock()

    def story():
        yield Progress(0.0)
        yield from wait(clock, 12.0, "tea")
        yield Record({"Time (s)": clock.now()})
        return "done"

    seen, answer = carry_out(story(), clock)
    assert answer == "done"
    assert seen == [Progress(0.0), Wait(12.0, "tea"), Record({"Time (s)": 12.0})]


def test_a_stop_during_a_long_wait_closes_the_story_there():
    clock, stop, cleaned = VirtualClock(), threading.Event(), []

    def story():
        try:
            yield from wait(clock, 1800.0, "a ramp")
            yield Record({})
        finally:
            cleaned.append(clock.now())

    clock.at(7.0, stop.set)
    with pytest.raises(Stop):
        carry_out(story(), clock, stop.is_set, stop)
    assert cleaned == [7.0]


def test_a_stop_is_noticed_within_one_slice_on_a_clock_that_runs():
    clock, stop = ScaledClock(1.0), threading.Event()
    threading.Timer(0.05, stop.set).start()
    before = clock.now()
    with pytest.raises(Stop):
        carry_out(wait(clock, 1800.0, "a ramp"), clock, stop.is_set, stop)
    assert clock.now() - before < 5.0


def test_an_error_in_a_story_is_raised_after_its_clean_up():
    cleaned = []

    def story():
        try:
            yield Progress(0.0)
            raise RuntimeError("broken")
        finally:
            cleaned.append(True)

    with pytest.raises(RuntimeError, match="broken"):
        carry_out(story(), VirtualClock())
    assert cleaned == [True]


def test_an_error_of_the_handler_closes_the_story():
    cleaned = []

    def story():
        try:
            yield Progress(0.0)
        finally:
            cleaned.append(True)

    def handle(event):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        drive(story(), VirtualClock(), stopped=lambda: False, handle=handle)
    assert cleaned == [True]


def test_settling_ends_when_the_quantity_has_settled():
    clock = VirtualClock()
    carry_out(settle(clock, lambda: clock.now() >= 3.2, "the field", timeout=60.0), clock)
    assert clock.now() == pytest.approx(3.5)


def test_settling_that_never_ends_names_the_quantity_and_its_last_reading():
    clock = VirtualClock()
    story = settle(clock, lambda: False, "the field", timeout=60.0, reading=lambda: "0.3 T")
    with pytest.raises(NotSettledError, match=r"the field.*60 s.*0\.3 T"):
        carry_out(story, clock)
    assert clock.now() == pytest.approx(60.0)


def test_pollers_run_between_points_of_a_story_without_waits():
    clock, seen = VirtualClock(), []
    clock.every(1.0, lambda: seen.append(clock.now()))

    def story():
        for _ in range(4):
            clock.elapse(0.5)
            yield Progress(0.0)

    carry_out(story(), clock)
    assert seen == [1.0, 2.0]
