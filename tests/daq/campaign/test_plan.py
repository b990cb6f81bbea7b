import json

import pytest

from daq.campaign.plan import (
    ContactStep,
    FieldStep,
    LoopStep,
    NoteStep,
    OnError,
    ProcedureStep,
    Sequence,
    TemperatureStep,
    WaitStep,
    Watch,
    count_steps,
    flatten,
)
from daq.campaign.plan_json import from_json, plan_hash, to_json, to_mapping
from instruments.errors import StorageError


def plan(*, width=5e-3, line=7, source="q.yaml", text="# one\n"):
    pulse = ProcedureStep(
        "voltage_pulse",
        {"amplitude": 6.0, "width": width, "pulses": 1, "filter": "off", "slow": False},
        {"amplitude": "V", "width": "s"},
        {"amplitude": line},
        line=line,
    )
    inner = LoopStep("contact", ("a", "b"), ContactStep("a"), (pulse,), line=line)
    outer = LoopStep("field", (0.0, 0.1), FieldStep(0.0, 4.2e-3), (inner, WaitStep(1.0)))
    return Sequence(
        title="t",
        sample={"name": "c", "area": 2.0},
        station="simulated",
        limits={"current": 1e-4, "temperature": (2.0, 10.0)},
        on_error=OnError(2, "skip"),
        watch=Watch((80.0, 125.0), 0.1, "land"),
        steps=(TemperatureStep(1.9, 0.05), NoteStep("x"), outer),
        source=source,
        text=text,
    )


def test_a_plan_survives_json_bit_for_bit():
    written = plan(width=0.1 + 0.2)
    back = from_json(to_json(written))
    assert back == written
    assert (back.source, back.text) == (written.source, written.text)
    assert back.steps[2].steps[0].steps[0].lines == {"amplitude": 7}
    assert flatten(back) == flatten(written)


def test_the_json_says_its_format_and_hash_on_one_line():
    mapping = json.loads(to_json(plan()))
    assert mapping["format"] == 1
    assert mapping["hash"] == plan_hash(plan())
    assert "\n" not in to_json(plan())


def test_lines_comments_and_file_names_do_not_change_the_hash():
    assert plan_hash(plan(line=9, source="elsewhere.yaml", text="# two\n")) == plan_hash(plan())


def test_what_is_done_changes_the_hash():
    assert plan_hash(plan(width=5.0000000000000001e-3)) == plan_hash(plan())
    assert plan_hash(plan(width=5.000000000000001e-3)) != plan_hash(plan())


@pytest.mark.parametrize(
    "damage",
    [
        lambda mapping: mapping.update(format=2),
        lambda mapping: mapping.pop("format"),
        lambda mapping: mapping.pop("hash"),
        lambda mapping: mapping.pop("steps"),
        lambda mapping: mapping["steps"][0].update(to=4.2),
        lambda mapping: mapping["steps"][0].update(step="magic"),
        lambda mapping: mapping["steps"][0].update(speed=1),
        lambda mapping: mapping.update(steps=3),
        lambda mapping: mapping.update(limits=[1]),
        lambda mapping: mapping["steps"][0].update(to=float("nan")),
    ],
)
def test_a_plan_that_is_not_what_was_written_is_refused(damage):
    mapping = to_mapping(plan())
    damage(mapping)
    with pytest.raises(StorageError, match=r"^plan: found .*, expected .*"):
        from_json(json.dumps(mapping))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(StorageError, match="found no JSON object"):
        from_json(text)


def test_every_leaf_has_its_index_and_its_place_in_the_loops():
    planned = flatten(plan())
    assert len(planned) == count_steps(plan().steps) == 2 + 2 * (1 + 2 * 2 + 1)
    assert [step.index for step in planned] == list(range(len(planned)))
    last_pulse = [step for step in planned if isinstance(step.step, ProcedureStep)][-1]
    assert [str(point) for point in last_pulse.loops] == [
        "field 100 mT (2 of 2)",
        "contact b (2 of 2)",
    ]
    assert planned[8].step == FieldStep(0.1, 4.2e-3)
