"""pymeasure's own, unmodified drivers against the twins: every line of conformance.md."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments import Instrument
from pymeasure.instruments.keithley import Keithley6221
from pymeasure.instruments.signalrecovery import DSP7265

from instruments.clock import ScaledClock, VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.connections import LinePort
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.sample_space import Condition, Steady
from instruments.simulated.server import serve
from instruments.simulated.visa import SimulatedVisaLibrary

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated to use `error`:FutureWarning")

LIST = Path(__file__).with_name("conformance.md")
DRIVERS = {"Keithley6221": Keithley6221, "DSP7265": DSP7265}
LEAST_IN_PROCESS, LEAST_OVER_TCP = 174, 173
"""How many lines said yes when the list was last extended: it may only grow."""


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    driver: str
    member: str
    use: str
    reads: str
    before: str
    in_process: str
    tcp: str
    note: str


def lines():
    """Return the lines of the one table of the list."""
    found = []
    for text in LIST.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        if text.startswith("|") and cells[0] in DRIVERS:
            found.append(Line(*(cell.strip("`") for cell in cells)))
    return found


def bench(clock, *, serial=False):
    """Return a bench with an ideal 6221 and an ideal 7265 on a resistor."""
    made = Bench(Resistor(100.0), clock, cryostat=Steady(Condition(temperature=4.2)))
    source = Keithley6221Twin(made, ideal=True)
    source.addressed = not serial
    interface = "rs232" if serial else "gpib"
    lockin = DSP7265Twin(made, ideal=True, noise=0.0, interface=interface)
    return made, {"Keithley6221": source, "DSP7265": lockin}


@pytest.fixture
def in_process():
    """Open a driver on the library of a bench of its own."""
    opened = []

    def connect(driver):
        clock = VirtualClock()
        _, twins = bench(clock)
        library = SimulatedVisaLibrary.serving(twins.values(), clock)
        adapter = VISAAdapter(twins[driver].resource, visa_library=library)
        opened.append(adapter)
        return DRIVERS[driver](adapter)

    yield connect
    for adapter in opened:
        adapter.close()


@pytest.fixture
def over_tcp():
    """Open a driver through pyvisa-py on a port of a bench of its own."""
    opened = []

    def connect(driver):
        clock = ScaledClock(200.0)
        made, twins = bench(clock, serial=True)
        end = b"\n" if driver == "Keithley6221" else b"\r\n"
        servers = serve([LinePort("it", twins[driver], end)], clock, lock=made.lock)
        servers.start()
        opened.append(servers)
        adapter = VISAAdapter(
            f"TCPIP0::127.0.0.1::{servers.ports['it']}::SOCKET",
            visa_library="@py",
            read_termination=end.decode(),
            write_termination="\n" if driver == "Keithley6221" else "\r",
            timeout=1000,
        )
        opened.append(adapter)
        return DRIVERS[driver](adapter)

    yield connect
    for item in reversed(opened):
        item.close()


def step(driver, text, *, back=True):
    """Do one thing with a driver: ``name = value``, ``name(arguments)`` or ``name``."""
    if text.endswith(")"):
        name, _, arguments = text.removesuffix(")").partition("(")
        return getattr(driver, name)(*json.loads(f"[{arguments}]"))
    name, equals, value = text.partition(" = ")
    if equals:
        setattr(driver, name, json.loads(value))
    return getattr(driver, name) if back else None


def complaint(driver):
    """Return what the instrument has to complain of, and forget it."""
    if isinstance(driver, DSP7265):
        return int(driver.ask("ST")) & 0b110  # invalid command, parameter out of range
    text = driver.ask(":SYST:ERR?").strip()
    return 0 if text.startswith(("0,", "+0,")) else text


def check(driver, line):
    """Use a member as the line says; what comes back must be what the line says."""
    for text in filter(None, line.before.split("; ")):
        step(driver, text, back=False)
    found = step(driver, line.use)
    expected = line.reads or line.use.partition(" = ")[2]
    if expected == "numbers":
        assert np.all(np.isfinite(np.asarray(found, dtype=float)))
        assert np.size(found) > 0
    elif expected:
        same(found, json.loads(expected))
    assert complaint(driver) == 0


def same(found, expected):
    """Demand equality, of numbers within the digits that were written."""
    if isinstance(expected, str | bool):
        assert found == expected
        assert isinstance(found, str) == isinstance(expected, str)
        return
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-12)


def of(column):
    return [line for line in lines() if getattr(line, column) == "yes"]


def name(line):
    return f"{line.driver}.{line.use}"


@pytest.mark.parametrize("line", of("in_process"), ids=name)
def test_pymeasures_driver_works_in_process(in_process, line):
    check(in_process(line.driver), line)


@pytest.mark.parametrize("line", of("tcp"), ids=name)
def test_pymeasures_driver_works_over_tcp(over_tcp, line):
    check(over_tcp(line.driver), line)


def test_the_list_has_only_grown():
    assert len(of("in_process")) >= LEAST_IN_PROCESS
    assert len(of("tcp")) >= LEAST_OVER_TCP


def test_every_line_says_yes_or_no_and_every_no_says_why():
    found = lines()
    assert len({name(line) for line in found}) == len(found)
    for line in found:
        assert {line.in_process, line.tcp} <= {"yes", "no"}, name(line)
        assert line.use.startswith(line.member), name(line)
        if "no" in {line.in_process, line.tcp}:
            assert line.note, name(line)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_public_member_of_the_driver_is_on_the_list(driver):
    kind = DRIVERS[driver]
    assert kind.__module__.startswith("pymeasure.")
    everybodys = set(dir(Instrument))
    limits = {"curve_buffer_bit_values", "frequency_values", "harmonic_values"}
    own = {member for member in dir(kind) if not member.startswith("_") and not member.isupper()}
    listed = {line.member for line in lines() if line.driver == driver}
    assert own - everybodys - limits - listed == set()
