import numpy as np
import pytest

from daq.analysis.comparison import compare, f_test
from daq.analysis.contact_fit import ContactModel, fit_contact
from daq.analysis.fit_result import Fit
from daq.analysis.result import NoResult
from daq.analysis.shape import Conditions
from daq.analysis.shapes import SHAPES
from daq.analysis.spectrum_fit import SpectrumModel, fit_spectrum
from daq.analysis.thermal_regime import thermal_regime
from daq.analysis.voltage_axis import on_voltage_axis
from daq.physics.andreev import btk_conductance, btk_current, thermal_contact_resistance
from daq.physics.tunnelling import (
    anisotropic_conductance,
    d_wave_conductance,
    dynes_conductance,
)

V = np.linspace(-5e-3, 5e-3, 161)
COLD = Conditions(1.2)
QUIET = Conditions(0.5)


def noise(seed, size):
    return size * np.random.default_rng(seed).standard_normal(len(V))


TRUTHS = {
    "dynes": (1.2e-3, lambda: dynes_conductance(V, 1.2e-3, 8e-5, 1.2)),
    "d-wave": (1.2e-3, lambda: d_wave_conductance(V, 1.2e-3, 8e-5, 1.2)),
    "anisotropic": (1.2e-3, lambda: anisotropic_conductance(V, 1.2e-3, 0.3, 8e-5, 1.2)),
    "btk": (1.2e-3, lambda: btk_conductance(V, 1.2e-3, 8e-5, 0.4, 1.2)),
}


@pytest.mark.parametrize("shape", TRUTHS)
def test_a_gap_comes_out_without_any_guess_and_in_any_unit(shape):
    gap, curve = TRUTHS[shape]
    clean = 3e-8 * (1 + 20 * V) * curve()
    found = fit_spectrum(V, clean + noise(1, 1e-10), SpectrumModel(shape, COLD))
    assert found["gap"].value == pytest.approx(gap, abs=4 * found["gap"].error)
    assert found["gap"].error < 0.02 * gap
    assert found["scale"].value == pytest.approx(3e-8, rel=0.01)
    assert found["slope"].value == pytest.approx(20, abs=4 * found["slope"].error)
    assert not found.runs.structured


def test_points_that_are_not_numbers_are_left_out():
    y = dynes_conductance(V, 1.2e-3, 8e-5, 1.2) + noise(2, 0.01)
    y[::7] = np.nan
    found = fit_spectrum(V, y, SpectrumModel("dynes", COLD))
    assert found.points == np.count_nonzero(np.isfinite(y))
    assert found["gap"].value == pytest.approx(1.2e-3, abs=4 * found["gap"].error)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_flat_spectrum_three_points_and_nans_have_no_gap(shape):
    model = SpectrumModel(shape, COLD)
    some = V[::5]
    flat = 1 + 10 * some + noise(3, 0.01)[::5]
    if shape in {"dynes", "btk"}:
        assert "flat" in str(fit_spectrum(V, 1 + 10 * V + noise(3, 0.01), model))
    answers = (
        fit_spectrum(some[:3], flat[:3], model),
        fit_spectrum(some, np.full(len(some), np.nan), model),
        fit_spectrum(some[some > 0], flat[some > 0], model),
    )
    assert all(isinstance(answer, NoResult) for answer in answers)


def test_a_spectrum_that_ends_inside_its_gap_has_no_gap():
    short = np.linspace(-1e-3, 1e-3, 101)
    y = dynes_conductance(short, 1.6e-3, 5e-5, 0.5) + 1e-3 * np.random.default_rng(0).normal(
        size=101
    )
    answer = fit_spectrum(short, y, SpectrumModel("dynes", QUIET))
    assert isinstance(answer, NoResult)


def test_a_shifted_zero_is_found_where_it_may_be():
    y = dynes_conductance(V - 2e-4, 1.2e-3, 8e-5, 1.2) + noise(4, 0.005)
    found = fit_spectrum(V, y, SpectrumModel("dynes", COLD, offset=True))
    assert found["offset"].value == pytest.approx(2e-4, abs=4 * found["offset"].error)


def test_an_unknown_theory_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="choose of dynes"):
        fit_spectrum(V, V, SpectrumModel("p-wave", COLD))


def test_the_comparison_prefers_the_anisotropic_gap_where_there_is_one_only():
    shapes = ("dynes", "anisotropic")
    for anisotropy, best in ((0.3, "anisotropic"), (0.0, "dynes")):
        y = anisotropic_conductance(V, 1.2e-3, anisotropy, 5e-5, 0.5) + noise(5, 0.02)
        fits = {name: fit_spectrum(V, y, SpectrumModel(name, QUIET)) for name in shapes}
        verdict = compare(fits)
        assert verdict.clear == (best == "anisotropic")
        assert sum(rival.weight for rival in verdict.rivals) == pytest.approx(1.0)
        if verdict.clear:
            assert verdict.best == best
            assert verdict.margin("dynes") > 10
            assert f_test(fits["dynes"], fits["anisotropic"]) < 1e-4


def test_fits_of_other_data_are_not_compared():
    y = dynes_conductance(V, 1.2e-3, 8e-5, 1.2)
    one, other = (
        fit_spectrum(V, y + noise(seed, 0.01), SpectrumModel("dynes", COLD)) for seed in (1, 2)
    )
    with pytest.raises(ValueError, match="same data"):
        compare({"one": one, "other": other})
    assert isinstance(compare({"one": one, "other": NoResult("x")}), NoResult)


CURRENT = np.linspace(-4e-5, 4e-5, 161)
SWING = 6e-6


def measured_resistance(seed, series=12.0):
    """dV/dI by the definition: the first harmonic of V(I + swing cos) over the swing."""
    v = np.linspace(-9e-3, 9e-3, 6001)
    current = 1e-2 * btk_current(v, 0.68e-3, 8e-5, 0.35, 1.9)
    phase = 2 * np.pi * np.arange(64) / 64
    drive = CURRENT[:, None] + SWING * np.cos(phase)
    voltage = np.interp(drive, current, v) + series * drive
    first = 2 * np.mean(voltage * np.cos(phase), axis=1) / SWING
    return first + 0.02 * np.random.default_rng(seed).standard_normal(len(CURRENT))


def test_dv_di_at_a_current_bias_is_fitted_in_the_current():
    model = ContactModel("btk", Conditions(1.9, SWING), 12.0)
    found = fit_contact(CURRENT, measured_resistance(0), model)
    for name, truth in {"gap": 0.68e-3, "broadening": 8e-5, "barrier": 0.35, "scale": 1e-2}.items():
        assert found[name].value == pytest.approx(truth, abs=4 * found[name].error), name
    assert not found.runs.structured


def test_the_kernel_in_the_wrong_variable_gives_another_gap():
    r = measured_resistance(0)
    axis = on_voltage_axis(CURRENT, r, 12.0)
    wrong = SpectrumModel("btk", Conditions(1.9, SWING * 88.0))
    found = fit_spectrum(axis.voltage, axis.conductance, wrong)
    assert abs(found["gap"].value - 0.68e-3) > 3 * found["gap"].error


def test_the_voltage_axis_wants_both_signs_and_a_resistance_above_that_in_series():
    assert isinstance(on_voltage_axis(CURRENT[100:], np.ones(61)), NoResult)
    answer = on_voltage_axis(CURRENT, np.full(161, 5.0), 10.0)
    assert "series resistance" in str(answer)
    axis = on_voltage_axis(CURRENT, np.full(161, 5.0), 1.0)
    assert np.allclose(axis.voltage, 4.0 * CURRENT)
    assert np.allclose(axis.conductance, 0.25)


def test_a_contact_in_the_thermal_regime_is_recognised_and_has_no_gap():
    current = np.linspace(-3e-4, 3e-4, 201)
    r = thermal_contact_resistance(current, 1e-4, 5.0, 4.0, 2e-5)
    axis = on_voltage_axis(current, r + 0.01 * np.random.default_rng(0).normal(size=201))
    warning = thermal_regime(axis.voltage, axis.conductance)
    assert len(warning.dips) == 2
    assert "no gap is quoted" in str(warning.no_gap)
    high = thermal_regime(V, 1 + 1.6 / (1 + (V / 4e-4) ** 4) + noise(0, 0.01))
    assert "above 2" in str(high)


@pytest.mark.parametrize("barrier", [0.0, 0.3, 0.6, 2.0])
@pytest.mark.parametrize("temperature", [0.5, 1.9, 3.5])
def test_a_ballistic_contact_raises_no_alarm(barrier, temperature):
    y = btk_conductance(V, 0.9e-3, 5e-5, barrier, temperature)
    assert all(thermal_regime(V, y + noise(seed, 0.005)) is None for seed in range(5))


def test_an_enhanced_density_of_states_is_told_from_the_gap():
    from daq.analysis.enhanced_shapes import enhanced

    shape = enhanced(SHAPES["dynes"])
    values = np.array([1.2e-3, 8e-5, 0.6, 3e-3])
    y = shape.curve(V, values, COLD)
    assert y[0] == pytest.approx(
        dynes_conductance(V[0], 1.2e-3, 8e-5, 1.2) * (1 + 0.6 / (1 + (V[0] / 3e-3) ** 2)), rel=2e-3
    )
    found = fit_spectrum(V, y + noise(0, 0.005), SpectrumModel("dynes-enhanced", COLD))
    assert isinstance(found, Fit)
    for name, truth in zip(("gap", "broadening", "enhancement"), values[:3], strict=True):
        assert found[name].value == pytest.approx(truth, abs=4 * found[name].error), name
