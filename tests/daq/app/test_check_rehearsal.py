import json
from pathlib import Path

import pytest

from daq.config.folder import configs_folder

STEPS = """\
title: Small
station: {station}
steps:
  - field: {{to: 0.05 T, rate: 40 Oe/s}}
  - bias_spectrum: {{from: -20 uA, to: 20 uA, points: 5, acquisition: single}}
  - wait: 3 s
"""


@pytest.fixture
def sequence(tmp_path):
    """Return a maker of a short sequence file."""

    def make(text=STEPS, **values):
        file = tmp_path / "small.yaml"
        file.write_text(text.format(**{"station": "simulated", **values}))
        return file

    return make


@pytest.fixture
def real_station(tmp_path):
    """Return the file of a station without a simulated part."""
    text = (configs_folder() / "stations" / "simulated.yaml").read_text()
    file = tmp_path / "real.yaml"
    file.write_text(text.split("simulated:\n")[0].replace("name: simulated", "name: real"))
    return file


def test_a_check_rehearses_and_says_how_long_every_step_takes(coldpoint, sequence, tmp_path):
    ended = coldpoint("check", sequence())
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert "rehearsed with bi2se3_soft_contact" in lines[0]
    assert lines[3].split()[:4] == ["3", "0:00:03", "wait", "3"]
    for word in ("current_rate", "duration:", "disk:", "(estimated)", "within the limits"):
        assert word in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_json_is_one_line_with_what_a_script_needs(coldpoint, sequence):
    ended = coldpoint("check", sequence(), "--json")
    assert ended.code == 0
    (line,) = ended.out.splitlines()
    told = json.loads(line)
    assert told["ok"] is True
    assert told["points"] == 5
    keys = {"index", "what", "duration_s", "points"}
    assert all(set(step) >= keys for step in told["steps"])
    assert [step["points"] for step in told["steps"]] == [0, 5, 0]
    assert told["duration_s"] == pytest.approx(sum(step["duration_s"] for step in told["steps"]))
    field = told["limits"]["field"]
    assert field["reached"] == pytest.approx(0.05)
    assert field["fraction"] == pytest.approx(0.05 / field["limit"], abs=1e-6)
    assert told["disk"]["free_bytes"] > told["disk"]["needed_bytes"] > 0
    assert told["helium_percent_estimated"] >= 0.0


def test_plain_reads_and_checks_only(coldpoint, sequence, monkeypatch):
    monkeypatch.setattr("daq.campaign.rehearsal.rehearse", None)
    ended = coldpoint("check", sequence(), "--plain")
    assert ended.code == 0
    assert "3 steps, all within the limits" in ended.out


def test_a_real_station_is_rehearsed_on_twins_with_a_resistor(coldpoint, sequence, real_station):
    words = ("check", sequence(), "--station", real_station, "--json")
    told = json.loads(coldpoint(*words, "--resistance", "47 ohm").out)
    assert told["ok"] is True
    assert told["station"] == "real"
    assert told["sample"] == "resistor (resistance 47 ohm)"


@pytest.mark.parametrize("resistance", ["47", "0 ohm", "-5 ohm", "10 V"])
def test_a_resistance_that_is_none_is_refused_in_one_line(coldpoint, sequence, resistance):
    ended = coldpoint("check", sequence(), "--resistance", resistance)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "--resistance" in line


def test_a_step_that_would_fail_is_told_and_the_exit_code_says_so(
    coldpoint, sequence, real_station
):
    text = "title: Wide\nsteps:\n  - voltage_pulse: {{amplitude: 6 V}}\n"
    words = ("check", sequence(text), "--station", real_station, "--resistance", "2 ohm")
    ended = coldpoint(*words)
    assert ended.code == 1
    assert "NOT OK" in ended.out
    told = json.loads(coldpoint(*words, "--json").out)
    assert told["ok"] is False
    assert "voltage_pulse" in told["error"]


def test_a_disk_that_is_too_small_is_not_ok(coldpoint, sequence, monkeypatch):
    class Full:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda _path: Full)
    ended = coldpoint("check", sequence(), "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["ok"] is False


def test_the_picture_of_the_course_is_a_png_file(coldpoint, sequence, tmp_path):
    ended = coldpoint("check", sequence(), "--picture", "course.png")
    assert ended.code == 0
    picture = tmp_path / "course.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "course.png" in ended.out


SEQ = "TMP TEMP 299 12 0\nWAI WAITFOR 2 1 0 0 0\nCMB CHAMBER 1\n"


def test_a_multivu_sequence_is_rehearsed_and_its_unknown_lines_are_listed(coldpoint, tmp_path):
    Path("old.seq").write_text(SEQ)
    measure = "bias_spectrum {points: 3, acquisition: single}"
    ended = coldpoint("check", "old.seq", "--measure", measure, "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["points"] == 3
    assert "line 3: CMB CHAMBER 1" in ended.err


def test_a_multivu_sequence_runs_directly(coldpoint, tmp_path):
    Path("old.seq").write_text(SEQ)
    measure = "bias_spectrum {points: 3, acquisition: single}"
    ended = coldpoint("run", "old.seq", "--measure", measure, "--json")
    assert ended.code == 0
    assert "line 3: CMB CHAMBER 1" in ended.err
    told = json.loads(ended.out)
    assert [run["procedure"] for run in told["runs"]] == ["bias_spectrum"]
    kept = (Path(told["campaign"]) / "sequence.yaml").read_text()
    assert "# line 3 is not imported" in kept


def test_convert_writes_a_sequence_file_and_overwrites_nothing(coldpoint, tmp_path):
    Path("old.seq").write_text(SEQ)
    ended = coldpoint("convert", "old.seq", "--output", "new.yaml")
    assert ended.code == 0
    assert "not imported: line 3: CMB CHAMBER 1" in ended.err
    assert "nothing is measured" in ended.err
    assert coldpoint("check", "new.yaml", "--plain").code == 0
    again = coldpoint("convert", "old.seq", "--output", "new.yaml")
    assert again.code == 1
    assert "exists already" in again.err
    told = json.loads(coldpoint("convert", "old.seq", "--json").out)
    assert told["not_imported"][0]["line"] == 3
