from dataclasses import replace

import pytest

from daq.campaign.limits import check_limits, effective_limits, resolve
from daq.campaign.plan import (
    AngleStep,
    ContactStep,
    FieldStep,
    LoopStep,
    OnError,
    PositionStep,
    ProcedureStep,
    Sequence,
    TemperatureStep,
)
from daq.config.station import load_station
from instruments.errors import ConfigurationError

STATION = load_station("simulated")


def plan(*steps, limits=None, text=""):
    return Sequence("t", {}, "", limits or {}, OnError(), None, steps, "q.yaml", text)


def spectrum(name="bias_spectrum", *, line=5, **settings):
    units = {
        "excitation_rms": "A",
        "start": "A",
        "stop": "A",
        "amplitude": "V",
        "bias": "V",
        "tolerance": "K",
        "temperature": "K",
        "rate": "K/s",
        "maximum": "T",
    }
    known = {key: unit for key, unit in units.items() if key in settings}
    return ProcedureStep(name, settings, known, dict.fromkeys(settings, line + 1), line=line)


def test_a_position_needs_a_scanner_and_stays_within_its_limits():
    (problem,) = check_limits(plan(PositionStep(1e-9)), STATION)
    assert "no scanner" in str(problem.found)
    tunnelling = load_station("tunnelling")
    assert check_limits(plan(PositionStep(1e-7)), tunnelling) == []
    (problem,) = check_limits(plan(PositionStep(1.1e-7)), tunnelling)
    assert "limit position" in problem.expected


def test_a_tunnel_spectrum_is_judged_by_the_voltage_at_the_sample_with_its_modulation():
    tunnelling = load_station("tunnelling")
    units = {"start": "V", "stop": "V", "modulation_rms": "V"}

    def problems(**settings):
        step = ProcedureStep("tunnel_spectrum", settings, units, {}, line=3)
        return check_limits(plan(step), tunnelling)

    assert problems(start=-8e-3, stop=8e-3, modulation_rms=50e-6) == []
    (beyond,) = problems(start=-8e-3, stop=12.5e-3, modulation_rms=50e-6)
    assert "limit voltage" in beyond.expected
    (peak,) = problems(start=-8e-3, stop=11.95e-3, modulation_rms=50e-6)
    assert "peak" in peak.found


def test_an_error_that_a_calibration_is_told_is_no_voltage_that_it_sets():
    tunnelling = load_station("tunnelling")
    units = {"largest": "V", "output_error": "V", "modulation_rms": "V"}

    def problems(**settings):
        step = ProcedureStep("calibrate_tunnel", settings, units, {}, line=3)
        return check_limits(plan(step), tunnelling)

    assert problems(largest=8e-3, output_error=20e-3, modulation_rms=200e-6) == []
    assert problems(largest=1e-3, output_error=11.9e-3, modulation_rms=200e-6) == []
    (beyond,) = problems(largest=12.5e-3, output_error=1e-3, modulation_rms=200e-6)
    assert "limit voltage" in beyond.expected


def test_what_is_inside_the_limits_is_no_problem():
    steps = (
        TemperatureStep(1.8, 0.2),
        FieldStep(-14.0, 4.2e-3),
        AngleStep(370.0),
        ContactStep("contact 1"),
        spectrum(start=-1e-4, stop=1e-4, excitation_rms=1e-6, points=11, filter="off"),
        spectrum("voltage_pulse", amplitude=-10.0, excitation_rms=1e-6),
        spectrum("temperature_ramp", tolerance=0.01, temperature=350.0, rate=0.2),
        LoopStep("field", (-14.0, 14.0), FieldStep(0.0), (TemperatureStep(350.0),)),
    )
    assert check_limits(plan(*steps), STATION) == []


@pytest.mark.parametrize(
    ("step", "line", "key", "limit"),
    [
        (TemperatureStep(1.7, line=3), 3, "steps[1].temperature.to", "temperature"),
        (TemperatureStep(351.0, line=3), 3, "steps[1].temperature.to", "temperature"),
        (TemperatureStep(4.0, 0.21, line=3), 3, "steps[1].temperature.rate", "temperature_rate"),
        (FieldStep(-14.1, line=3), 3, "steps[1].field.to", "field"),
        (FieldStep(1.0, 5e-3, line=3), 3, "steps[1].field.rate", "field_rate"),
        (spectrum(start=-3e-4), 6, "steps[1].bias_spectrum.from", "current"),
        (spectrum(start=0.0, stop=3e-4), 6, "steps[1].bias_spectrum.to", "current"),
        (spectrum(excitation_rms=1.5e-4), 6, "steps[1].bias_spectrum.excitation_rms", "current"),
        (spectrum(bias=0.51), 6, "steps[1].bias_spectrum.bias", "compliance"),
        (spectrum(maximum=14.1), 6, "steps[1].bias_spectrum.maximum", "field"),
        (spectrum(temperature=1.0), 6, "steps[1].bias_spectrum.temperature", "temperature"),
        (spectrum(rate=0.3), 6, "steps[1].bias_spectrum.rate", "temperature_rate"),
        (
            spectrum("voltage_pulse", amplitude=10.1),
            6,
            "steps[1].voltage_pulse.amplitude",
            "pulse_voltage",
        ),
        (
            LoopStep("field", (0.0, 15.0, 16.0), FieldStep(0.0, line=4), ()),
            4,
            "steps[1].loop.field.to",
            "field",
        ),
        (
            LoopStep("field", (0.0,), FieldStep(0.0), (TemperatureStep(1.0, line=9),)),
            9,
            "steps[1].steps[1].temperature.to",
            "temperature",
        ),
    ],
)
def test_what_exceeds_a_limit_is_a_problem_with_its_line(step, line, key, limit):
    (problem,) = check_limits(plan(step), STATION)
    assert str(problem).startswith(f"q.yaml:{line}: {key}: found ")
    assert f"(limit {limit})" in problem.expected
    with pytest.raises(ConfigurationError, match=r"^q"):
        resolve(plan(step), STATION)


def test_dc_and_peak_ac_are_judged_together():
    together = spectrum(excitation_rms=2e-5, start=-1.8e-4, stop=0.0)
    (problem,) = check_limits(plan(together), STATION)
    assert "a peak of 208.284 uA" in problem.found
    assert check_limits(plan(spectrum(excitation_rms=1.4e-5, start=-1.8e-4)), STATION) == []


def test_a_contact_that_the_station_does_not_have_is_a_problem():
    (problem,) = check_limits(plan(ContactStep("contact 2", line=3)), STATION)
    assert str(problem).startswith("q.yaml:3: steps[1].contact: found 'contact 2', expected a con")
    assert problem.advice == "did you mean 'contact 1'?"


def test_a_field_needs_a_cryostat():
    bare = replace(STATION, instruments={})
    (problem,) = check_limits(plan(FieldStep(1.0, line=3)), bare)
    assert "expected a cryostat" in str(problem)


def test_problems_come_in_order_of_lines():
    steps = (FieldStep(20.0, line=9), TemperatureStep(1.0, line=4))
    assert [problem.line for problem in check_limits(plan(*steps), STATION)] == [4, 9]


def test_omitted_rates_are_the_tighter_ones_of_station_and_sequence():
    loop = LoopStep("temperature", (2.0,), TemperatureStep(2.0), (FieldStep(1.0),))
    steps = (TemperatureStep(4.0), FieldStep(1.0), FieldStep(1.0, 1e-3), AngleStep(1.0), loop)
    resolved = resolve(plan(*steps, limits={"temperature_rate": 0.05}), STATION)
    temperature, field, slow, angle, inner = resolved.steps
    assert (temperature.rate, field.rate, slow.rate, angle.rate) == (0.05, 4.2e-3, 1e-3, None)
    assert inner.setting(2.0).rate == 0.05
    assert inner.steps[0].rate == 4.2e-3
    assert resolved.station == "simulated"


def test_a_sequence_tightens_the_limits_of_the_station():
    tight = plan(spectrum(stop=6e-5), limits={"current": 5e-5})
    assert effective_limits(tight, STATION).current == 5e-5
    (problem,) = check_limits(tight, STATION)
    assert "-50 uA to 50 uA" in problem.expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("current", 3e-4),
        ("temperature", (1.7, 300.0)),
        ("temperature", (2.0, 351.0)),
        ("field_rate", 5e-3),
    ],
)
def test_a_sequence_may_not_widen_a_limit(name, value):
    text = f"title: t\nlimits:\n  {name}: wide\nsteps: []\n"
    wide = plan(TemperatureStep(4.0), limits={name: value}, text=text)
    with pytest.raises(ConfigurationError) as error:
        resolve(wide, STATION)
    assert str(error.value).startswith(f"q.yaml:3: limits.{name}: found ")
    assert "may only tighten" in str(error.value)
