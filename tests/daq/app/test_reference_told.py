"""References and messages on the command line."""

import json

import pytest

SEQUENCE = """\
title: Drift
reference: {every: 1 s}
steps:
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 3}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 3}
"""


@pytest.fixture
def files(tmp_path, cold_station):
    (tmp_path / "s.yaml").write_text(SEQUENCE)
    (tmp_path / "cold.yaml").write_text(cold_station())
    return "s.yaml", "--station", "cold.yaml"


def test_drift_is_told_by_run_and_by_show(coldpoint, files):
    ended = coldpoint("run", *files, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out.splitlines()[-1])
    assert [reference["drifted"] for reference in told["references"]] == [False, False, True]
    shown = coldpoint("show", told["campaign"])
    assert shown.out.count("DRIFTED") == 1
    assert "drifted from step 3 on" in shown.out
    again = json.loads(coldpoint("show", told["campaign"], "--json").out)
    assert again["references"] == told["references"]


def test_resume_tells_what_run_tells(coldpoint, files):
    ran = json.loads(coldpoint("run", *files, "--json").out.splitlines()[-1])
    resumed = coldpoint("resume", ran["campaign"], "--json")
    assert resumed.code == 0
    told = json.loads(resumed.out.splitlines()[-1])
    assert told.keys() == ran.keys()
    assert (told["outcome"], told["runs"]) == ("finished", [])


@pytest.mark.parametrize("command", ["run", "resume"])
def test_a_variable_that_is_not_set_is_told_before_anything_is_done(coldpoint, files, command):
    asked = files if command == "run" else (_campaign(coldpoint, files),)
    ended = coldpoint(command, *asked, "--notify", "NOT_SET_ANYWHERE")
    assert ended.code == 2
    assert "NOT_SET_ANYWHERE is not set" in ended.err
    assert len(ended.err.splitlines()) == 1


def _campaign(coldpoint, files):
    return json.loads(coldpoint("run", *files, "--json").out.splitlines()[-1])["campaign"]
