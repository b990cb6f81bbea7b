"""Two runs are compared by what they do not have in common, and by nothing else."""

from daq.app.run_differences import ABSENT, Difference, differences, in_words


def test_only_what_differs_is_told_with_its_way_from_the_top():
    left = {"settings": {"points": 61, "slope": 24}, "instruments": {"source": {"range": 1e-6}}}
    right = {"settings": {"points": 61, "slope": 12}, "instruments": {"source": {"range": 1e-3}}}
    assert differences(left, right) == (
        Difference("settings / slope", "24", "12"),
        Difference("instruments / source / range", "1e-06", "0.001"),
    )
    assert differences(left, left) == ()


def test_what_only_one_of_them_has_is_absent_in_the_other():
    assert differences({"a": {"b": 1}}, {"c": None}) == (
        Difference("a / b", "1", ABSENT),
        Difference("c", ABSENT, "none"),
    )


def test_numbers_that_are_none_are_alike_and_yes_is_not_one():
    assert differences({"x": float("nan")}, {"x": float("nan")}) == ()
    assert differences({"x": 1.0}, {"x": 1}) == ()
    assert differences({"x": True}, {"x": 1}) == (Difference("x", "yes", "1"),)


def test_values_read_like_words():
    assert in_words([1, "a", False]) == "1, a, no"
    assert in_words("") == '""'
