import json
import os
import threading

import pytest

from daq.runs.durability import Disk
from daq.runs.journal import Journal, read_journal
from instruments.clock import VirtualClock
from instruments.errors import StorageError


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def test_a_journal_gives_back_plan_and_events_with_both_times(path, clock):
    with Journal.create(path, {"steps": [1, 2]}, clock) as journal:
        clock.elapse(2.5)
        journal.event("step begun", step=1, sync=True)
        journal.event("note", text="helium low\nfilled")
    content = read_journal(path)
    assert content.plan == {"steps": [1, 2]}
    assert [event["event"] for event in content.events] == ["step begun", "note"]
    assert content.events[0]["clock"] == 2.5
    assert content.events[0]["utc"] == "2026-01-01T00:00:02.500000+00:00"
    assert content.torn == ""
    assert json.loads(path.read_bytes().splitlines()[0])["format"] == 1


def test_a_torn_last_line_is_reported_and_kept_when_the_journal_goes_on(path, clock):
    with Journal.create(path, {}, clock) as journal:
        journal.event("note")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "run beg')
    assert read_journal(path).torn == '{"event": "run beg'
    assert len(read_journal(path).events) == 1

    with Journal.reopen(path, clock) as journal:
        journal.event("resumed")

    assert path.read_bytes().startswith(whole)
    content = read_journal(path)
    assert [event["event"] for event in content.events] == ["note", "torn line", "resumed"]
    assert content.events[1]["text"] == '{"event": "run beg'


def test_a_journal_cut_anywhere_after_its_plan_can_be_read_and_gone_on_with(path, clock):
    quick = Disk(sync=lambda descriptor: None)
    with Journal.create(path, {}, clock) as journal:
        plan = len(path.read_bytes())
        journal.event("note", text="a")
        journal.event("note", text="b")
    content = path.read_bytes()
    for length in range(plan, len(content) + 1):
        path.write_bytes(content[:length])
        with Journal.reopen(path, clock, quick) as journal:
            journal.event("resumed")
        assert read_journal(path).events[-1]["event"] == "resumed"


def test_a_last_line_of_zeros_is_torn_too(path, clock):
    Journal.create(path, {}, clock).close()
    path.write_bytes(path.read_bytes() + b"\0\0\0\0\n")
    with Journal.reopen(path, clock) as journal:
        journal.event("resumed")
    assert [event["event"] for event in read_journal(path).events] == ["torn line", "resumed"]


def test_a_broken_line_before_the_end_is_an_error_that_names_it(path, clock):
    with Journal.create(path, {}, clock) as journal:
        journal.event("note")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"oops\n" + lines[1])
    with pytest.raises(StorageError, match="line 2 is not JSON"):
        read_journal(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"format": 2, "event": "plan", "plan": {}}\n', "newer"),
        (b'{"event": "plan", "plan": {}}\n', "found format None"),
        (b'{"format": 1, "event": "note"}\n', "no plan"),
        (b"", "no plan"),
    ],
)
def test_what_is_no_journal_of_ours_is_refused(path, content, told):
    path.write_bytes(content)
    with pytest.raises(StorageError, match=told):
        read_journal(path)


def test_a_journal_is_never_overwritten(path, clock):
    Journal.create(path, {}, clock).close()
    with pytest.raises(StorageError, match="not overwritten"):
        Journal.create(path, {}, clock)


def test_a_synced_line_is_synced_before_the_call_returns(path, clock, faulty):
    with Journal.create(path, {}, clock, faulty.disk()) as journal:
        faulty.calls.clear()
        journal.event("note")
        assert faulty.calls == ["write"]
        journal.event("note", sync=True)
        assert faulty.calls == ["write", "write", "sync"]


def test_a_full_disk_leaves_no_half_line(path, clock, faulty):
    with Journal.create(path, {}, clock, faulty.disk()) as journal:
        faulty.fail["write"] = lambda: True
        with pytest.raises(StorageError, match="No space left"):
            journal.event("note")
        faulty.fail.clear()
        journal.event("landed")
    assert [event["event"] for event in read_journal(path).events] == ["landed"]


def test_half_a_line_that_a_full_disk_took_is_cut_off(path, clock):
    half, refuse = [], []

    def write(descriptor, content):
        if refuse:
            refuse.clear()
            raise OSError(28, "No space left on device")
        if half:
            half.clear()
            refuse.append(True)
            return os.write(descriptor, content[:10])
        return os.write(descriptor, content)

    with Journal.create(path, {}, clock, Disk(write=write)) as journal:
        half.append(True)
        with pytest.raises(StorageError, match="No space left"):
            journal.event("note")
        journal.event("landed")
    assert [event["event"] for event in read_journal(path).events] == ["landed"]


def test_a_failed_sync_is_told_every_time_and_never_tried_again(path, clock, faulty):
    journal = Journal.create(path, {}, clock, faulty.disk())
    faulty.fail["sync"] = lambda: True
    with pytest.raises(StorageError):
        journal.event("a", sync=True)
    faulty.fail.clear()
    faulty.calls.clear()
    journal.event("b")
    with pytest.raises(StorageError):
        journal.event("c", sync=True)
    with pytest.raises(StorageError):
        journal.close()
    assert "sync" not in faulty.calls
    assert len(read_journal(path).events) == 3


def test_threads_never_mix_their_lines(path, clock):
    with Journal.create(path, {}, clock) as journal:

        def write(name):
            for index in range(100):
                journal.event("note", text=f"{name}{index}" * 20)

        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(read_journal(path).events) == 300


def test_a_field_may_not_take_the_place_of_a_time(path, clock):
    with Journal.create(path, {}, clock) as journal:
        with pytest.raises(StorageError, match="utc"):
            journal.event("note", utc="now")


def test_a_closed_journal_says_so(path, clock):
    journal = Journal.create(path, {}, clock)
    journal.close()
    journal.close()
    with pytest.raises(StorageError, match="closed"):
        journal.event("note")
