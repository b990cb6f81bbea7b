"""Two lock-ins on one bench: the second is locked to the first."""

import math
from dataclasses import replace

import pytest

from instruments.bias import OscillatorBias
from instruments.clock import VirtualClock
from instruments.dsp7265 import DSP7265
from instruments.errors import InstrumentError
from instruments.excitation import Excitation
from instruments.keithley6221 import Keithley6221
from instruments.limits import StationLimits
from instruments.meters import Meters
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Wiring
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.status import Status
from instruments.waiting import Wait, drive

SINGLE = Excitation(1e-6, 137.0, 0.05)
AVERAGED = Excitation.averaged(1e-6, 137.0, 0.2)
LIMITS = StationLimits(current=2e-4, current_rate=1e-4, compliance=0.5)


class Cross(Resistor):
    """A bar of 200 ohm and, at the transverse contacts, as much as is said."""

    transverse = 4.0

    def voltage(self, current, terminals, source, environment):
        return (self.transverse if terminals == "Vy+ Vy-" else 200.0) * current

    def current(self, voltage, source, environment):
        return voltage / 200.0


class Setup:
    def __init__(self, *, connected=True, ideal=True, latency=0.0):
        clock = self.clock = VirtualClock()
        self.sample = Cross()
        wiring = Wiring(inputs={"lockin": "V+ V-", "lockin_yx": "Vy+ Vy-"})
        bench = self.bench = Bench(self.sample, clock, wiring=wiring)
        noise = 0.0 if ideal else 1.0
        main = DSP7265Twin(bench, "GPIB0::14::INSTR", ideal=ideal, noise=noise)
        output = (lambda _now: main.lockin.settings.frequency) if connected else None
        beside = DSP7265Twin(
            bench,
            "GPIB0::16::INSTR",
            "lockin_yx",
            drives_oscillator=False,
            ideal=ideal,
            noise=noise,
            external_reference=output,
        )
        twins = [Keithley6221Twin(bench, ideal=ideal), main, beside]
        library = SimulatedVisaLibrary.serving(twins, clock, latency=latency)
        source = Keithley6221("GPIB0::12::INSTR", visa_library=library, clock=clock)
        self.main = DSP7265("GPIB0::14::INSTR", visa_library=library, clock=clock)
        self.beside = DSP7265("GPIB0::16::INSTR", visa_library=library, clock=clock)
        self.opened = (source, self.main, self.beside)
        self.bias = OscillatorBias(source, self.main, clock, LIMITS, series_resistance=100e3)
        self.meters = Meters(clock, {"lockin": self.main, "lockin_yx": self.beside})
        self.waits = []

    def put(self, transverse):
        """Change the transverse resistance to some ohm."""
        self.sample.transverse = transverse
        self.bench.insert(self.sample)

    def do(self, story):
        return drive(story, self.clock, stopped=lambda: False, handle=self._note)

    def configure(self, excitation=SINGLE):
        self.do(self.bias.configure(excitation, 0.0))
        self.do(self.meters.configure(excitation))

    def read(self):
        return self.do(self.meters.read(self.bias))

    def _note(self, event):
        if isinstance(event, Wait):
            self.waits.append(event)


@pytest.fixture
def setup():
    made = []

    def make(**options):
        made.append(Setup(**options))
        return made[-1]

    yield make
    for each in made:
        for driver in each.opened:
            driver.adapter.close()


@pytest.mark.parametrize("excitation", [SINGLE, AVERAGED])
@pytest.mark.parametrize("transverse", [4.0, -4.0, 40.0, -40.0])
def test_both_are_read_with_their_signs(setup, excitation, transverse):
    bench = setup(ideal=False)
    bench.put(transverse)
    bench.configure(excitation)
    found = bench.read()
    assert found.main.resistance == pytest.approx(200.0, rel=0.02)
    x = found.beside["lockin_yx"].x
    assert x / found.main.excitation == pytest.approx(transverse, rel=0.02, abs=0.05)
    assert found.status == Status(0)


def test_it_takes_over_the_settings_of_the_main_one(setup):
    bench = setup()
    bench.configure(Excitation(1e-6, 733.0, 0.05, 18, harmonic=2))
    main, beside = bench.main.read_state(), bench.beside.read_state()
    assert beside.reference == "external rear"
    assert beside.voltage == 0.0
    for name in ("time_constant", "slope", "harmonic", "reference_phase", "imode", "vmode"):
        assert getattr(beside, name) == getattr(main, name)


def test_its_settings_are_frozen_while_it_is_read(setup):
    bench = setup()
    bench.configure()
    before = bench.beside.read_state()
    bench.read()
    assert bench.beside.read_state() == before


def test_its_sensitivity_is_its_own_but_no_finer_than_a_tenth_of_the_main_one(setup):
    bench = setup()
    bench.configure()
    assert bench.main.sensitivity == pytest.approx(5e-4)
    assert bench.beside.sensitivity == pytest.approx(5e-5)
    bench.put(150.0)
    bench.configure()
    assert bench.beside.sensitivity == pytest.approx(5e-4)


def test_a_signal_that_grows_is_read_less_sensitively_and_flagged(setup):
    bench = setup()
    bench.configure()
    bench.put(190.0)
    bench.clock.sleep(1.0)
    found = bench.read().beside["lockin_yx"]
    assert found.status == Status.SENSITIVITY_CHANGED
    assert found.x / 1e-6 == pytest.approx(190.0, rel=0.02)
    assert bench.read().beside["lockin_yx"].status == Status(0)


@pytest.mark.parametrize("excitation", [SINGLE, AVERAGED])
def test_reading_both_takes_no_longer_than_reading_one(setup, excitation):
    bench = setup()
    bench.configure(excitation)
    bench.clock.sleep(1.0)
    began = bench.clock.now()
    bench.do(bench.bias.read())
    alone = bench.clock.now() - began
    began = bench.clock.now()
    bench.read()
    assert bench.clock.now() - began < alone + 0.05


def test_an_average_beside_is_better_than_a_single_reading(setup):
    bench = setup(ideal=False, latency=5e-3)
    bench.configure(AVERAGED)
    found = bench.read().beside["lockin_yx"]
    assert 0.0 < found.x_error < 2e-8
    bench.configure(SINGLE)
    assert math.isnan(bench.read().beside["lockin_yx"].x_error)


def test_the_time_of_a_reading_is_earlier_by_the_delay_of_the_filter(setup):
    bench = setup()
    bench.configure(Excitation(1e-6, 137.0, 0.5, 12))
    found = bench.read()
    assert bench.clock.now() - found.time == pytest.approx(2 * 0.5, abs=0.02)


def test_the_phase_is_found_once_where_the_signal_is_strong_enough(setup):
    bench = setup(ideal=False)
    bench.put(-100.0)
    bench.configure()
    own = bench.beside.reference_phase
    assert own != bench.main.reference_phase
    found = bench.read().beside["lockin_yx"]
    assert found.x == pytest.approx(-1e-4, rel=0.02)
    assert abs(found.y) < 0.5 * SINGLE.settle_fraction * abs(found.x)
    bench.put(100.0)
    bench.configure()
    assert bench.beside.reference_phase == own


def test_a_weak_signal_leaves_the_phase_of_the_main_one(setup):
    bench = setup(ideal=False)
    bench.configure()
    assert bench.beside.reference_phase == bench.main.reference_phase


def test_an_input_that_is_overloaded_by_something_else_ends_the_choice(setup, monkeypatch):
    bench = setup()
    whole = bench.beside.read_xy

    def picked_up():
        reading = whole()
        loud = bench.beside.sensitivity < 2e-4
        return replace(reading, status=replace(reading.status, overload_byte=64 if loud else 0))

    monkeypatch.setattr(bench.beside, "read_xy", picked_up)
    bench.configure()
    assert bench.beside.sensitivity == pytest.approx(2e-4)


def test_a_lock_in_without_a_reference_is_named(setup):
    with pytest.raises(InstrumentError, match="lockin_yx: finds no reference; connect REF MON"):
        setup(connected=False).configure()


def test_a_reference_that_is_lost_is_flagged(setup, monkeypatch):
    bench = setup()
    bench.configure()
    bench.beside.reference = "external front"
    bench.beside.reference = "external rear"
    found = bench.read()
    assert found.beside["lockin_yx"].status & Status.UNLOCKED
    assert found.status & Status.UNLOCKED


def test_alone_the_main_one_is_read_as_by_the_bias(setup):
    bench = setup()
    bench.meters = Meters(bench.clock, {"lockin": bench.main})
    bench.configure()
    found = bench.read()
    assert not found.beside
    assert found.main.resistance == pytest.approx(200.0, rel=1e-2)


def test_a_reading_that_is_broken_off_closes_that_of_the_bias(setup):
    bench = setup()
    bench.configure(AVERAGED)
    story = bench.meters.read(bench.bias)
    next(story)
    story.close()
    assert bench.read().main.resistance == pytest.approx(200.0, rel=1e-2)
