"""Steps go where a person means them to go."""

import pytest

from daq.app.sequence.edits import added, after_removal, pasted, shifted
from daq.app.sequence.outline import outline
from daq.app.sequence.rows import loop_of, loop_source, rows
from daq.app.sequence.text import with_value
from daq.config.document import parse_document
from instruments.errors import RefusedError

TEXT = """\
title: x
steps:
  - wait: 1 s
  - loop: {field: {from: 0 T, to: 1 T, points: 3, rate: 9 Oe/s}, both_ways: true}
    steps:
      - wait: 2 s
  - wait: 3 s
"""
LOOP = ("steps", 1)


def kinds(text):
    def told(row):
        inner = [told(one) for one in row.inner]
        return [row.words, *inner] if row.is_loop else row.words

    return [told(row) for row in rows(outline(text), text)]


LOOP_WORDS = "field: from 0 T, to 1 T, points 3, rate 9 Oe/s, both ways"


def test_rows_say_what_the_file_says():
    assert kinds(TEXT) == ["1 s", [LOOP_WORDS, "2 s"], "3 s"]


@pytest.mark.parametrize(
    ("current", "place"),
    [
        ((), ("steps", 3)),
        (("steps", 0), ("steps", 1)),
        (LOOP, (*LOOP, "steps", 1)),
        ((*LOOP, "steps", 0), (*LOOP, "steps", 1)),
    ],
)
def test_a_new_step_goes_behind_the_chosen_one_or_into_the_chosen_loop(current, place):
    text, found = added(TEXT, outline(TEXT), "note", current)
    assert found == place
    assert outline(text).at((*place, "note")) is not None


def test_a_copied_loop_is_pasted_behind_itself_and_other_text_is_refused():
    block = "- loop: {angle: [0 deg]}\n  steps:\n    - wait: 9 s\n"
    text, place = pasted(TEXT, outline(TEXT), block, LOOP)
    assert place == ("steps", 2)
    assert kinds(text)[2] == ["angle: 0 deg", "9 s"]
    for other in ("hello", "", "- a\n- b", "x: [1"):
        with pytest.raises(RefusedError, match="no step"):
            pasted(TEXT, outline(TEXT), other, LOOP)


@pytest.mark.parametrize(
    ("place", "way", "expected"),
    [
        (("steps", 0), "up", None),
        (("steps", 0), "down", [[LOOP_WORDS, "2 s"], "1 s", "3 s"]),
        (("steps", 0), "in", [[LOOP_WORDS, "1 s", "2 s"], "3 s"]),
        (("steps", 2), "in", ["1 s", [LOOP_WORDS, "2 s", "3 s"]]),
        (("steps", 2), "down", None),
        (("steps", 2), "up", ["1 s", "3 s", [LOOP_WORDS, "2 s"]]),
        ((*LOOP, "steps", 0), "out", ["1 s", [LOOP_WORDS], "2 s", "3 s"]),
        (("steps", 0), "out", None),
    ],
)
def test_steps_move_by_one(place, way, expected):
    found = shifted(TEXT, outline(TEXT), [place], way)
    assert (None if found is None else kinds(found[0])) == expected


def test_several_steps_move_together():
    found = shifted(TEXT, outline(TEXT), [LOOP, ("steps", 2)], "up")
    assert kinds(found[0]) == [[LOOP_WORDS, "2 s"], "3 s", "1 s"]
    assert found[1] == ("steps", 0)
    assert shifted(TEXT, outline(TEXT), [(*LOOP, "steps", 0), ("steps", 2)], "up") is None


def test_what_stands_before_is_chosen_after_a_removal():
    assert after_removal([("steps", 2), LOOP]) == ("steps", 0)
    assert after_removal([(*LOOP, "steps", 0)]) == LOOP
    assert after_removal([("steps", 0)]) == ()


@pytest.mark.parametrize(
    ("variable", "extent", "expected"),
    [
        ("field", "values", {"field": {"values": ["0 T", "1 T"], "rate": "9 Oe/s"}}),
        ("field", "step", {"field": {"from": "0 T", "to": "1 T", "rate": "9 Oe/s"}}),
        ("angle", "points", {"angle": {}}),
        ("contact", "points", {"contact": []}),
    ],
)
def test_a_loop_says_its_values_another_way_and_keeps_what_still_holds(variable, extent, expected):
    source, other = loop_source(outline(TEXT), TEXT, LOOP, variable, extent)
    assert other
    text = with_value(TEXT, (*LOOP, "loop"), source)
    assert parse_document(text, "x").data["steps"][1]["loop"] == {**expected, "both_ways": True}
    assert loop_of(outline(text), LOOP)[0] == variable
    assert loop_source(outline(TEXT), TEXT, LOOP, "field", "points") == ("", False)
