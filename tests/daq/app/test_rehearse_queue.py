import json

import pytest
from filelock import FileLock

from daq.app.rehearse_queue import LOCK, rehearse_waiting
from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import estimates, unrehearsed
from instruments.clock import VirtualClock

SEQUENCE = "title: {}\non_error: {{then: land}}\nsteps:\n  - wait: {} s\n"


@pytest.fixture
def queue(tmp_path):
    return Queue(tmp_path / "data", VirtualClock())


@pytest.fixture
def add(queue, tmp_path):
    def put(title, seconds=60, station=None):
        (tmp_path / "s.yaml").write_text(SEQUENCE.format(title, seconds))
        return queue.add(tmp_path / "s.yaml", station)

    return put


def told(queue):
    return estimates(queue.data, queue.entries(), queue.now())


def test_every_sequence_is_rehearsed_once_however_often_it_waits(queue, add, monkeypatch):
    from daq.app import rehearse_queue

    rehearsed = []
    really = rehearse_queue.rehearse

    def counted(prepared, **options):
        rehearsed.append(prepared.sequence.title)
        return really(prepared, **options)

    monkeypatch.setattr(rehearse_queue, "rehearse", counted)
    add("one", 60)
    add("two", 3600)
    add("one", 60)
    said = []
    assert rehearse_waiting(queue, said.append) == 2
    assert [round(told(queue)[n].duration / 60.0) for n in (1, 2, 3)] == [1, 60, 1]
    assert said == ["1 one: rehearsed", "2 two: rehearsed"]
    queue.move(3, 1)
    assert rehearse_waiting(queue) == 0
    assert rehearsed == ["one", "two"]


def test_what_cannot_be_rehearsed_says_why_and_the_next_one_has_its_turn(queue, add, tmp_path):
    from daq.config.folder import configs_folder

    station = tmp_path / "bench.yaml"
    station.write_text((configs_folder() / "stations" / "simulated.yaml").read_text())
    add("lost", station=str(station))
    add("fine")
    station.write_text("name: bench\ninstruments: 7\n")
    assert rehearse_waiting(queue) == 2
    assert "bench.yaml:1: limits" in told(queue)[1].problem
    assert not told(queue)[2].problem
    assert unrehearsed(queue.data, queue.entries()) == ()


def test_a_flaw_of_the_program_is_told_too(queue, add, monkeypatch):
    from daq.app import rehearse_queue

    def broken(*_, **__):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(rehearse_queue, "rehearse", broken)
    add("one")
    assert rehearse_waiting(queue) == 1
    assert told(queue)[1].problem == "ZeroDivisionError: of all things"


def test_a_rehearsal_that_takes_for_ever_is_broken_off(queue, add, monkeypatch):
    from daq.app import rehearse_queue

    monkeypatch.setattr(rehearse_queue, "PATIENCE", 0.3)
    monkeypatch.setattr(rehearse_queue, "LOOK", 0.1)
    add("long", 1e8)
    assert rehearse_waiting(queue) == 1
    assert "it was broken off" in told(queue)[1].problem


def test_a_rehearsal_that_nobody_waits_for_any_more_is_broken_off_and_not_kept(
    queue, add, monkeypatch
):
    from daq.app import rehearse_queue

    monkeypatch.setattr(rehearse_queue, "LOOK", 0.1)
    really = rehearse_queue.rehearse

    def begun_meanwhile(prepared, **options):
        queue.begin_next()
        return really(prepared, **options)

    monkeypatch.setattr(rehearse_queue, "rehearse", begun_meanwhile)
    add("long", 1e8)
    assert rehearse_waiting(queue) == 1
    assert not told(queue)[1].rehearsed


def test_two_processes_do_not_rehearse_the_same_queue(queue, add):
    add("one")
    with FileLock(queue.folder / LOCK):
        assert rehearse_waiting(queue) == 0
    assert rehearse_waiting(queue) == 1


def test_the_list_tells_begin_duration_and_end(coldpoint, tmp_path):
    (tmp_path / "s.yaml").write_text(SEQUENCE.format("one", 3600))
    assert coldpoint("queue", "add", "s.yaml").code == 0
    assert "not rehearsed yet" in coldpoint("queue", "list").out
    assert coldpoint("queue", "rehearse").out.endswith("1 rehearsed\n")
    listed = coldpoint("queue", "list").out
    assert "takes 1:00:00 of its simulated clock" in listed
    entry = json.loads(coldpoint("queue", "list", "--json").out)["entries"][0]
    assert entry["estimate"]["duration_s"] == pytest.approx(3600.0, abs=1.0)
    # on a virtual clock an hour is over at once: often within the second that is told
    assert entry["estimate"]["start"] <= entry["estimate"]["end"]
    coldpoint("queue", "confirm", "1")
    entry = json.loads(coldpoint("queue", "list", "--json").out)["entries"][0]
    assert entry["confirmed_above"] is True
