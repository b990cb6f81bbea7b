import re

import pytest

from daq.config.document import parse_document
from daq.config.folder import configs_folder
from daq.config.station import load_station, station_from
from instruments.errors import ConfigurationError

TEXT = (configs_folder() / "stations" / "tunnelling.yaml").read_text(encoding="utf-8")


def test_the_shipped_station_is_read_in_si_units():
    station = load_station("tunnelling")
    assert station.biases_voltage
    assert station.bias.divider == 1e-3
    assert station.preamplifier.gain == 1e8
    assert station.preamplifier.noise == pytest.approx(15e-15)
    assert station.scanner.per_volt == pytest.approx(100e-9)
    assert station.limits.voltage == pytest.approx(12e-3)
    assert station.limits.position == pytest.approx((-1e-7, 1e-7))


SOURCE = "  source: {driver: Keithley6221, resource: GPIB0::12::INSTR}\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("divider: 0.001", "divider: 2", r"bias\.divider: found '?2'?, expected a number above 0"),
        ("divider: 0.001, ", "", r"bias\.divider: found no such key, expected a ratio"),
        ("dac: 1}", "series_resistance: 1 kohm}", "choose 'kind: oscillator'"),
        ("preamplifier:", "#", "expected a preamplifier"),
        ("1e8 V/A", "1e8 ohm V", "V/A"),
        ("dac: 2", "dac: 1", "another converter than that of 'bias'"),
        ("[-100 nm, 100 nm]", "[-2 um, 100 nm]", "which 12 V make"),
        ("[-100 nm, 100 nm]", "[100 nm, -100 nm]", "the lower one first"),
        ("  voltage: 12 mV", "  # none", "add 'voltage'"),
        ("  voltage_rate: 20 mV/s\n", "", "add 'voltage_rate'"),
        ("instruments:\n", "instruments:\n" + SOURCE, "takes the lock-in alone"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line_with_file_and_key(old, new, message):
    assert old in TEXT
    with pytest.raises(ConfigurationError, match=message) as told:
        station_from(parse_document(TEXT.replace(old, new, 1), "t.yaml"))
    assert "\n" not in str(told.value)
    assert re.match(r"t\.yaml:\d+: ", str(told.value))


def test_a_scanner_without_a_voltage_bias_is_refused(cold_station):
    text = cold_station() + "scanner: {per_volt: 100 nm/V, limits: [0 nm, 10 nm]}\n"
    with pytest.raises(ConfigurationError, match="no sample is biased with a voltage"):
        station_from(parse_document(text, "cold.yaml"))
