import os
import subprocess
import sys

import psutil
import pytest

from daq.campaign.kept_rehearsals import KeptRehearsal, keep, kept_file
from daq.campaign.leftovers import DAY, InUse, clean_state, next_copy
from daq.campaign.queue import Queue
from daq.campaign.queue_estimates import entry_key
from instruments.clock import VirtualClock

NOW = 2e9
GONE = str(2**22 - 3)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "coldpoint"


@pytest.fixture
def queue(tmp_path, state):
    (tmp_path / "s.yaml").write_text("title: N\nsteps:\n  - wait: 1 s\n")
    queue = Queue(tmp_path / "data", VirtualClock())
    queue.add(tmp_path / "s.yaml")
    return queue


def made(path, days):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (NOW - days * DAY,) * 2)
    return path


def clean(queue):
    return set(clean_state(InUse.now(queue.data, queue.entries()), NOW))


def test_old_copies_of_a_window_that_has_gone_are_removed_and_young_ones_stay(state, queue):
    old = [made(state / "rehearsed" / GONE / f"000{n}.yaml", 2) for n in (1, 2)]
    young = made(state / "rehearsed" / "7x" / "0001.yaml", 0.5)
    assert clean(queue) == set(old)
    assert not (state / "rehearsed" / GONE).exists()
    assert young.exists()


def test_the_last_copy_of_a_living_window_stays_whatever_its_age(state, queue, monkeypatch):
    mine = state / "rehearsed" / str(os.getpid())
    old, last = made(mine / "0001.yaml", 5), made(mine / "0002.yaml", 3)
    began = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda one: min(began(one), NOW - 9 * DAY))
    assert clean(queue) == {old}
    assert last.exists()
    assert next_copy().name == "0003.yaml"  # a name is never given twice while its file stands
    monkeypatch.setattr(psutil.Process, "create_time", lambda one: NOW)  # the number went on
    assert clean(queue) == {last}


def test_a_copy_that_a_running_program_was_started_with_stays_until_it_ends(state, queue):
    copy = made(state / "rehearsed" / GONE / "0001.yaml", 400)
    command = [sys.executable, "-c", "input()", "run", str(copy)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as campaign:  # noqa: S603 (our own)
        assert clean(queue) == set()
        campaign.communicate(b"\n")
    assert clean(queue) == {copy}


def test_a_file_that_an_entry_of_the_queue_names_stays(state, queue, tmp_path):
    station = made(state / "rehearsed" / GONE / "0001.yaml", 400)
    with queue._store.changing() as changing:  # noqa: SLF001 (as an older program may have left it)
        from dataclasses import replace

        entries = tuple(replace(e, station_file=str(station)) for e in changing[0].entries)
        changing[0] = replace(changing[0], entries=entries)
    assert clean(queue) == set()
    queue.remove(1)
    assert clean(queue) == {station}


def test_a_rehearsal_goes_when_nobody_asked_for_it_for_long_and_no_entry_needs_it(state, queue):
    needed = entry_key(queue.data, queue.entry(1))
    for key in (needed, "other"):
        keep(key, KeptRehearsal({}))
        os.utime(kept_file(key), (NOW - 100 * DAY,) * 2)
    keep("young", KeptRehearsal({}))
    os.utime(kept_file("young"), (NOW - 80 * DAY,) * 2)
    log = made(state / "started" / "12-34.log", 31)
    assert clean(queue) == {kept_file("other"), log}
    assert {path.stem for path in kept_file("").parent.glob("*.json")} == {needed, "young"}
