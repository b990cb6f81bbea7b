import math

import numpy as np
import pytest

from instruments.errors import ConfigurationError, LimitError
from instruments.mount import Mount
from instruments.simulated.sample import Resistor
from instruments.waiting import Record, drive
from procedures.angle_sweep import AngleSweep

FAST = {"time_constant": 0.02}
STEP = 0.8 / 15.0
AXIS = 30.0


class TwoFold(Resistor):
    """A contact whose resistance is largest when the field is along one axis."""

    def voltage(self, current, terminals, source, environment):
        return self._ohms(environment) * current

    def current(self, voltage, source, environment):
        return voltage / self._ohms(environment)

    @staticmethod
    def _ohms(environment):
        x, y, _ = environment.field
        return 100.0 + 10.0 * math.cos(2.0 * (math.atan2(y, x) - math.radians(AXIS)))


def axis_of(rows, angle):
    """Return the axis in degrees, modulo 180, by projection on cos 2 phi and sin 2 phi."""
    phi = 2.0 * np.radians([row[angle] for row in rows])
    design = np.column_stack([np.ones_like(phi), np.cos(phi), np.sin(phi)])
    found = np.linalg.lstsq(design, [row["Resistance (ohm)"] for row in rows], rcond=None)[0]
    return 0.5 * math.degrees(math.atan2(found[2], found[1]))


def test_the_axis_of_the_sample_comes_out_on_both_branches(place):
    here = place(TwoFold(), field=2.0)
    here.station.mount = Mount(backlash=0.5)
    rows = here.rows(AngleSweep(points=25, both_ways=True, **FAST))
    up = [row for row in rows if row["Branch"] == 1]
    down = [row for row in rows if row["Branch"] == -1]
    assert axis_of(up, "Crystal angle (deg)") == pytest.approx(AXIS, abs=0.1)
    assert axis_of(down, "Crystal angle (deg)") == pytest.approx(AXIS, abs=0.1)
    assert axis_of(down, "Angle (deg)") == pytest.approx(AXIS - 0.5, abs=0.1)


@pytest.mark.parametrize(("start", "stop"), [(0.0, 20.0), (20.0, 0.0)])
def test_every_angle_of_a_branch_is_approached_from_the_same_side(place, start, stop):
    here = place(angle=10.0)
    here.station.mount = Mount(backlash=0.5)
    procedure = AngleSweep(start=start, stop=stop, points=5, both_ways=True, **FAST)
    off, angles, branches = {1: [], -1: []}, [], []

    def note(event):
        if isinstance(event, Record):
            true, row = here.bench.truth()["angle"], event.values
            assert row["Crystal angle (deg)"] == pytest.approx(true, abs=1e-4)
            off[row["Branch"]].append(true - row["Angle (deg)"])
            angles.append(row["Angle (deg)"])
            branches.append(row["Branch"])

    clock = here.station.clock
    drive(procedure.records(here.station), clock, stopped=lambda: False, handle=note)
    assert off[1] == pytest.approx([0.0] * 5, abs=1e-4)
    assert off[-1] == pytest.approx([0.5] * 5, abs=1e-4)
    assert branches[0] == (1 if stop > start else -1)
    assert angles == pytest.approx(procedure.targets(), abs=STEP)


def test_the_cosine_between_current_and_field_is_stored(place):
    here = place(field=1.0)
    here.station.mount = Mount(offset=10.0, current=(0.0, 1.0, 0.0))
    rows = here.rows(AngleSweep(start=10.0, stop=100.0, points=3, **FAST))
    assert [row["J.H"] for row in rows] == pytest.approx([0.0, 0.707, 1.0], abs=2e-3)
    here.station.mount = None
    (row, _) = here.rows(AngleSweep(start=10.0, stop=12.0, points=2, **FAST))
    assert math.isnan(row["J.H"])
    assert math.isnan(row["Crystal angle (deg)"])


def test_a_run_that_was_broken_off_goes_on_in_the_same_sense(place):
    here = place(angle=30.0)
    whole = AngleSweep(stop=20.0, points=3, both_ways=True, **FAST)
    rest = AngleSweep(stop=20.0, points=3, both_ways=True, **FAST)
    rest.first = 4
    rows, missing = here.rows(whole), here.rows(rest)
    assert [row["Branch"] for row in missing] == [row["Branch"] for row in rows[4:]] == [-1, -1]
    assert [row["Setpoint (deg)"] for row in missing] == whole.targets()[4:]
    assert here.bench.truth()["angle"] == pytest.approx(0.5, abs=STEP)


def test_an_approach_within_the_backlash_is_refused(place):
    here = place()
    here.station.mount = Mount(backlash=4.0)
    with pytest.raises(ConfigurationError, match="not larger than the backlash of 4 deg"):
        AngleSweep().check(here.station)


@pytest.mark.parametrize("settings", [{"start": -9.0}, {"stop": 371.0}])
def test_angles_and_their_approach_beyond_the_travel_are_refused(place, settings):
    with pytest.raises(LimitError, match="angle"):
        AngleSweep(**settings).check(place().station)


def test_the_way_back_needs_room_above_the_stop(place):
    AngleSweep(stop=369.0).check(place().station)
    with pytest.raises(LimitError, match="372"):
        AngleSweep(stop=369.0, both_ways=True).check(place().station)


def test_two_equal_ends_are_refused(place):
    with pytest.raises(ConfigurationError, match="both 5 deg"):
        AngleSweep(start=5.0, stop=5.0).check(place().station)
