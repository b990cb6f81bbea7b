import json
from pathlib import Path

import pytest

from daq.config.calibration import read_calibration
from daq.config.folder import configs_folder
from instruments.calibration import Calibration

RESISTOR = ("sample: bi2se3_soft_contact", "sample: {name: resistor, resistance: 100 ohm}")
STEP = "calibrate: {resistance: 100 ohm, resistance_error: 5 mohm, frequencies: 2, dwell: 0.2 s}"


@pytest.fixture
def measured(coldpoint, tmp_path, cold_station):
    """Return a maker of the CSV of a run of one step on a resistor."""
    (tmp_path / "resistor.yaml").write_text(cold_station(RESISTOR))

    def measure(step=STEP):
        file = tmp_path / "s.yaml"
        file.write_text(f"title: S\nstation: resistor.yaml\nsteps:\n  - {step}\n")
        return Path(json.loads(coldpoint("run", file, "--json").out)["runs"][0]["csv"])

    return measure


def test_a_run_becomes_a_file_that_a_station_reads_and_what_was_found_is_told_with_errors(
    coldpoint, measured, tmp_path, cold_station
):
    csv = measured()
    ended = coldpoint("calibrate", csv, "--output", "bench.json")
    assert ended.code == 0, ended.err
    found = Calibration.from_json((tmp_path / "bench.json").read_text())
    assert found.separated
    assert found.contact == "contact 1"
    assert found.series_resistance.value == pytest.approx(1e5, rel=5e-3)
    gain = f"gain: {found.gain.value:.7g} +- {found.gain.error:.2g}"
    assert gain in ended.out.splitlines()
    line = ended.out.splitlines()[-1]
    assert line == f'calibration: "{tmp_path / "bench.json"}"'
    (tmp_path / "named.yaml").write_text(f"{line}\n{cold_station(RESISTOR)}")
    asked = coldpoint("station", "named.yaml")
    assert asked.code == 0, asked.err


def test_it_lies_beside_the_run_and_is_never_overwritten(coldpoint, measured):
    csv = measured()
    assert coldpoint("calibrate", csv).code == 0
    file = csv.with_suffix(".calibration.json")
    before = file.read_bytes()
    ended = coldpoint("calibrate", csv)
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "exists already" in line
    assert file.read_bytes() == before
    assert coldpoint("show", csv).code == 0  # the campaign is as readable as before


def test_a_script_gets_json(coldpoint, measured):
    told = json.loads(coldpoint("calibrate", measured(), "--json").out)
    assert Path(told["file"]).is_file()
    assert told["calibration"]["gain"]["error"] > 0.0


def test_a_run_of_something_else_is_refused_in_one_line(coldpoint, measured, tmp_path):
    csv = measured("contact_check: {}")
    ended = coldpoint("calibrate", csv)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "a run of contact_check, expected one of calibrate" in line
    assert not list(tmp_path.rglob("*.calibration.json"))


def test_a_run_that_is_not_whole_is_refused(coldpoint, measured):
    csv = measured()
    text = csv.read_text().replace("finished", "aborted")
    csv.write_text(text)
    csv.with_suffix(".json").write_text(
        csv.with_suffix(".json").read_text().replace('"finished"', '"aborted"')
    )
    ended = coldpoint("calibrate", csv)
    assert ended.code == 2
    assert "ended as 'aborted', expected 'finished'" in ended.err


def test_overloaded_readings_make_no_calibration(coldpoint, measured):
    csv = measured()
    lines = csv.read_text().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("Time (s)")) + 1
    values = lines[first].split(",")
    values[5] = str(int(values[5]) | 1)
    lines[first] = ",".join(values)
    csv.write_text("".join(lines))
    ended = coldpoint("calibrate", csv)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "1 of" in line
    assert "overloaded" in line


def test_no_file_at_all_is_one_line(coldpoint):
    ended = coldpoint("calibrate", "nowhere.csv")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1


def test_rows_that_a_person_marked_bad_are_left_out_and_counted(coldpoint, measured):
    csv = measured()
    noted = coldpoint("note", csv.parent, "door slammed", "--run", "1", "--rows", "3", "--bad")
    assert noted.code == 0, noted.err
    ended = coldpoint("calibrate", csv)
    assert ended.code == 0, ended.err
    assert "1 rows marked bad are left out" in ended.out.splitlines()


def test_a_tunnelling_station_is_calibrated_with_what_stays_open_between_divider_and_gain(
    coldpoint, tmp_path
):
    text = (configs_folder() / "stations" / "tunnelling.yaml").read_text()
    resistor = "sample: {name: resistor, resistance: 100 kohm} #"
    (tmp_path / "tip.yaml").write_text(text.replace("sample: nipb_line", resistor))
    (tmp_path / "s.yaml").write_text(
        "title: S\nstation: tip.yaml\nsteps:\n"
        "  - calibrate_tunnel: {points: 3, dwell: 0.2 s, readings: 8}\n"
    )
    csv = json.loads(coldpoint("run", tmp_path / "s.yaml", "--json").out)["runs"][0]["csv"]
    ended = coldpoint("calibrate", csv, "--output", "tip.json")
    assert ended.code == 0, ended.err
    found = read_calibration((tmp_path / "tip.json").read_text())
    offset = f"{found.bias_offset.value:.7g} +- {found.bias_offset.error:.2g} V"
    assert f"voltage at the sample with the converter at 0 V: {offset}" in ended.out.splitlines()
    assert f"has an error of {100.0 * found.scale_error:.2g} %" in ended.out
    (tmp_path / "named.yaml").write_text(f"{ended.out.splitlines()[-1]}\n{text}")
    asked = coldpoint("station", "named.yaml")
    assert asked.code == 0, asked.err
