import json

import numpy as np
import pytest

from daq.physics.transition import halperin_nelson, hump, sheet_transition
from daq.physics.tunnelling import dynes_conductance
from instruments.calibration import Measured
from instruments.tunnel_calibration import TunnelCalibration

VOLTAGE = np.linspace(-4e-3, 4e-3, 121)
SPECTRUM = "Temperature (K),Field (T),Status,Voltage (V),dI/dV (S),dI/dV error (S),Modulation (V)"
RAMP = "Temperature (K),Field (T),Status,Resistance (ohm)"


def rows(*columns):
    return "".join(
        ",".join(f"{value:.9g}" for value in row) + "\n" for row in zip(*columns, strict=True)
    )


@pytest.fixture
def spectrum_file(tmp_path):
    """Write a spectrum of ours as a file; sigma is in S, at 0.5 K with 50 uV rms."""

    def write(conductance, sigma=1e-10, name="spectrum.csv"):
        n = len(conductance)
        noise = sigma * np.random.default_rng(0).standard_normal(n)
        ones = np.ones(n)
        text = rows(
            0.5 * ones,
            0 * ones,
            0 * ones,
            VOLTAGE[:n],
            conductance + noise,
            sigma * ones,
            5e-5 * ones,
        )
        path = tmp_path / name
        path.write_text(header("tunnel_spectrum", SPECTRUM) + text)
        return path

    return write


def header(procedure, columns):
    return (
        f"#Procedure: <procedures.{procedure}.Some>\n#Parameters:\n#Metadata:\n"
        f"#\tprocedure: {procedure}\n#Data:\n{columns}\n"
    )


@pytest.fixture
def gap_file(spectrum_file):
    return spectrum_file(1e-8 * dynes_conductance(VOLTAGE, 1.2e-3, 5e-5, 0.5, 5e-5 * np.sqrt(2)))


def test_a_gap_comes_with_error_unit_definition_and_a_picture(coldpoint, gap_file, tmp_path):
    ended = coldpoint("fit", gap_file, "--model", "dynes", "--picture", tmp_path / "fit.png")
    assert ended.code == 0, ended.err
    assert "+-" in ended.out
    assert "meV  [gap, one for all directions]" in ended.out
    assert (tmp_path / "fit.png").read_bytes().startswith(b"\x89PNG")
    again = coldpoint("fit", gap_file, "--model", "dynes", "--picture", tmp_path / "fit.png")
    assert again.code == 2
    assert "exists already" in again.err


def test_json_has_every_parameter_and_the_truth_within_its_error(coldpoint, gap_file):
    told = json.loads(coldpoint("fit", gap_file, "--model", "dynes", "--json").out)
    gap = told["parameters"]["gap"]
    assert told["result"] is True
    assert gap["unit"] == "meV"
    assert gap["value"] == pytest.approx(1.2, abs=4 * gap["error"])
    assert 0.5 < told["statistics"]["reduced chi square"] < 1.6


def test_what_a_calibration_leaves_open_of_the_voltages_is_in_the_error_of_the_gap(
    coldpoint, gap_file
):
    plain = json.loads(coldpoint("fit", gap_file, "--model", "dynes", "--json").out)
    one = Measured(1.002, 0.01002)
    calibration = TunnelCalibration(
        "2026-01-01T00:00:00+00:00", "", 1e-3, 1e-3, 1e8, 1, 977.0, one, one, one, one, one
    )
    snapshot = {"calibration": calibration.summary()}
    gap_file.with_suffix(".json").write_text(json.dumps({"format": 1, "snapshot": snapshot}))
    told = json.loads(coldpoint("fit", gap_file, "--model", "dynes", "--json").out)
    before, after = (one["parameters"]["gap"] for one in (plain, told))
    assert after["value"] == before["value"]
    assert after["error"] == pytest.approx(np.hypot(before["error"], 0.01 * before["value"]))
    assert told["parameters"]["offset"] == plain["parameters"]["offset"]
    assert any("1 % of every voltage" in note for note in told["notes"])


def test_the_temperature_of_the_command_line_is_used(coldpoint, gap_file):
    words = ("fit", gap_file, "--model", "dynes", "--json", "--temperature")
    warm = json.loads(coldpoint(*words, "0.9 K").out)
    assert warm["parameters"]["broadening"]["value"] < 0.045
    ended = coldpoint(*words, "0.9")
    assert ended.code == 2
    assert "quantity in K" in ended.err


@pytest.mark.parametrize("model", ["dynes", "btk"])
def test_a_flat_spectrum_three_points_and_nans_are_no_result(coldpoint, spectrum_file, model):
    for name, conductance in {
        "flat": np.full(121, 1e-8),
        "three": np.full(3, 1e-8),
        "nans": np.full(121, np.nan),
    }.items():
        ended = coldpoint("fit", spectrum_file(conductance, name=f"{name}.csv"), "--model", model)
        assert ended.code == 1, name
        assert "no result, because" in ended.out
        assert "+-" not in ended.out


def test_a_truncated_file_is_fitted_with_a_word_or_refused_in_one_line(coldpoint, gap_file):
    whole = gap_file.read_bytes()
    gap_file.write_bytes(whole[:-20])
    ended = coldpoint("fit", gap_file, "--model", "dynes")
    assert ended.code == 0
    assert "1 torn lines" in ended.out
    gap_file.write_bytes(whole[:60])
    ended = coldpoint("fit", gap_file, "--model", "dynes")
    assert ended.code != 0
    assert len(ended.err.strip().splitlines()) == 1
    assert "Traceback" not in ended.err


def test_a_model_that_does_not_go_with_the_run_or_is_not_known_is_asked_wrongly(
    coldpoint, gap_file
):
    ended = coldpoint("fit", gap_file, "--model", "transition")
    assert (ended.code, "Resistance (ohm)" in ended.err) == (2, True)
    ended = coldpoint("fit", gap_file, "--model", "hall")
    assert ended.code == 2
    ended = coldpoint("fit", gap_file, "--model", "magic")
    assert ended.code == 2
    assert "choose one of dynes" in ended.err


def test_a_thermal_contact_gets_a_warning_and_no_gap(coldpoint, spectrum_file):
    peak = 1e-8 * (1 + 1.6 / (1 + (VOLTAGE / 4e-4) ** 4))
    ended = coldpoint("fit", spectrum_file(peak), "--model", "btk")
    assert ended.code == 1
    assert "thermal regime" in ended.out
    assert "no gap is quoted" in ended.out


def ramp_file(tmp_path, resistance, temperature):
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(temperature))
    zeros = np.zeros(len(temperature))
    path = tmp_path / "ramp.csv"
    text = rows(temperature, zeros, zeros, resistance + noise)
    path.write_text(header("temperature_ramp", RAMP) + text)
    return path


def test_a_film_has_onset_and_zero_and_a_normal_metal_none(coldpoint, tmp_path):
    t = np.linspace(1.9, 40.0, 300)
    form = sheet_transition(12.4, 10.0, 9.7)
    normal = hump(t, 1000.0, 0.8, 60.0)
    r = normal * halperin_nelson(t, form.temperature, form.stiffness, form.amplitude)
    told = json.loads(
        coldpoint("fit", ramp_file(tmp_path, r, t), "--model", "transition", "--json").out
    )
    found = told["parameters"]
    assert found["onset, joint fit"]["value"] == pytest.approx(12.4, abs=0.1)
    assert found["zero, joint fit"]["value"] == pytest.approx(10.0, abs=0.1)
    ended = coldpoint("fit", ramp_file(tmp_path, normal, t), "--model", "transition")
    assert ended.code == 1
    assert "there is no transition" in ended.out


@pytest.mark.parametrize(("small", "code"), [(0.5e-3, 0), (1.2e-3, 1)])
def test_two_gaps_are_told_from_one(coldpoint, spectrum_file, small, code):
    swing = 5e-5 * np.sqrt(2)
    parts = [dynes_conductance(VOLTAGE, gap, 5e-5, 0.5, swing) for gap in (1.2e-3, small)]
    path = spectrum_file(1e-8 * (0.6 * parts[0] + 0.4 * parts[1]))
    ended = coldpoint("fit", path, "--model", "two-gap", "--json")
    assert ended.code == code, ended.err
    told = json.loads(ended.out)
    if code:
        assert "one gap suffices" in told["reason"]
    else:
        assert told["parameters"]["second gap"]["value"] == pytest.approx(0.5, abs=0.02)
        assert told["statistics"]["BIC of dynes, above this"] > 10.0
