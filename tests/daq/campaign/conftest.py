"""Campaigns in processes of their own, on twins that this process serves over TCP."""

import contextlib
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from daq.app.twin_ports import client_station, serve_twins
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import station_from
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from daq.simulation import SimulatedBench, build_bench
from instruments.clock import ScaledClock
from instruments.simulated.faults import Faulty, LinkFaults

SCALE = 60.0
HOMES = ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA")
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
RUNNER = """
import os
import signal
from pathlib import Path

os.setpgrp()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
os.environ.update(environment)
told = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

from daq.app.terminal import interruptible
from daq.campaign.attending import Attendance
from daq.campaign.prepared import prepare
from daq.campaign.runner import resume_campaign, run_prepared
from instruments.waiting import Record

def tell(*words):
    os.write(told, (" ".join(map(str, words)) + "\\n").encode())

class Follower:
    def offer(self, event, rows):
        if isinstance(event, Record):
            tell("row", rows)

def carry_out(stop):
    attendance = Attendance(
        stop=stop, follower=Follower(), hang=hang,
        announce=lambda index, words: tell("step", index), say=lambda words: tell("ready", words),
    )
    if campaign:
        return resume_campaign(Path(campaign), accept=True, attendance=attendance)
    return run_prepared(
        prepare(sequence, station), Path(data), stop=stop, follower=attendance.follower,
        announce=attendance.announce, say=attendance.say, hang=hang,
    )

with interruptible() as stop:
    try:
        outcome = carry_out(stop)
    except Exception as failure:
        tell("failed", repr(failure))
        raise
tell("ended", outcome.status)
"""
"""What a runner does; it tells every row that it has acknowledged by a write to a file."""


@dataclass
class Served:
    """Twins on TCP, and what they have been told."""

    bench: SimulatedBench
    station: Path
    sequence: Path
    data: Path
    home: Path
    link: LinkFaults = field(default_factory=LinkFaults)
    truth: Callable = None
    dark: Callable = None
    wait_for: Callable = None
    messages: list[bytes] = field(default_factory=list)
    runners: list["Runner"] = field(default_factory=list)

    def pulses(self):
        """Return how many pulses were fired."""
        return sum(b"WAVE:INIT" in message for message in self.messages)

    def campaign(self):
        """Return the one campaign; None if there is none that can be read."""
        found = [path.parent for path in self.data.glob("*/journal.jsonl")]
        assert len(found) <= 1
        return found[0] if found else None

    def journal(self):
        return read_journal(self.campaign() / "journal.jsonl").events

    def reports(self):
        """Return what guardians have reported, in order."""
        campaign = self.campaign()
        found = [] if campaign is None else sorted(campaign.glob("guardian-*.json"))
        return [json.loads(path.read_bytes()) for path in found]

    def stored(self):
        """Return the bias currents that are stored, by step."""
        found = {}
        for event in self.journal():
            if event["event"] != "run begun":
                continue
            folder, run = self.campaign(), event["run"]
            if list(folder.glob(f"{run:04d}*.csv")):
                data = open_run(folder, run).data
                name = "Current (A)"
                found[event["step"]] = list(data[name] if name in data else range(len(data)))
        return found

    def begin(self, *, hang=60.0, campaign=None):
        """Begin a campaign, or go on with one."""
        runner = Runner(self, hang, campaign)
        self.runners.append(runner)
        return runner


class Runner:
    """A campaign in a process of its own, that tells what it has acknowledged."""

    numbers = itertools.count()

    def __init__(self, served, hang, campaign):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["daq.campaign.runner", "daq.app.terminal"])
        self._told = served.home / f"told-{next(self.numbers)}"
        names = {
            "sequence": str(served.sequence),
            "station": str(served.station),
            "data": str(served.data),
            "campaign": "" if campaign is None else str(campaign),
            "hang": hang,
            "told": str(self._told),
            "environment": {name: str(served.home) for name in HOMES},
        }
        self.process = context.Process(target=exec, args=(RUNNER, names), daemon=True)
        self.process.start()
        self.pid = self.process.pid

    @property
    def told(self):
        """Return what the runner has told in whole lines, two words each."""
        if not self._told.exists():
            return []
        whole = self._told.read_text().rpartition("\n")[0]
        lines = [line.split() for line in whole.splitlines()]
        failed = [" ".join(line) for line in lines if line[0] == "failed"]
        assert not failed
        return [line[:2] for line in lines]

    def progress(self):
        """Return step and rows of it, as far as it has told; step -1 when only the guard stands."""
        step, rows = None, 0
        for kind, number in (told for told in self.told if len(told) == 2):
            if kind == "row":
                rows = int(number)
            else:
                step, rows = int(number) if kind == "step" else -1 if step is None else step, 0
        return (-2, 0) if step is None else (step, rows)

    def over(self):
        return any(told[0] == "ended" for told in self.told)

    def guardian(self):
        """Return the guardian's process; None if there is none yet."""
        with contextlib.suppress(psutil.Error):
            return next(iter(psutil.Process(self.pid).children()), None)
        return None

    def guards(self, guardian):
        """Tell whether a guardian has not ended; one that nobody has looked after yet has."""
        with contextlib.suppress(psutil.Error):
            return guardian.is_running() and guardian.status() != psutil.STATUS_ZOMBIE
        return False

    def signal(self, number):
        """Signal the process, as others do."""
        os.kill(self.pid, number)

    def signal_terminal(self, number):
        """Signal the whole group of the process, as a terminal does."""
        os.killpg(self.pid, number)

    def end(self, seconds=30.0):
        self.process.join(seconds)
        assert not self.process.is_alive()

    def acknowledged(self):
        """Return how many rows were acknowledged, by step, since this runner began."""
        rows, step = {}, None
        for kind, number in (told for told in self.told if len(told) == 2):
            if kind == "step":
                step = int(number)
            elif kind == "row":
                rows[step] = int(number)
        return rows


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
def served(tmp_path, monkeypatch, truth_channel, wait_for):
    """Serve the twins of a station from this process."""
    home = tmp_path / "home"
    home.mkdir()
    for name in HOMES:
        monkeypatch.setenv(name, str(home))
    text = find_config("stations", "simulated").read_text(encoding="utf-8")
    text = text.replace("temperature: 300 K, field", "temperature: 10 K, field")
    text = text.replace("DSP7265, ", "DSP7265, timeout: 0.4 s, ")
    config = station_from(parse_document(text, "station.yaml"))
    clock = ScaledClock(SCALE)
    bench = build_bench(config, clock, serial=True)
    found = Served(
        bench, tmp_path / "station.yaml", tmp_path / "sequence.yaml", tmp_path / "data", home
    )
    bench.devices["source"] = Recorded(bench.devices["source"], found.messages)
    bench.devices["lockin"] = Faulty(bench.devices["lockin"], clock)
    with serve_twins(config, bench, link=found.link) as servers:
        channel = truth_channel(servers.ports["truth"])
        found.truth, found.dark, found.wait_for = channel.truth, channel.dark, wait_for
        found.station.write_text(client_station(config, servers, clock), encoding="utf-8")
        found.sequence.write_text(SEQUENCE, encoding="utf-8")
        yield found
        for runner in found.runners:
            if runner.process.is_alive():
                runner.signal(signal.SIGKILL)
                runner.end()
    clock.close()
