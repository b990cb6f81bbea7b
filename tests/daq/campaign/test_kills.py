"""A campaign that is killed at random instants, again and again, ends with what it should have."""

import os
import random
import signal

import numpy as np
import pytest

from instruments.clock import SystemClock

KILLS = int(os.environ.get("COLDPOINT_KILLS", "20"))
SOAK_KILLS = int(os.environ.get("COLDPOINT_SOAK_KILLS", "200"))
PER_CAMPAIGN = 4
POINTS = 5
BIAS = list(np.linspace(-1e-4, 1e-4, POINTS))
SPECTRA = (1, 3)
PULSE = 2
OPENING, GUARDED = (-2, 0), (-1, 0)
IN_TIME = 5.0
"""Time in s of life within which the source is at 0 A."""
pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="Windows ends processes otherwise"
)


def instants(seed):
    """Return when to kill: step and rows that a runner has told, and the time in s of life after.

    Each campaign is killed while it begins, during a wait or between points, inside the pulse, and
    about the closing of a file or a point after it, in this order.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret)
    point = chance.randint(1, POINTS - 1)
    return [
        (chance.choice([OPENING, GUARDED]), chance.uniform(0.0, 0.6)),
        (chance.choice([(0, 0), (1, 0), (1, point)]), chance.uniform(0.0, 0.2)),
        ((PULSE, 0), chance.uniform(0.0, 1.2)),
        (chance.choice([(3, 0), (3, point), (3, POINTS), (3, POINTS)]), chance.uniform(0.0, 0.1)),
    ]


def kill(served, mark, seconds, *, block=0.0):
    """Kill a campaign at an instant, check what holds at once, and return the time until dark.

    One that has ended meanwhile is not killed: None.
    """
    runner = served.begin(campaign=served.campaign())
    begun = served.wait_for(lambda: runner.progress() >= mark or runner.over(), 20.0)
    assert begun is not None, runner.told
    SystemClock().sleep(seconds)
    if runner.over():
        runner.end()
        return None
    guardian = runner.guardian()
    runner.signal(signal.SIGKILL)
    dark = served.wait_for(served.dark, block + IN_TIME)
    assert dark is not None, f"not dark {block + IN_TIME:g} s after {mark}"
    runner.end()
    if guardian is not None:
        assert served.wait_for(lambda: not runner.guards(guardian), 20.0 + block) is not None
    if served.campaign() is not None:
        stored = served.stored()
        for step, rows in runner.acknowledged().items():
            assert len(stored[step]) >= rows, f"acknowledged rows of step {step} are lost"
    assert all(report["safe"] for report in served.reports())
    return dark


def finish(served):
    """Go on to the end, and check that the points are those of a campaign that was never killed."""
    runner = served.begin(campaign=served.campaign())
    runner.end(40.0)
    assert runner.told[-1] == ["ended", "finished"]
    found = served.stored()
    for step in SPECTRA:
        assert found[step] == pytest.approx(BIAS, abs=1e-6)
    assert set(found) <= {*SPECTRA, PULSE}
    assert served.pulses() <= 1
    assert len(found.get(PULSE, ())) <= 1
    assert served.dark()


def trial(served, seed, kills=PER_CAMPAIGN):
    tried = [kill(served, *instant) for instant in instants(seed)[:kills]]
    times = [seconds for seconds in tried if seconds is not None]
    assert len(times) >= kills - 1
    finish(served)
    print(f"kills {len(times)}, slowest {max(times):.2f} s")  # noqa: T201 (shown by -rP)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(-(-KILLS // PER_CAMPAIGN)))
def test_killed_again_and_again_a_campaign_ends_with_all_its_points(served, seed):
    trial(served, seed)


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(1000, 1000 + -(-SOAK_KILLS // PER_CAMPAIGN)))
def test_killed_very_often_a_campaign_ends_with_all_its_points(served, seed):
    trial(served, seed)


def test_killed_just_after_the_pulse_was_fired_it_is_not_fired_again(served):
    runner = served.begin()
    assert served.wait_for(served.pulses, 60.0) is not None
    runner.signal(signal.SIGKILL)
    assert served.wait_for(served.dark, IN_TIME) is not None
    guardian_done = served.wait_for(lambda: served.journal()[-1]["event"] == "guardian acted", 20.0)
    assert guardian_done is not None
    runner.end()
    finish(served)
    assert served.pulses() == 1
