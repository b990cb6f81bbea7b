import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from daq.app import reproduce_command
from daq.app.commands import app
from daq.reproduction import measure
from daq.reproduction.recipe import Recovered

QUICK = ["reproduce", "le2020", "--figure", "fig1de", "--workers", "1"]


def call(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """One figure, from the command to the report."""
    folder = tmp_path_factory.mktemp("reproduce")
    report = folder / "out" / "report.html"
    result = call(*QUICK, "--data", str(folder / "data"), "--report", str(report), "--json")
    return result, report, folder


def test_one_figure_is_measured_recovered_and_reported(quick):
    result, report, folder = quick
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [row["row"] for row in told["rows"]] == ["L2.a", "L2.b", "L3.a", "L3.b", "L3.c"]
    assert all(row["passed"] for row in told["rows"])
    assert {row["run"] for row in told["rows"]} == {
        str(path.parent) for path in (folder / "data").rglob("journal.jsonl")
    }
    text = report.read_text(encoding="utf-8")
    assert text.count("data:image/png;base64,") == 1
    assert told["report"] == str(report)


def test_a_wrong_number_makes_the_command_fail(quick, monkeypatch):
    _, _, folder = quick

    def wrong(tasks, _workers):
        for task in tasks:
            rows = [("L2.a", 0.0), ("L2.b", 9.0), ("L3.a", 9.0), ("L3.b", 11.0), ("L3.c", 9.0)]
            found = tuple(Recovered(row, value, 1.0) for row, value in rows)
            yield replace(measure.Done(task), recovered=found, folders=(folder,))

    monkeypatch.setattr(measure, "carry_out_all", wrong)
    result = call(*QUICK, "--data", str(folder / "wrong"), "--json")
    assert result.exit_code == reproduce_command.FAILED
    told = json.loads(result.stdout)
    assert [row["row"] for row in told["rows"] if not row["passed"]] == ["L3.b"]
    assert told["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["reproduce", "nature"], "expected one of le2020, yi2024, lin2022, all"),
        (["reproduce", "le2020", "--figure", "fig9"], "found no figure 'fig9'"),
    ],
)
def test_what_there_is_not_is_refused_by_name(arguments, words):
    result = call(*arguments)
    assert result.exit_code != 0
    assert words in str(result.exception)


def test_a_figure_whose_station_is_broken_fails_alone(tmp_path):
    task = measure.Task("le2020", "no_such_figure", 1, tmp_path)
    (done,) = measure.carry_out_all([task], 1)
    assert "no recipe" in done.error
    assert done.recovered == ()
    assert (task.folder / "failure.txt").read_text()


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_paper_is_recovered_with_twenty_seeds(tmp_path):
    result = call("reproduce", "all", "--seeds", "20", "--data", str(tmp_path), "--json")
    told = json.loads(result.stdout)
    lost = {row: rate for row, rate in told["pass_rates"].items() if rate < 0.95}
    assert told["pass_rate"] >= 0.95, lost
    assert result.exit_code == 0, [row["row"] for row in told["rows"] if row["passed"] is False]
