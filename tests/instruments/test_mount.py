import math

import pytest

from instruments.errors import ConfigurationError
from instruments.mount import Mount
from instruments.simulated import bench

HALF = math.sqrt(0.5)


@pytest.mark.parametrize("angle", [-10.0, 0.0, 37.0, 180.0, 361.0])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"offset": 12.0, "misalignment": 3.0},
        {"along": (0.0, 0.0, 1.0), "towards": (HALF, HALF, 0.0), "misalignment": -5.0},
    ],
)
def test_the_field_is_where_the_simulated_mount_puts_it(angle, given):
    found = Mount(**given).field_direction(angle)
    assert found == pytest.approx(bench.Mount(**given).field(1.0, angle))
    assert math.hypot(*found) == pytest.approx(1.0)


def test_a_falling_reading_is_behind_by_the_backlash():
    mount = Mount(offset=5.0, backlash=0.5)
    assert mount.crystal_angle(50.0) == 45.0
    assert mount.crystal_angle(50.0, falling=True) == 45.5


def test_the_cosine_of_current_and_field_turns_with_the_sign_of_the_field():
    mount = Mount(current=(1.0, 0.0, 0.0))
    assert mount.current_to_field(2.0, 60.0) == pytest.approx(0.5)
    assert mount.current_to_field(-2.0, 60.0) == pytest.approx(-0.5)
    assert mount.current_to_field(2.0, 60.0, falling=True) == pytest.approx(0.5)


def test_a_current_normal_to_the_plane_of_rotation_is_always_normal_to_the_field():
    mount = Mount(current=(0.0, 0.0, 1.0))
    cosines = [mount.current_to_field(2.0, angle) for angle in range(0, 360, 15)]
    assert cosines == pytest.approx([0.0] * len(cosines))


def test_an_unknown_current_has_no_angle():
    assert math.isnan(Mount().current_to_field(1.0, 0.0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"along": (1.0, 1.0, 0.0)}, "along"),
        ({"current": (0.0, 0.0, 2.0)}, "current"),
        ({"towards": (HALF, HALF, 0.0)}, "right angle"),
        ({"backlash": -0.1}, "backlash"),
    ],
)
def test_a_mount_that_cannot_be_is_refused(given, words):
    with pytest.raises(ConfigurationError, match=words):
        Mount(**given)
