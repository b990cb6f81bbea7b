import numpy as np
import pytest

from daq.analysis.coherence_peaks import coherence_peaks
from daq.analysis.critical_field import FieldTable
from daq.analysis.field_laws import angular_field, nematic_field, orbital_field, over_pauli
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import fit
from daq.analysis.gap_temperature import gap_curve
from daq.analysis.line_profile import decay
from daq.analysis.result import Estimate, NoResult
from daq.analysis.series import fit_series, joint
from daq.analysis.shape import Conditions
from daq.analysis.spectrum_fit import SpectrumModel, spectrum_problem
from daq.analysis.width_ratio import width_ratio
from daq.physics.andreev import btk_conductance
from daq.physics.critical_field import anisotropic_gl, nematic, tinkham, whh_orbital
from daq.physics.gap import bcs_gap
from daq.physics.tunnelling import anisotropic_conductance, dynes_conductance

V = np.linspace(-3e-3, 3e-3, 121)


def rng(seed):
    return np.random.default_rng(seed)


def contact(temperature, seed):
    gap = float(bcs_gap(temperature, 4.5, 0.7e-3))
    return btk_conductance(V, gap, 5e-5, 0.4, temperature) + 0.005 * rng(seed).normal(size=len(V))


def problems(temperatures):
    return [
        spectrum_problem(V, contact(t, i), SpectrumModel("btk", Conditions(t)))
        for i, t in enumerate(temperatures)
    ]


def test_a_series_starts_each_fit_from_its_neighbour_and_passes_reasons_on():
    series = [*problems([1.5, 2.0, 2.5, 3.0]), NoResult("nobody measured")]
    answers = fit_series(series, {"gap": 0.7e-3, "broadening": 1e-4, "barrier": 0.5})
    for found, t in zip(answers[:4], [1.5, 2.0, 2.5, 3.0], strict=True):
        truth = float(bcs_gap(t, 4.5, 0.7e-3))
        assert found["gap"].value == pytest.approx(truth, abs=4 * found["gap"].error)
    assert str(answers[4]) == "no result, because nobody measured"


def test_a_joint_fit_with_shared_parameters_is_sharper_than_each_alone():
    temperatures = [1.5, 2.5, 3.2]
    whole = joint(problems(temperatures), ["broadening", "barrier", "scale"]).starting(
        {"broadening": 1e-4, "barrier": 0.5, "scale": 1.0} | {f"gap[{i}]": 0.6e-3 for i in range(3)}
    )
    found = fit(whole)
    assert isinstance(found, Fit)
    assert found["barrier"].value == pytest.approx(0.4, abs=4 * found["barrier"].error)
    alone = fit_series(problems(temperatures), {"gap": 0.6e-3, "barrier": 0.5})
    for i, t in enumerate(temperatures):
        gap = found[f"gap[{i}]"]
        assert gap.value == pytest.approx(float(bcs_gap(t, 4.5, 0.7e-3)), abs=4 * gap.error)
    assert found["gap[2]"].error < 0.7 * alone[2]["gap"].error


def test_a_joint_fit_of_what_does_not_go_together_is_refused():
    first, second = problems([1.5, 2.0])
    with pytest.raises(ValueError, match="nothing to fit"):
        joint([], ["gap"])
    with pytest.raises(ValueError, match="no model has a parameter colour"):
        joint([first, second], ["colour"])


T = np.linspace(0.4, 7.6, 19)


@pytest.mark.parametrize(("zero", "ratio"), [(1.343e-3, 4.39), (1.031e-3, 3.37)])
def test_gaps_against_temperature_give_tc_and_the_ratio(zero, ratio):
    error = np.full(len(T), 0.01e-3)
    seen, pulls = 0, []
    for seed in range(16):
        gap = bcs_gap(T, 7.1, zero) + error * rng(seed).normal(size=len(T))
        found = gap_curve(T, np.where(T < 7.1, gap, np.nan), error)
        pulls.append((found.critical_temperature.value - 7.1) / found.critical_temperature.error)
        assert found.ratio.value == pytest.approx(ratio, abs=0.06)
        seen += abs(found.ratio.value - 2 * zero / (8.617333e-5 * 7.1)) < found.ratio.error
        assert found.chi_square < 3.0
    assert 0.4 < seen / 16 < 0.95
    assert np.std(pulls) < 1.6


def test_gaps_that_stay_open_or_are_too_few_give_no_tc():
    error = np.full(len(T), 1e-5)
    assert "significant" in str(gap_curve(T[:3], bcs_gap(T[:3], 7.1, 1e-3), error[:3]))
    low = np.linspace(0.3, 0.6, 8)
    flat = np.full(8, 1e-3) + 1e-5 * rng(0).normal(size=8)
    assert isinstance(gap_curve(low, flat, np.full(8, 1e-5)), NoResult)


@pytest.mark.parametrize("length", [3.55e-9, 2.75e-9])
def test_a_line_across_an_edge_gives_the_decay_length_and_the_step(length):
    x = np.arange(-12, 61) * 0.4e-9
    error = np.full(len(x), 2e-6)
    clean = np.where(x < 0, 1.343e-3, 1.031e-3 + 0.17e-3 * np.exp(-x / length))
    found = decay(x, clean + error * rng(3).normal(size=len(x)), error)
    assert found.length.value == pytest.approx(length, abs=4 * found.length.error)
    assert found.length.error < 0.05 * length
    assert found.step.value == pytest.approx(0.142e-3, abs=4 * found.step.error)


def test_a_flat_line_has_no_decay_length():
    x = np.arange(0, 40) * 0.4e-9
    error = np.full(len(x), 2e-6)
    assert isinstance(decay(x, 1e-3 + error * rng(1).normal(size=40), error), NoResult)
    assert isinstance(decay(x[:3], x[:3], error[:3]), NoResult)


def test_the_orbital_limit_gives_the_field_at_zero_temperature():
    t = np.linspace(6.0, 12.2, 12)
    error = np.full(12, 0.2)
    h = 5.48 * 12.4 * whh_orbital(t / 12.4) + error * rng(0).normal(size=12)
    found = orbital_field(FieldTable(t, h, error))
    truth = 0.692673 * 5.48 * 12.4
    assert found.zero_field.value == pytest.approx(truth, abs=4 * found.zero_field.error)
    assert isinstance(orbital_field(FieldTable(t[:3], h[:3], error[:3])), NoResult)
    limit = over_pauli(Estimate(44.5, 0.5, ""), Estimate(12.5, 0.1, ""))
    assert limit.value == pytest.approx(1.935, abs=0.01)
    assert "1.84" in limit.definition


@pytest.mark.parametrize(
    ("law", "name"), [(tinkham, "Tinkham"), (anisotropic_gl, "anisotropic Ginzburg-Landau")]
)
def test_the_law_of_the_angle_is_told_by_its_cusp(law, name):
    angle = np.linspace(-30.0, 90.0, 61)
    error = np.full(61, 0.02)
    h = law(np.radians(angle), 3.0, 9.0) + error * rng(2).normal(size=61)
    found = angular_field(angle, h, error)
    assert found.comparison.best == name
    assert found.comparison.clear
    best = found.thin_film if name == "Tinkham" else found.bulk
    assert best["parallel"].value == pytest.approx(9.0, abs=4 * best["parallel"].error)


def test_a_two_fold_field_gives_axis_and_ratio_and_a_round_one_none():
    angle = np.arange(0.0, 360.0, 10.0)
    error = np.full(36, 0.02)
    h = nematic(np.radians(angle), 3.0, 1.17, np.radians(35.0)) + error * rng(1).normal(size=36)
    found = nematic_field(angle, h, error)
    assert found["axis"].value == pytest.approx(35.0, abs=4 * found["axis"].error)
    assert found["ratio"].value == pytest.approx(1.17, abs=4 * found["ratio"].error)
    assert isinstance(nematic_field(angle, 3.0 + error * rng(1).normal(size=36), error), NoResult)


def test_the_ratio_of_widths_comes_with_its_error_and_a_round_one_has_none():
    angle = np.arange(0.0, 360.0, 5.0)
    width = 1.0 + 0.2 * np.cos(2 * np.radians(angle - 30.0)) + 0.01 * rng(0).normal(size=72)
    found = width_ratio(angle, width)
    assert found.value == pytest.approx(1.5, abs=4 * found.error)
    assert found.error < 0.03
    assert isinstance(width_ratio(angle, 1.0 + 0.01 * rng(0).normal(size=72)), NoResult)


def test_the_contrast_of_the_coherence_peaks_is_that_of_the_curve():
    v = np.linspace(-8e-3, 8e-3, 401)
    clean = 1e-7 * dynes_conductance(v, 1.3e-3, 4e-5, 0.32, 1e-4)
    found = coherence_peaks(v, clean + 2e-10 * rng(0).normal(size=401))
    peak = float(np.max(clean))
    base = float(np.mean(clean[np.abs(v) > 7e-3]))
    assert found.contrast.value == pytest.approx((peak - base) / (peak + base), abs=0.01)
    assert abs(found.asymmetry.value) < 4 * found.asymmetry.error
    assert found.positive.value == pytest.approx(v[int(np.argmax(clean[200:])) + 200], abs=4e-5)
    lower = anisotropic_conductance(v, 1.0e-3, 0.3, 4e-5, 0.32, 1e-4)
    other = coherence_peaks(v, lower + 2e-3 * rng(0).normal(size=401))
    assert other.contrast.value < found.contrast.value


def test_a_spectrum_without_peaks_has_no_contrast():
    v = np.linspace(-8e-3, 8e-3, 201)
    assert isinstance(coherence_peaks(v, 1 + 0.01 * rng(0).normal(size=201)), NoResult)
    assert isinstance(coherence_peaks(v[:3], v[:3]), NoResult)
