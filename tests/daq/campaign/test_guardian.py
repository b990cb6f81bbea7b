"""A runner that dies or hangs leaves the outputs down and a campaign that can go on."""

import json
import os
import re
import shutil
import signal
import threading
from pathlib import Path

import pytest

from daq.campaign import guardian
from daq.campaign.guardian import Beats, Orders, stand_guard
from daq.campaign.guarding import Guarding, promise
from daq.campaign.landing import Landing, land
from daq.campaign.prepared import prepare
from daq.campaign.runner import resume_campaign, run_prepared
from daq.config.station import load_station
from daq.runs.durability import write_all
from daq.runs.files import open_run
from daq.runs.journal import Journal, read_journal
from daq.runs.lock import Owner, StationLock
from daq.runs.reserve import Reserve
from instruments.clock import SystemClock, VirtualClock
from instruments.errors import (
    ColdpointError,
    CommunicationError,
    ConfigurationError,
    RefusedError,
)
from instruments.waiting import Record

POSIX = pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="Windows ends processes otherwise"
)
ON = (1, 2)
"""Step and row at which the source is on."""
IN_TIME = 5.0
"""Time in s of life within which the outputs are down."""


def measuring(served, **options):
    """Begin a campaign and return it when the source is on."""
    runner = served.begin(**options)
    assert served.wait_for(lambda: runner.progress() >= ON, 60.0) is not None
    assert not served.dark()
    return runner


def ended_as(served, finding):
    """Wait for the one report, and return what it says of each instrument."""
    assert served.wait_for(served.reports, 60.0) is not None
    (report,) = served.reports()
    assert (report["found"], report["runner_ended"], report["safe"]) == (finding, True, True)
    assert (
        served.wait_for(lambda: served.journal()[-1]["event"] == "guardian acted", 30.0) is not None
    )
    return {landed["role"]: landed for landed in report["instruments"]}


@POSIX
def test_a_runner_that_stands_still_is_ended_and_the_outputs_go_down(served):
    runner = measuring(served, hang=6.0)
    runner.signal(signal.SIGSTOP)
    assert served.wait_for(served.dark, 6.0 + IN_TIME) is not None
    runner.end()
    ended_as(served, "hung")


@POSIX
def test_a_call_that_never_returns_ends_as_a_runner_that_stands_still(served):
    text = served.station.read_text()
    assert "timeout: 0.4 s" in text
    served.station.write_text(text.replace("timeout: 0.4 s", "timeout: 3600 s"))
    runner = measuring(served, hang=6.0)
    served.bench.devices["lockin"].faults.lose(1)
    rows = runner.progress()
    assert served.wait_for(served.dark, 6.5 + IN_TIME) is not None
    assert runner.progress() <= (rows[0], rows[1] + 1)
    runner.end()
    ended_as(served, "hung")


@POSIX
def test_what_a_terminal_sends_to_all_its_programs_does_not_reach_the_guardian(served):
    runner = measuring(served)
    guardian = runner.guardian()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        runner.signal_terminal(number)
    assert runner.guards(guardian)
    assert served.wait_for(served.dark, IN_TIME) is not None
    runner.end()
    ended_as(served, "died")


@POSIX
@pytest.mark.parametrize("number", [2, 1], ids=["Ctrl-C", "closed terminal"])
def test_a_terminal_ends_a_campaign_in_order_and_its_guardian_has_nothing_to_do(served, number):
    runner = measuring(served)
    runner.signal_terminal(number)
    runner.end()
    assert runner.told[-1] == ["ended", "aborted"]
    assert served.dark()
    assert served.journal()[-1]["event"] == "campaign ended"
    assert not served.reports()


def blocked(served, seconds):
    """Kill a campaign whose source lets nobody in for `seconds` s of life."""
    served.link.block(seconds * served.bench.clock.scale)
    runner = measuring(served)
    runner.signal(signal.SIGKILL)
    dark = served.wait_for(served.dark, seconds + IN_TIME)
    assert dark is not None
    assert dark >= seconds - 0.5
    runner.end()
    landed = ended_as(served, "died")
    assert landed["source"]["tries"] > 1
    assert landed["lockin"]["seconds"] < IN_TIME


@POSIX
def test_a_source_that_keeps_everybody_out_is_brought_down_as_soon_as_it_lets_somebody_in(served):
    blocked(served, 3.0)


@POSIX
@pytest.mark.soak
@pytest.mark.timeout(120)
def test_a_source_that_keeps_everybody_out_for_30_s_is_brought_down_5_s_later(served):
    blocked(served, 30.0)


def test_nobody_gets_the_station_before_the_guardian_has_written_the_journal(
    served, tmp_path, monkeypatch
):
    config = load_station(served.station)
    text = served.station.read_text()
    gone = Owner(2**22 - 7, Owner.this_process().host, 1.0, "gone")
    owners = []

    def write(folder, report, config):
        owners.append(StationLock(config.name).owner())

    monkeypatch.setattr("daq.campaign.guardian._write_report", write)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as stream:
        os.close(writing)
        assert stand_guard(Orders(tmp_path, text, gone, 5.0), Beats(stream)) == "died"
    assert owners == [Owner.this_process()]
    assert StationLock(config.name).owner() is None


def test_a_guardian_that_cannot_start_is_noticed_at_once(served, tmp_path, monkeypatch):
    monkeypatch.setattr("daq.campaign.detached.sys.executable", shutil.which("true"))
    guard = Guarding(load_station(served.station))
    with pytest.raises(ColdpointError, match="the guardian does not start"):
        guard.arm(tmp_path, 30.0)
    guard.close()


def test_a_late_reply_is_retried_recorded_and_never_becomes_data(served):
    armed = []

    class Spoiler:
        def offer(self, event, rows):
            if isinstance(event, Record) and rows == 3 and not armed:
                armed.append(rows)
                served.bench.devices["lockin"].faults.delay(0.6 * served.bench.clock.scale)

    said = []
    outcome = run_prepared(
        prepare(served.sequence, served.station), served.data, follower=Spoiler(), say=said.append
    )
    assert armed
    assert outcome.status == "finished"
    assert "a guardian watches" in said[0]
    events = read_journal(outcome.folder / "journal.jsonl").events
    (failed,) = [e for e in events if e["event"] == "step failed"]
    assert failed["then"] == "retry"
    assert re.search(r"no answer to .*cleared and answers again", failed["error"])
    spectrum = open_run(outcome.folder, 1)
    assert len(spectrum.attempts) == 2
    assert spectrum.rows == 5
    resistance = spectrum.data["dV/dI (ohm)"]
    assert resistance.between(0.5 * resistance.median(), 2.0 * resistance.median()).all()
    assert not served.reports()


def test_a_sample_that_warmed_up_meanwhile_needs_somebody_who_accepts(served):
    stop = threading.Event()

    class Stopper:
        def offer(self, event, rows):
            if isinstance(event, Record) and rows == 3:
                stop.set()

    outcome = run_prepared(
        prepare(served.sequence, served.station), served.data, stop=stop, follower=Stopper()
    )
    assert outcome.status == "aborted"
    journal = outcome.folder / "journal.jsonl"
    warm = re.compile(r'"temperature": (9|10)\.\d+')
    journal.write_text(warm.sub('"temperature": 2.0', journal.read_text()))
    before = journal.read_bytes()
    with pytest.raises(RefusedError, match=r"the temperature is .* K, and was 2 K"):
        resume_campaign(outcome.folder)
    assert journal.read_bytes() == before


def test_signals_of_a_terminal_do_not_reach_the_guardian(served, tmp_path):
    config = load_station(served.station)
    guard = Guarding(config)
    guard.arm(tmp_path, 30.0)
    if hasattr(os, "getsid"):
        assert os.getsid(guard.pid) == guard.pid
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(guard.pid, number)
    guard.beat()
    guard.dismiss()
    guard.close()
    assert guard.ended == 0
    assert not guard.lost
    assert not list(tmp_path.glob("guardian-*.json"))


def test_an_instrument_that_does_not_answer_does_not_hold_up_the_others():
    never = threading.Event()
    tries = []

    def third_time():
        tries.append(1)
        if len(tries) < 3:
            raise CommunicationError("the link is not free yet")
        return "source"

    found = land(
        {"source": third_time, "lockin": lambda: never.wait(30.0), "cryostat": lambda: "cryostat"},
        lambda role, instrument: None,
        VirtualClock(),
        3.0,
        leave=0.5,
    )
    never.set()
    by_role = {landing.role: landing for landing in found}
    assert (by_role["source"].tries, by_role["source"].reached) == (3, True)
    assert by_role["cryostat"].reached
    assert not by_role["lockin"].reached


def test_what_cannot_be_reached_is_told_with_its_reason():
    def broken():
        raise CommunicationError("no answer;\n check the cable")

    (landing,) = land({"source": broken}, lambda role, instrument: None, VirtualClock(), 3.0)
    assert isinstance(landing, Landing)
    assert not landing.reached
    assert landing.tries == 6
    assert landing.problem == "no answer; check the cable"


def test_whatever_the_hour_every_instrument_is_tried_once_and_a_failure_without_words_has_a_name():
    def broken():
        raise TimeoutError

    openers = {"source": lambda: "source", "lockin": broken}
    source, lockin = land(openers, lambda role, instrument: None, VirtualClock(), 0.0)
    assert source.reached
    assert (lockin.tries, lockin.problem) == (1, "TimeoutError")


@pytest.mark.parametrize(
    ("words", "finding"),
    [((b"....", b"e"), "dismissed"), ((b"..", b""), "died"), ((b"..", None), "hung")],
)
def test_beats_tell_what_became_of_the_runner(words, finding):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as stream:
        beats = Beats(stream)
        for word in words:
            if word:
                os.write(writing, word)
        if words[-1] is not None:
            os.close(writing)
        assert beats.watch(0.3) == finding
        if words[-1] is None:
            os.close(writing)
            assert beats.watch(5.0) == "died"


def test_what_a_guardian_can_promise_names_a_source_on_ethernet(served):
    words = promise(load_station(served.station), 42.0)
    assert "hangs for 42 s" in words
    assert "source is on Ethernet and may keep everybody out for 30 to 60 s" in words
    assert "Ethernet" not in promise(load_station("simulated"), 42.0)


@pytest.mark.parametrize("line", [b"", b"[]", b'{"folder": "x"}', b'{"owner": "none"}'])
def test_a_guardian_without_orders_says_so(line):
    with pytest.raises(ConfigurationError, match="found no orders"):
        Orders.from_line(line)


def test_orders_come_through_as_they_were_given():
    owner = Owner.this_process()
    line = json.dumps({"folder": "a b", "station": "name: x", "owner": owner.to_json(), "hang": 3})
    orders = Orders.from_line(line.encode())
    assert (orders.folder, orders.owner, orders.hang) == (Path("a b"), owner, 3.0)


def test_what_a_guardian_did_is_in_the_journal_of_a_disk_that_a_dead_runner_left_full(
    tmp_path, monkeypatch
):
    Journal.create(tmp_path / "journal.jsonl", {}, SystemClock()).close()
    reserve = Reserve(tmp_path)
    reserve.keep()

    def full(descriptor, content, disk):
        if reserve.path.exists():
            raise OSError(28, "No space left on device")
        write_all(descriptor, content, disk)

    monkeypatch.setattr("daq.runs.journal.write_all", full)
    report = {"found": "died", "noticed": "now", "safe": True, "seconds": 1.0, "instruments": []}
    guardian._write_report(  # noqa: SLF001 (the seam of a full disk)
        tmp_path, {**report, "runner_ended": True}, load_station("simulated")
    )
    (event,) = read_journal(tmp_path / "journal.jsonl").events
    assert (event["event"], event["report"]) == ("guardian acted", "guardian-1.json")
