"""pymeasure's own DSP7265, unmodified, on the twin."""

import pytest
import pyvisa
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments.signalrecovery import DSP7265

from instruments.simulated.visa import SimulatedVisaLibrary

COMPLETE, INVALID, UNLOCKED, OVERLOAD = 1, 2, 8, 16


@pytest.fixture
def stand(measuring):
    return measuring()


@pytest.fixture
def driver(stand):
    library = SimulatedVisaLibrary.serving([stand.twin], stand.clock)
    return DSP7265(VISAAdapter("GPIB0::14::INSTR", visa_library=library))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("imode", v) for v in DSP7265.IMODES),
        *(("slope", v) for v in (6, 12, 18, 24)),
        *(("time_constant", v) for v in DSP7265.TIME_CONSTANTS),
        *(("sensitivity", v) for v in DSP7265.SENSITIVITIES[1:]),
        *(("shield", 0), ("fet", 0), ("coupling", 1), ("voltage", 0.123), ("frequency", 1234.5)),
        *(("reference", v) for v in DSP7265.REFERENCES),
        *(("harmonic", 3), ("reference_phase", 123.0)),
        *((f"dac{n}", -1.5) for n in (1, 2, 3, 4)),
        *(("adc3_time", 0.01), ("curve_buffer_bits", 21), ("curve_buffer_length", 77)),
        ("curve_buffer_interval", 25),
    ],
)
def test_pymeasure_sets_and_reads_every_property(driver, stand, name, value):
    setattr(driver, name, value)
    assert getattr(driver, name) == value
    status = stand.status() & ~OVERLOAD
    assert status == COMPLETE | (UNLOCKED if str(value).startswith("external") else 0)


def test_pymeasure_reads_every_measurement(driver, stand):
    size = stand.expected_volts()
    assert driver.id == 7265
    assert driver.x == pytest.approx(size, abs=1e-7)
    assert driver.y == 0.0
    assert driver.xy == [driver.x, 0.0]
    assert driver.mag == driver.x
    assert driver.phase == 0.0
    assert (driver.adc1, driver.adc2, driver.adc3) == (0.0, 0.0, 0.0)
    assert (driver.ratio, driver.log_ratio) == (0.0, -3.0)
    assert driver.curve_buffer_status == [0, 0, 1, 0]


def test_pymeasure_calls_every_method(driver, stand):
    driver.gain = 20
    assert driver.gain == [2]
    assert stand.ask("AUTOMATIC") == "0"
    driver.auto_gain = True
    assert stand.ask("AUTOMATIC") == "1"
    driver.set_voltage_mode()
    driver.setDifferentialMode()
    assert stand.ask("LF") == "3,0"
    driver.setChannelAMode()
    driver.auto_sensitivity()
    driver.auto_phase()
    assert driver.sensitivity == 2e-3
    driver.shutdown()
    assert stand.bench.oscillator.oscillator() is None
    assert stand.ask("ACGAIN") == "0"


def test_pymeasure_fills_and_reads_the_curve_buffer(driver, stand):
    names = ["x", "y", "magnitude", "phase", "sensitivity", "adc1", "dac2", "event", "frequency"]
    driver.set_buffer(12, names, 0.01)
    driver.start_buffer()
    assert driver.curve_buffer_status[0] == 1
    stand.wait(0.1)  # the waiting of pymeasure costs life
    data = driver.get_buffer()
    assert {len(column) for column in data.values()} == {12}
    assert data["x"] == pytest.approx([stand.number("X.")] * 12)
    assert data["sensitivity"] == pytest.approx([1e-3] * 12)
    assert data["frequency"] == pytest.approx([777.0] * 12)
    assert data["phase"] == pytest.approx([0.0] * 12)


def test_pymeasure_times_out_on_a_question_that_is_no_command(driver):
    with pytest.raises(pyvisa.VisaIOError, match="TMO"):
        driver.ask("*IDN?")
    assert driver.adapter.connection.read_stb() & INVALID
    assert driver.id == 7265
