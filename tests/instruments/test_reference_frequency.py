import pytest

from instruments.reference_frequency import (
    Detection,
    aliased,
    averaging_time_constant,
    disturbing_tones,
    judge_frequency,
)


@pytest.mark.parametrize(
    ("frequency", "interval", "seen"),
    [(274.0, 0.005, 74.0), (2000.0, 0.005, 0.0), (-87.0, 0.01, 13.0), (-137.0, 0.01, -37.0)],
)
def test_a_tone_is_seen_where_sampling_puts_it(frequency, interval, seen):
    assert aliased(frequency, interval) == pytest.approx(seen, abs=1e-9)


@pytest.mark.parametrize("frequency", [50.0, 100.0, 150.0, 152.0, 1000.0, 99.0])
def test_a_frequency_whose_ripple_or_line_beat_is_sampled_to_zero_is_bad(frequency):
    verdict = judge_frequency(frequency, 0.2)
    assert not verdict.good
    assert "less than 1/dwell = 5 Hz" in verdict.problem


@pytest.mark.parametrize("line", [50.0, 60.0])
@pytest.mark.parametrize("frequency", [137.0, 411.0, 733.0, 959.0])
def test_the_default_frequency_is_good_in_every_country(frequency, line):
    assert judge_frequency(frequency, 0.2, line_frequency=line).good


@pytest.mark.parametrize("harmonic", [1, 2])
@pytest.mark.parametrize("frequency", [50.0, 150.0, 1000.0])
def test_the_nearest_good_frequency_is_good_itself(frequency, harmonic):
    nearest = judge_frequency(frequency, 0.2, harmonic=harmonic).nearest
    assert nearest is not None
    assert 0.0 < abs(nearest - frequency) < 40.0
    assert judge_frequency(nearest, 0.2, harmonic=harmonic).good


def test_a_longer_dwell_tells_tones_apart_that_a_shorter_one_does_not():
    assert not judge_frequency(152.0, 0.2).good
    assert judge_frequency(152.0, 1.0).good


def test_a_dwell_of_a_few_time_constants_is_refused():
    verdict = judge_frequency(17.0, 0.2)
    assert "dwell of 0.52 s" in verdict.problem
    assert judge_frequency(17.0, 0.6).good


@pytest.mark.parametrize(
    ("frequency", "harmonic", "seconds"),
    [(137.0, 1, 5e-3), (137.0, 2, 6.43e-3), (17.0, 1, 25.9e-3)],
)
def test_the_time_constant_is_as_short_as_ripple_and_refresh_allow(frequency, harmonic, seconds):
    assert averaging_time_constant(frequency, harmonic) == pytest.approx(seconds, rel=0.01)


def test_only_tones_that_the_filter_lets_through_disturb():
    near = disturbing_tones(Detection(137.0, 5e-3))
    assert -274.0 in near
    assert -87.0 in near
    assert disturbing_tones(Detection(5000.0, 5e-3)) == ()


def test_a_beat_with_the_line_alone_makes_a_frequency_bad():
    assert judge_frequency(147.0, 0.2).problem.startswith("a beat with the line at 97 Hz")
    assert judge_frequency(147.0, 0.2, line_frequency=60.0).good
