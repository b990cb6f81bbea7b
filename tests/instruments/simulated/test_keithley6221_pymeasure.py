"""pymeasure's own driver, unmodified, against the twin."""

import math

import numpy as np
import pytest
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments.keithley import Keithley6221
from pyvisa.errors import VisaIOError

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.keithley6221 import IDENTITY, Keithley6221Twin
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary


class Rig:
    def __init__(self):
        self.clock = VirtualClock()
        self.bench = Bench(Resistor(100.0), self.clock)
        self.twin = Keithley6221Twin(self.bench, ideal=True)
        library = SimulatedVisaLibrary.serving([self.twin], self.clock)
        self.driver = Keithley6221(VISAAdapter("GPIB0::12::INSTR", visa_library=library))

    def codes(self):
        """Return the codes of the error queue."""
        return [int(error[0]) for error in self.driver.check_errors()]


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.driver.adapter.close()
    rig.driver.adapter.manager.close()


PROPERTIES = {
    "source_enabled": (True, False),
    "shield_to_guard_enabled": (True, False),
    "source_delay": (1e-3, 0.5, 999999.0),
    "output_low_grounded": (True, False),
    "source_current": (-0.105, 1.5e-6, 0.0),
    "source_compliance": (0.1, 10.0, 105.0),
    "source_range": (2e-9, 2e-3, 0.1),
    "source_auto_range": (False, True),
    "delta_unit": ("V", "Ohms", "W", "Siemens"),
    "delta_high_source": (0.0, 1e-3, 0.105),
    "delta_low_source": (-0.105, -1e-3, 0.0),
    "delta_delay": (1e-3, 9999.0),
    "delta_cycles": (1, 65536),
    "delta_measurement_sets": (1, 9999),
    "delta_buffer_points": (1, 65536),
    "waveform_function": (
        *("sine", "ramp", "square"),
        *("arbitrary1", "arbitrary2", "arbitrary3", "arbitrary4"),
    ),
    "waveform_frequency": (1e-3, 137.0, 1e5),
    "waveform_amplitude": (2e-12, 1e-6, 0.105),
    "waveform_offset": (-0.105, 1e-5, 0.105),
    "waveform_dutycycle": (0.0, 33.0, 100.0),
    "waveform_duration_time": (1e-7, 2.5, 999999.0),
    "waveform_duration_cycles": (1e-3, 7.0, 9.99999e10),
    "waveform_ranging": ("fixed", "best"),
    "waveform_use_phasemarker": (True, False),
    "waveform_phasemarker_phase": (0.0, 90.0, 180.0),
    "waveform_phasemarker_line": (1, 3, 4, 5, 6),
    "display_enabled": (False, True),
    "measurement_event_enabled": (8, 65535),
    "operation_event_enabled": (128, 0),
    "questionable_event_enabled": (16, 0),
    "srq_event_enabled": (128, 0),
    "buffer_points": (2, 1024),
}


@pytest.mark.parametrize(("name", "values"), PROPERTIES.items())
def test_every_legal_property_can_be_set_and_read_back(rig, name, values):
    for value in values:
        setattr(rig.driver, name, value)
        found = getattr(rig.driver, name)
        assert found == (pytest.approx(value) if isinstance(value, float) else value)
    assert rig.codes() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("delta_delay", "INF"), ("delta_cycles", "INF"), ("delta_measurement_sets", "INF")],
)
def test_infinity_is_read_back_as_a_large_number(rig, name, value):
    setattr(rig.driver, name, value)
    assert getattr(rig.driver, name) == 9.9e37


@pytest.mark.parametrize("name", ["delta_compliance_abort_enabled", "delta_cold_switch_enabled"])
def test_the_switches_of_the_delta_mode_work(rig, name):
    setattr(rig.driver, name, True)
    assert getattr(rig.driver, name) is True
    setattr(rig.driver, name, False)
    assert getattr(rig.driver, name) is False


def test_what_the_scpi_mixin_asks_is_answered(rig):
    assert rig.driver.id == IDENTITY.strip()
    assert rig.driver.complete == "1"
    assert rig.driver.options == "0"
    assert rig.driver.status == "0"
    assert rig.driver.next_error == [0, '"No error"']
    assert rig.driver.delta_connected is False
    rig.driver.clear()


def test_a_current_that_pymeasure_sets_flows_through_the_sample(rig):
    rig.driver.source_compliance = 10.0
    rig.driver.source_range = 20e-6
    rig.driver.source_current = 12e-6
    rig.driver.enable_source()
    assert rig.bench.truth()["sample_current"] == 12e-6
    rig.driver.shutdown()
    assert rig.bench.truth()["source_connected"] == 0.0
    assert rig.codes() == []


def test_the_example_of_its_documentation_runs_to_its_end(rig):
    driver = rig.driver
    driver.clear()
    driver.waveform_function = "square"
    driver.waveform_amplitude = 0.05
    driver.waveform_offset = 0
    driver.source_compliance = 10
    driver.waveform_dutycycle = 50
    driver.waveform_frequency = 347
    driver.waveform_ranging = "best"
    driver.waveform_duration_cycles = 100
    driver.operation_event_enabled = 128
    driver.srq_event_enabled = 128
    driver.waveform_arm()
    driver.waveform_start()
    assert rig.bench.truth()["sample_current"] == pytest.approx(0.05)
    waited = 0.0
    while not driver.adapter.connection.read_stb() & 64:
        rig.clock.sleep(0.01)
        waited += 0.01
    assert waited == pytest.approx(100 / 347, abs=0.05)
    assert driver.operation_events & 128
    driver.waveform_abort()
    driver.shutdown()
    assert rig.codes() == []
    assert rig.bench.peaks.voltage == pytest.approx(5.0)


def test_an_endless_sine_with_a_marker(rig):
    driver = rig.driver
    driver.waveform_amplitude = 1e-6
    driver.waveform_frequency = 17.7
    driver.waveform_duration_set_infinity()
    driver.waveform_use_phasemarker = True
    driver.waveform_phasemarker_line = 1
    driver.waveform_phasemarker_phase = 0
    driver.waveform_arm()
    driver.waveform_start()
    rig.clock.sleep(3600.0)
    assert rig.bench.truth()["source_tone"] == pytest.approx(1e-6)
    assert rig.twin.marker_frequency(rig.clock.now()) == pytest.approx(17.7)
    assert math.isinf(rig.twin.next_change(rig.clock.now()))
    assert rig.codes() == []


def test_an_arbitrary_wave_is_defined(rig):
    rig.driver.define_arbitary_waveform(np.linspace(-1, 1, 100), location=3)
    assert rig.driver.waveform_function == "arbitrary3"
    rig.driver.waveform_arm()
    assert rig.codes() == []


def test_its_triggers_events_and_beeps_are_taken(rig):
    driver = rig.driver
    driver.trigger_immediately()
    driver.set_timed_arm(0.5)
    driver.trigger_on_external(line=4)
    driver.output_trigger_on_external(line=2)
    driver.disable_output_trigger()
    driver.beep(440, 0.1)
    driver.disable_buffer()
    driver.stop_buffer()
    driver.config_buffer(10)
    driver.reset_buffer()
    assert driver.measurement_events == 0
    assert driver.operation_events == 0
    assert driver.questionable_events == 0
    assert driver.standard_events == 0
    assert driver.is_buffer_full() is False
    assert rig.codes() == []


# --- what is broken against a real instrument, and rightly refused


def test_the_standard_event_enable_lacks_its_asterisk(rig):
    rig.driver.standard_event_enabled = 1
    assert rig.codes() == [-113]
    with pytest.raises(VisaIOError, match="Timeout"):
        _ = rig.driver.standard_event_enabled
    assert rig.codes() == [-113, -420]


def test_reset_ends_in_a_common_command_with_a_colon(rig):
    rig.driver.source_current = 1e-3
    rig.driver.reset()
    assert rig.codes() == [-113]
    assert rig.driver.source_current == 0.0


def test_the_trigger_layer_has_no_bus_source(rig):
    rig.driver.trigger_on_bus()
    assert rig.codes() == [-224]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("waveform_phasemarker_phase", -90, -222),
        ("waveform_phasemarker_line", 2, -221),
        ("delta_delay", 0, -222),
        ("delta_buffer_points", 100_000, -222),
        ("delta_measurement_sets", 10_000, -222),
    ],
)
def test_values_that_it_lets_through_are_refused_by_the_instrument(rig, name, value, code):
    before = getattr(rig.driver, name)
    setattr(rig.driver, name, value)
    assert rig.codes() == [code]
    assert getattr(rig.driver, name) == before


def test_the_delta_mode_has_no_nanovoltmeter_and_no_data(rig):
    rig.driver.delta_arm()
    assert rig.codes() == [-241]
    rig.driver.delta_start()
    assert rig.codes() == [-221]
    rig.driver.delta_abort()
    for name, code in (("delta_sense", -221), ("delta_values", -230)):
        with pytest.raises(VisaIOError, match="Timeout"):
            getattr(rig.driver, name)
        assert rig.codes() == [code, -420]
