import pytest

from daq.campaign.sequence import sequence_from
from daq.config.document import parse_document
from instruments.errors import ConfigurationError

TEXT = """\
title: Test
steps:
  - loop: {{temperature: {{{values}}}}}
    steps:
      - wait: 1 s
"""


def loop(values):
    text = TEXT.format(values=values)
    return sequence_from(parse_document(text, "test"), procedures={}).steps[0]


def test_a_list_of_values_leaves_room_for_a_rate():
    found = loop("values: [2 K, 5 K, 3 K], rate: 3 K/min, approach: no_overshoot")
    assert found.values == (2.0, 5.0, 3.0)
    assert found.set_step.rate == pytest.approx(0.05)
    assert found.set_step.approach == "no overshoot"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("values: [2 K], from: 1 K", "'from' and 'values'"),
        ("values: 2 K", "expected a list"),
        ("values: []", "an empty list"),
        ("values: [2]", "found 2"),
    ],
)
def test_a_list_that_contradicts_or_is_none_is_refused(values, found):
    with pytest.raises(ConfigurationError, match=found):
        loop(values)
