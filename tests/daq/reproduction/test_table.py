import json
import math
from pathlib import Path

import pytest

from daq.analysis.result import Estimate, NoResult
from daq.reproduction.measure import Done, Task, noise_seed
from daq.reproduction.recipe import Recovered
from daq.reproduction.report import with_error, write_report
from daq.reproduction.rows import Row
from daq.reproduction.table import judge, tabulate
from instruments.clock import VirtualClock

FIELD = Row(
    id="L5.a",
    paper="le2020",
    what="field <b>gone</b>",
    value=3.0,
    tolerance=0.1,
    unit="T",
    status="test",
    recipe="fig1f",
)
PEAKS = Row(
    id="L5.b", paper="le2020", what="peaks", value=1, tolerance=0, status="test", recipe="fig1f"
)
OUT = Row(id="L16", paper="le2020", what="symmetry", status="out", why="an interpretation")
LATER = Row(id="Y9", paper="yi2024", what="gap", below=1, status="test", recipe="none_yet")
FOLDER = Path("data/campaign")


def done(*recovered, seed=1, error=""):
    task = Task("le2020", "fig1f", seed, Path("data"))
    return Done(task, tuple(recovered), () if error else (FOLDER,), error=error)


GOOD = (Recovered("L5.a", 2.98, 0.01, "how"), Recovered.count("L5.b", 1, "how"))


def test_rows_that_are_recovered_within_their_tolerance_pass():
    field, peaks, out = judge([FIELD, PEAKS, OUT], [done(*GOOD)])
    assert (field.passed, peaks.passed, out.passed) == (True, True, None)
    assert (field.value, field.error, field.run) == (2.98, 0.01, FOLDER)


@pytest.mark.parametrize(
    "wrong",
    [
        Recovered("L5.a", 2.89, 0.01),
        Recovered("L5.a", 2.98, math.nan),
        Recovered.of("L5.a", NoResult("the signal does not fall")),
    ],
)
def test_a_wrong_number_makes_the_row_and_the_table_fail(wrong):
    table = tabulate([FIELD, PEAKS], [done(wrong, GOOD[1])], [1])
    assert [line.passed for line in table.first] == [False, True]
    assert not table.ok


def test_a_row_without_a_recipe_is_not_carried_out_and_does_not_pass():
    (line,) = judge([LATER], [])
    assert line.passed is False
    assert line.note.startswith("not carried out: there is no recipe")


def test_a_figure_that_failed_fails_its_rows_and_says_why():
    (line,) = judge([FIELD], [done(error="the magnet quenched")])
    assert line.passed is False
    assert line.note == "not carried out: the magnet quenched"


@pytest.mark.parametrize("recovered", [(GOOD[1],), (GOOD[0], GOOD[0])])
def test_a_recipe_must_recover_a_row_once(recovered):
    (line,) = judge([FIELD], [done(*recovered)])
    assert line.passed is False
    assert "not once" in line.note


def test_the_rate_over_seeds_decides_beside_the_first_seed():
    bad = Recovered("L5.a", 0.0, 0.1)
    seeds = range(1, 41)
    measured = [done(*GOOD, seed=seed) for seed in seeds]
    most = tabulate([FIELD], [*measured[:-1], done(bad, seed=40)], seeds)
    assert most.rates == {"L5.a": 39 / 40}
    assert most.ok
    assert not tabulate([FIELD], [done(bad, seed=1), *measured[1:]], seeds).ok
    few = [done(bad, seed=seed) for seed in (38, 39, 40)]
    assert not tabulate([FIELD], [*measured[:-3], *few], seeds).ok


def test_an_estimate_is_scaled_to_the_unit_of_its_row():
    found = Recovered.of("L8.b", Estimate(0.015, 0.001, "drop"), 100.0)
    assert (found.value, found.error, found.note) == (1.5, pytest.approx(0.1), "drop")


def test_the_table_is_json_without_special_numbers():
    table = tabulate([FIELD, OUT], [done(Recovered.of("L5.a", NoResult("no")))], [1])
    told = json.loads(json.dumps(table.to_json(), allow_nan=False))
    assert told["format"] == 1
    first, second = told["rows"]
    assert (first["row"], first["paper"], first["value"], first["passed"]) == (
        "L5.a",
        3.0,
        None,
        False,
    )
    assert (second["status"], second["passed"]) == ("out", None)


def test_the_report_escapes_what_it_shows_and_holds_its_pictures(tmp_path):
    picture = tmp_path / "fig1f.png"
    picture.write_bytes(b"picture")
    one = Done(Task("le2020", "fig1f", 1, tmp_path), GOOD, (tmp_path / "run",), picture)
    table = tabulate([FIELD, PEAKS, OUT], [one], [1])
    path = write_report(tmp_path / "out" / "report.html", table, ["le2020"], VirtualClock())
    text = path.read_text(encoding="utf-8")
    assert "field &lt;b&gt;gone&lt;/b&gt;" in text
    assert "data:image/png;base64,cGljdHVyZQ==" in text
    assert 'href="../run"' in text
    assert "2.980 \u00b1 0.010" in text
    assert "Every row that is tested passes." in text
    assert "http" not in text  # nothing is fetched from elsewhere


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (4.5111, 0.0041, "4.5111 \u00b1 0.0041"),
        (479.3, 1.0, "479.3 \u00b1 1.0"),
        (1234.0, 56.0, "1234 \u00b1 56"),
        (3.0, 0.0, "3"),
        (None, None, "no result"),
    ],
)
def test_a_number_is_written_to_the_digits_of_its_error(value, error, text):
    assert with_error(value, error) == text


def test_no_two_sequences_or_seeds_share_their_noise():
    tasks = [Task("le2020", "fig1f", seed, Path("data")) for seed in (1, 2)]
    seeds = {noise_seed(task, name) for task in tasks for name in ("fig1f", "fig1g")}
    assert len(seeds) == 4
