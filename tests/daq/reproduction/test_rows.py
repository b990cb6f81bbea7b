import math
import re

import pytest

from daq.campaign.prepared import prepare
from daq.reproduction.papers import PAPERS, find_recipe
from daq.reproduction.rows import LETTERS, Row, load_rows, papers_folder
from instruments.errors import ConfigurationError

PARENTS = {"le2020": 18, "yi2024": 15, "lin2022": 11}
SEQUENCES = sorted(papers_folder().glob("*/*.yaml"))


def row(**said):
    whole = {"id": "L1", "paper": "le2020", "what": "x", "status": "test", "recipe": "f", **said}
    return Row.model_validate(whole)


def test_every_row_of_the_papers_stands_in_the_file_once():
    rows = load_rows()
    assert len({one.id for one in rows}) == len(rows)
    wanted = {f"{LETTERS[p]}{n}" for p, last in PARENTS.items() for n in range(1, last + 1)}
    assert {one.parent for one in rows} == wanted


def test_only_interpretation_context_and_demonstration_are_not_tested():
    untested = {one.parent: one.status for one in load_rows() if one.status != "test"}
    assert untested == {"L16": "out", "L18": "demo", "Y15": "out"}
    assert all(one.why for one in load_rows() if one.status != "test")


def test_every_recipe_is_named_by_a_row_and_has_its_sequences():
    rows = load_rows()
    for name, paper in PAPERS.items():
        for recipe in paper.recipes:
            assert any((one.paper, one.recipe) == (name, recipe.name) for one in rows), recipe.name
            for file in recipe.files:
                assert (papers_folder() / name / f"{file}.yaml").is_file(), file


def test_every_tested_row_has_a_recipe():
    tested = [one for one in load_rows() if one.status == "test"]
    assert [one.id for one in tested if find_recipe(one.paper, one.recipe) is None] == []


@pytest.mark.parametrize("path", SEQUENCES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sequence_of_a_paper_passes_the_check_on_its_own_station(path):
    prepared = prepare(path)
    assert prepared.sequence.station == prepared.station.name
    assert prepared.station.simulated is not None
    assert prepared.steps


def test_every_sequence_of_a_paper_is_used_by_a_recipe():
    for name, paper in PAPERS.items():
        used = {file for recipe in paper.recipes for file in recipe.files}
        there = {path.stem for path in SEQUENCES if path.parent.name == name}
        assert there <= used or not paper.recipes


@pytest.mark.parametrize(
    ("said", "value", "passes"),
    [
        ({"value": 4.5, "tolerance": 0.1}, 4.6, True),
        ({"value": 4.5, "tolerance": 0.1}, 4.4, True),
        ({"value": 4.5, "tolerance": 0.1}, 4.601, False),
        ({"value": 4.5, "tolerance": 0.1}, 4.399, False),
        ({"value": 0.0, "tolerance": 0.0}, 0.0, True),
        ({"value": 0.0, "tolerance": 0.0}, 1.0, False),
        ({"above": 5.0}, 5.1, True),
        ({"above": 5.0}, 5.0, False),
        ({"below": 3.0}, -7.0, True),
        ({"below": 3.0}, 3.0, False),
    ],
)
def test_a_row_passes_within_its_tolerance_and_on_its_side_only(said, value, passes):
    assert row(**said).accepts(value, 0.1) is passes


@pytest.mark.parametrize(
    ("value", "error"),
    [(math.nan, 0.1), (math.inf, 0.1), (4.5, math.nan), (4.5, math.inf), (4.5, -0.1)],
)
def test_no_number_and_no_error_never_pass(value, error):
    assert not row(value=4.5, tolerance=0.1).accepts(value, error)
    assert not row(above=0.0).accepts(value, error)


REFUSED = [
    ("{id: L1, paper: le2020, what: x, status: test, recipe: f}", "no single comparison"),
    ("{id: L1, paper: le2020, what: x, status: test, recipe: f, value: 1}", "half of a comparison"),
    ("{id: L1, paper: le2020, what: x, status: test, below: 1}", "name what recovers it"),
    ("{id: L1, paper: le2020, what: x, status: out}", "say why it is not tested"),
    ("{id: Y1, paper: le2020, what: x, status: out, why: y}", "begins with L"),
    ("{id: L1a, paper: le2020, what: x, status: out, why: y}", "the name of a row"),
    ("{id: L1, paper: nature, what: x, status: out, why: y}", "nature"),
]


@pytest.mark.parametrize(("line", "words"), REFUSED)
def test_a_wrong_row_is_refused_with_its_line(tmp_path, line, words):
    file = tmp_path / "rows.yaml"
    file.write_text(f"format: 1\nrows:\n  - {line}\n")
    with pytest.raises(ConfigurationError, match=re.escape(words)) as caught:
        load_rows(file)
    assert "rows.yaml:3" in str(caught.value)


@pytest.mark.parametrize("second", ["L1", "L1.a"])
def test_a_row_that_stands_twice_is_refused(tmp_path, second):
    line = "{{id: {}, paper: le2020, what: x, status: out, why: y}}"
    file = tmp_path / "rows.yaml"
    file.write_text(f"rows:\n  - {line.format('L1')}\n  - {line.format(second)}\n")
    with pytest.raises(ConfigurationError, match="once more"):
        load_rows(file)
