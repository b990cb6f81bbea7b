"""Every mistake of a sequence is found at once, by the code that loads it."""

import pytest

from daq.app.sequence.fields import PALETTE, loop_fields, step_fields
from daq.app.sequence.head import head_groups
from daq.app.sequence.judgement import execution, judge
from daq.app.sequence.text import with_value
from daq.campaign.limits import resolve
from daq.campaign.plan import flatten
from daq.config.document import parse_document
from daq.config.folder import configs_folder
from daq.config.station import load_station
from procedures.catalogue import PROCEDURES

NIGHT = (configs_folder() / "sequences" / "night.yaml").read_text()
WRONG = """\
title: Wrong
on_error: {retry: many}
steps:
  - temperature: {to: 400 K, rate: 3 mT}
  - wait: 10
  - loop: {field: {from: 0 T, to: 20 T, points: 3}}
    steps:
      - bias_spectrum: {from: -0.1 mA, excitation_rms: 1 uV, points: 1.5}
      - zero_bias: {}
  - voltage_pulse: {amplitude: 20 V}
"""


def test_a_sequence_that_is_shipped_has_no_problem():
    found = judge(NIGHT, "night.yaml")
    assert found.ok
    assert found.station.name == "simulated"


def test_every_mistake_is_told_at_its_place_with_its_reason():
    found = judge(WRONG, "wrong.yaml")
    assert set(found.problems) == {
        "on_error.retry",
        "steps[1].temperature.rate",
        "steps[1].temperature.to",
        "steps[2].wait",
        "steps[3].loop.field.to",
        "steps[3].steps[1].bias_spectrum.points",
        "steps[3].steps[1].bias_spectrum.excitation_rms",
        "steps[4].voltage_pulse.amplitude",
    }
    assert "1.8 K to 350 K (limit temperature)" in found.problems["steps[1].temperature.to"]
    assert "add the unit" in found.problems["steps[2].wait"]
    assert len(found.below(("steps", 2))) == 3
    assert not found.below(("steps", 2, "steps", 1))


def test_the_limits_of_the_head_hold_for_steps_that_are_judged_apart():
    text = WRONG.replace("steps:\n  - t", "limits: {field: 1 T}\nsteps:\n  - t")
    text = text.replace("20 T", "2 T")
    assert "(limit field)" in judge(text, "x").problems["steps[3].loop.field.to"]


def test_an_empty_sequence_and_an_unknown_station_are_told():
    found = judge("title: x\nstation: nowhere\nsteps: []\n", "x")
    assert set(found.problems) == {"station", "steps"}
    assert "nowhere" in found.problems["station"]


@pytest.mark.parametrize(
    "text", ["", "a: [", "title: x\nsteps: 1\n", "title: x\nsteps:\n  - 3\n  - a: 1\n    b: 2\n"]
)
def test_what_is_no_sequence_is_told_and_nothing_is_raised(text):
    assert judge(text, "x").problems


def test_the_steps_of_a_rehearsal_are_found_again_in_the_file():
    found = judge(NIGHT, "night.yaml")
    places = execution(found.sequence)
    planned = flatten(resolve(found.sequence, load_station("simulated")))
    assert sorted(i for place, at in places.items() if len(place) == 2 for i in at) == list(
        range(len(planned))
    )
    spectra = places["steps", 7, "steps", 0]
    assert len(spectra) == 8
    assert all(planned[index].step.name == "bias_spectrum" for index in spectra)
    assert len(places["steps", 7]) == 16


@pytest.mark.parametrize("name", sorted(PROCEDURES))
def test_the_default_of_every_setting_can_be_typed_and_changes_nothing(name):
    bare = f"title: x\nsteps:\n  - {name}: {{}}\n"
    before = judge(bare, "x").sequence.steps[0].settings
    text = bare
    for field in step_fields(name):
        text = with_value(text, ("steps", 0, *field.path), field.source(field.default))
    after = judge(text, "x")
    settings = after.sequence.steps[0].settings
    for key, value in before.items():
        same = value if isinstance(value, str) else pytest.approx(value, rel=1e-6)
        assert settings[key] == same
    assert len(parse_document(text, "x").data["steps"][0][name]) == len(before)


@pytest.mark.parametrize("kind", [kind for kind in PALETTE if kind not in PROCEDURES])
def test_a_step_whose_fields_are_empty_says_what_is_needed(kind):
    if kind == "loop":
        text = "title: x\nsteps:\n  - loop: {field: {}}\n    steps: [wait: 1 s]\n"
        fields = loop_fields("field", "points")
    else:
        empty = "" if kind == "note" else "{}"
        text = f"title: x\nstation: tunnelling\nsteps:\n  - {kind}: {empty}\n"
        fields = step_fields(kind)
    keys = {".".join(("steps[1]", *field.path)) for field in fields if field.needed}
    keys |= {".".join(("steps[1]", *also)) for field in fields for also in field.also}
    assert set(judge(text, "x").problems) <= keys
    assert judge(text, "x").problems


def test_the_head_shows_the_limits_of_the_station():
    groups = head_groups(load_station("simulated").limits)
    limits = {field.path[-1]: field.default for field in groups[-1].fields}
    assert limits["temperature"] == "1.8 K, 350 K"
    assert limits["field_rate"] == "42 Oe/s"
    assert "position" not in limits


def test_what_is_typed_into_the_head_is_read_by_the_grammar():
    typed = {
        "sample.name": "contact 1",
        "on_error.retry": "2",
        "watch.resistance": "80 ohm, 125 ohm",
        "watch.jump": "10 %",
        "reference.every": "2 h",
        "reference.readings": "3",
        "limits.temperature": "1.8 K, 100 K",
        "limits.field": "30 kOe",
    }
    text = "title: x\nsteps:\n  - wait: 1 s\n"
    for group in head_groups(None):
        for field in group.fields:
            if ".".join(field.path) in typed:
                source = field.source(typed.pop(".".join(field.path)))
                text = with_value(text, field.path, source)
    assert not typed
    found = judge(text, "x").sequence
    assert found.watch.resistance == (80.0, 125.0)
    assert found.limits == {"temperature": (1.8, 100.0), "field": 3.0}
    assert found.reference.every == 7200.0
    assert found.reference.step.settings["readings"] == 3
    assert found.on_error.retry == 2
