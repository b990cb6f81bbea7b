import numpy as np
import pytest
from scipy.special import ndtr

from daq.analysis.hall import hall_loop
from daq.analysis.hall_errors import redundancy
from daq.analysis.result import Estimate, NoResult

TOP = 0.5
RISING = np.linspace(-TOP, TOP, 601)
FIELD = np.concatenate([RISING, RISING[::-1]])
COERCIVE, SPREAD, ANOMALOUS, ORDINARY, MIXING = 0.061, 0.11, 5.0, 2.0, 0.02


def rising_branch(field):
    with np.errstate(divide="ignore", invalid="ignore"):
        switched = 2.0 * ndtr(np.log(np.maximum(field, 0.0) / COERCIVE) / SPREAD) - 1.0
    return np.where(field > 0.0, switched, -1.0)


def loop(seed, *, trapped=0.0, anomalous=ANOMALOUS, sigma=0.05, mixing=MIXING):
    """Reported field, R_yx and R_xx in ohm of a loop in a trapped field."""
    true = FIELD + trapped
    half = len(RISING)
    m = np.concatenate([rising_branch(true[:half]), -rising_branch(-true[half:])])
    xx = 300.0 * (1.0 + 0.1 * true**2)
    noise = sigma * np.random.default_rng(seed).standard_normal(len(true))
    return FIELD, ORDINARY * true + anomalous * m + mixing * xx + noise, xx


TRUTHS = {
    "coercive_field": COERCIVE,
    "centre": -0.012,
    "hall_coefficient": ORDINARY,
    "anomalous": ANOMALOUS,
    "mixing": MIXING,
    "area": 4.0 * ANOMALOUS * COERCIVE * np.exp(0.5 * SPREAD**2),
}


@pytest.fixture(scope="module")
def loops():
    return [
        hall_loop(*loop(seed, trapped=0.012, sigma=0.3), field_error=0.0) for seed in range(150)
    ]


@pytest.mark.parametrize("name", TRUTHS)
def test_the_truth_comes_out_of_a_loop_in_a_trapped_field_with_its_error(loops, name):
    values = np.array([getattr(found, name).value for found in loops])
    errors = np.array([getattr(found, name).error for found in loops])
    truth = TRUTHS[name]
    assert np.mean(values) == pytest.approx(truth, abs=2e-4 + 0.01 * abs(truth))
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.25)
    assert 0.58 < np.mean(np.abs(values - np.mean(values)) < errors) < 0.78


@pytest.mark.parametrize("trapped", [0.0, 0.012, -0.012])
def test_the_coercive_field_is_within_two_millitesla_whatever_field_is_trapped(trapped):
    for seed in range(30):
        for measured in (True, False):
            field, yx, xx = loop(seed, trapped=trapped)
            found = hall_loop(field, yx, xx if measured else None)
            assert found.coercive_field.value == pytest.approx(COERCIVE, abs=0.002)
            assert found.centre.value == pytest.approx(-trapped, abs=0.002)


def test_antisymmetrising_takes_the_mixing_away_and_keeps_the_loop():
    found = hall_loop(*loop(1, trapped=0.012))
    np.testing.assert_allclose(found.falling, -np.interp(-found.field, found.field, found.rising))
    opening = np.interp(0.0, found.field, found.falling) - np.interp(0.0, found.field, found.rising)
    assert opening == pytest.approx(2.0 * ANOMALOUS, abs=0.2)
    _, yx, _ = loop(1)
    up = yx[: len(RISING)]
    plain = 0.5 * (up - up[::-1])  # on one branch alone: the hysteresis is gone
    assert abs(np.interp(0.03, RISING, plain)) < 0.1 * ANOMALOUS


def test_a_loop_upside_down_has_the_same_coercive_field_and_a_negative_area():
    found = hall_loop(*loop(1, anomalous=-ANOMALOUS))
    assert found.coercive_field.value == pytest.approx(COERCIVE, abs=0.002)
    assert found.anomalous.value == pytest.approx(-ANOMALOUS, abs=0.1)
    assert found.area.value < 0.0


def test_without_an_anomalous_part_there_is_no_coercive_field_and_no_area():
    found = [hall_loop(*loop(seed, anomalous=0.0), field_error=0.0) for seed in range(100)]
    assert all(isinstance(one.coercive_field, NoResult) for one in found)
    assert np.mean([one.area.significance < 1.0 for one in found]) == pytest.approx(0.68, abs=0.13)
    assert found[0].hall_coefficient.value == pytest.approx(ORDINARY, abs=0.1)


def test_the_first_way_up_from_zero_is_left_out():
    field, yx, xx = loop(1)
    virgin = np.linspace(0.0, TOP, 100)
    turned = np.roll(np.arange(len(field)), -len(RISING))  # the falling branch first
    field = np.concatenate([virgin, field[turned]])
    yx = np.concatenate([np.zeros(100), yx[turned]])
    found = hall_loop(field, yx, np.concatenate([np.full(100, 300.0), xx[turned]]))
    assert found.coercive_field.value == pytest.approx(COERCIVE, abs=0.002)


def test_the_noise_of_the_field_readings_makes_no_turning_points():
    field, yx, xx = loop(1)
    noisy = field + 5e-4 * np.random.default_rng(3).standard_normal(len(field))
    assert hall_loop(noisy, yx, xx).coercive_field.value == pytest.approx(COERCIVE, abs=0.002)


def test_what_is_no_whole_loop_says_why():
    field, yx, xx = loop(1)
    half = len(RISING)
    assert "both directions" in str(hall_loop(field[:half], yx[:half], xx[:half]))
    assert "40 are needed" in str(hall_loop(field[:20], yx[:20], xx[:20]))
    assert "fewer than 6 points" in str(hall_loop(field, yx, xx, saturated=0.6))
    with pytest.raises(ValueError, match="one length"):
        hall_loop(field, yx[1:], xx)


def test_without_the_longitudinal_resistance_the_mixing_is_no_result():
    field, yx, _ = loop(1)
    found = hall_loop(field, yx)
    assert isinstance(found.mixing, NoResult)
    assert isinstance(found.coercive_field, Estimate)


def within_two_sigma(estimates, truth):
    """Return the fraction of estimates that have the truth within two of their errors."""
    return np.mean([abs(one.value - truth) < 2.0 * one.error for one in estimates])


def lagging_magnet(field, largest=0.012, scale=1.0):
    """Return the true field of a magnet whose flux lags behind its current, after some loops."""
    flux = np.zeros(len(field))
    for _ in range(3):
        flux[0] = flux[-1]
        for i, step in enumerate(np.diff(field)):
            limit = largest * np.sign(step)
            flux[i + 1] = limit + (flux[i] - limit) * np.exp(-abs(step) / scale)
    return field + flux


def hysteretic(seed, top):
    """A loop in the reported field of a magnet that lags behind it."""
    rng = np.random.default_rng(seed)
    up = np.linspace(-top, top, 401)
    field = np.concatenate([up, up[::-1]])
    true = lagging_magnet(field)
    m = np.concatenate([rising_branch(true[:401]), -rising_branch(-true[401:])])
    return field, ORDINARY * true + ANOMALOUS * m + 0.05 * rng.standard_normal(len(true))


@pytest.mark.parametrize("top", [0.2, 0.5, 2.0])
def test_the_lag_of_the_magnet_is_in_the_error_of_the_coercive_field(top):
    found = [hall_loop(*hysteretic(seed, top)) for seed in range(20)]
    assert within_two_sigma([one.coercive_field for one in found], COERCIVE) > 0.9
    told = [hall_loop(*hysteretic(seed, top), field_error=0.0) for seed in range(20)]
    assert within_two_sigma([one.coercive_field for one in told], COERCIVE) < 0.1
    assert found[0].field_error == pytest.approx(0.005 * top)


def test_a_loop_on_the_grid_of_a_digital_output_has_honest_errors():
    top, step = 0.2, 0.05
    up = np.linspace(-top, top, 134)
    field = np.concatenate([up, up[::-1]])
    m = np.concatenate([rising_branch(up), -rising_branch(-up[::-1])])
    slopes, heights = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        raw = ORDINARY * field + (ANOMALOUS + 0.2 * rng.standard_normal()) * m + 0.1 * rng.random()
        raw += 0.1 * step * rng.standard_normal(len(field))
        found = hall_loop(field, step * np.round(raw / step), saturated=0.13)
        slopes.append(found.hall_coefficient)
        heights.append((found.hall_coefficient.value - ORDINARY) / found.hall_coefficient.error)
    assert within_two_sigma(slopes, ORDINARY) > 0.85
    assert np.std(heights) < 1.3


def test_a_signal_that_is_late_is_put_back_to_its_field():
    rate, lag, field, yx, _ = 0.005, 1.2, *loop(3, sigma=0.01)
    time = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(field)))]) / rate
    late = np.interp(time - lag, time, yx)
    plain = hall_loop(field, late, field_error=0.0)
    put_back = hall_loop(field, late, time=time, lag=lag, field_error=0.0)
    assert plain.coercive_field.value == pytest.approx(COERCIVE + rate * lag, abs=5e-4)
    assert put_back.coercive_field.value == pytest.approx(COERCIVE, abs=5e-4)


def test_an_error_of_the_ohm_is_in_everything_that_is_in_ohms():
    plain, wide = (hall_loop(*loop(1), gain_error=error) for error in (0.0, 0.01))
    for name in ("hall_coefficient", "anomalous", "area"):
        before, after = getattr(plain, name), getattr(wide, name)
        added = np.sqrt(after.error**2 - before.error**2)
        assert added == pytest.approx(0.01 * abs(before.value), rel=1e-6)
    assert wide.coercive_field == plain.coercive_field


def test_points_that_repeat_each_other_count_for_less():
    rng = np.random.default_rng(1)
    white = rng.standard_normal(2000)
    slow = np.convolve(white, np.ones(4) / 2.0, mode="same")  # four points in a row are alike
    values = 10.0 + white
    assert redundancy([white[:1000], white[1000:]], values, 1.0) == pytest.approx(1.0, abs=0.15)
    assert redundancy([slow[:1000], slow[1000:]], values, 1.0) == pytest.approx(4.0, rel=0.2)
    digital = 3.0 * np.round(values / 3.0)
    assert redundancy([white[:1000], white[1000:]], digital, 1.0) == pytest.approx(2.0, abs=0.3)
