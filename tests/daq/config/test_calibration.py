from datetime import UTC, datetime, timedelta

import pytest

from daq.config.calibration import applicable_calibration
from daq.config.document import parse_document
from daq.config.folder import configs_folder
from daq.config.station import station_from
from instruments.calibration import Calibration, Measured
from instruments.errors import ConfigurationError

TEXT = (configs_folder() / "stations" / "simulated.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
WIRING = {"series_resistance_ohm": 1e5, "blocking_capacitor_F": None}
EXACT = Measured(1.0, 1e-4)
FOUND = Calibration(
    date="2026-11-01T00:00:00+00:00",
    contact="contact 1",
    wiring_resistance=1e5,
    blocking_capacitor=None,
    lowest_frequency=137.0,
    highest_frequency=1131.0,
    ac_factor=EXACT,
    gain=EXACT,
    series_resistance=Measured(1e5, 10.0),
    phase=EXACT,
    phase_slope=EXACT,
    phase_covariance=0.0,
    separated=True,
    ranges=(),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "calibration.json"
    path.write_text(FOUND.to_json())
    return path


def read(file, wiring=WIRING, now=NOW):
    text = f"format: 1\ncalibration: {file}\n"
    return applicable_calibration(str(file), text, "s.yaml", wiring, now)


def refusal(*arguments, **options):
    with pytest.raises(ConfigurationError) as error:
        read(*arguments, **options)
    message = str(error.value)
    assert message.startswith("s.yaml:2: calibration: found ")
    assert message.isprintable()
    return message


def test_a_calibration_of_this_wiring_is_read(file):
    assert read(file) == FOUND


def test_a_calibration_that_does_not_apply_is_refused_with_the_reasons(file):
    assert "366 days old" in refusal(file, now=NOW + timedelta(days=346))
    message = refusal(file, wiring={**WIRING, "series_resistance_ohm": 1e6})
    assert "1e+06 ohm now" in message
    assert "calibrate again" in message


def test_a_file_that_is_missing_or_is_no_calibration_is_named(file):
    assert "cannot be read" in refusal(file.with_name("other.json"))
    file.write_text("{}")
    assert "not a calibration" in refusal(file)
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in refusal(file)


def test_the_path_must_hold_wherever_the_station_file_is_copied(file):
    config = station_from(parse_document(f"calibration: {file}\n{TEXT}", "s.yaml"))
    assert config.calibration == str(file)
    with pytest.raises(ConfigurationError, match=r"^s.yaml:1: calibration: .*the whole path"):
        station_from(parse_document("calibration: c.json\n" + TEXT, "s.yaml"))
