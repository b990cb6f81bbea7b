"""Rows that are made by hand of known errors, without a bench."""

import numpy as np
import pytest

from daq.analysis.tunnel_calibration import COLUMNS, calibrate_tunnel

TRUE = {"divider": 1.003, "oscillator": 0.998, "gain": 1.004, "lockin": 0.997}
OHM, OFFSET = 100e3, 25e-6
DATE = "2026-01-01T00:00:00+00:00"


def rows(sigma=1e-9, priors=(3e-3, 3e-3, 5e-3, 3e-3), resistor=0.0, output=0.0, seed=1):
    random = np.random.default_rng(seed)
    converter = np.append(np.linspace(-8.0, 8.0, 9), 0.0)
    oscillator = np.append(np.full(9, 0.2), 0.0)
    current = (TRUE["divider"] * 1e-3 * converter + OFFSET) / OHM
    signal = TRUE["gain"] * TRUE["lockin"] * TRUE["oscillator"] * 0.99e8 * 1e-3 * oscillator / OHM
    n = len(converter)
    told = {
        "Converter (V)": converter,
        "Oscillator (V)": oscillator,
        "ADC (V)": TRUE["gain"] * 1e8 * current + output + sigma * random.standard_normal(n),
        "X (V)": signal + 1e-4 + sigma * random.standard_normal(n),
        "Frequency (Hz)": 977.0,
        "Resistance (ohm)": OHM,
        "Resistance error (ohm)": resistor,
        "Converter number": 1,
        "Divider": 1e-3,
        "Oscillator divider": 1e-3,
        "Preamplifier gain (V/A)": 1e8,
        "Gain at the frequency (V/A)": 0.99e8,
        "Output error (V)": 1e-3,
    }
    names = [name for name in COLUMNS if name.startswith("Relative")]
    told |= dict(zip(names, priors, strict=True))
    told |= {"ADC error (V)": sigma, "X error (V)": sigma}
    return {name: np.broadcast_to(value, n).astype(float) for name, value in told.items()}


def test_factors_that_the_specification_knows_leave_the_rest_to_be_measured():
    known = rows(priors=(3e-3, 1e-9, 0.0, 1.0))
    known["ADC (V)"] = known["ADC (V)"] / TRUE["gain"]
    found = calibrate_tunnel(known, date=DATE)
    assert found.bias_scale.value == pytest.approx(TRUE["divider"], rel=1e-6)
    assert found.bias_scale.error < 1e-6
    assert found.bias_offset.value == pytest.approx(OFFSET, abs=1e-9)


def test_what_is_not_told_apart_is_shared_by_the_specifications_and_left_in_the_errors():
    found = calibrate_tunnel(rows(priors=(3e-3, 3e-3, 3e-3, 1e6)), date=DATE)
    product = np.log(TRUE["divider"] * TRUE["gain"])
    assert np.log(found.bias_scale.value) == pytest.approx(0.5 * product, abs=1e-7)
    assert found.bias_scale.value == pytest.approx(found.current_scale.value, rel=1e-7)
    assert found.scale_error == pytest.approx(3e-3 / 2**0.5, rel=1e-3)
    wanted = TRUE["gain"] * TRUE["oscillator"] * TRUE["lockin"]
    assert found.conductance_scale.value == pytest.approx(wanted, rel=1e-7)
    assert found.conductance_scale.error < 1e-7


def test_the_offset_of_the_output_is_an_error_of_the_bias_offset():
    found = [calibrate_tunnel(rows(output=volts), date=DATE).bias_offset for volts in (0.0, 1e-3)]
    assert found[1].value - found[0].value == pytest.approx(1e-6, rel=0.01)
    assert found[0].error == pytest.approx(1e-6, rel=0.01)


def test_the_error_of_the_voltages_is_in_the_bias_offset():
    given = rows(sigma=1e-9)
    given["Output error (V)"] = np.zeros_like(given["Output error (V)"])
    found = calibrate_tunnel(given, date=DATE)
    assert found.bias_offset.error == pytest.approx(
        found.scale_error * found.bias_offset.value, rel=1e-3
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [("ADC (V)", "divider and preamplifier are 0.4"), ("X (V)", "oscillator, preamplifier and")],
)
def test_another_resistor_than_the_one_that_is_told_is_refused(column, words):
    given = rows()
    given[column] = 0.4 * given[column]
    with pytest.raises(ValueError, match=words):
        calibrate_tunnel(given, date=DATE)


def test_the_errors_hold_the_truth_as_often_as_they_say():
    held = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        given = rows(sigma=1e-5, resistor=20.0, seed=seed)
        for name in ("ADC (V)", "X (V)"):
            given[name] = given[name] / (1.0 + 2e-4 * random.standard_normal())
        found = calibrate_tunnel(given, date=DATE).conductance_scale
        wanted = TRUE["gain"] * TRUE["oscillator"] * TRUE["lockin"]
        held.append(abs(found.value - wanted) < found.error)
    assert 0.5 < np.mean(held) < 0.85


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda r: {k: v for k, v in r.items() if k != "Divider"}, "are missing"),
        (lambda r: {k: v[:-1] for k, v in r.items()}, "no zero"),
        (lambda r: {k: v[-3:] for k, v in r.items()}, "too few voltages"),
        (lambda r: {**r, "ADC (V)": -r["ADC (V)"]}, "does not rise"),
        (lambda r: {**r, "X (V)": -r["X (V)"]}, "does not see the modulation"),
    ],
)
def test_a_run_that_says_nothing_reliable_is_refused(spoil, words):
    with pytest.raises(ValueError, match=words):
        calibrate_tunnel(spoil(rows()), date=DATE)
