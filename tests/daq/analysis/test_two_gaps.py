import numpy as np
import pytest

from daq.analysis.comparison import compare
from daq.analysis.contact_fit import ContactModel, fit_contact
from daq.analysis.fit_problem import by_differences
from daq.analysis.fit_result import Fit
from daq.analysis.result import NoResult
from daq.analysis.shape import Conditions
from daq.analysis.shapes import SHAPES
from daq.analysis.spectrum_fit import SpectrumModel, fit_spectrum
from daq.analysis.two_gap_shapes import second_gap
from daq.physics.tunnelling import dynes_conductance

V = np.linspace(-6e-3, 6e-3, 161)
COLD = Conditions(0.5, 7e-5)
LARGE, SMALL, SHARE = 1.3e-3, 0.55e-3, 0.6
NAMES = ("two-gap", "two-gap-own")


def spectrum(seed, sigma, *, small=SMALL, broadenings=(5e-5, 5e-5)):
    """Conductance in S of two gaps, with noise relative to the normal one."""
    parts = [
        share * dynes_conductance(V, gap, broadening, COLD.temperature, COLD.modulation)
        for share, gap, broadening in zip(
            (SHARE, 1 - SHARE), (LARGE, small), broadenings, strict=True
        )
    ]
    noise = sigma * np.random.default_rng(seed).standard_normal(len(V))
    return 1e-8 * (sum(parts) + noise), np.full(len(V), 1e-8 * sigma)


def fitted(name, data):
    return fit_spectrum(V, data[0], SpectrumModel(name, COLD), data[1])


@pytest.mark.parametrize("name", NAMES)
def test_two_gaps_are_recovered_within_their_errors_and_preferred_to_one(name):
    data = spectrum(1, 0.01, broadenings=(5e-5, 5e-5 if name == "two-gap" else 1.5e-4))
    found = fitted(name, data)
    second = found.derived(second_gap, "")
    assert found["gap"].value == pytest.approx(LARGE, abs=4 * found["gap"].error)
    assert second.value == pytest.approx(SMALL, abs=4 * second.error)
    assert found["weight"].value == pytest.approx(SHARE, abs=4 * found["weight"].error)
    judged = compare([fitted(shape, data) for shape in ("dynes", name)])
    assert (judged.best, judged.clear) == (name, True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(6))
def test_a_spectrum_of_one_gap_needs_no_second(name, seed):
    answer = fitted(name, spectrum(seed, 0.01, small=LARGE))
    assert isinstance(answer, NoResult)
    assert "one gap suffices" in str(answer)


def test_a_second_gap_sharper_than_the_resolution_is_a_gap_without_a_broadening():
    found = fitted("two-gap-own", spectrum(2, 0.01, broadenings=(5e-5, 1e-7)))
    assert "second broadening" in found.at_bounds
    second = found.derived(second_gap, "")
    assert second.value == pytest.approx(SMALL, abs=4 * second.error)


@pytest.mark.parametrize("seed", [0, 2])
def test_a_leak_beside_a_gap_is_no_second_one(seed):
    data, error = spectrum(seed, 0.01, small=LARGE)
    answer = fitted("two-gap-own", (0.6 * data + 4e-9, 0.6 * error))
    assert "two gaps are not determined: gap ratio" in str(answer)


def test_a_flat_spectrum_has_neither():
    flat = 1e-8 * (1.0 + 0.01 * np.random.default_rng(1).standard_normal(len(V)))
    assert "flat" in str(fitted("two-gap", (flat, np.full(len(V), 1e-10))))


def test_one_gap_at_a_current_bias_needs_no_second_either():
    current = np.linspace(-5e-6, 5e-6, 81)
    resistance = 1e3 / dynes_conductance(1e3 * current, 1.3e-3, 4e-4, 1.5)
    noise = 2.0 * np.random.default_rng(1).standard_normal(81)
    model = ContactModel("two-gap", Conditions(1.5), 0.0)
    answer = fit_contact(current, resistance + noise, model, np.full(81, 2.0))
    assert "one gap suffices" in str(answer)


@pytest.mark.parametrize("name", [n for n, s in SHAPES.items() if s.slopes and "btk" not in n])
def test_the_exact_slopes_of_a_tunnelling_shape_are_those_by_differences(name):
    shape, bias = SHAPES[name], np.linspace(-4e-3, 4e-3, 41)
    conditions = Conditions(1.2, 1e-4)
    start = [1.1e-3, 6e-5, *(extra.start for extra in shape.extras)]
    values = np.array(start)
    curve, slopes = shape.evaluate(bias, values, conditions)
    parameters = shape.parameters(4e-3, conditions)
    near, numerical = by_differences(lambda p: shape.curve(bias, p, conditions), parameters)(values)
    assert curve == pytest.approx(near, abs=1e-10)
    largest = np.max(np.abs(numerical), axis=0)
    assert slopes / largest == pytest.approx(numerical / largest, abs=2e-4)


def test_a_fit_that_belongs_at_a_bound_gets_there_whatever_the_noise():
    """A d-wave on a gap without nodes wants no broadening at all; it once crept for ever."""
    nodeless = dynes_conductance(V, 1.03e-3, 1e-5, COLD.temperature, COLD.modulation)
    noise = 0.003 * np.random.default_rng(1).standard_normal(len(V))
    model = SpectrumModel("d-wave-enhanced", COLD)
    found = fit_spectrum(V, 1e-8 * (nodeless + noise), model, np.full(len(V), 3e-11))
    assert isinstance(found, Fit)
    assert "broadening" in found.at_bounds


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_intervals_of_two_gaps_hold_the_truth_and_one_gap_stays_one():
    inside = {"gap": 0, "second": 0, "weight": 0}
    seeds = 150
    for seed in range(seeds):
        found = fitted("two-gap", spectrum(seed, 0.01))
        second = found.derived(second_gap, "")
        inside["gap"] += abs(found["gap"].value - LARGE) < found["gap"].error
        inside["second"] += abs(second.value - SMALL) < second.error
        inside["weight"] += abs(found["weight"].value - SHARE) < found["weight"].error
        assert isinstance(fitted("two-gap", spectrum(seed, 0.01, small=LARGE)), NoResult)
    assert all(0.58 < count / seeds < 0.78 for count in inside.values()), inside
