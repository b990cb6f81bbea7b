import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daq.campaign.multivu_sequence import convert
from daq.campaign.plan import (
    AngleStep,
    FieldStep,
    LoopStep,
    NoteStep,
    ProcedureStep,
    TemperatureStep,
    WaitStep,
)
from daq.campaign.sequence import load_sequence, sequence_from
from daq.config.document import parse_document
from instruments.errors import ConfigurationError
from procedures.catalogue import PROCEDURES

SETTINGS = {name: procedure.settings() for name, procedure in PROCEDURES.items()}
MEASURE = "bias_spectrum {points: 5}"
NIGHT = """\
REM a night: "field", with \\ signs
!TMP TEMP 5 2 0
TMP TEMP 10.0 12.0 1
WAI WAITFOR 60 1 0 0 0
CMB CHAMBER 1
FLD FIELD -5000.0 100.0 2 0
LPT SCANT 2 10 2 5 1 0
LPB SCANH -10000.0 10000.0 40.0 5 0 0 1
RES 1 2 3
WAI WAITFOR 5 0 1 0 0
ENB EOS
ENT EOS
LPC SCANC 3600 10 0
RES 4
ENC EOS
MVP MOVE 45.0 0 5 "a text"
SHT DOWN
"""


def steps_of(text, measure=""):
    yaml = convert(text, title="test", measure=measure).yaml
    return sequence_from(parse_document(yaml, "test"), procedures=SETTINGS).steps


def lines_of(untold):
    return [one.line for one in untold]


def test_temperature_field_wait_and_move_become_our_steps_in_si_units():
    note, cool, wait, field, _, turn = steps_of(NIGHT)
    assert note == NoteStep('a night: "field", with \\ signs')
    assert cool == TemperatureStep(10.0, pytest.approx(0.2), "no overshoot")
    assert wait == WaitStep(60.0)
    assert field == FieldStep(-0.5, pytest.approx(0.01), "oscillate", "persistent")
    assert turn == AngleStep(45.0, 8.0)


def test_loops_nest_with_their_spacing_rate_and_approach():
    loop = steps_of(NIGHT)[4]
    assert isinstance(loop, LoopStep)
    assert [1.0 / value for value in loop.values] == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1])
    assert loop.set_step.rate == pytest.approx(2.0 / 60.0)
    (inner,) = loop.steps
    assert inner.values == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert inner.set_step == FieldStep(-1.0, pytest.approx(4e-3), "linear", "driven")
    assert inner.steps == (WaitStep(5.0),)


@pytest.mark.parametrize(
    ("spacing", "scale"),
    [(0, lambda h: h), (1, lambda h: h * h), (2, math.sqrt), (3, lambda h: 1 / h), (4, math.log)],
)
def test_a_field_scan_is_even_on_the_scale_that_its_code_names(spacing, scale):
    text = f"LPB SCANH 1000 9000 50 5 {spacing} 0 1\nWAI WAITFOR 1 0 1 0 0\nENB EOS"
    (loop,) = steps_of(text)
    on_scale = [scale(value * 1e4) for value in loop.values]
    steps = [b - a for a, b in itertools.pairwise(on_scale)]
    assert steps == pytest.approx([steps[0]] * 4, rel=1e-6)


def test_scans_of_the_square_pass_zero_with_their_sign():
    (loop,) = steps_of("LPB SCANH -9000 9000 50 3 1 0 1\nWAI WAITFOR 1 0 1 0 0\nENB EOS")
    assert loop.values == (-0.9, 0.0, 0.9)


def test_what_is_not_imported_is_listed_with_its_line_and_stays_as_a_comment():
    converted = convert(NIGHT, title="night")
    assert lines_of(converted.not_imported) == [2, 5, 9, 13, 14, 15, 17]
    texts = NIGHT.splitlines()
    for untold in converted.not_imported:
        assert untold.text == texts[untold.line - 1]
        assert f"# line {untold.line} is not imported" in converted.yaml
        assert untold.text in converted.yaml


def test_a_loop_in_time_takes_its_lines_with_it_into_the_list():
    reasons = {one.line: one.reason for one in convert(NIGHT, title="night").not_imported}
    assert reasons[14] == "it is in the loop of line 13"


def test_a_measurement_takes_the_place_of_the_options_commands():
    converted = convert(NIGHT, title="night", measure=MEASURE)
    assert converted.measurements == 1
    assert 9 not in lines_of(converted.not_imported)
    assert 9 in lines_of(converted.different)
    inner = steps_of(NIGHT, MEASURE)[4].steps[0]
    assert [type(step) for step in inner.steps] == [ProcedureStep, WaitStep]
    assert inner.steps[0].settings["points"] == 5


def test_without_such_a_command_every_innermost_loop_ends_with_the_measurement():
    text = NIGHT.replace("RES 1 2 3\n", "").replace("RES 4\n", "")
    outer = steps_of(text, MEASURE)[4]
    assert [type(step) for step in outer.steps] == [LoopStep]
    assert [type(step) for step in outer.steps[0].steps] == [WaitStep, ProcedureStep]


def test_without_a_loop_the_measurement_comes_last():
    steps = steps_of("TMP TEMP 10 5 0\nWAI WAITFOR 0 1 0 0 0", "bias_spectrum: {points: 7}")
    assert [type(step) for step in steps] == [TemperatureStep, ProcedureStep]
    assert steps[1].settings["points"] == 7


def test_what_is_done_differently_is_told():
    text = (
        "TMP TEMP 10 5 0\nFLD FIELD 100 50 0 1\nWAI WAITFOR 0 0 1 0 0\n"
        "LPT SCANT 10 20 2 3 0 2\nBEP BEEP 1 440\nENT EOS\n"
        "LPB SCANH 0 100 50 2 0 0 0\nENB EOS\n"
    )
    different = {one.line: one.reason for one in convert(text, title="test").different}
    assert sorted(different) == [1, 4, 7]
    assert "settles first" in different[1]
    assert "on the way" in different[4]
    assert "persistent" in different[7]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("TMP TEMP 10 5", "2 values found, 3 expected"),
        ("TMP TEMP ten 5 0", "'ten' is no number"),
        ("TMP TEMP 10 5 7", "approach 7 is not known"),
        ("FLD FIELD 1 2 3 1", "approach 3 is not known"),
        ("WAI WAITFOR 5 0 0 0 1", "chamber"),
        ("MVP MOVE 10 1 0", "mode 0"),
        ("LPB SCANH -10 10 5 3 3 0 1", "cannot pass zero"),
        ("LPT SCANT 1 2 3 2.5 0 0", "2.5 points"),
        ("XYZ", "no meaning here"),
        ("ENT EOS", "no loop is open"),
    ],
)
def test_a_line_that_is_not_understood_tells_why(line, why):
    (untold,) = convert(f"REM x\nTMP TEMP 9 1 0\n{line}\n", title="test").not_imported
    assert untold.line == 3
    assert why in untold.reason


def test_a_command_that_looks_like_a_loop_is_one_only_if_it_ends():
    text = "LPI 1 2 3\nTMP TEMP 10 5 0\n"
    assert lines_of(convert(text, title="test").not_imported) == [1]
    ended = convert("TMP TEMP 9 5 0\n" + text + "ENI EOS\n", title="test")
    assert lines_of(ended.not_imported) == [2, 3, 4]


def test_a_file_of_another_kind_is_refused(tmp_path):
    file = tmp_path / "other.seq"
    file.write_text("title: hello\n")
    with pytest.raises(ConfigurationError, match="no line can be imported"):
        load_sequence(file, procedures=SETTINGS)
    with pytest.raises(ConfigurationError, match="MultiVu sequence"):
        load_sequence("first_spectrum", procedures=SETTINGS, measure=MEASURE)


def test_a_seq_file_is_loaded_like_a_sequence_of_ours(tmp_path):
    file = tmp_path / "night.seq"
    file.write_bytes(NIGHT.replace("\n", "\r\n").replace("a night", "sch\xf6n").encode("cp1252"))
    plan = load_sequence(file, procedures=SETTINGS, measure=MEASURE)
    assert plan.title == "night"
    assert plan.steps[0].text.startswith("sch\xf6n")
    assert "is not imported" in plan.text


LINES = st.sampled_from([*NIGHT.splitlines(), "ENT EOS", "LPT SCANT 1 2 3 4 0 0", "", "  RES"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        LINES | st.text(st.characters(exclude_characters="\0"), max_size=30),
        min_size=1,
        max_size=25,
    )
)
def test_no_line_is_ever_dropped_and_what_comes_out_is_always_a_sequence(lines):
    text = "\n".join(["TMP TEMP 4 1 0", *lines])
    converted = convert(text, title="test", measure=MEASURE)
    sequence_from(parse_document(converted.yaml, "test"), procedures=SETTINGS)
    known = ("REM", "TMP TEMP", "FLD FIELD", "WAI WAITFOR", "MVP MOVE", "LP", "EN", "RES")
    listed = set(lines_of(converted.not_imported))
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if words and not words.upper().startswith(known):
            assert number in listed
