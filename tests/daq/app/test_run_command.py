import json
from pathlib import Path

import pytest

from daq.config.folder import find_config
from daq.runs.files import open_run

SEQUENCE = """\
title: Short
sample: {name: contact 7}
steps:
  - note: one reading on the way
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
"""


@pytest.fixture
def files(tmp_path, cold_station):
    (tmp_path / "short.yaml").write_text(SEQUENCE)
    (tmp_path / "cold.yaml").write_text(cold_station())
    return "short.yaml", "--station", "cold.yaml", "--data", "data"


def test_the_last_line_of_a_run_tells_folder_outcome_and_runs(coldpoint, files):
    ended = coldpoint("run", *files, "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out.splitlines()[-1])
    assert told["outcome"] == "finished"
    assert Path(told["campaign"]).parent == Path("data")
    assert [(run["procedure"], run["outcome"]) for run in told["runs"]] == [
        ("bias_spectrum", "finished"),
        ("voltage_pulse", "finished"),
    ]
    for run in told["runs"]:
        assert Path(run["csv"]).parent == Path(told["campaign"])
        assert open_run(run["csv"]).outcome == "finished"


def test_a_run_tells_people_its_folder_and_its_files(coldpoint, files):
    ended = coldpoint("run", *files)
    assert (ended.code, ended.err) == (0, "")
    assert "0002-voltage_pulse.csv: finished" in ended.out


def test_a_run_that_fails_ends_with_1_and_still_tells_all(coldpoint, files, tmp_path):
    text = SEQUENCE.replace("amplitude: 6 V", "amplitude: 10 V").replace("5 ms", "9 ms")
    (tmp_path / "short.yaml").write_text(text)
    station = (tmp_path / "cold.yaml").read_text()
    (tmp_path / "cold.yaml").write_text(station.replace("105 mA", "50 mA"))
    ended = coldpoint("run", *files, "--json")
    assert ended.code == 1
    told = json.loads(ended.out.splitlines()[-1])
    assert told["outcome"] == "failed"
    assert "can be reached" in told["error"]
    assert [run["outcome"] for run in told["runs"]] == ["finished", "failed"]
    assert "can be reached" in told["runs"][1]["error"]


def test_data_that_cannot_be_written_are_one_line_and_code_1(coldpoint, files, tmp_path):
    (tmp_path / "data").write_text("a file, not a folder")
    ended = coldpoint("run", *files)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert "give another folder" in ended.err


def test_runs_and_show_tell_what_is_on_disk(coldpoint, files):
    told = json.loads(coldpoint("run", *files, "--json").out.splitlines()[-1])
    csv = told["runs"][0]["csv"]
    listed = coldpoint("runs", "--data", "data", "--json")
    found = [json.loads(line) for line in listed.out.splitlines()]
    assert {run["procedure"] for run in found} == {"bias_spectrum", "voltage_pulse"}
    assert all(run["sample"] == "contact 7" for run in found)
    assert csv in coldpoint("runs", "bias_spectrum", "--data", "data").out
    assert "voltage_pulse" not in coldpoint("runs", "bias_spectrum", "--data", "data").out
    assert "no runs" in coldpoint("runs", "--data", "elsewhere").out
    shown = json.loads(coldpoint("show", csv, "--json").out)
    assert shown["outcome"] == "finished"
    assert shown["rows"] == 5
    assert shown["settings"]["points"] == 5
    assert "points: 5" in coldpoint("show", csv).out


def test_a_run_that_is_not_there_cannot_be_shown(coldpoint):
    ended = coldpoint("show", "0001-nothing.csv")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1


def test_a_sample_to_be_kept_cold_is_warmed_only_when_that_is_confirmed(coldpoint, tmp_path):
    station = find_config("stations", "simulated").read_text(encoding="utf-8")
    station = station.replace("{temperature: 300 K", "{temperature: 4 K")
    (tmp_path / "station.yaml").write_text(f"{station}keep_below: 5 K\n", encoding="utf-8")
    sequence = "title: warm\nsteps:\n  - temperature: {to: 6 K}\n"
    (tmp_path / "warm.yaml").write_text(sequence, encoding="utf-8")
    refused = coldpoint("run", "warm.yaml", "--station", "station.yaml", "--json")
    assert refused.code == 1
    assert "--confirm-above" in refused.out
    warmed = coldpoint("run", "warm.yaml", "--station", "station.yaml", "--confirm-above")
    assert warmed.code == 0
