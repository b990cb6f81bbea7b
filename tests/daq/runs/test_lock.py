import json
import os
import socket
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from daq.runs.lock import Owner, StationLock
from instruments.errors import StationBusyError

HOLDER = """
import sys
from pathlib import Path
from daq.runs.lock import StationLock
with StationLock("bench 1", Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path), "token=abc"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:  # noqa: S603 (our own text)
        assert process.stdout is not None
        assert process.stdout.readline() == b"mine\n"
        yield process
        process.kill()


def test_another_process_is_told_who_owns_the_station(tmp_path, holder):
    with pytest.raises(StationBusyError) as told:
        StationLock("bench 1", tmp_path).acquire()
    message = str(told.value)
    for part in ("bench 1", str(holder.pid), socket.gethostname(), "-c", "UTC", "end it, or wait"):
        assert part in message
    assert "abc" not in message
    assert "\n" not in message


def test_another_station_is_free(tmp_path, holder):
    with StationLock("bench 2", tmp_path) as lock:
        owner = lock.owner()
        assert owner is not None
        assert owner.pid == os.getpid()


def test_a_killed_owner_leaves_the_station_free(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / "bench-1.owner.json").exists()
    lock = StationLock("bench 1", tmp_path)
    assert lock.owner() is None
    with lock:
        assert lock.owner() == Owner.this_process()


def test_the_owner_still_counts_when_somebody_has_deleted_the_lock_file(tmp_path, holder):
    (tmp_path / "bench-1.lock").unlink()
    with pytest.raises(StationBusyError, match=str(holder.pid)):
        StationLock("bench 1", tmp_path).acquire()


def test_a_station_can_be_taken_again_after_it_was_released(tmp_path):
    lock = StationLock("bench", tmp_path)
    for _ in range(2):
        with lock:
            with pytest.raises(StationBusyError):
                StationLock("bench", tmp_path).acquire()
        assert lock.owner() is None
    lock.release()


def test_a_later_process_with_the_same_number_is_not_the_owner(tmp_path):
    me = Owner.this_process()
    assert me.is_alive() is True
    old = replace(me, since_boot=None, boot="")  # as written before, and where it is not counted
    assert old.is_alive() is True
    assert replace(old, started=me.started - 3600.0).is_alive() is False
    assert replace(me, host="elsewhere").is_alive() is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not work it out from a boot")
def test_a_clock_that_is_set_makes_nobody_dead_and_no_later_process_alive(monkeypatch):
    me = Owner.this_process()
    told = Owner.from_json(me.to_json())
    start = psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: start + 3600.0)
    assert told == Owner.this_process()
    assert told.is_alive() is True
    assert replace(told, since_boot=told.since_boot - 10.0).is_alive() is False
    assert replace(told, boot="an earlier one").is_alive() is False


def test_an_owner_file_of_an_older_version_is_still_read():
    me = Owner.this_process()
    old = {"pid": me.pid, "host": me.host, "started": me.started, "command": "x"}
    found = Owner.from_json(json.dumps(old))
    assert found.is_same(me)
    assert found != me  # started otherwise
    assert found.is_alive() is True
    assert Owner.from_json("[]") is None
    assert Owner.from_json('{"pid": 1, "host": "h", "started": 1, "command": "", "boot": 3}')


def test_a_number_that_no_process_has_is_not_alive():
    pid = max(psutil.pids()) + 100_000
    assert Owner(pid, socket.gethostname(), 0.0, "").is_alive() is False


def test_an_unreadable_owner_file_is_no_owner(tmp_path):
    (tmp_path / "bench.owner.json").write_text("{")
    with StationLock("bench", tmp_path) as lock:
        assert json.loads((tmp_path / "bench.owner.json").read_text())["pid"] == os.getpid()
        assert lock.owner() is not None
