"""A twin on a bench of its own, spoken to in bytes with the modelled latency."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import SourceOutput, Tone
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor


@dataclass
class Diary(Resistor):
    """A resistor that notes for how long it felt which current."""

    felt: list = field(default_factory=list)

    def evolve(self, seconds, environment, exposures):
        self.felt.append((seconds, exposures["I+ I-"].current))

    def seconds_at(self, current):
        return math.fsum(s for s, felt in self.felt if felt == pytest.approx(current, rel=1e-9))


class Rig:
    """A 6221 on a resistor with a memory."""

    def __init__(self, resistance=100.0, **options):
        self.clock = VirtualClock()
        self.sample = Diary(resistance)
        self.bench = Bench(self.sample, self.clock)
        self.twin = Keithley6221Twin(self.bench, **{"ideal": True, **options})

    def send(self, *messages):
        for message in messages:
            encoded = message.encode() + b"\n"
            self.clock.elapse(self.twin.latency(encoded))
            self.twin.write(encoded)

    def ask(self, message):
        self.send(message)
        reply = self.twin.read()
        assert reply is not None, f"no reply to {message}; {self.error()}"
        return reply.decode().removesuffix("\n")

    def number(self, message):
        return float(self.ask(message))

    def error(self):
        return int(self.ask("SYST:ERR?").split(",")[0])

    def refused(self, message):
        self.send(message)
        return self.error()

    def pulse(self, current, width, *, extra=""):
        """Send one square pulse from zero: the high part of one cycle, and then the low part."""
        self.send(
            f"SOUR:WAVE:FUNC SQU;AMPL {current / 2!r};OFFS {current / 2!r};FREQ {0.5 / width!r}",
            f"SOUR:WAVE:DUR:CYCL 1{extra}",
            "SOUR:WAVE:ARM",
            "SOUR:WAVE:INIT",
        )

    @property
    def current(self):
        return self.bench.truth()["sample_current"]

    @property
    def tone(self):
        return self.twin.output(self.clock.now()).tone


@dataclass
class Source:
    """A dc current source that a test sets."""

    current: float = 0.0
    tone: Tone | None = None

    def output(self, now):
        return SourceOutput(connected=True, current=self.current, tone=self.tone)

    def next_change(self, now):
        return math.inf


class Stand:
    """A 7265 on a sample."""

    def __init__(self, sample=None, **options):
        self.clock = VirtualClock()
        self.bench = Bench(Resistor() if sample is None else sample, self.clock, seed=7)
        options = {"ideal": True, "noise": 0.0} | options
        self.twin = DSP7265Twin(self.bench, **options)

    def feed(self, **output):
        """Connect a current source that puts something out."""
        self.bench.source = Source(**output)

    def send(self, text):
        message = text.encode("latin-1") + b"\r\n"
        self.clock.elapse(self.twin.latency(message))
        self.twin.write(message)

    def ask(self, text):
        self.send(text)
        reply = self.twin.read()
        return None if reply is None else reply.decode("latin-1").rstrip("\r\n")

    def number(self, text):
        return float(self.ask(text).rstrip("\0"))

    def pair(self):
        x, y = self.ask("XY.").replace("\0", "").split(",")
        return complex(float(x), float(y))

    def wait(self, seconds):
        self.clock.sleep(seconds)

    def status(self):
        return self.twin.serial_poll()

    def expected_volts(self, resistance=100.0):
        series = self.bench.wiring.series_resistance + 50.0
        return resistance / (series + resistance)


@pytest.fixture(scope="session")
def new_rig() -> Callable[..., Rig]:
    """Return a maker of a 6221 on a bench."""
    return Rig


@pytest.fixture
def rig() -> Rig:
    """Return a 6221 on a bench."""
    return Rig()


@pytest.fixture(scope="session")
def new_stand() -> Callable[..., Stand]:
    """Return a maker of a 7265 on a bench."""
    return Stand


@pytest.fixture(scope="session")
def measuring() -> Callable[..., Stand]:
    """Return a maker of a 7265 that measures at 777 Hz, settled."""

    def make(sample=None, **options):
        stand = Stand(sample, **options)
        stand.send("OF. 777;OA. 1;SEN 18;TC 9;SLOPE 1")
        stand.wait(2.0)
        return stand

    return make
