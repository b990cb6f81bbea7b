import numpy as np
import pytest

from daq.analysis.fit_intervals import bootstrap_intervals, profile_interval
from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import GIVEN, SCATTER, Fit, residual_runs
from daq.analysis.fitting import best_fit, fit
from daq.analysis.result import NoResult

X = np.linspace(0.0, 5.0, 60)


def decay(y, sigma=None, *, low=0.0):
    parameters = (
        Parameter("size", "V", "size at zero", 1.5, low, 100.0),
        Parameter("rate", "1/s", "rate", 1.0, 1e-3, 1e3, logarithmic=True),
    )
    return Problem.of_curve("decay", parameters, (X, y, sigma), lambda p: p[0] * np.exp(-p[1] * X))


def noisy(seed, sigma=0.02):
    return 2.0 * np.exp(-0.7 * X) + sigma * np.random.default_rng(seed).standard_normal(len(X))


def test_parameters_come_out_with_errors_units_and_definitions():
    found = fit(decay(noisy(1), np.full(len(X), 0.02)))
    assert found["size"].value == pytest.approx(2.0, abs=4 * found["size"].error)
    assert found["rate"].value == pytest.approx(0.7, abs=4 * found["rate"].error)
    assert (found["rate"].unit, found["rate"].definition) == ("1/s", "rate")
    assert 0.5 < found.reduced < 1.6
    assert found.noise == GIVEN


def test_the_covariance_is_that_of_the_scatter_of_many_fits():
    fits = [fit(decay(noisy(seed), np.full(len(X), 0.02))) for seed in range(150)]
    values = np.array([[f["size"].value, f["rate"].value] for f in fits])
    assert np.std(values[:, 0]) == pytest.approx(fits[0]["size"].error, rel=0.2)
    assert np.std(values[:, 1]) == pytest.approx(fits[0]["rate"].error, rel=0.2)
    assert np.corrcoef(values.T)[0, 1] == pytest.approx(
        fits[0].correlation("size", "rate"), abs=0.15
    )


def test_without_errors_of_the_points_the_scatter_is_the_error():
    loose, given = fit(decay(noisy(2))), fit(decay(noisy(2), np.full(len(X), 0.02)))
    assert loose.noise == SCATTER
    assert loose["rate"].error == pytest.approx(given["rate"].error * np.sqrt(given.reduced))


def test_errors_grow_where_the_points_scatter_more_than_theirs_say_and_not_by_chance():
    honest = [fit(decay(noisy(seed), np.full(len(X), 0.02))) for seed in range(60)]
    assert sum(one.widened is one for one in honest) >= 59
    small = [fit(decay(noisy(seed), np.full(len(X), 0.004))) for seed in range(60)]
    values, errors = np.array([(f["rate"].value, f.widened["rate"].error) for f in small]).T
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.25)
    assert small[0].widened.correlation("size", "rate") == pytest.approx(
        small[0].correlation("size", "rate")
    )
    loose = fit(decay(noisy(2)))
    assert loose.widened is loose


def test_a_parameter_that_ends_at_its_bound_is_held_there_and_said_to_be():
    found = fit(decay(noisy(3), low=2.5))
    assert found.at_bounds == ("size",)
    assert found["size"].value == pytest.approx(2.5)
    assert found["size"].state == "at its bound"
    assert found.names == ("rate",)


def test_the_profile_of_a_nearly_linear_parameter_is_its_error():
    problem = decay(noisy(4), np.full(len(X), 0.02))
    found = fit(problem)
    interval = profile_interval(problem, found, "rate")
    assert (interval.high - interval.low) / 2 == pytest.approx(found["rate"].error, rel=0.05)


def test_the_bootstrap_is_the_error_and_the_same_for_the_same_seed():
    problem = decay(noisy(5))
    found = fit(problem)
    one, other = (bootstrap_intervals(problem, found, 150, seed=7) for _ in range(2))
    assert one == other
    width = (one["rate"].high - one["rate"].low) / 2
    assert width == pytest.approx(found["rate"].error, rel=0.25)


def test_too_few_points_and_parameters_that_cannot_be_told_apart_are_no_results():
    few = Problem.of_curve(
        "line", (Parameter("a", "", "a", 1.0),), (X[:3], X[:3], None), lambda p: p[0] * X[:3]
    )
    assert "3 points for 1" in str(fit(few))
    twins = Problem.of_curve(
        "twins",
        (Parameter("a", "", "a", 1.0), Parameter("b", "", "b", 1.0)),
        (X, X, None),
        lambda p: (p[0] + p[1]) * X,
    )
    answer = fit(twins)
    assert isinstance(answer, NoResult)
    assert "apart" in str(answer)


def test_data_that_are_not_finite_or_errors_of_zero_are_refused():
    y = noisy(6)
    y[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        fit(decay(y))
    with pytest.raises(ValueError, match="above zero"):
        fit(decay(noisy(6), np.zeros(len(X))))


def test_a_model_that_fails_on_the_way_is_no_result():
    def failing(p):
        raise ValueError("no such curve")

    problem = Problem.of_curve("x", (Parameter("a", "", "a", 1.0),), (X, X, None), failing)
    assert "no such curve" in str(fit(problem))


def test_the_best_of_several_starts_wins():
    def curve(p):
        return np.cos(p[0] * X)

    parameters = (Parameter("w", "", "frequency", 1.0, 0.1, 20.0),)
    problem = Problem.of_curve("cosine", parameters, (X, np.cos(6.0 * X), None), curve)
    found = best_fit(problem, [{"w": w} for w in (0.5, 3.0, 5.9)])
    assert isinstance(found, Fit)
    assert found["w"].value == pytest.approx(6.0)


def test_a_derived_quantity_carries_the_correlation():
    found = fit(decay(noisy(8), np.full(len(X), 0.02)))
    ratio = found.derived(lambda p: p["size"] / p["rate"], "area")
    c, (a, b) = found.covariance, (found["size"].value, found["rate"].value)
    slope = np.array([1 / b, -a / b**2])
    assert ratio.value == pytest.approx(a / b)
    assert ratio.error == pytest.approx(np.sqrt(slope @ c @ slope), rel=1e-3)


def test_runs_tell_noise_from_structure():
    rng = np.random.default_rng(0)
    assert sum(residual_runs(rng.standard_normal(100)).probability < 0.05 for _ in range(400)) < 40
    assert residual_runs(np.sin(np.linspace(0, 6, 100))).structured
    assert residual_runs(np.ones(10)).probability == 1.0
