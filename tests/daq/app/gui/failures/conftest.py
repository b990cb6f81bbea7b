"""A window, a queue whose runs are processes, and things that break while they measure."""

import contextlib
import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from qtpy import QtCore, QtWidgets

from daq.app.gui.processes import demo_station
from daq.campaign.following import running
from daq.campaign.queue import Queue
from daq.campaign.queue_runner import work_through
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.clock import SystemClock

ROOT = Path(__file__).parents[5]
PATIENCE = 90_000
"""Milliseconds; the machine may be busy."""
LATE = 5.0
"""Longest time in s for which the window may answer nobody, on a machine that is busy."""
RAW = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Interrupt)\b|Errno|Traceback|sub-exception")
RELAY = """\
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", int(sys.argv[2])))
print(listener.getsockname()[1], flush=True)
def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
while True:
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    for pair in ((client, server), (server, client)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"""
"""The computer of one instrument: a process that can be killed, or stopped so that it is mute."""


def sequence_text(title, steps, on_error="{retry: 0, then: land}"):
    lines = "\n".join(f"  - {step}" for step in steps)
    return (
        f"format: 1\ntitle: {title}\nsample: {{name: contact 1}}\non_error: {on_error}\n"
        f"steps:\n{lines}\n"
    )


class Lateness:
    """How long the window has answered nobody, at most, while nothing but the window was at work.

    A timer of its own tells; what the test itself does in between is not the window's fault.
    """

    def __init__(self, parent):
        self.worst = 0.0
        self._since = QtCore.QElapsedTimer()
        self._timer = QtCore.QTimer(parent)
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._tick)

    def __enter__(self):
        self._since.start()
        self._timer.start()

    def __exit__(self, *_failure):
        self._timer.stop()

    def _tick(self):
        self.worst = max(self.worst, self._since.restart() / 1000.0 - 0.02)


@dataclass
class Night:
    """A window on a data folder, and its queue being worked through."""

    window: object
    qtbot: object
    data: Path
    folder: Path
    threads: list = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list = field(default_factory=list)

    def __post_init__(self):
        self.client = self.window.context.campaign
        self.campaign = self.window.pages["campaign"]
        self.queue = self.window.pages["queue"]
        self.lateness = Lateness(self.window)

    def until(self, reached, timeout=PATIENCE):
        with self.lateness:
            self.qtbot.waitUntil(lambda: bool(reached()) or bool(self.failures), timeout=timeout)
        assert not self.failures

    def add(self, text, station):
        path = self.folder / f"sequence-{len(list(self.folder.glob('sequence-*')))}.yaml"
        path.write_text(text)
        with contextlib.closing(SystemClock()) as clock:
            return Queue(self.data, clock).add(path, station)

    def start(self, policy):
        """Work through the queue as `coldpoint queue start` does; each run is a process."""

        def work():
            with contextlib.closing(SystemClock()) as clock:
                try:
                    work_through(Queue(self.data, clock), clock, on_failure=policy, stop=self.stop)
                except Exception as failure:  # noqa: BLE001 (told by the test)
                    self.failures.append(failure)

        thread = threading.Thread(target=work, name="queue")
        thread.start()
        self.threads.append(thread)

    @property
    def events(self):
        return read_journal(self.client.folder / "journal.jsonl").events

    def told(self, event):
        return [line for line in self.events if line["event"] == event]

    @property
    def rows(self):
        return sum(run.csv.rows for run in self.client.runs)

    def states(self):
        with contextlib.closing(SystemClock()) as clock:
            return [entry.state for entry in Queue(self.data, clock).entries()]

    def entries(self):
        with contextlib.closing(SystemClock()) as clock:
            return Queue(self.data, clock).entries()

    def trouble(self):
        """Return what the campaign page says is wrong."""
        return self.campaign.trouble.text()

    def usable(self):
        """Check that every page can be shown, that nothing blocks, and that all words are words."""
        for name in self.window.pages:
            with self.lateness:
                self.window.show_page(name)
                self.qtbot.wait(30)
            assert self.window.page() == name
        assert QtWidgets.QApplication.activeModalWidget() is None
        self.window.show_page("campaign")
        self.qtbot.wait(100)
        queue = [cell for line in self.queue.table.words() for cell in line]
        said = [self.trouble(), *self.campaign.journal.words(), *queue, self.window.state.text()]
        assert [words for words in said if RAW.search(words)] == []
        assert self.lateness.worst < LATE

    def follow_first(self):
        """Follow the first campaign of the queue, whatever runs after it."""
        first = self.entries()[0].campaign
        self.client.choose(Path(first))

    def next_is(self, policy):
        """Check that the entry after the one that failed was begun, or not, as the policy says."""
        if policy == "hold":
            self.until(lambda: self.states()[1] == "held")
            assert not self.entries()[1].begun
        else:
            self.until(lambda: self.entries()[1].begun)
            self.until(lambda: self.states()[1] in {"done", "failed"})
        self.until(lambda: not any(thread.is_alive() for thread in self.threads))

    def row_indices(self):
        """Return the bias currents of the first run, attempts joined."""
        return list(open_run(self.client.folder, 1).data["Current (A)"])


@pytest.fixture
def night(open_window, qtbot, tmp_path, processes_of):
    """Return a maker of nights; at the end the queue is stopped and no runner is left."""
    made = []

    def make(data):
        one = Night(open_window("campaign", data), qtbot, data, tmp_path)
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop.set()
        for thread in one.threads:
            thread.join(60.0)
            assert not thread.is_alive()
    for process in processes_of(tmp_path):
        with contextlib.suppress(psutil.Error):
            process.kill()


@pytest.fixture
def station(demo_twins):
    """Return a station of twins that live in the runner."""
    return demo_twins()


@dataclass
class Relay:
    """The computer of one instrument."""

    port: int
    outside: int = 0
    process: object = None

    def start(self):
        words = [sys.executable, "-S", "-c", RELAY, str(self.port), str(self.outside)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)  # noqa: S603 (ours)
        self.outside = int(self.process.stdout.readline())

    def die(self):
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()

    def fall_mute(self):
        self.process.send_signal(signal.SIGSTOP)

    def speak(self):
        self.process.send_signal(signal.SIGCONT)


@dataclass
class Twins:
    """Twins on TCP in a process of their own; one of them behind a relay."""

    station: Path
    relay: Relay
    truth: Callable
    dark: Callable


@pytest.fixture
def twins(tmp_path, truth_channel):
    """Return a maker of twins on TCP, of which one role is behind a relay."""
    processes, relays = [], []

    def make(role, scale=60):
        text = demo_station().read_text().replace("DSP7265, ", "DSP7265, timeout: 0.4 s, ")
        (tmp_path / "twins.yaml").write_text(text)
        client = tmp_path / "client.yaml"
        words = ["simulate", str(tmp_path / "twins.yaml"), "--clock", f"scaled:{scale}", "--json"]
        words += ["--write-station", str(client)]
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "daq", *words], cwd=ROOT, stdout=subprocess.PIPE
        )
        processes.append(process)
        told = json.loads(process.stdout.readline())
        if role == "cryostat":
            port = told["multivu"]["port"]
        else:
            port = int(told["resources"][role].split("::")[2])
        relay = Relay(port)
        relay.start()
        relays.append(relay)
        client.write_text(client.read_text().replace(str(port), str(relay.outside)))
        channel = truth_channel(told["truth"]["port"])
        return Twins(client, relay, channel.truth, channel.dark)

    yield make
    for process in [*processes, *(relay.process for relay in relays)]:
        process.kill()
        process.wait(10)
        process.stdout.close()


@dataclass
class TemporaryDisk:
    """A file system of some MB in a name space of its own, which everybody sees through /proc."""

    data: Path
    holder: object
    ballast: Path

    def fill(self):
        """Let somebody else fill the disk to the last byte."""
        with self.ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def make_room(self):
        self.ballast.unlink()

    def close(self):
        self.holder.stdin.close()
        self.holder.wait(10)
        self.holder.stdout.close()


@dataclass
class LongestFile:
    """A disk that takes no file longer than some KB: what a process may write is limited."""

    data: Path
    limit: int = 66 * 1024  # more than a campaign keeps for its last words

    def __post_init__(self):
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self._before[1]))

    def fill(self):
        """It is so from the beginning: the rows fill it."""

    def make_room(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)

    close = make_room


@pytest.fixture
def small_disk(data, tmp_path):
    """Return a maker of small disks: one in memory, or a limit where name spaces are forbidden."""
    made = []

    def in_memory():
        unshare = shutil.which("unshare")
        if unshare is None:
            return None
        script = f'mount -t tmpfs -o size=3m tmpfs "{data}" && echo ready && read _'
        holder = subprocess.Popen(  # noqa: S603 (a shell that waits)
            [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        seen = Path(f"/proc/{holder.pid}/root{data}")
        if holder.stdout.readline() != b"ready\n" or not seen.is_dir():
            holder.stdin.close()
            holder.wait(10)
            holder.stdout.close()
            return None
        return TemporaryDisk(seen, holder, seen / "somebody-elses.dat")

    def make(kind):
        disk = in_memory() if kind == "memory" else None
        if disk is None:
            if kind == "memory":
                pytest.skip("no name space with a file system of its own is allowed here")
            disk = LongestFile(data)
        made.append(disk)
        return disk

    yield make
    for disk in made:
        disk.close()


@pytest.fixture
def runner_of_data():
    """Return a finder of the process that carries out a campaign."""

    def find(night):
        (folder,) = running(night.data)
        begun = [line for line in read_journal(folder / "journal.jsonl").events if "owner" in line]
        return psutil.Process(json.loads(begun[-1]["owner"])["pid"])

    return find


@pytest.fixture
def sequence():
    """Return a maker of sequences: title, steps, and what happens on an error."""
    return sequence_text
