import math

import pytest
from pydantic import ValidationError

from daq.config.document import parse_document
from daq.config.folder import configs_folder
from daq.config.mount import MountConfig
from daq.config.station import station_from
from instruments.errors import ConfigurationError
from instruments.mount import Mount

TEXT = (configs_folder() / "stations" / "simulated.yaml").read_text(encoding="utf-8")
MOUNT = """\
mount:
  along: [1, 1, 0]
  towards: [0, 0, 2]
  offset: 10 deg
  misalignment: 0.5 deg
  backlash: 0.2 deg
  current: [0, 1, 0]
"""


def mount(text):
    return station_from(parse_document(text + TEXT, "s.yaml")).mount


def test_a_mount_is_read_into_degrees_and_directions_of_length_one():
    half = 1.0 / math.sqrt(2.0)
    assert mount(MOUNT) == Mount(
        along=(half, half, 0.0),
        towards=(0.0, 0.0, 1.0),
        offset=10.0,
        misalignment=0.5,
        backlash=0.2,
        current=(0.0, 1.0, 0.0),
    )


def test_what_is_not_said_is_a_crystal_that_sits_straight_without_play():
    assert mount("mount: {offset: -3 deg}\n") == Mount(offset=-3.0)
    assert mount("") is None


@pytest.mark.parametrize(
    ("old", "new", "start", "part"),
    [
        ("[1, 1, 0]", "[1, 1]", "s.yaml:2: mount.along: ", "three numbers"),
        ("[1, 1, 0]", "x", "s.yaml:2: mount.along: ", "three numbers"),
        ("[1, 1, 0]", "[1, 1 deg, 0]", "s.yaml:2: mount.along[2]: ", "a finite number"),
        ("[1, 1, 0]", "[1, .inf, 0]", "s.yaml:2: mount.along[2]: ", "a finite number"),
        ("[1, 1, 0]", "[0, 0, 0]", "s.yaml:2: mount.along: ", "a length of 0"),
        ("[0, 0, 2]", "[0, 1, 0]", "s.yaml:3: mount.towards: ", "45 degrees between"),
        ("10 deg", "10", "s.yaml:4: mount.offset: ", "add the unit"),
        ("0.5 deg", "0.5 K", "s.yaml:5: mount.misalignment: ", "a quantity in deg"),
        ("0.2 deg", "-0.2 deg", "s.yaml:6: mount.backlash: ", "0 or more"),
        ("current", "curent", "s.yaml:7: mount.curent: ", "did you mean 'current'?"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(old, new, start, part):
    assert MOUNT.count(old) == 1
    with pytest.raises(ConfigurationError) as error:
        mount(MOUNT.replace(old, new))
    assert str(error.value).startswith(start)
    assert part in str(error.value)
    assert str(error.value).isprintable()


def test_in_python_a_mount_takes_degrees_as_numbers():
    assert MountConfig(offset=2.0).mount() == Mount(offset=2.0)
    with pytest.raises(ValidationError):
        MountConfig(backlash=-1.0)
