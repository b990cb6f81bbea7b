import numpy as np
import pytest

from daq.analysis.result import Estimate, NoResult
from daq.analysis.transition import resistive_transition
from daq.physics.transition import halperin_nelson, hump

FLAKE = np.linspace(1.9, 12.0, 200)
FILM = np.concatenate([np.linspace(8.0, 16.0, 400), np.linspace(16.2, 45.0, 150)])
SEEDS = 80


def flake(seed, *, tc=4.5, drop=0.015, sigma=1e-4):
    """A small step on a slowly rising background, in ohm."""
    noise = sigma * np.random.default_rng(seed).standard_normal(len(FLAKE))
    step = drop * np.clip(1.0 - (FLAKE / tc) ** 4, 0.0, None)
    return 100.0 * ((1.0 - 1e-4 * FLAKE) * (1.0 - step) + noise)


def film(seed, *, sigma=2e-4, thermometer=3e-3):
    """A full transition at 11 K, 0.8 K wide, on a bent background; noise of both readings."""
    rng = np.random.default_rng(seed)
    normal = 1000.0 * (1.0 + 0.002 * (FILM - 12.0) - 2e-5 * (FILM - 12.0) ** 2)
    resistance = normal / (1.0 + np.exp(-(FILM - 11.0) / 0.18))
    seen = FILM + thermometer * rng.standard_normal(len(FILM))
    return seen, resistance + 1000.0 * sigma * rng.standard_normal(len(FILM))


def estimates(results, name):
    found = [getattr(result, name) for result in results]
    assert all(isinstance(answer, Estimate) for answer in found), name
    return np.array([[answer.value, answer.error] for answer in found]).T


def coverage(values, errors, truth):
    return float(np.mean(np.abs(values - truth) < errors))


@pytest.fixture(scope="module")
def flakes():
    window = {"normal": (4.8, 12.0)}
    return [resistive_transition(FLAKE, flake(s, sigma=3e-4), **window) for s in range(SEEDS)]


@pytest.fixture(scope="module")
def films():
    return [resistive_transition(*film(s), normal=(13.0, 30.0)) for s in range(SEEDS)]


def test_the_small_step_of_a_flake_is_found_at_its_temperature_without_being_told_where():
    results = [resistive_transition(FLAKE, flake(seed)) for seed in range(SEEDS)]
    missed = [result for result in results if isinstance(result, NoResult)]
    assert len(missed) <= 0.02 * SEEDS
    results = [result for result in results if not isinstance(result, NoResult)]
    for name in ("onset_tangent", "onset_departure"):
        values, _ = estimates(results, name)
        assert np.mean(np.abs(values - 4.5) < 0.1) >= 0.95, name
    drops = np.array([result.drop.value for result in results])
    assert np.all((drops > 0.010) & (drops < 0.020))


@pytest.mark.parametrize("name", ["onset_tangent", "onset_departure", "midpoint", "drop", "width"])
def test_the_errors_of_a_small_step_are_the_scatter_and_cover_it(flakes, name):
    values, errors = estimates(flakes, name)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.3)
    assert 0.58 < coverage(values, errors, np.mean(values)) < 0.78


def test_a_step_without_zero_resistance_says_that_there_is_no_zero(flakes):
    for name in ("zero_fraction", "zero_noise", "zero_tangent", "onset_fraction"):
        answer = getattr(flakes[0], name)
        assert isinstance(answer, NoResult)
        assert "0.98" in str(answer)


TRUTHS = {
    "onset_fraction": (11.0 + 0.18 * np.log(9.0), 0.01),
    "midpoint": (11.0, 0.01),
    "zero_fraction": (11.0 - 0.18 * np.log(99.0), 0.01),
    "width": (0.36 * np.log(9.0), 0.01),
    "steepest": (11.0, 0.06),
    "onset_tangent": (11.36, 0.02),
    "zero_tangent": (11.0 - 0.18 * np.log(9.0) - 0.2, 0.02),
    "zero_noise": (11.0 - 0.18 * np.log(1.0 / 6e-4), 0.1),
    "drop": (1.0, 0.001),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_every_definition_of_a_full_transition_gives_its_own_number(films, name):
    truth, tolerance = TRUTHS[name]
    values, errors = estimates(films, name)
    assert np.mean(values) == pytest.approx(truth, abs=tolerance)
    assert np.std(values) < 2.0 * np.mean(errors)


@pytest.mark.parametrize("name", ["onset_fraction", "midpoint", "onset_tangent", "zero_fraction"])
def test_the_errors_of_a_full_transition_contain_the_noise_of_the_thermometer(films, name):
    values, errors = estimates(films, name)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.3)
    assert 0.58 < coverage(values, errors, np.mean(values)) < 0.78


def test_every_answer_names_its_definition(films):
    for name in TRUTHS:
        assert len(getattr(films[0], name).definition) > 10
    assert "90%" in films[0].onset_fraction.definition


@pytest.mark.parametrize("slope", [-1e-4, 0.0, 3e-3])
def test_a_normal_metal_and_a_pristine_flake_have_no_transition(slope):
    for seed in range(20):
        noise = 3e-4 * np.random.default_rng(seed).standard_normal(len(FLAKE))
        result = resistive_transition(FLAKE, 100.0 * (1.0 + slope * FLAKE + noise))
        assert isinstance(result, NoResult)
        assert "there is no" in str(result)


def test_an_upturn_that_saturates_is_no_transition():
    normal = 1.0 / (1.0 / 120.0 + np.exp(-232.0 / np.linspace(2.0, 300.0, 400)) / 360.0)
    for seed in range(20):
        noise = 0.02 * np.random.default_rng(seed).standard_normal(400)
        result = resistive_transition(np.linspace(2.0, 300.0, 400), normal + noise)
        assert isinstance(result, NoResult)


def test_a_metal_whose_resistance_bends_downwards_has_no_transition():
    for seed in range(20):
        noise = 1e-4 * np.random.default_rng(seed).standard_normal(len(FLAKE))
        metal = 100.0 * (1.0 + 0.1 * np.log(FLAKE) + noise)
        assert isinstance(resistive_transition(FLAKE, metal), NoResult)
        result = resistive_transition(FLAKE, metal, normal=(4.0, 12.0))
        assert "as the normal state does" in str(result)


def test_fluctuations_far_above_the_transition_ask_for_the_window_of_the_normal_state():
    for seed in range(20):
        noise = 1e-4 * np.random.default_rng(seed).standard_normal(len(FILM))
        sheet = halperin_nelson(FILM, 9.7, 0.8866, 15.545)
        bent = hump(FILM, 500.0, 0.3, 60.0)
        result = resistive_transition(FILM, bent * (sheet + noise))
        assert "give its window" in str(result)


def test_the_same_data_give_the_same_errors():
    one, other = (resistive_transition(FLAKE, flake(3)) for _ in range(2))
    assert one.onset_tangent == other.onset_tangent


def test_readings_of_one_temperature_are_averaged():
    steps = np.repeat(FLAKE, 3)
    result = resistive_transition(steps, np.repeat(flake(1), 3))
    assert result.onset_tangent.value == pytest.approx(4.5, abs=0.1)


@pytest.mark.parametrize(
    ("temperature", "resistance", "reason"),
    [
        (FLAKE[:10], flake(1)[:10], "10 finite points"),
        (np.full(200, 4.2), flake(1), "1 different temperatures"),
        (FLAKE[:40], flake(1)[:40], "no normal state"),
    ],
)
def test_a_curve_that_cannot_answer_says_why(temperature, resistance, reason):
    result = resistive_transition(temperature, resistance)
    assert isinstance(result, NoResult)
    assert reason in str(result)


WIDE_ONSET, WIDE_ZERO = 6.0, 4.8


def wide(top, points, sigma, seed):
    """A transition of 1.2 K in a sweep that goes far beyond it, on a metal."""
    t = np.linspace(2.0, top, points)
    width = (WIDE_ONSET - WIDE_ZERO) / (np.log(9.0) + np.log(99.0))
    middle = WIDE_ONSET - width * np.log(9.0)
    noise = sigma * np.random.default_rng(seed).standard_normal(points)
    return t, (100.0 + 0.5 * t) / (1.0 + np.exp(-(t - middle) / width)) + noise


@pytest.mark.parametrize("sigma", [0.01, 0.3, 2.0])
@pytest.mark.parametrize(
    ("top", "points"), [(20.0, 300), (50.0, 600), (300.0, 1500), (300.0, 3000)]
)
def test_the_width_of_a_sweep_does_not_move_the_transition(top, points, sigma):
    found = [resistive_transition(*wide(top, points, sigma, seed)) for seed in range(6)]
    for name, truth in (("onset_fraction", WIDE_ONSET), ("zero_fraction", WIDE_ZERO)):
        values, errors = estimates(found, name)
        assert np.mean(values) == pytest.approx(truth, abs=0.05 + 3.0 * np.mean(errors))
    values, errors = estimates(found, "onset_fraction")
    assert np.all(np.abs(values - WIDE_ONSET) < 0.05 + 4.0 * errors)
    assert np.all(errors < 0.1)


def test_a_sweep_with_steps_as_wide_as_the_transition_says_so_by_its_error():
    found = resistive_transition(*wide(300.0, 300, 0.01, 0))
    onset = found.onset_fraction
    assert onset.error > 0.3
    assert abs(onset.value - WIDE_ONSET) < 3.0 * onset.error


@pytest.mark.parametrize("name", ["onset_fraction", "width", "midpoint", "zero_fraction"])
def test_without_noise_a_definition_is_as_good_as_its_error_says(name):
    quiet = [film(seed, sigma=2e-5, thermometer=0.0) for seed in range(6)]
    results = [resistive_transition(*one, normal=(13.0, 30.0)) for one in quiet]
    values, errors = estimates(results, name)
    assert np.sqrt(np.mean(((values - TRUTHS[name][0]) / errors) ** 2)) < 1.6
    assert np.mean(errors) < 5e-4
