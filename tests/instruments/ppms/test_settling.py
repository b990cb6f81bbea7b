import pytest

from instruments.ppms.settling import FIELD_RULE, TEMPERATURE_RULE, SettleRule, SettleWatch

RULE = SettleRule(0.1, dwell=4.0, delay=3.0)


def watch_at(target: float) -> SettleWatch:
    watch = SettleWatch(RULE)
    watch.aim(target, 0.0)
    return watch


def test_a_quantity_settles_after_the_dwell_inside_the_tolerance():
    watch = watch_at(10.0)
    for second in (1.0, 3.0):
        watch.sample(second, 10.05, "good")
    assert not watch.settled(3.0)
    watch.sample(5.0, 10.05, "good")
    assert watch.settled(5.0)


def test_one_sample_outside_begins_the_dwell_anew():
    watch = watch_at(10.0)
    for second, value in ((1.0, 10.0), (3.0, 10.2), (5.0, 10.0), (7.0, 10.0)):
        watch.sample(second, value, "good")
    assert not watch.settled(7.0)
    watch.sample(9.0, 10.0, "good")
    assert watch.settled(9.0)


def test_a_reading_at_the_target_under_a_bad_status_does_not_settle():
    watch = watch_at(10.0)
    for second in range(1, 10):
        watch.sample(float(second), 10.0, "busy")
    assert not watch.settled(9.0)


def test_an_unknown_status_neither_counts_nor_breaks_the_dwell():
    watch = watch_at(10.0)
    watch.sample(1.0, 10.0, "good")
    watch.sample(3.0, 10.0, "unknown")
    assert not watch.settled(3.0)
    watch.sample(5.0, 10.0, "good")
    assert watch.settled(5.0)


def test_nothing_settles_before_the_delay_after_the_set():
    watch = SettleWatch(SettleRule(0.1, dwell=0.0, delay=10.0))
    watch.aim(10.0, 0.0)
    watch.sample(9.0, 10.0, "good")
    assert not watch.settled(9.0)
    watch.sample(10.0, 10.0, "good")
    assert watch.settled(10.0)


def test_samples_from_before_the_set_do_not_count():
    watch = watch_at(10.0)
    watch.aim(10.0, 20.0)
    for second in (15.0, 19.0, 24.0):
        watch.sample(second, 10.0, "good")
    assert not watch.settled(24.0)


def test_a_gap_in_the_samples_says_nothing_about_the_time_between():
    watch = watch_at(10.0)
    watch.sample(1.0, 10.0, "good")
    watch.sample(60.0, 10.0, "good")
    assert not watch.settled(60.0)
    watch.sample(64.0, 10.0, "good")
    assert watch.settled(64.0)
    assert not watch.settled(80.0)


@pytest.mark.parametrize(
    ("target", "tolerance"), [(2.0, 0.010), (8.0, 0.016), (20.0, 0.010), (300.0, 0.060)]
)
def test_the_temperature_tolerance_is_wider_in_proportion_below_ten_kelvin(target, tolerance):
    assert TEMPERATURE_RULE.tolerance(target) == pytest.approx(tolerance)


def test_the_field_tolerance_is_far_below_the_half_percent_of_the_vendor():
    assert FIELD_RULE.tolerance(14.0) == pytest.approx(1.4e-3)
    assert FIELD_RULE.tolerance(-14.0) == pytest.approx(1.4e-3)
    assert FIELD_RULE.tolerance(0.1) == pytest.approx(0.5e-3)


def test_what_has_settled_is_not_called_unsettled_by_the_noise_of_a_reading():
    watch = watch_at(10.0)
    for second in range(1, 15):
        watch.sample(float(second), 10.0, "good")
    tolerance = watch.rule.tolerance(10.0)
    watch.sample(15.0, 10.0 + 2.9 * tolerance, "good")
    assert watch.settled(15.0)
    watch.sample(16.0, 10.0 + 3.1 * tolerance, "good")
    assert not watch.settled(16.0)
    watch.sample(17.0, 10.0 + 1.5 * tolerance, "good")
    for second in range(18, 40):
        watch.sample(float(second), 10.0 + 1.5 * tolerance, "good")
    assert not watch.settled(39.0)
