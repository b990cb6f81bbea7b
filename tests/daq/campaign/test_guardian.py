"""A runner that dies or hangs leaves the outputs down and a campaign that can go on."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from daq.app.twin_ports import client_station, serve_twins
from daq.campaign.guardian import Beats, Landing, Orders, land
from daq.campaign.guarding import Guarding, promise
from daq.campaign.runner import prepare, resume_campaign, run_prepared
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import load_station, station_from
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from daq.runs.lock import Owner
from daq.simulation import SimulatedBench, build_bench
from instruments.clock import ScaledClock, SystemClock
from instruments.errors import CommunicationError, ConfigurationError, RefusedError
from instruments.simulated.faults import Faulty
from instruments.waiting import Record

KILLS = int(os.environ.get("COLDPOINT_KILLS", "2"))
SOAK_KILLS = int(os.environ.get("COLDPOINT_SOAK_KILLS", "200"))
SCALE = 60.0
POINTS = 5
SPECTRUM = (
    f"bias_spectrum: {{from: -0.1 mA, to: 0.1 mA, points: {POINTS}, excitation_rms: 1 uA,"
    " time_constant: 20 ms}"
)
SEQUENCE = f"""title: Killed
sample: {{name: contact 1}}
on_error: {{retry: 2, then: land}}
steps:
  - temperature: {{to: 10 K, rate: 12 K/min}}
  - {SPECTRUM}
  - voltage_pulse: {{amplitude: 6 V, width: 5 ms}}
  - {SPECTRUM}
"""
SPECTRA = {1: POINTS, 3: POINTS}
RUNNER = """
import sys
from pathlib import Path
from daq.campaign.runner import prepare, run_prepared
from instruments.waiting import Record

def tell(*words):
    print(*words, flush=True)

class Follower:
    def offer(self, event, rows):
        if isinstance(event, Record):
            tell("row", rows)

sequence, station, data, hang = sys.argv[1:]
run_prepared(
    prepare(sequence, station), Path(data), follower=Follower(), hang=float(hang),
    announce=lambda index, words: tell("step", index), say=lambda words: tell("ready", words),
)
tell("ended")
"""


@dataclass
class Served:
    """Twins on TCP, and what they have been told."""

    bench: SimulatedBench
    station: Path
    sequence: Path
    data: Path
    messages: list[bytes] = field(default_factory=list)

    def dark(self):
        """Tell whether no current and no excitation is on, as the bench itself knows."""
        with self.bench.lock:
            truth = self.bench.bench.truth()
        return truth["source_connected"] == 0.0 and truth["oscillator_rms"] == 0.0

    def pulses(self):
        return sum(b"WAVE:INIT" in message for message in self.messages)

    def campaign(self):
        (folder,) = self.data.iterdir()
        return folder


class Recorded:
    """A device whose messages are kept."""

    def __init__(self, device, messages):
        self._device = device
        self._messages = messages

    def write(self, message):
        self._messages.append(message)
        self._device.write(message)

    def __getattr__(self, name):
        return getattr(self._device, name)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serve the twins of a station from this process."""
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    text = find_config("stations", "simulated").read_text(encoding="utf-8")
    text = text.replace("temperature: 300 K, field", "temperature: 10 K, field")
    text = text.replace("DSP7265, ", "DSP7265, timeout: 0.4 s, ")
    config = station_from(parse_document(text, "station.yaml"))
    clock = ScaledClock(SCALE)
    bench = build_bench(config, clock, serial=True)
    found = Served(bench, tmp_path / "station.yaml", tmp_path / "sequence.yaml", tmp_path / "data")
    bench.devices["source"] = Recorded(bench.devices["source"], found.messages)
    bench.devices["lockin"] = Faulty(bench.devices["lockin"], clock)
    with serve_twins(config, bench) as servers:
        found.station.write_text(client_station(config, servers, clock), encoding="utf-8")
        found.sequence.write_text(SEQUENCE, encoding="utf-8")
        yield found
    clock.close()


class Runner:
    """A campaign in a process of its own, that tells what it has acknowledged."""

    def __init__(self, served, hang=60.0):
        arguments = [served.sequence, served.station, served.data, hang]
        self.process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-c", RUNNER, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._ready.wait(40.0)

    def _listen(self):
        for line in self.process.stdout:
            self.told.append(line.split()[:2])
            if line.startswith("ready"):
                self._ready.set()

    def end(self):
        self.process.wait(30.0)
        self._thread.join(10.0)
        self.process.stdout.close()

    def acknowledged(self):
        """Return how many rows were acknowledged, by step."""
        rows, step = {}, None
        for kind, number in (told for told in self.told if len(told) == 2):
            if kind == "step":
                step = int(number)
            elif kind == "row":
                rows[step] = int(number)
        return rows


def wait_for(condition, seconds):
    """Return how long it takes in s of life until `condition` holds; None if it never does."""
    clock = SystemClock()
    began = clock.now()
    while clock.now() - began < seconds:
        if condition():
            return clock.now() - began
        clock.sleep(0.01)
    return None


def reports(folder):
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("guardian-*.json"))]


def landed_by_itself(folder):
    """Tell whether the campaign was over and safe before the kill: there is nothing to guard."""
    return any(e["event"] == "made safe" for e in read_journal(folder / "journal.jsonl").events)


def rows_by_step(folder):
    begun = [e for e in read_journal(folder / "journal.jsonl").events if e["event"] == "run begun"]
    found = {}
    for event in begun:
        if list(folder.glob(f"{event['run']:04d}*.csv")):
            found[event["step"]] = open_run(folder, event["run"]).rows
    return found


IN_THE_PULSE = 3 + POINTS + 1
"""Lines that a runner has told when it has begun the pulse: ready, two steps, rows, a step."""
LINES = IN_THE_PULSE + 1 + 1 + POINTS


def kill_and_resume(served, lines, seconds):
    """Kill a campaign some time after it has told so many lines, and check what was promised."""
    runner = Runner(served)
    assert wait_for(lambda: len(runner.told) >= lines, 30.0) is not None
    SystemClock().sleep(seconds)
    os.kill(runner.process.pid, signal.SIGKILL)
    dark = wait_for(served.dark, 5.0)
    runner.end()
    if ["ended"] in runner.told:
        return
    assert dark is not None
    folder = served.campaign()
    if not landed_by_itself(folder):
        assert wait_for(lambda: reports(folder), 20.0) is not None
        (report,) = reports(folder)
        assert (report["found"], report["safe"]) == ("died", True)
    stored = rows_by_step(folder)
    for step, rows in runner.acknowledged().items():
        assert stored[step] >= rows
    assert resume_campaign(folder, accept=True).status == "finished"
    found = rows_by_step(folder)
    assert found.pop(2, 0) <= 1
    assert found == SPECTRA
    assert served.pulses() <= 1
    assert served.dark()


def instant(seed):
    """Return when to kill: after how many lines, and how long after; the first is in the pulse."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    lines = IN_THE_PULSE if seed == 0 else chance.randint(1, LINES - 1)
    return lines, chance.uniform(0.0, 0.5)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends processes otherwise")
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_time_the_outputs_go_down_and_the_campaign_goes_on(served, seed):
    kill_and_resume(served, *instant(seed))


@pytest.mark.soak
@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(1000, 1000 + SOAK_KILLS))
def test_killed_very_often_the_outputs_go_down_and_the_campaign_goes_on(served, seed):
    kill_and_resume(served, *instant(seed))


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows cannot stop a process")
def test_a_runner_that_stands_still_is_ended_and_the_outputs_go_down(served):
    runner = Runner(served, hang=1.5)
    assert wait_for(lambda: ["row", "2"] in runner.told, 20.0) is not None
    assert not served.dark()
    os.kill(runner.process.pid, signal.SIGSTOP)
    assert wait_for(served.dark, 1.5 + 5.0) is not None
    runner.end()
    assert wait_for(lambda: reports(served.campaign()), 20.0) is not None
    (report,) = reports(served.campaign())
    assert (report["found"], report["runner_ended"], report["safe"]) == ("hung", True, True)
    events = read_journal(served.campaign() / "journal.jsonl").events
    assert events[-1]["event"] == "guardian acted"


def test_a_late_reply_is_retried_recorded_and_never_becomes_data(served):
    armed = []

    class Spoiler:
        def offer(self, event, rows):
            if isinstance(event, Record) and rows == 3 and not armed:
                armed.append(rows)
                served.bench.devices["lockin"].faults.delay(0.6 * SCALE)

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
    assert spectrum.rows == POINTS
    resistance = spectrum.data["dV/dI (ohm)"]
    assert resistance.between(0.5 * resistance.median(), 2.0 * resistance.median()).all()
    assert not reports(outcome.folder)


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
    assert not reports(tmp_path)


def test_an_instrument_that_does_not_answer_does_not_hold_up_the_others():
    clock = ScaledClock(200.0)
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
        clock,
        5.0,
        leave=0.3,
    )
    never.set()
    by_role = {landing.role: landing for landing in found}
    assert (by_role["source"].tries, by_role["source"].reached) == (3, True)
    assert by_role["cryostat"].reached
    assert not by_role["lockin"].reached


def test_what_cannot_be_reached_is_told_with_its_reason():
    def broken():
        raise CommunicationError("no answer;\n check the cable")

    (landing,) = land({"source": broken}, lambda role, instrument: None, ScaledClock(100.0), 3.0)
    assert isinstance(landing, Landing)
    assert not landing.reached
    assert landing.tries > 1
    assert landing.problem == "no answer; check the cable"


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
