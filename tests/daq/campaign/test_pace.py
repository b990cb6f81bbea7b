import pytest

from daq.campaign.forecast import Forecast
from daq.campaign.pace import COLD, MEASURING, STATED, Stopwatch, TimeLeft
from instruments.clock import VirtualClock
from instruments.waiting import Progress, Wait


class Following:
    """A follower that is told of waits, which pass as `drive` lets them pass."""

    def __init__(self, follower, clock):
        self.follower = follower
        self.clock = clock

    def wait(self, seconds, reason, *, bus=0.0):
        self.follower.offer(Wait(self.clock.now() + seconds, reason), 0)
        self.clock.sleep(seconds)
        self.clock.elapse(bus)


@pytest.fixture
def clock():
    return VirtualClock()


def test_the_time_of_a_step_divides_by_what_is_waited_for(clock):
    here = {"temperature": 300.0}
    watch = Stopwatch(clock, lambda: here["temperature"])
    told = Following(watch, clock)
    told.wait(100.0, "temperature of 1.9 K to settle", bus=1.0)
    here["temperature"] = 4.2
    told.wait(40.0, "temperature of 1.9 K to settle")
    told.wait(30.0, "field of 1 T to settle")
    told.wait(20.0, "the sample to follow")
    told.wait(10.0, "as the sequence says")
    told.wait(5.0, "the lock-in to settle", bus=0.5)
    spent = watch.lap()
    assert spent == {
        "temperature": 100.0,
        COLD: 40.0,
        "field": 30.0,
        STATED: 30.0,
        MEASURING: pytest.approx(6.5),
    }
    assert sum(spent.values()) == clock.now()
    assert watch.lap() == {}


def test_nothing_is_corrected_before_anything_has_passed():
    left = TimeLeft([{"temperature": 1000.0}, {STATED: 60.0, MEASURING: 40.0}])
    assert left.seconds() == 1100.0
    assert left.factor("temperature") == 1.0


def test_what_has_passed_corrects_what_is_left_activity_by_activity():
    plan = [{"temperature": 3000.0}, {"field": 500.0}, {"temperature": 2000.0, STATED: 600.0}]
    left = TimeLeft(plan)
    left.ended(0, {"temperature": 3600.0})
    assert left.factor("temperature") == pytest.approx(1.2, rel=0.01)
    assert left.factor("field") == 1.0
    assert left.seconds() == pytest.approx(500.0 + 2400.0 + 600.0, rel=0.01)


def test_a_few_seconds_of_an_activity_are_not_believed_at_once():
    left = TimeLeft([{"angle": 1.0}, {"angle": 1000.0}])
    left.ended(0, {"angle": 3.0})
    assert 1.0 < left.factor("angle") < 1.1


def test_stated_waits_are_never_corrected():
    left = TimeLeft([{STATED: 100.0}, {STATED: 100.0}])
    left.ended(0, {STATED: 300.0})
    assert left.seconds() == 100.0


def test_a_step_that_takes_longer_than_expected_has_nothing_left_and_no_less():
    left = TimeLeft([{"temperature": 100.0, STATED: 20.0}, {MEASURING: 10.0}])
    assert left.seconds(0, {"temperature": 40.0}) == 90.0
    assert left.seconds(0, {"temperature": 400.0}) == 30.0


def test_steps_that_are_done_already_teach_nothing_and_are_not_left():
    left = TimeLeft([{"field": 100.0}, {"field": 50.0}], done=[0])
    assert left.seconds() == 50.0
    assert left.factor("field") == 1.0


def test_a_forecast_follows_a_campaign_step_by_step(clock):
    forecast = Forecast(clock, lambda: 300.0, [{"temperature": 1000.0}, {"temperature": 2000.0}])
    told = Following(forecast, clock)
    assert forecast.seconds_left() == 3000.0
    forecast.announce(0, "temperature to 10 K")
    told.wait(400.0, "temperature of 10 K to settle")
    forecast.offer(Progress(0.5), 0)
    assert forecast.seconds_left() == pytest.approx(2600.0)
    forecast.announce(0, "the same step, tried again")
    told.wait(400.0, "temperature of 10 K to settle")
    forecast.announce(1, "temperature to 300 K")
    assert forecast.seconds_left() == pytest.approx(2000.0 * 830.0 / 1030.0)
    told.wait(1600.0, "temperature of 300 K to settle")
    forecast.end()
    assert forecast.seconds_left() == 0.0
