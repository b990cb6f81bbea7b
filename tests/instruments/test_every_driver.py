"""What holds for the drivers of 6221 and 7265 alike: properties, and the link when it fails."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pymeasure.test import expected_protocol

from instruments.clock import VirtualClock
from instruments.declared import Declared
from instruments.domains import Choice, Flag, Real, Subset, Table, Whole
from instruments.dsp7265 import DSP7265
from instruments.dsp7265_settings import Offset
from instruments.errors import CommunicationError, LimitError
from instruments.keithley6221 import Keithley6221
from instruments.simulated.bench import Bench
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.faults import Faulty
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary

RESOURCE = "GPIB0::12::INSTR"


class Patient:
    """The twin on a bus that reads ahead: a read without a query would be an error -420."""

    def __init__(self, twin):
        self.twin = twin
        self.asked = 0

    def __getattr__(self, name):
        return getattr(self.twin, name)

    def write(self, message):
        self.asked = int(b"?" in message)
        self.twin.write(message)

    def read(self):
        self.asked -= 1
        return self.twin.read() if self.asked >= 0 else None


@dataclass(frozen=True)
class Model:
    """A driver, its twin, and what the tests ask of both.

    Parameters
    ----------
    driver
        The class.
    twin
        Makes the twin on a bench.
    told
        Properties that differ from each other.
    otherwise
        Another exchange than the question for a property.
    link
        How `expected_protocol` connects.
    written_out
        Properties that are not declared, for the docstrings and for the round trip.
    """

    driver: Any
    twin: Callable[[Bench], Any]
    told: tuple[str, ...]
    otherwise: Callable[[Any], Any]
    link: dict[str, Any] = field(default_factory=dict)
    written_out: tuple[set[str], set[str]] = (set(), set())

    @property
    def declared(self):
        found = {name: getattr(self.driver, name) for name in dir(self.driver)}
        return {name: item for name, item in found.items() if isinstance(item, Declared)}

    @property
    def settable(self):
        return {name: item for name, item in self.declared.items() if item.command}

    def opened(self, wrapped=lambda twin, _clock: twin):
        """Return a driver that is connected to a twin, which stands behind `wrapped`."""
        clock = VirtualClock()
        device = wrapped(self.twin(Bench(Resistor(), clock)), clock)
        library = SimulatedVisaLibrary.serving([device], clock)
        instrument = self.driver(RESOURCE, clock=clock, visa_library=library)
        instrument.connect()
        return instrument, device


MODELS = {
    "6221": Model(
        Keithley6221,
        lambda bench: Patient(Keithley6221Twin(bench, RESOURCE, ideal=True)),
        ("source_current", "source_compliance", "waveform_frequency"),
        lambda source: setattr(source, "source_enabled", False),
    ),
    "7265": Model(
        DSP7265,
        lambda bench: DSP7265Twin(bench, RESOURCE, ideal=True, noise=0.0),
        ("voltage", "frequency", "sensitivity", "time_constant"),
        DSP7265.read_xy,
        {"connection_methods": {"read_stb": 1}},
        ({"sensitivity", "line_filter", "adc3", "adc3_time"}, {"sensitivity", "line_filter"}),
    ),
}
BOTH = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def properties(chosen):
    """Parametrise a test over the properties of both drivers."""
    cases = [
        pytest.param(model, name, id=f"{number}-{name}")
        for number, model in MODELS.items()
        for name in sorted(chosen(model))
    ]
    return pytest.mark.parametrize(("model", "name"), cases)


def outside(domain):
    if isinstance(domain, Real):
        assert math.isfinite(domain.high)
        low = domain.low - 0.001 * abs(domain.low) - 1e-15
        return [domain.high * 1.001 + 1e-15, low, math.nan, "x"]
    if isinstance(domain, Whole):
        return [domain.high + 1, domain.low - 1, domain.low + 0.5, math.nan]
    return {
        Choice: ["nonsense", None],
        Flag: [2, "ON"],
        Table: [0.123, -1.0],
        Subset: ["NO", ()],
        Offset: [3.1, "x"],
    }[type(domain)]


# properties


@properties(lambda model: {*model.declared, *model.written_out[0]})
def test_every_property_says_in_its_docstring_what_it_does(model, name):
    doc = getattr(model.driver, name).__doc__
    assert doc.startswith(("Control", "Get", "Measure"))
    assert doc.rstrip().endswith(".")


@properties(lambda model: model.settable)
def test_every_property_refuses_a_value_outside_and_sends_nothing(model, name):
    with expected_protocol(model.driver, [], **model.link) as instrument:
        for value in outside(model.settable[name].domain):
            with pytest.raises(LimitError, match=name) as problem:
                setattr(instrument, name, value)
            assert isinstance(problem.value, ValueError)
            assert "\n" not in str(problem.value)


@properties(lambda model: {*model.settable, *model.written_out[1]} - {"status_format"})
def test_every_property_survives_a_round_trip_through_the_twin(model, name):
    instrument, _ = model.opened()
    value = getattr(instrument, name)
    if name == "sweep_step" and value == 0.0:
        value = 1e-6
    setattr(instrument, name, value)
    assert getattr(instrument, name) == value


# the link


@BOTH
def test_two_threads_do_not_get_each_others_answers(model, monkeypatch):
    instrument, _ = model.opened()
    names = model.told[:2]
    right = {name: {getattr(instrument, name)} for name in names}
    read = instrument.read

    def slow(**options):
        threading.Event().wait(2e-4)
        return read(**options)

    monkeypatch.setattr(instrument, "read", slow)
    found = {name: set() for name in names}

    def ask(name):
        for _ in range(30):
            found[name] |= {getattr(instrument, name)}

    threads = [threading.Thread(target=ask, args=(name,)) for name in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == right


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        *(("6221", fault) for fault in ("truncate", "lose", "garble", "stale")),
        *(("7265", fault) for fault in ("truncate", "lose", "garble")),
    ],
)
def test_a_faulty_reply_is_an_error_and_the_next_one_is_right(number, fault):
    model = MODELS[number]
    instrument, faulty = model.opened(Faulty)
    for name in model.told:
        right = getattr(instrument, name)
        model.otherwise(instrument)  # so that a stale reply is of another question
        getattr(faulty.faults, fault)()
        with pytest.raises(CommunicationError):
            getattr(instrument, name)
        assert getattr(instrument, name) == right
        if fault != "stale":
            getattr(faulty.faults, fault)()
            with pytest.raises(CommunicationError):
                model.otherwise(instrument)
        assert getattr(instrument, name) == right
        model.otherwise(instrument)


@BOTH
def test_a_reply_that_comes_after_the_time_out_is_never_data(model):
    instrument, faulty = model.opened(Faulty)
    asked, other = model.told[:2]
    right = getattr(instrument, other)
    for late in (6.0, 12.0, 30.0):
        faulty.faults.delay(late)
        with pytest.raises(CommunicationError):
            getattr(instrument, asked)
        instrument.clock.sleep(40.0)
        assert getattr(instrument, other) == right
