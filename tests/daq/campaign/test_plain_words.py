import pytest

from daq.campaign.plain_words import in_plain_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ramp failed: ValueError: off scale", "ramp failed: off scale"),
        ("InstrumentError: lock-in: no answer", "lock-in: no answer"),
        ("pyvisa.errors.VisaIOError: timeout", "timeout"),
        ("x.csv: [Errno 28] No space left on device; go", "x.csv: No space left on device; go"),
        ("not safe: source: mute (1 sub-exception)", "not safe: source: mute"),
        ("KeyError", "no reason was given"),
        ("", "no reason was given"),
        ("Error bars are missing", "Error bars are missing"),
        ("the TypeErrors of nobody", "the TypeErrors of nobody"),
    ],
)
def test_names_of_exceptions_and_numbers_of_systems_are_left_out(error, words):
    assert in_plain_words(error) == words
