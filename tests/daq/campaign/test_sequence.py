from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daq.campaign.plan import (
    AngleStep,
    ContactStep,
    FieldStep,
    NoteStep,
    OnError,
    PositionStep,
    TemperatureStep,
    WaitStep,
    Watch,
    flatten,
)
from daq.campaign.sequence import load_sequence, sequence_from
from daq.config.document import parse_document
from instruments.errors import ConfigurationError


@dataclass(frozen=True)
class Setting:
    name: str
    kind: str
    units: str | None = None
    default: object = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple = ()
    label: str = ""


def table(*settings):
    return {setting.name: setting for setting in settings}


PROCEDURES = {
    "bias_spectrum": table(
        Setting("start", "real", "A", -1e-4, -0.105, 0.105),
        Setting("stop", "real", "A", 1e-4, -0.105, 0.105),
        Setting("points", "integer", None, 201, 2, 10_000),
        Setting("excitation_rms", "real", "A", 1e-6, 1e-12, 0.07),
        Setting("time_constant", "real", "s", 0.02, 1e-5, 1e5),
        Setting("slope", "choice", None, 24, choices=(6, 12, 18, 24)),
        Setting("filter", "choice", None, "no filter", choices=("no filter", "off", "line")),
        Setting("range", "choice", "V", 1e-3, choices=(1e-4, 1e-3, 1e-2)),
        Setting("both_ways", "boolean", None, default=False),
        Setting("weight", "real", None, 1.0, 0.0, 2.0),
    ),
    "voltage_pulse": table(
        Setting("amplitude", "real", "V", None, -10.0, 10.0),
        Setting("width", "real", "s", 5e-3, 1e-5, 1e-2),
    ),
    "contact_check": {},
}
EXAMPLE = """\
title: Zero-bias peak in field
sample: {name: contact 1}
on_error: {retry: 2, then: skip}
watch: {resistance: [80 ohm, 125 ohm], jump: 10 %, then: pause}
steps:
  - temperature: {to: 1.9 K, rate: 3 K/min}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
  - loop: {field: {from: 0 T, to: 3.5 T, points: 8}}
    steps:
      - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 201, excitation_rms: 1 uA}
"""


def read(text):
    return sequence_from(parse_document(text, "q.yaml"), procedures=PROCEDURES)


def steps(*lines):
    return read("title: t\nsteps:\n" + "".join(f"  {line}\n" for line in lines)).steps


def refusal(text):
    with pytest.raises(ConfigurationError) as error:
        read(text)
    message = str(error.value)
    assert message.isprintable()
    for part in (": found ", ", expected ", "; "):
        assert part in message
    return message


def test_the_example_is_resolved_into_si():
    sequence = read(EXAMPLE)
    assert sequence.title == "Zero-bias peak in field"
    assert sequence.sample == {"name": "contact 1"}
    assert sequence.on_error == OnError(2, "skip")
    assert sequence.watch == Watch((80.0, 125.0), 0.1, "pause")
    temperature, pulse, loop = sequence.steps
    assert temperature == TemperatureStep(1.9, 0.05)
    assert pulse.settings == {"amplitude": 6.0, "width": 5e-3}
    assert loop.values == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
    (spectrum,) = loop.steps
    assert spectrum.settings["start"] == -1e-4
    assert spectrum.settings["time_constant"] == 0.02
    assert spectrum.units["excitation_rms"] == "A"
    assert [temperature.line, pulse.line, loop.line, spectrum.line] == [6, 7, 8, 10]
    assert sequence.text == EXAMPLE
    assert sequence.source == "q.yaml"


def test_nothing_said_means_land_and_no_watch():
    sequence = read("title: t\nsteps: [{wait: 1 s}]\n")
    assert sequence.on_error == OnError(0, "land")
    assert sequence.watch is None
    assert sequence.station == ""
    assert sequence.limits == {}


def test_a_quadrature_is_watched_as_a_share_of_the_in_phase():
    watch = read("title: t\nwatch: {quadrature: 20 %, then: land}\nsteps: [{wait: 1 s}]\n").watch
    assert watch == Watch(quadrature=0.2, then="land")


def test_every_environment_step_is_read():
    assert steps(
        "- temperature: 4.2 K",
        "- temperature: {to: 300 K, approach: no overshoot, dwell: 2 min}",
        "- field: {to: 5 kOe, rate: 42 Oe/s, approach: oscillate, mode: persistent}",
        "- angle: {to: -5 deg, rate: 2 deg/s}",
        "- position: 1 mm",
        "- contact: contact 2",
        "- wait: 10 s",
        "- wait: {for: 2 min}",
        "- wait: 0 s",
        "- note: warm, and dry",
    ) == (
        TemperatureStep(4.2),
        TemperatureStep(300.0, None, "no overshoot", 120.0),
        FieldStep(0.5, 4.2e-3, "oscillate", "persistent"),
        AngleStep(-5.0, 2.0),
        PositionStep(1e-3),
        ContactStep("contact 2"),
        WaitStep(10.0),
        WaitStep(120.0),
        WaitStep(0.0),
        NoteStep("warm, and dry"),
    )


def test_a_procedure_may_be_named_without_settings():
    first, second = steps("- contact check:", "- contact_check: {}")
    assert first == second
    assert first.name == "contact_check"


def test_settings_of_every_kind_are_read():
    (step,) = steps(
        "- bias spectrum: {start: 0 A, to: 1 uA, slope: 12, filter: off, range: 10 mV,"
        " both ways: true, weight: 1}"
    )
    read_settings = {key: step.settings[key] for key in ("start", "stop", "slope", "filter")}
    assert read_settings == {"start": 0.0, "stop": 1e-6, "slope": 12, "filter": "off"}
    assert step.settings["range"] == 1e-2
    assert step.settings["both_ways"] is True
    assert isinstance(step.settings["weight"], float)
    assert steps("- bias_spectrum: {filter: no_filter}")[0].settings["filter"] == "no filter"


@pytest.mark.parametrize(
    ("loop", "values"),
    [
        ("{field: [0 T, 1 T, 5 kOe]}", (0.0, 1.0, 0.5)),
        ("{field: {from: 0 T, to: 0.3 T, step: 0.1 T}}", (0.0, 0.1, 0.2, 0.3)),
        ("{field: {from: 1 T, to: 0 T, step: 0.5 T}}", (1.0, 0.5, 0.0)),
        ("{field: {from: 1 T, to: 0 T, step: -0.5 T}}", (1.0, 0.5, 0.0)),
        ("{field: {from: -1 T, to: 1 T, points: 3}}", (-1.0, 0.0, 1.0)),
        ("{field: {from: 0 T, to: 1 T, points: 2}, both ways: true}", (0.0, 1.0, 0.0)),
        ("{temperature: {from: 2 K, to: 3 K, points: 2, rate: 1 K/min}}", (2.0, 3.0)),
        ("{angle: [0 deg, 90 deg]}", (0.0, 90.0)),
        ("{contact: [a, b]}", ("a", "b")),
    ],
)
def test_a_loop_has_its_values(loop, values):
    (step,) = steps(f"- loop: {loop}", "  steps: [{wait: 1 s}]")
    assert step.values == values


def test_a_loop_goes_there_and_back_without_taking_the_turning_point_twice():
    (step,) = steps(
        "- loop: {field: [0 T, 1 T, 2 T]}", "  both_ways: true", "  steps: [{wait: 1 s}]"
    )
    assert step.values == (0.0, 1.0, 2.0, 1.0, 0.0)


def test_options_of_a_loop_hold_for_every_value():
    (step,) = steps(
        "- loop: {field: {from: 0 T, to: 1 T, points: 2, mode: persistent, dwell: 5 s}}",
        "  steps: [{wait: 1 s}]",
    )
    assert step.setting(1.0) == FieldStep(1.0, None, "linear", "persistent", 5.0)


def test_nested_loops_are_rolled_out_in_order():
    sequence = read(
        "title: t\nsteps:\n"
        "  - loop: {temperature: [2 K, 3 K]}\n"
        "    steps:\n"
        "      - loop: {field: [0 T, 1 T]}\n"
        "        steps: [{contact_check: {}}]\n"
        "      - note: done\n"
    )
    planned = flatten(sequence)
    assert [step.index for step in planned] == list(range(12))
    assert [type(step.step).__name__ for step in planned[:6]] == [
        "TemperatureStep",
        "FieldStep",
        "ProcedureStep",
        "FieldStep",
        "ProcedureStep",
        "NoteStep",
    ]
    assert planned[10].step.name == "contact_check"
    assert [str(point) for point in planned[10].loops] == [
        "temperature 3 K (2 of 2)",
        "field 1 T (2 of 2)",
    ]


def test_the_sequences_that_come_with_coldpoint_can_be_read():
    before, after = (
        index
        for index, step in enumerate(load_sequence("first_spectrum", procedures=PROCEDURES).steps)
        if getattr(step, "name", "") == "bias_spectrum"
    )
    assert after > before
    shipped = load_sequence("zero_bias_peak_in_field", procedures=PROCEDURES)
    assert shipped.steps == read(EXAMPLE).steps


def test_rates_and_limits_are_kept_for_the_station_to_judge():
    sequence = read(
        "title: t\nstation: simulated\nlimits: {current: 50 uA, temperature: [2 K, 10 K]}\n"
        "steps: [{temperature: {to: 4 K}}]\n"
    )
    assert sequence.limits == {"current": 5e-5, "temperature": (2.0, 10.0)}
    assert sequence.steps[0].rate is None


WAIT = "steps: [{wait: 1 s}]\n"
TOP = [
    ("", "q.yaml:1: (whole file): found an empty file"),
    ("title: t\ntitel: x\n" + WAIT, "q.yaml:2: titel: found the unknown key 'titel'"),
    (WAIT, "q.yaml:1: title: found no such key"),
    ("title: t\n", "q.yaml:1: steps: found no such key"),
    ("title: t\nsteps: []\n", "q.yaml:2: steps: found an empty list"),
    ("title: t\nsteps: {wait: 1 s}\n", "q.yaml:2: steps: found a mapping"),
    ("title: 3\n" + WAIT, "q.yaml:1: title: found 3"),
    ("title: t\nformat: 2\n" + WAIT, "q.yaml:2: format: found 2"),
    ("title: t\ntitle: t\n" + WAIT, "q.yaml:2: title: found the key twice"),
    ("title: t\nsample: {name: .nan}\n" + WAIT, "q.yaml:2: sample.name: found nan"),
    ("title: t\nlimits: {curent: 1 A}\n" + WAIT, "q.yaml:2: limits.curent: found the unknown"),
    ("title: t\nlimits: {current: 1}\n" + WAIT, "q.yaml:2: limits.current: found 1"),
    ("title: t\nlimits: {field: -1 T}\n" + WAIT, "q.yaml:2: limits.field: found '-1 T'"),
    ("title: t\non_error: {then: stop}\n" + WAIT, "q.yaml:2: on_error.then: found 'stop'"),
    ("title: t\non_error: {retry: -1}\n" + WAIT, "q.yaml:2: on_error.retry: found -1"),
    ("title: t\nwatch: {then: skip}\n" + WAIT, "q.yaml:2: watch: found neither 'resistance'"),
    ("title: t\nwatch: {quadrature: 0.2}\n" + WAIT, "q.yaml:2: watch.quadrature: found 0.2"),
    ("title: t\nwatch: {quadrature: -20 %}\n" + WAIT, "q.yaml:2: watch.quadrature: found '-20 %'"),
    ("title: t\nwatch: {quadratur: 20 %}\n" + WAIT, "q.yaml:2: watch.quadratur: found the unknown"),
    ("title: t\nwatch: {jump: 0.1}\n" + WAIT, "q.yaml:2: watch.jump: found 0.1"),
    ("title: t\nwatch: {resistance: [2 ohm, 1 ohm]}\n" + WAIT, "q.yaml:2: watch.resistance: found"),
    ("title: !!python/object:os.system x\n" + WAIT, "q.yaml:1: title: found the tag"),
    ("title: &a t\nsample: *a\n" + WAIT, "q.yaml:1: title: found an anchor"),
    ("title: t\x00\n", "q.yaml:1: (whole file): found a binary file"),
]
STEP = [
    ("- wait: 1 s\n    note: x", "steps[1]: found 'wait', 'note'"),
    ("- wait", "steps[1]: found 'wait'"),
    ("- wait: -1 s", "steps[1].wait: found '-1 s'"),
    ("- wait: {for: -1 s}", "steps[1].wait.for: found '-1 s'"),
    ("- wait: {until: 1 s}", "steps[1].wait.until: found the unknown key"),
    ("- wait: 10", "steps[1].wait: found 10"),
    ("- note: ''", "steps[1].note: found an empty text"),
    ("- temperature: {rate: 3 K/min}", "steps[1].temperature.to: found no such key"),
    ("- temperature: {to: 4 K, rate: 3 K}", "steps[1].temperature.rate: found '3 K'"),
    ("- temperature: {to: 4 K, rate: -3 K/min}", "steps[1].temperature.rate: found '-3 K/min'"),
    ("- temperature: {to: 4}", "steps[1].temperature.to: found 4"),
    ("- temperature: 4", "steps[1].temperature: found 4"),
    ("- temperature: {to: 4 degC}", "steps[1].temperature.to: found '4 degC'"),
    ("- temperature: {to: 4 K, approach: slow}", "steps[1].temperature.approach: found 'slow'"),
    ("- temperature: {to: 4 K, mode: driven}", "steps[1].temperature.mode: found the unknown"),
    ("- field: {to: 9**9**8 T}", "steps[1].field.to: found '9**9**8 T'"),
    ("- field: {to: .nan}", "steps[1].field.to: found nan"),
    ("- field: {to: nan T}", "steps[1].field.to: found 'nan T'"),
    ("- field: {to: 1 T, dwell: -1 s}", "steps[1].field.dwell: found '-1 s'"),
    ("- contact: 1", "steps[1].contact: found 1"),
    ("- bias_spectrun: {}", "steps[1].bias_spectrun: found the unknown step 'bias_spectrun'"),
    ("- bias_spectrum: {point: 3}", "steps[1].bias_spectrum.point: found the unknown setting"),
    ("- bias_spectrum: {points: 0}", "steps[1].bias_spectrum.points: found 0"),
    ("- bias_spectrum: {points: 2.5}", "steps[1].bias_spectrum.points: found 2.5"),
    ("- bias_spectrum: {points: true}", "steps[1].bias_spectrum.points: found true"),
    ("- bias_spectrum: {points: 10 %}", "steps[1].bias_spectrum.points: found '10 %'"),
    ("- bias_spectrum: {from: 1 A}", "steps[1].bias_spectrum.from: found '1 A'"),
    ("- bias_spectrum: {from: 1 mV}", "steps[1].bias_spectrum.from: found '1 mV'"),
    ("- bias_spectrum: {from: 1e-3}", "steps[1].bias_spectrum.from: found 0.001"),
    ("- bias_spectrum: {from: 0 A, start: 0 A}", "steps[1].bias_spectrum.start: found both"),
    ("- bias_spectrum: {slope: 13}", "steps[1].bias_spectrum.slope: found 13"),
    ("- bias_spectrum: {slope: true}", "steps[1].bias_spectrum.slope: found true"),
    ("- bias_spectrum: {filter: lin}", "steps[1].bias_spectrum.filter: found 'lin'"),
    ("- bias_spectrum: {range: 2 mV}", "steps[1].bias_spectrum.range: found '2 mV'"),
    ("- bias_spectrum: {range: 1e-3}", "steps[1].bias_spectrum.range: found 0.001"),
    ("- bias_spectrum: {weight: .inf}", "steps[1].bias_spectrum.weight: found inf"),
    ("- bias_spectrum: {both_ways: 1}", "steps[1].bias_spectrum.both_ways: found 1"),
    ("- voltage_pulse: {}", "steps[1].voltage_pulse.amplitude: found no such key"),
    ("- bias_spectrum: 3", "steps[1].bias_spectrum: found 3"),
]
LOOP = [
    ("{}", ": found nothing to set"),
    ("{field: [], }", ".field: found an empty list"),
    ("{field: [1 T, 2]}", ".field[2]: found 2"),
    ("{field: 1 T}", ".field: found '1 T'"),
    ("{feild: [1 T]}", ".feild: found the unknown key"),
    ("{field: [1 T], angle: [1 deg]}", ": found more than one thing"),
    ("{field: {from: 0 T, points: 3}}", ".field.to: found no such key"),
    ("{field: {to: 1 T, points: 3}}", ".field.from: found no such key"),
    ("{field: {from: 0 T, to: 1 T}}", ".field.points: found no such key"),
    ("{field: {from: 0 T, to: 1 T, points: 0}}", ".field.points: found 0"),
    ("{field: {from: 0 T, to: 1 T, points: 1}}", ".field.points: found 1"),
    ("{field: {from: 0 T, to: 1 T, points: 3, step: 0.5 T}}", ".field.step: found both"),
    ("{field: {from: 0 T, to: 1 T, step: 0 T}}", ".field.step: found '0 T'"),
    ("{field: {from: 0 T, to: 1 T, step: -0.5 T}}", ".field.step: found '-0.5 T'"),
    ("{field: {from: 0 T, to: 1 T, step: 0.3 T}}", ".field.step: found '0.3 T'"),
    ("{field: {from: 0 T, to: 1 T, step: 2 T}}", ".field.step: found '2 T'"),
    ("{field: {from: 0 T, to: 1 T, step: 1e-99 T}}", ".field.step: found '1e-99 T'"),
    ("{field: {from: 1 T, to: 1 T, points: 3}}", ".field.to: found the same as 'from', 1 T"),
    ("{field: {from: 0 T, to: 1 K, points: 3}}", ".field.to: found '1 K'"),
    ("{contact: {from: a, to: b}}", ".contact: found a mapping"),
]


@pytest.mark.parametrize(("text", "start"), TOP)
def test_a_mistake_at_the_top_is_told_with_file_line_and_key(text, start):
    assert refusal(text).startswith(start)


@pytest.mark.parametrize(("step", "start"), STEP)
def test_a_mistake_in_a_step_is_told_with_file_line_and_key(step, start):
    assert refusal(f"title: t\nsteps:\n  {step}\n").startswith(f"q.yaml:3: {start}")


@pytest.mark.parametrize(("loop", "start"), LOOP)
def test_a_mistake_in_a_loop_is_told_with_file_line_and_key(loop, start):
    text = f"title: t\nsteps:\n  - loop: {loop}\n    steps: [{{wait: 1 s}}]\n"
    assert refusal(text).startswith(f"q.yaml:3: steps[1].loop{start}")


@pytest.mark.parametrize("inner", ["", "    steps: []\n", "    steps:\n"])
def test_a_loop_without_steps_is_refused(inner):
    text = f"title: t\nsteps:\n  - loop: {{field: [1 T]}}\n{inner}"
    assert "steps[1].steps: found" in refusal(text)


@pytest.mark.parametrize(
    ("word", "right"), [("bias_spectrun", "bias_spectrum"), ("temprature", "temperature")]
)
def test_a_misspelt_step_is_answered_with_the_right_word(word, right):
    assert f"did you mean '{right}'?" in refusal(f"title: t\nsteps: [{{{word}: {{}}}}]\n")


def test_a_misspelt_setting_is_answered_as_the_file_would_write_it():
    message = refusal("title: t\nsteps: [{bias_spectrum: {fromm: 1 A}}]\n")
    assert message.endswith("did you mean 'from'?")


def test_a_sequence_without_end_is_refused_before_it_is_rolled_out():
    loop = "loop: {field: {from: 0 T, to: 1 T, points: 50000}}"
    text = f"title: t\nsteps:\n  - {loop}\n    steps:\n    - {loop}\n      steps: [{{wait: 1 s}}]\n"
    start = "q.yaml:3: steps[1].loop: found 5000050000 steps, expected at most 200000"
    assert refusal(text).startswith(start)
    several = "title: t\nsteps:\n" + f"  - {loop}\n    steps: [{{wait: 1 s}}]\n" * 3
    assert refusal(several).startswith("q.yaml:2: steps: found 300000 steps")


@settings(deadline=2000)
@given(st.data())
def test_a_damaged_sequence_is_read_or_refused_in_one_line(data):
    begin = data.draw(st.integers(0, len(EXAMPLE)))
    end = data.draw(st.integers(begin, min(len(EXAMPLE), begin + 20)))
    middle = data.draw(st.one_of(st.text(max_size=8), st.text(" \n:-{}[]*&!09.e", max_size=8)))
    try:
        read(EXAMPLE[:begin] + middle + EXAMPLE[end:])
    except ConfigurationError as error:
        message = str(error)
    else:
        message = "q.yaml: accepted"
    assert message.startswith("q.yaml:")
    assert message.isprintable()
