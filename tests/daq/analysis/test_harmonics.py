import numpy as np
import pytest

from daq.analysis.harmonics import angular_fit, axis_difference, trend
from daq.analysis.result import NoResult

ANGLE = np.arange(0.0, 360.0, 6.0)


def data(seed=None, *, axis=35.0, two=1.0, four=0.1, sigma=0.2, angle=ANGLE):
    phi = np.radians(angle)
    y = 10.0 + 0.3 * np.cos(phi - 1.0)
    y = y + two * np.cos(2.0 * (phi - np.radians(axis))) + four * np.cos(4.0 * phi)
    noise = 0.0 if seed is None else sigma * np.random.default_rng(seed).standard_normal(len(angle))
    return y + noise


def test_the_harmonics_come_out_of_clean_data_as_they_went_in():
    fit = angular_fit(ANGLE, data())
    assert fit.mean.value == pytest.approx(10.0)
    assert fit.harmonics[1].amplitude.value == pytest.approx(0.3)
    assert fit.harmonics[1].axis.value == pytest.approx(np.degrees(1.0))
    assert fit.harmonics[2].amplitude.value == pytest.approx(1.0)
    assert fit.harmonics[2].axis.value == pytest.approx(35.0)
    assert fit.harmonics[4].amplitude.value == pytest.approx(0.1)
    assert fit.harmonics[6].amplitude.value == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("axis", [0.5, 35.0, 179.0])
def test_the_axis_is_within_two_degrees_and_its_error_is_its_scatter(axis):
    fits = [angular_fit(ANGLE, data(seed, axis=axis, sigma=0.1)) for seed in range(200)]
    found = [fit.harmonics[2].axis for fit in fits]
    off = np.array([(a.value - axis + 90.0) % 180.0 - 90.0 for a in found])
    errors = np.array([a.error for a in found])
    assert all(0.0 <= a.value < 180.0 for a in found)
    assert np.all(np.abs(off) < 2.0)
    assert np.std(off) == pytest.approx(np.mean(errors), rel=0.15)
    assert 0.58 < np.mean(np.abs(off) < errors) < 0.78


def test_the_errors_of_amplitude_and_ratio_are_their_scatter():
    fits = [angular_fit(ANGLE, data(seed)) for seed in range(200)]
    for values in (
        [fit.harmonics[2].amplitude for fit in fits],
        [fit.harmonics[4].amplitude for fit in fits[:0]] or [fit.mean for fit in fits],
    ):
        found = np.array([v.value for v in values])
        errors = np.array([v.error for v in values])
        assert np.std(found) == pytest.approx(np.mean(errors), rel=0.15)
        assert 0.58 < np.mean(np.abs(found - np.mean(found)) < errors) < 0.78
    ratios = [angular_fit(ANGLE, data(seed, sigma=0.05)).ratio(4, 2).value for seed in range(50)]
    assert np.mean(ratios) == pytest.approx(0.1, abs=0.01)


def test_noise_alone_is_significant_as_often_as_the_test_says():
    flat = [angular_fit(ANGLE, data(seed, two=0.0)) for seed in range(400)]
    chances = np.array([fit.harmonics[2].probability for fit in flat])
    assert np.mean(chances < 0.1) == pytest.approx(0.1, abs=0.045)
    assert not any(fit.harmonics[2].found for fit in flat)
    assert isinstance(flat[0].ratio(4, 2), NoResult)


def test_a_strong_two_fold_part_is_found():
    assert all(angular_fit(ANGLE, data(seed)).harmonics[2].found for seed in range(50))


def test_two_axes_are_compared_modulo_half_a_turn():
    one = angular_fit(ANGLE, data(1, axis=170.0, sigma=0.02)).harmonics[2]
    other = angular_fit(ANGLE, data(2, axis=50.0, sigma=0.02)).harmonics[2]
    apart = axis_difference(one, other)
    assert apart.value == pytest.approx(-60.0, abs=3.0 * apart.error)
    with pytest.raises(ValueError, match="no common period"):
        axis_difference(one, angular_fit(ANGLE, data()).harmonics[4])


def test_angles_that_cannot_tell_harmonics_apart_say_so():
    few = np.linspace(0.0, 40.0, 40)
    assert "cover more of a turn" in str(angular_fit(few, data(angle=few)))
    assert "5 finite points" in str(angular_fit(few[:5], data(angle=few[:5])))
    with pytest.raises(ValueError, match="each once"):
        angular_fit(ANGLE, data(), (2, 2))


def warmed(axis, seed):
    """Return angles, data that fall as the rotator warms the sample, and noisy temperatures."""
    random = np.random.default_rng(seed)
    angle = np.arange(350.0, 0.0, -15.0)
    time = 8.0 * np.arange(len(angle))
    heat = 0.01 * np.exp(-time / 60.0)
    y = data(axis=axis, sigma=0.0, angle=angle) - 6.0 * heat
    y += 0.01 * random.standard_normal(len(angle))
    return angle, y, trend(time, 1.9 + heat + 1e-3 * random.standard_normal(len(angle)))


def test_a_rotator_that_warms_the_sample_turns_no_axis_if_the_temperature_is_known():
    apart, plain = [], []
    for seed in range(40):
        (a, one, first), (_, two, second) = warmed(20.0, seed), warmed(80.0, 1000 + seed)
        fits = [angular_fit(a, y, drift=t).harmonics[2] for y, t in ((two, second), (one, first))]
        apart.append(axis_difference(*fits))
        bare = [angular_fit(a, y).harmonics[2] for y in (two, one)]
        plain.append(axis_difference(*bare).value)
    found = np.array([one.value for one in apart])
    errors = np.array([one.error for one in apart])
    assert abs(np.mean(plain) - 60.0) > 5.0 * np.std(plain) / 40**0.5
    assert abs(np.mean(found) - 60.0) < 0.3 * np.mean(errors)
    assert 0.55 < np.mean(np.abs(found - 60.0) < errors) < 0.85


def test_a_drift_that_is_none_or_not_known_changes_nothing():
    y = data(1)
    plain = angular_fit(ANGLE, y)
    assert angular_fit(ANGLE, y, drift=np.full_like(y, 1.9)).harmonics == plain.harmonics
    level = np.linspace(1.9, 2.0, len(y))
    level[3] = np.nan
    kept = np.isfinite(level)
    some = angular_fit(ANGLE, y, drift=level)
    assert some.coefficients.shape == plain.coefficients.shape
    assert some.curve(ANGLE).shape == y.shape
    again = angular_fit(ANGLE[kept], y[kept], drift=level[kept])
    assert some.harmonics == again.harmonics
    few = trend(np.arange(3.0), np.arange(3.0))
    assert np.isnan(few).all()
    assert isinstance(angular_fit(ANGLE, y, drift=np.full_like(y, np.nan)), NoResult)


def test_data_without_any_scatter_have_a_clean_answer():
    zero = angular_fit(ANGLE, np.zeros_like(ANGLE))
    assert not zero.harmonics[2].found
    level = angular_fit(ANGLE, np.full_like(ANGLE, 7.0))
    assert not any(one.found for one in level.harmonics.values())
    exact = angular_fit(ANGLE, np.round(np.cos(np.radians(2.0 * ANGLE)), 15))
    assert exact.harmonics[2].found
    assert exact.harmonics[2].amplitude.value == pytest.approx(1.0)


def test_what_drifts_is_told_per_its_unit():
    level = np.linspace(1.9, 1.95, len(ANGLE)) ** 2
    found = angular_fit(ANGLE, data(3, sigma=0.01) - 6.0 * level, drift=level)
    assert found.drift.value == pytest.approx(-6.0, abs=4.0 * found.drift.error)
    assert found.drift.error < 0.3
    assert angular_fit(ANGLE, data(3)).drift is None
