"""Clocks: the only place that knows what time it is.

Nothing else in Coldpoint calls ``time.sleep`` or asks for the time of day: a clock is passed in. On
a `SystemClock` and a `ScaledClock` callbacks run in one thread of their own; on a `VirtualClock`
they run inside `sleep`, in the caller's thread and in the order of their due times, so that one
seed always gives the same bytes.
"""

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

Callback = Callable[[], None]


class Clock(Protocol):
    """Tell the time, wait, and call back."""

    def now(self) -> float:
        """Return the time in s since the epoch of this clock; it never goes back."""
        ...

    def utc(self) -> datetime:
        """Return the time of day that belongs to `now`, in UTC."""
        ...

    def sleep(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Let time pass and callbacks run; return early when `stop` is set."""
        ...

    def elapse(self, seconds: float) -> None:
        """Let time pass for an operation that nothing interrupts; no callback runs here."""
        ...

    def slice(self, life: float) -> float:
        """Return how many seconds of this clock pass in `life` s of life; infinite if it jumps."""
        ...

    def every(self, period: float, callback: Callback) -> "Timer":
        """Call `callback` every `period` s, first one period from now."""
        ...

    def at(self, moment: float, callback: Callback) -> "Timer":
        """Call `callback` once, at the time `moment` of this clock or soon after."""
        ...

    def close(self) -> None:
        """Cancel all timers; the clock can still tell the time."""
        ...


@dataclass(order=True, slots=True)
class Timer:
    """A callback that is due at a time."""

    due: float
    order: int
    callback: Callback = field(compare=False)
    period: float | None = field(compare=False, default=None)
    cancelled: bool = field(compare=False, default=False)

    def cancel(self) -> None:
        """Never call back again."""
        self.cancelled = True

    def follow(self, now: float) -> bool:
        """Move on to the next due time after `now`; tell whether there is one."""
        if self.cancelled or self.period is None:
            return False
        missed = max(0, int((now - self.due) // self.period))
        self.due += self.period * (missed + 1)
        return True


class VirtualClock:
    """A clock that stands still until somebody waits; then it jumps.

    Parameters
    ----------
    start
        The time of day at which the clock begins.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._now = 0.0
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._calling = False

    def now(self) -> float:
        """Return the virtual time in s."""
        return self._now

    def utc(self) -> datetime:
        """Return the virtual time of day."""
        return self._start + timedelta(seconds=self._now)

    def sleep(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Advance by `seconds`, running every callback that falls due on the way.

        Inside a callback only time passes: callbacks never nest.
        """
        _refuse_negative(seconds)
        end = self._now + seconds
        if not self._calling:
            self._run_due(end, stop)
        if stop is None or not stop.is_set():
            self._now = max(self._now, end)

    def elapse(self, seconds: float) -> None:
        """Advance by `seconds`; what falls due meanwhile runs in the next `sleep`."""
        _refuse_negative(seconds)
        self._now += seconds

    def slice(self, life: float) -> float:
        """Return infinity: a wait costs no life, and a stop can only be set by a callback."""
        return math.inf

    def every(self, period: float, callback: Callback) -> Timer:
        """Call back every `period` s of virtual time."""
        _refuse_no_period(period)
        return self._add(Timer(self._now + period, next(self._order), callback, period))

    def at(self, moment: float, callback: Callback) -> Timer:
        """Call back at the virtual time `moment`."""
        return self._add(Timer(moment, next(self._order), callback))

    def close(self) -> None:
        """Cancel all timers."""
        self._timers.clear()

    def _add(self, timer: Timer) -> Timer:
        heapq.heappush(self._timers, timer)
        return timer

    def _run_due(self, end: float, stop: threading.Event | None) -> None:
        self._calling = True
        try:
            while self._timers and self._timers[0].due <= end:
                if stop is not None and stop.is_set():
                    return
                timer = heapq.heappop(self._timers)
                if timer.cancelled:
                    continue
                self._now = max(self._now, timer.due)
                timer.callback()
                if timer.follow(self._now):
                    heapq.heappush(self._timers, timer)
        finally:
            self._calling = False


class ScaledClock:
    """A clock that runs `scale` times as fast as life; `SystemClock` is the one with scale 1.

    Parameters
    ----------
    scale
        Seconds of this clock per second of life.
    epoch
        The time of day, in life, at which this clock reads zero; now if omitted. Two processes that
        are given one scale and one epoch read the same time.
    """

    def __init__(self, scale: float = 1.0, epoch: datetime | None = None) -> None:
        if not scale > 0.0:
            raise ValueError(
                f"a clock cannot run {scale} times as fast as life; give a scale above 0"
            )
        self.scale = scale
        self.epoch = datetime.now(UTC) if epoch is None else epoch
        self._offset = (datetime.now(UTC) - self.epoch).total_seconds() - time.monotonic()
        self._order = itertools.count()
        self._timers: list[Timer] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def now(self) -> float:
        """Return the scaled time since the epoch in s."""
        return (time.monotonic() + self._offset) * self.scale

    def utc(self) -> datetime:
        """Return the scaled time of day: the epoch plus the scaled time since."""
        return self.epoch + timedelta(seconds=self.now())

    def sleep(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Wait; return early when `stop` is set."""
        _refuse_negative(seconds)
        if seconds == 0.0:
            return  # the system would take its timer slack, 50 us or more, for nothing
        if stop is None:
            time.sleep(seconds / self.scale)
        else:
            stop.wait(seconds / self.scale)

    def elapse(self, seconds: float) -> None:
        """Wait."""
        _refuse_negative(seconds)
        time.sleep(seconds / self.scale)

    def slice(self, life: float) -> float:
        """Return `life` times the scale."""
        return life * self.scale

    def every(self, period: float, callback: Callback) -> Timer:
        """Call back every `period` s of this clock, in the clock's own thread."""
        _refuse_no_period(period)
        return self._add(Timer(self.now() + period, next(self._order), callback, period))

    def at(self, moment: float, callback: Callback) -> Timer:
        """Call back at the time `moment` of this clock, in the clock's own thread."""
        return self._add(Timer(moment, next(self._order), callback))

    def close(self) -> None:
        """Cancel all timers and end the thread."""
        with self._changed:
            self._timers.clear()
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5.0)

    def _add(self, timer: Timer) -> Timer:
        with self._changed:
            heapq.heappush(self._timers, timer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="clock", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return timer

    def _serve(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                timer = self._next_due(me)
            if timer is None:
                return
            if not timer.cancelled:
                timer.callback()
            with self._changed:
                if self._thread is me and timer.follow(self.now()):
                    heapq.heappush(self._timers, timer)

    def _next_due(self, me: threading.Thread) -> Timer | None:
        while self._thread is me:
            if not self._timers:
                self._changed.wait()
                continue
            wait = (self._timers[0].due - self.now()) / self.scale
            if wait <= 0.0:
                return heapq.heappop(self._timers)
            self._changed.wait(wait)
        return None


class SystemClock(ScaledClock):
    """The clock on the wall; its zero is the moment it was made."""

    def __init__(self) -> None:
        super().__init__(scale=1.0)


def _refuse_negative(seconds: float) -> None:
    if not seconds >= 0.0:
        raise ValueError(f"cannot wait {seconds} s; give zero or more")


def _refuse_no_period(period: float) -> None:
    if not period > 0.0:
        raise ValueError(f"cannot call back every {period} s; give a period above 0")
