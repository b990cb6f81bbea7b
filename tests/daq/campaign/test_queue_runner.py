"""Working through a queue; the runs are small programs that do what a run would leave behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from daq.campaign import queue_store
from daq.campaign.queue import Queue
from daq.campaign.queue_process import owner_of
from daq.campaign.queue_runner import runner_of, work_through
from instruments.clock import SystemClock
from instruments.errors import StationBusyError, StorageError

SEQUENCE = "title: {}\nsteps:\n  - wait: 1 s\n"
CAMPAIGN = """\
import json, os, pathlib, psutil, signal, socket, sys
data, ending = pathlib.Path(sys.argv[1]), sys.argv[2]
me = {"pid": os.getpid(), "host": socket.gethostname(), "command": "run"}
me["started"] = psutil.Process().create_time()
folder = data / f"campaign-{os.getpid()}"
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
def lines(*events):
    with (folder / "journal.jsonl").open("a") as file:
        for event in events:
            file.write(json.dumps(event) + "\\n")
if ending == "wrong":
    sys.exit("coldpoint: s.yaml:3: found nothing, expected something; write it")
folder.mkdir(parents=True)
lines({"format": 1, "event": "plan", "plan": {}},
      {"event": "campaign begun", "owner": json.dumps(me)})
if ending == "crash":
    os.kill(os.getpid(), signal.SIGKILL)
if ending == "wait":
    signal.sigwait([signal.SIGTERM])
    ending = "aborted"
lines({"event": "campaign ended", "outcome": ending, "error": ""})
print(json.dumps({"campaign": str(folder), "outcome": ending, "error": ""}))
sys.exit(ending != "finished")
"""


@pytest.fixture
def clock():
    clock = SystemClock()
    yield clock
    clock.close()


@pytest.fixture
def queue(tmp_path, clock):
    queue = Queue(tmp_path / "data", clock)
    for title in ("First", "Second", "Third"):
        (tmp_path / "s.yaml").write_text(SEQUENCE.format(title))
        queue.add(tmp_path / "s.yaml")
    return queue


@pytest.fixture
def ending(tmp_path):
    """Return a starter of runs that end as they are told, in their order."""
    script = tmp_path / "campaign.py"
    script.write_text(CAMPAIGN)

    def maker(*endings, begun=lambda: None):
        left = list(endings)

        def start(arguments, output):
            assert arguments[0] == "run"
            data = arguments[arguments.index("--data") + 1]
            with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
                words = [sys.executable, str(script), data, left.pop(0)]
                process = subprocess.Popen(words, stdout=out, stderr=err)  # noqa: S603 (the test's own)
            begun()
            return process

        return start

    return maker


def states(queue):
    return [entry.state for entry in queue.entries()]


def test_every_entry_is_carried_out_in_order_those_added_meanwhile_included(
    queue, ending, clock, tmp_path
):
    added = []

    def add_once():
        if not added:
            added.append(queue.add(tmp_path / "s.yaml"))

    start = ending(*["finished"] * 4, begun=add_once)
    ended = work_through(queue, clock, start=start)
    assert [entry.id for entry in ended] == [1, 2, 3, 4]
    assert states(queue) == ["done"] * 4
    assert all(entry.campaign and entry.ended for entry in ended)
    assert runner_of(queue.folder) is None


def test_a_failure_holds_the_rest(queue, ending, clock):
    said = []
    work_through(queue, clock, start=ending("failed"), say=said.append)
    assert states(queue) == ["failed", "held", "held"]
    assert queue.entry(3).error == "held, since entry 1 did not finish"
    queue.release(3)
    assert (queue.entry(3).state, queue.entry(3).error) == ("waiting", "")
    assert "2 waiting held" in said[-1]


def test_a_crash_does_not_take_the_queue_when_it_is_told_to_go_on(queue, ending, clock):
    start = ending("crash", "wrong", "finished")
    crashed, wrong, good = work_through(queue, clock, on_failure="go-on", start=start)
    assert (crashed.state, wrong.state, good.state) == ("interrupted", "failed", "done")
    assert crashed.campaign
    assert wrong.error == "s.yaml:3: found nothing, expected something; write it"
    assert not wrong.campaign


def test_a_request_to_stop_lands_the_present_run_and_leaves_the_others_waiting(
    queue, ending, clock, wait_for
):
    stop = threading.Event()

    def stop_soon():
        begun = wait_for(lambda: list(queue.data.glob("campaign-*/journal.jsonl")), 30.0)
        assert begun is not None
        stop.set()

    start = ending("wait", begun=stop_soon)
    (entry,) = work_through(queue, clock, start=start, stop=stop)
    assert (entry.state, entry.outcome) == ("interrupted", "aborted")
    assert states(queue)[1:] == ["waiting", "waiting"]


def test_only_one_program_works_through_a_queue(queue, ending, clock):
    refused = []

    def second():
        assert runner_of(queue.folder).pid == os.getpid()
        with pytest.raises(StationBusyError, match=rf"process {os.getpid()} works through"):
            work_through(queue, clock)
        refused.append(True)

    work_through(queue, clock, start=ending("finished", "finished", "finished", begun=second))
    assert len(refused) == 3


def test_whoever_has_the_lock_works_through_the_queue_whatever_the_clock_says(queue, ending, clock):
    def mistimed():
        owner = queue.folder / "runner.json"
        said = json.loads(owner.read_text())
        earlier = {"started": said["started"] - 100.0, "since_boot": None}
        owner.write_text(json.dumps({**said, **earlier}))
        assert runner_of(queue.folder).pid == os.getpid()

    start = ending("failed", begun=mistimed)
    work_through(queue, clock, start=start)
    (queue.folder / "runner.json").write_text(
        json.dumps({"pid": 2**22 - 3, "host": socket.gethostname(), "started": 1.0, "command": ""})
    )
    assert runner_of(queue.folder) is None


def test_a_run_that_was_left_behind_is_waited_for_before_the_next_is_begun(
    queue, ending, clock, wait_for
):
    start = ending("wait", "finished", "finished")
    left = start(["run", "--data", str(queue.data)], queue.folder / "0001.out")
    queue.begin_next()
    queue.told_owner(1, owner_of(left, ["run"]))
    said = []

    def say(words):
        said.append(words)
        if "still running" in words:
            begun = wait_for(lambda: list(queue.data.glob("campaign-*/journal.jsonl")), 30.0)
            assert begun is not None
            clock.sleep(0.2)
            left.send_signal(signal.SIGTERM)
            left.wait(60.0)

    ended = work_through(queue, clock, start=start, say=say)
    assert "still running" in said[0]
    assert [entry.id for entry in ended] == [2, 3]
    assert states(queue) == ["interrupted", "done", "done"]


def test_an_end_that_others_have_found_first_stops_no_queue(queue, ending, clock):
    others = Queue(queue.data, clock)
    queue.begin_next()
    process = ending("failed")(["run", "--data", str(queue.data)], queue.folder / "0001.out")
    queue.told_owner(1, owner_of(process, ["run"]))
    process.wait(60.0)
    (journal,) = queue.data.glob("campaign-*/journal.jsonl")
    queue.told_campaign(1, journal.parent)
    assert others.entries()[0].state == "failed"
    entry = queue.end(1, "failed", "failed", "why", str(journal.parent))
    assert (entry.state, entry.error) == ("failed", "why")


def test_a_queue_on_a_full_disk_waits_for_room_and_then_follows_its_policy(
    queue, ending, clock, monkeypatch
):
    full, said, told = [], [], queue_store.replace

    def replace(path, content):
        if full:
            raise OSError(28, "No space left on device")
        told(path, content)

    def say(words):
        said.append(words)
        if "waits until it can write" in words:
            assert [entry.state for entry in Queue(queue.data, clock).entries()][1:] == [
                "waiting",
                "waiting",
            ]
            full.clear()

    monkeypatch.setattr(queue_store, "replace", replace)
    start = ending("failed", begun=lambda: full.append(True))
    work_through(queue, clock, start=start, say=say)
    assert states(queue) == ["failed", "held", "held"]
    assert sum("No space left" in words for words in said) == 1


def test_a_stop_on_a_full_disk_ends_the_run_and_not_only_the_queue(
    queue, ending, clock, monkeypatch
):
    full, stop, processes = [], threading.Event(), []
    told, start = queue_store.replace, ending("wait")

    def replace(path, content):
        if full:
            raise OSError(28, "No space left on device")
        told(path, content)

    def started(arguments, output):
        processes.append(start(arguments, output))
        full.append(True)
        return processes[-1]

    def say(words):
        if "waits until it can write" in words:
            stop.set()

    monkeypatch.setattr(queue_store, "replace", replace)
    with pytest.raises(StorageError, match="No space left"):
        work_through(queue, clock, start=started, stop=stop, say=say)
    assert processes[0].wait(60.0) in {1, -signal.SIGTERM}


def test_a_run_that_cannot_be_started_yet_is_waited_for(queue, ending, clock, monkeypatch):
    start, refused, said = ending(*["finished"] * 3), [], []

    def started(arguments, output):
        if not refused:
            refused.append(True)
            raise OSError(28, "No space left on device")
        return start(arguments, output)

    monkeypatch.setattr("daq.campaign.queue_turn.ROOM", 0.01)
    work_through(queue, clock, start=started, say=said.append)
    assert states(queue) == ["done"] * 3
    assert sum("cannot be started" in words for words in said) == 1
