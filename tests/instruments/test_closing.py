import pytest

from instruments.closing import Closing


class Door(Closing):
    closed = 0

    def close(self):
        self.closed += 1


def test_what_is_left_is_closed_once():
    with Door() as door:
        assert door.closed == 0
    assert door.closed == 1


def test_a_failure_closes_and_goes_on_its_way():
    door = Door()
    with pytest.raises(ValueError, match="inside"), door:
        raise ValueError("inside")
    assert door.closed == 1


def test_what_does_not_say_how_it_is_closed_cannot_be_made():
    with pytest.raises(TypeError, match="close"):
        Closing()
