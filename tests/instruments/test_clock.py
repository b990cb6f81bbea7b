import threading
from datetime import UTC, datetime

import pytest

from instruments.clock import ScaledClock, SystemClock, VirtualClock


def test_a_virtual_clock_runs_callbacks_in_the_order_of_their_due_times():
    clock, seen = VirtualClock(), []
    clock.at(2.0, lambda: seen.append(("at 2", clock.now())))
    clock.at(1.0, lambda: seen.append(("at 1", clock.now())))
    clock.every(0.8, lambda: seen.append(("every", clock.now())))
    clock.sleep(2.5)
    assert seen == [
        ("every", 0.8), ("at 1", 1.0), ("every", 1.6), ("at 2", 2.0), ("every", pytest.approx(2.4)),
    ]  # fmt: skip
    assert clock.now() == 2.5


def test_callbacks_of_a_virtual_clock_never_nest_and_none_is_lost():
    clock, seen = VirtualClock(), []

    def slow():
        clock.sleep(3.0)
        seen.append("slow")

    clock.at(1.0, slow)
    clock.at(2.0, lambda: seen.append("second"))
    clock.sleep(1.5)
    assert seen == ["slow"]
    clock.sleep(1.0)
    assert seen == ["slow", "second"]
    assert clock.now() == pytest.approx(5.0)


def test_what_falls_due_during_a_bus_operation_runs_in_the_next_sleep():
    clock, seen = VirtualClock(), []
    clock.at(1.0, lambda: seen.append(clock.now()))
    clock.elapse(5.0)
    assert seen == []
    clock.sleep(0.0)
    assert seen == [5.0]


def test_a_periodic_callback_that_was_missed_is_called_once_and_keeps_its_beat():
    clock, seen = VirtualClock(), []
    clock.every(1.0, lambda: seen.append(clock.now()))
    clock.elapse(3.5)
    clock.sleep(1.0)
    assert seen == [3.5, 4.0]


def test_a_cancelled_timer_is_silent():
    clock, seen = VirtualClock(), []
    timer = clock.every(1.0, lambda: seen.append(clock.now()))
    clock.sleep(1.5)
    timer.cancel()
    clock.sleep(5.0)
    assert seen == [1.0]


def test_a_stop_set_by_a_callback_ends_a_virtual_sleep_there():
    clock, stop = VirtualClock(), threading.Event()
    clock.at(10.0, stop.set)
    clock.every(1.0, lambda: None)
    clock.sleep(1800.0, stop)
    assert clock.now() == 10.0


def test_two_scaled_clocks_with_one_epoch_read_the_same_time():
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = ScaledClock(60.0, epoch), ScaledClock(60.0, epoch)
    assert first.now() == pytest.approx(second.now(), abs=5.0)
    assert (first.utc() - second.utc()).total_seconds() == pytest.approx(0.0, abs=5.0)


def test_a_scaled_clock_calls_back_in_its_own_thread_and_leaves_none_behind():
    clock, seen, done = ScaledClock(1000.0), [], threading.Event()

    def callback():
        seen.append(threading.current_thread().name)
        if len(seen) == 3:
            done.set()

    clock.every(1.0, callback)
    assert done.wait(10.0)
    clock.close()
    assert set(seen) == {"clock"}
    assert "clock" not in {thread.name for thread in threading.enumerate()}


def test_a_system_clock_wakes_up_when_it_is_stopped():
    clock, stop = SystemClock(), threading.Event()
    stop.set()
    before = clock.now()
    clock.sleep(60.0, stop)
    assert clock.now() - before < 10.0


@pytest.mark.parametrize("clock", [VirtualClock(), ScaledClock(10.0)])
@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_nobody_waits_backwards(clock, seconds):
    with pytest.raises(ValueError, match="cannot wait"):
        clock.sleep(seconds)
    with pytest.raises(ValueError, match="cannot call back"):
        clock.every(seconds, lambda: None)
