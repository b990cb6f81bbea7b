"""One value or one step changes; every other character of the file stays."""

import difflib
import random

import pytest

from daq.app.sequence.outline import outline
from daq.app.sequence.step_text import moved, steps_block, with_steps, without_steps
from daq.app.sequence.text import plain, shown_at, with_value
from daq.config.document import parse_document
from daq.config.folder import configs_folder
from instruments.errors import RefusedError

FILES = [
    configs_folder() / "sequences" / "upper_field.yaml",
    configs_folder() / "papers" / "le2020" / "fig1g.yaml",
]
NIGHT = (configs_folder() / "sequences" / "night.yaml").read_text()
SMALL = """\
# head
title: Small   # words
steps:
  # cold
  - temperature: 1.9 K   # base
  # loop
  - loop: {field: [0 T, 1 T]}
    steps:
      # inner
      - bias_spectrum: {points: 21}
  - wait: 10 s
"""


def changed_lines(before, after):
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def places(data, above=()):
    for index, step in enumerate(data["steps"]):
        place = (*above, "steps", index)
        yield place
        if "loop" in step:
            yield from places(step, place)


def test_one_number_changes_one_line_and_keeps_comments():
    place = ("steps", 7, "loop", "field", "to")
    after = with_value(NIGHT, place, plain("3 T"))
    lines = changed_lines(NIGHT, after)
    assert [line[0] for line in lines] == ["-", "+"]
    assert lines[1][1:] == lines[0][1:].replace("3.5 T", "3 T")


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_every_step_of_a_file_goes_out_and_back_in(file):
    text = file.read_text()
    data = parse_document(text, "x").data
    for place in places(data):
        block = steps_block(text, [place])
        without = without_steps(text, [place])
        assert parse_document(without, "x").data != data
        again = with_steps(without, place[:-2], place[-1], block)
        assert parse_document(again, "x").data == data
        assert again.count("#") == text.count("#")


def test_any_moves_keep_every_step_and_every_comment():
    draw = random.Random(1)  # noqa: S311 (any moves will do)
    text = NIGHT
    count = len(list(places(parse_document(text, "x").data)))
    for _ in range(3):
        known = list(places(parse_document(text, "x").data))
        place = draw.choice(known)
        parents = [(), *(p for p in known if outline(text).at((*p, "steps")) is not None)]
        parent = draw.choice(parents)
        if parent[: len(place)] == place:
            with pytest.raises(RefusedError):
                moved(text, [place], parent, 0)
            continue
        size = len(outline(text).at((*parent, "steps")).parts)
        text, new = moved(text, [place], parent, draw.randint(0, size))
        assert outline(text).at(new) is not None
        assert len(list(places(parse_document(text, "x").data))) == count
        assert text.count("#") == NIGHT.count("#")


def test_a_step_moves_into_a_loop_with_the_comment_above_it():
    text, place = moved(SMALL, [("steps", 0)], ("steps", 1), 1)
    assert place == ("steps", 0, "steps", 1)
    assert text == SMALL.replace("  # cold\n  - temperature: 1.9 K   # base\n", "").replace(
        "points: 21}\n", "points: 21}\n      # cold\n      - temperature: 1.9 K   # base\n"
    )


def test_an_empty_list_of_steps_is_filled_and_emptied():
    empty = "title: x\nsteps: []  # none\n"
    text = with_steps(empty, (), 0, "- loop: {}\n  steps: []\n")
    text = with_steps(text, ("steps", 0), 0, "- wait: 1 s\n")
    assert parse_document(text, "x").data["steps"] == [{"loop": {}, "steps": [{"wait": "1 s"}]}]
    text = without_steps(text, [("steps", 0, "steps", 0)])
    assert parse_document(text, "x").data["steps"] == [{"loop": {}, "steps": []}]
    assert parse_document(without_steps(text, [("steps", 0)]), "x").data["steps"] == []
    assert "# none" in text


def test_steps_in_brackets_are_put_on_lines_before_they_change():
    text = "title: x\nsteps: [{wait: 1 s}, {loop: {angle: [0 deg]}, steps: [{wait: 2 s}]}]\n"
    text = with_steps(text, ("steps", 1), 1, "- wait: 3 s\n")
    assert parse_document(text, "x").data["steps"] == [
        {"wait": "1 s"},
        {"loop": {"angle": ["0 deg"]}, "steps": [{"wait": "2 s"}, {"wait": "3 s"}]},
    ]


@pytest.mark.parametrize(
    ("place", "source", "expected"),
    [
        (("steps", 0, "temperature", "to"), "4 K", "  - temperature: 4 K   # base"),
        (("steps", 0, "temperature", "rate"), "1 K/min", "{to: 1.9 K, rate: 1 K/min}   # base"),
        (("steps", 1, "loop", "field", "rate"), "9 Oe/s", "values: [0 T, 1 T], rate: 9 Oe/s}"),
        (("steps", 1, "loop", "field", "values"), "[2 T]", "{field: [2 T]}"),
        (("steps", 1, "steps", 0, "bias_spectrum", "points"), None, "- bias_spectrum: {}"),
        (("on_error", "retry"), "2", "\non_error: {retry: 2}\nsteps:"),
        (("steps", 2, "wait", "for"), "3 s", "- wait: 3 s\n"),
        (("steps", 2, "wait", "for"), None, "- wait: \n"),
        (("title",), None, "title:    # words"),
        (("title",), '"5"', 'title: "5"   # words'),
    ],
)
def test_a_value_is_written_where_it_belongs(place, source, expected):
    text = with_value(SMALL, place, source)
    parse_document(text, "x")
    assert expected in text
    assert len(changed_lines(SMALL, text)) <= 2


def test_a_section_of_the_head_whose_last_key_goes_goes_too():
    text = with_value(with_value(SMALL, ("watch", "jump"), "10 %"), ("watch", "then"), "land")
    assert "watch: {jump: 10 %, then: land}\n" in text
    text = with_value(with_value(text, ("watch", "jump"), None), ("watch", "then"), None)
    assert text == SMALL


def test_keys_on_lines_of_their_own_come_and_go():
    text = "title: x\nsteps:\n  - field:\n      to: 1 T\n      rate: 9 Oe/s  # slow\n"
    more = with_value(text, ("steps", 0, "field", "dwell"), "1 s")
    assert more.endswith("# slow\n      dwell: 1 s\n")
    assert with_value(more, ("steps", 0, "field", "dwell"), None) == text
    nothing = "title: x\nsteps:\n  - zero_bias:\n  - wait: 1 s\n"
    text = with_value(nothing, ("steps", 0, "zero_bias", "readings"), "3")
    assert "- zero_bias: {readings: 3}\n  - wait" in text


@pytest.mark.parametrize("typed", ["1.9 K", "5", "a: b", "x # y", "- z", "[1", "off", "a, b", "é"])
def test_what_is_typed_comes_back_whatever_it_is(typed):
    text = with_value(SMALL, ("title",), plain(typed, is_text=True))
    assert parse_document(text, "x").data["title"] == typed
    assert shown_at(outline(text), text, ("title",)) == typed
