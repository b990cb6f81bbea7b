import math

import pytest

from instruments.errors import LimitError
from instruments.limits import StationLimits, wider


@pytest.mark.parametrize(
    ("value", "standing", "answer"),
    [
        (1.0, 2.0, False),
        (2.0, 2.0, False),
        (2.1, 2.0, True),
        (math.nan, 2.0, True),
        ((2.0, 300.0), (1.8, 350.0), False),
        ((1.7, 300.0), (1.8, 350.0), True),
        ((2.0, 351.0), (1.8, 350.0), True),
        ((math.nan, 300.0), (1.8, 350.0), True),
        (300.0, (1.8, 350.0), True),
        ((2.0, 300.0), 350.0, True),
    ],
)
def test_a_limit_is_wider_if_it_allows_anything_that_the_standing_one_does_not(
    value, standing, answer
):
    assert wider(value, standing) is answer


def test_a_station_takes_tighter_limits_and_refuses_wider_ones():
    limits = StationLimits(current=1e-3)
    assert limits.tightened(current=1e-4).current == 1e-4
    with pytest.raises(LimitError, match=r"current = 0.002 is wider than the station's 0.001"):
        limits.tightened(current=2e-3)
    with pytest.raises(LimitError, match="there is no limit 'amperes'"):
        limits.tightened(amperes=1.0)
