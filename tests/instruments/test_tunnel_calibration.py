import itertools
import json
from dataclasses import replace

import pytest

from daq.config.calibration import read_calibration
from instruments.calibration import Measured, objections
from instruments.errors import ConfigurationError, LimitError
from instruments.tunnel_calibration import TunnelCalibration
from instruments.tunnel_reading import ADC_STEP, Modulation, mean_output
from instruments.tunnel_wiring import Dividers, Preamplifier, TunnelWiring
from instruments.waiting import drive

ONE = TunnelCalibration(
    date="2026-01-01T00:00:00+00:00",
    contact="",
    divider=1e-3,
    oscillator_divider=1e-3,
    preamplifier_gain=1e8,
    dac=1,
    frequency=977.0,
    bias_scale=Measured(1.002, 2e-3),
    bias_offset=Measured(30e-6, 1e-6),
    modulation_scale=Measured(0.99, 2e-3),
    current_scale=Measured(1.005, 2e-3),
    conductance_scale=Measured(1.01, 2e-4),
)


def run(station, story):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)


def test_a_calibration_survives_its_file_digit_by_digit():
    assert read_calibration(ONE.to_json()) == ONE
    assert TunnelCalibration.from_summary(json.loads(ONE.to_json())) == ONE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 1', '"format": 2'),
        ('"bias_offset"', '"offset"'),
        ("2026-01-01T", "yesterday "),
        ('"kind": "tunnel"', '"kind": "other"'),
        ('"value": 1.002', '"value": 0.0'),
        ('"value": 1.002', '"value": NaN'),
        ('"value": 3e-05', '"value": Infinity'),
    ],
)
def test_a_file_that_is_no_calibration_is_refused_in_one_line(old, new):
    with pytest.raises(ConfigurationError, match="not a calibration") as caught:
        read_calibration(ONE.to_json().replace(old, new))
    assert "\n" not in str(caught.value)


def test_every_voltage_has_the_relative_error_of_the_scale():
    assert ONE.scale_error == pytest.approx(2e-3 / 1.002)


def test_a_calibration_of_another_wiring_does_not_apply(tunnelling_station):
    _, station = tunnelling_station(("divider: 0.001", "divider: 0.01"))
    now = station.clock.utc()
    assert objections(ONE, {"bias": {"divider": 1e-3}}, now)  # nothing is told of the gain
    with pytest.raises(ConfigurationError, match=r"divider is 0\.01 now and was 0\.001"):
        station.use(ONE)
    assert station.calibration is None


def test_a_calibration_of_another_converter_does_not_apply(tunnelling_station):
    _, station = tunnelling_station()
    with pytest.raises(ConfigurationError, match="dac is 1 now and was 3"):
        station.use(replace(ONE, dac=3))


def test_a_station_that_applies_a_current_refuses_it(bench_station):
    _, station = bench_station()
    with pytest.raises(ConfigurationError, match=r"divider is none now and was 0\.001"):
        station.use(ONE)


def test_voltages_and_converter_are_each_others_inverse():
    wiring = TunnelWiring.of(Dividers(1e-3, 2e-3), Preamplifier(1e8), ONE)
    assert wiring.voltage(0.0) == 30e-6
    assert wiring.converter(wiring.voltage(1.234)) == 1.234
    assert wiring.response == pytest.approx(2e-3 * 1e8 * 1.01)
    told = TunnelWiring.of(Dividers(1e-3, 2e-3), Preamplifier(1e8))
    assert (told.voltage(2.0), told.converter(2e-3)) == (2e-3, 2.0)


def test_the_limit_holds_for_the_told_and_for_the_calibrated_wiring(tunnelling_station):
    _, station = tunnelling_station()
    bias = station.tunnelling

    def configure(voltage):
        run(station, bias.configure(Modulation(50e-6, 977.0, 0.01), voltage, 0.0))

    configure(11.925e-3)
    station.use(ONE)
    with pytest.raises(LimitError, match="above the limit"):
        configure(11.925e-3)  # -11.925 mV take -11.931 mV of what is told, for the offset


def test_the_limit_holds_for_the_step_of_the_converter_that_is_taken(tunnelling_station):
    _, station = tunnelling_station()
    exact = {"bias_offset": Measured(0.0, 0.0), "modulation_scale": Measured(1.0, 0.0)}
    station.use(replace(ONE, bias_scale=Measured(1.05, 0.0), **exact))
    largest, rms = 1.05e-3 * 11.3596, 51.05e-6  # the nearest step is 11.36 V of the converter
    assert largest + 2**0.5 * rms < 12e-3 < 1.05e-3 * 11.36 + 2**0.5 * rms
    with pytest.raises(LimitError, match="above the limit"):
        run(station, station.tunnelling.configure(Modulation(rms, 977.0, 0.01), largest, 0.0))


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_ramp_keeps_its_rate_by_the_told_and_by_the_calibrated_divider(tunnelling_station, scale):
    _, station = tunnelling_station(("noise: on", "noise: off"))
    station.use(replace(ONE, bias_scale=Measured(scale, 0.0), bias_offset=Measured(0.0, 0.0)))
    bias, seen = station.tunnelling, []
    run(station, bias.configure(Modulation(50e-6, 977.0, 0.01), 5e-3, 0.0))
    drive(
        bias.set(5e-3),
        station.clock,
        stopped=lambda: False,
        handle=lambda event: seen.append(station.role("lockin").dac1),
    )
    steps = [after - before for before, after in itertools.pairwise(seen)]
    assert max(steps) * 1e-3 * max(scale, 1.0) <= 20e-3 * 0.05 * 1.001
    assert max(steps) * 1e-3 * max(scale, 1.0) >= 20e-3 * 0.05 * 0.99


def test_readings_that_do_not_scatter_are_known_to_a_step_and_no_better():
    assert mean_output([0.1] * 32) == (pytest.approx(0.1), ADC_STEP / 12**0.5)
    value, error = mean_output([0.0, 2e-3] * 8)
    assert value == pytest.approx(1e-3)
    assert error == pytest.approx(1e-3 * (16 / 15) ** 0.5 / 4.0)


def test_a_bias_comes_to_rest_with_the_converter_at_zero(tunnelling_station):
    _, station = tunnelling_station()
    station.use(ONE)
    station.tunnelling.release()
    assert station.role("lockin").dac1 == 0.0
    assert station.tunnelling.connect().voltage == 30e-6
