import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from daq.campaign.kept_rehearsals import KeptRehearsal, keep
from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import entry_key, estimates, in_words, unrehearsed
from instruments.clock import VirtualClock

SEQUENCE = "title: {}\nsteps:\n  - wait: {} s\n"
NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """Return a queue of three sequences of an hour each; none was rehearsed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    queue = Queue(tmp_path / "data", VirtualClock())
    for number in (1, 2, 3):
        (tmp_path / "s.yaml").write_text(SEQUENCE.format(f"N{number}", 3599 + number))
        queue.add(tmp_path / "s.yaml")
    return queue


def know(queue, number, *, life=3600.0, duration=3600.0, problem="", confirm=""):
    steps = [{"activities_s": {"stated waits": duration}}]
    answer = {"duration_s": duration, "steps": steps, "needs_confirmation": confirm}
    found = KeptRehearsal(answer, life, problem)
    keep(entry_key(queue.data, queue.entry(number)), found)


def told(queue):
    return estimates(queue.data, queue.entries(), NOW)


def test_each_waiting_entry_begins_when_the_one_before_it_ends(queue):
    for number in (1, 2, 3):
        know(queue, number)
    assert [(one.start, one.end) for one in told(queue).values()] == [
        (NOW, NOW + HOUR),
        (NOW + HOUR, NOW + 2 * HOUR),
        (NOW + 2 * HOUR, NOW + 3 * HOUR),
    ]
    queue.move(3, 1)
    assert told(queue)[3].start == NOW
    assert told(queue)[2].end == NOW + 3 * HOUR
    assert unrehearsed(queue.data, queue.entries()) == ()


def test_what_is_held_takes_no_time_and_what_follows_an_unknown_has_no_begin(queue):
    know(queue, 1)
    know(queue, 3)
    assert [entry.id for entry in unrehearsed(queue.data, queue.entries())] == [2]
    found = told(queue)
    assert (found[2].start, found[2].end) == (NOW + HOUR, None)
    assert (found[3].start, found[3].duration) == (None, 3600.0)
    queue.hold(2)
    assert told(queue)[3].end == NOW + 2 * HOUR
    assert told(queue)[2].start is None


def test_a_fast_clock_counts_in_life(queue):
    know(queue, 1, life=180.0)
    know(queue, 2)
    found = told(queue)
    assert found[2].start == NOW + timedelta(seconds=180)
    assert "takes 1:00:00 of its simulated clock" in in_words(found[1])
    assert in_words(found[2]).endswith("takes 1:00:00")


def test_an_entry_says_why_it_cannot_be_rehearsed_or_will_not_reach_its_end(queue):
    keep(entry_key(queue.data, queue.entry(1)), KeptRehearsal({}, problem="no such contact"))
    know(queue, 2, problem="step 1 fails: no")
    (queue.folder / queue.entry(3).sequence).unlink()
    found = told(queue)
    assert found[1].problem == "no such contact"
    assert found[1].end is None
    assert found[2].problem == "step 1 fails: no"
    assert "cannot be read" in found[3].problem
    assert all(one.rehearsed for one in found.values())
    assert unrehearsed(queue.data, queue.entries()) == ()


def test_what_needs_a_confirmation_says_so_until_it_is_given(queue):
    know(queue, 1, confirm="step 1: 300 K would change the sample")
    assert "300 K would change the sample" in told(queue)[1].problem
    assert "coldpoint queue confirm 1" in told(queue)[1].problem
    queue.confirm_above(1)
    assert not told(queue)[1].problem
    assert told(queue)[1].end == NOW + HOUR


def test_a_running_entry_ends_when_what_its_journal_leaves_is_done(queue, tmp_path):
    know(queue, 1)
    know(queue, 2)
    entry = queue.begin_next()
    campaign = tmp_path / "data" / "campaign"
    campaign.mkdir()
    begun = {"event": "step begun", "step": 0, "clock": 100.0, "utc": NOW.isoformat()}
    (campaign / "journal.jsonl").write_text(
        json.dumps({"format": 1, "event": "plan", "clock": 0.0, "plan": {"title": "N1"}})
        + "\n"
        + json.dumps(begun)
        + "\n"
    )
    silent = (NOW - timedelta(minutes=15)).timestamp()
    os.utime(campaign / "journal.jsonl", (silent, silent))
    queue.told_campaign(entry.id, campaign)
    found = told(queue)
    assert found[1].end == NOW + timedelta(minutes=45)
    assert found[2].start == found[1].end
    (campaign / "journal.jsonl").write_text("")
    begun_at = datetime.fromisoformat(queue.entry(1).begun)
    assert estimates(queue.data, queue.entries(), begun_at)[1].end == begun_at + HOUR
