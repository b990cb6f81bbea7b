import math

import numpy as np
import pytest

from instruments.errors import LimitError
from instruments.simulated.sample import Resistor
from instruments.waiting import Record, Wait, drive
from procedures.base import Resume
from procedures.environment import reach_field
from procedures.field_loop import FieldLoop

FAST = {"time_constant": 0.02}
COERCIVE = 0.061


class HallFilm(Resistor):
    """A film of 200 ohm with a loop of 4 ohm at the transverse contacts."""

    def __init__(self):
        super().__init__(200.0)
        self.up = False

    def evolve(self, seconds, environment, exposures):
        field = environment.field[0]
        if abs(field) > COERCIVE:
            self.up = field > 0.0

    def voltage(self, current, terminals, source, environment):
        if terminals == "Vy+ Vy-":
            return (4.0 if self.up else -4.0) * current
        return 200.0 * (1.0 + environment.field[0] ** 2) * current

    def current(self, voltage, source, environment):
        return voltage / (200.0 * (1.0 + environment.field[0] ** 2))


def of_branch(rows, branch, name):
    return np.array([row[name] for row in rows if row["Branch"] == branch])


def test_a_loop_has_its_branches_in_order_and_every_field_once_on_each():
    branches = FieldLoop(maximum=0.2, points=5).branches()
    assert [mark for mark, _ in branches] == [0, -1, 1]
    assert branches[0][1] == pytest.approx([0.0, 0.1, 0.2])
    assert branches[1][1] == pytest.approx([0.2, 0.1, 0.0, -0.1, -0.2])
    assert branches[2][1] == branches[1][1][::-1]
    assert 0.0 in branches[1][1]
    assert [mark for mark, _ in FieldLoop(initial_branch=False).branches()] == [-1, 1]


def test_the_coercive_field_and_the_hall_resistance_of_the_film_come_out(place):
    here = place(HallFilm(), transverse=True)
    rows = here.rows(FieldLoop(maximum=0.1, points=21, **FAST))
    for branch, sign in ((-1, 1.0), (1, -1.0)):
        field, r_yx = of_branch(rows, branch, "Field (T)"), of_branch(rows, branch, "R_yx (ohm)")
        switched = np.flatnonzero(np.diff(np.sign(r_yx)))
        assert len(switched) == 1
        crossing = field[switched[0] : switched[0] + 2].mean()
        assert crossing == pytest.approx(-sign * COERCIVE, abs=0.01)
        assert r_yx[0] == pytest.approx(sign * 4.0, rel=0.03)
        assert r_yx[-1] == pytest.approx(-sign * 4.0, rel=0.03)
    resistance = of_branch(rows, 1, "Resistance (ohm)")
    assert resistance[0] / resistance[10] == pytest.approx(1.01, abs=1e-3)
    assert of_branch(rows, 0, "R_yx (ohm)")[0] < 0.0 < of_branch(rows, 0, "R_yx (ohm)")[-1]


def test_averages_of_both_lock_ins_are_taken_over_the_same_time(place):
    here = place(HallFilm(), transverse=True, latency="20 ms")
    rows = here.rows(FieldLoop(maximum=0.1, points=2, acquisition="averaged", initial_branch=False))
    assert [abs(row["R_yx (ohm)"]) for row in rows] == pytest.approx([4.0] * 4, rel=0.03)
    assert all(row["Lag (s)"] < 0.5 for row in rows)


def test_without_a_second_lock_in_its_columns_are_not_numbers(place):
    rows = place().rows(FieldLoop(maximum=0.02, points=2, **FAST))
    assert all(math.isnan(row["R_yx (ohm)"]) and math.isnan(row["X_yx (V)"]) for row in rows)


def test_a_sweep_takes_points_while_the_field_moves(place):
    here = place(HallFilm(), transverse=True)
    rows = here.rows(FieldLoop(maximum=0.1, mode="sweep", rate=0.002, interval=2.0, **FAST))
    down = of_branch(rows, -1, "Field (T)")
    assert len(down) > 50
    assert down[0] == pytest.approx(0.1, abs=2e-3)
    assert down[-1] == pytest.approx(-0.1, abs=2e-3)
    assert np.all(np.diff(down) < 1e-4)


def test_no_field_is_overshot(place):
    here = place(temperature=4.0)
    highest = 0.0
    for event in FieldLoop(maximum=0.05, points=5, zero_from=0.0, **FAST).records(here.station):
        if isinstance(event, Wait):
            here.station.clock.sleep(max(0.0, event.until - here.station.clock.now()))
        highest = max(highest, abs(here.ppms.magnet.reported(here.station.clock.now())) * 1e-4)
    assert highest == pytest.approx(0.05, abs=5e-5)


@pytest.mark.parametrize(("zero_first", "approach"), [(True, 2), (False, 1)])
def test_the_field_oscillates_to_zero_before_the_loop(place, zero_first, approach):
    here = place(field=0.1)
    loop = FieldLoop(maximum=0.05, points=3, zero_first=zero_first, zero_from=0.05, **FAST)
    story = loop.records(here.station)
    while here.ppms.magnet.setpoint[0] != 0.0:
        next(story)
    assert here.ppms.magnet.setpoint[2] == approach
    story.close()


def after_zeroing(here, zero_from):
    """Begin a loop after 5 T; return its highest field and the true one where it starts."""
    story = reach_field(here.station, 5.0, None, "no overshoot")
    drive(story, here.station.clock, stopped=bool, handle=lambda _event: None)
    story = reach_field(here.station, 0.0, None, "no overshoot")
    drive(story, here.station.clock, stopped=bool, handle=lambda _event: None)
    assert here.ppms.magnet.true(here.station.clock.now()) == pytest.approx(-118.0, abs=2.0)
    seen = []
    loop = FieldLoop(maximum=0.05, points=3, zero_from=zero_from, **FAST)
    for event in loop.records(here.station):
        if isinstance(event, Record):
            break
        if isinstance(event, Wait):
            here.station.clock.sleep(max(0.0, event.until - here.station.clock.now()))
        seen.append(here.station.cryostat.reading.field)
    return max(seen), here.ppms.magnet.true(here.station.clock.now()) * 1e-4


def test_a_magnet_at_zero_goes_out_and_oscillates_so_that_trapped_flux_is_gone(place):
    highest, left = after_zeroing(place(), 1.0)
    assert highest == pytest.approx(1.0, abs=2e-3)
    assert abs(left) < 0.002


def test_a_magnet_that_is_not_to_go_out_keeps_its_flux(place):
    highest, left = after_zeroing(place(), 0.0)
    assert highest < 1e-3
    assert left < -0.011


@pytest.mark.parametrize(
    "settings", [{"maximum": 15.0}, {"zero_from": 15.0}, {"rate": 0.1}, {"rate": 1e-5}]
)
def test_a_field_or_a_rate_beyond_the_limits_is_refused(place, settings):
    with pytest.raises(LimitError, match="field"):
        FieldLoop(**settings).check(place().station)


def test_a_loop_remembers_so_only_a_person_may_repeat_it():
    assert FieldLoop.resume is Resume.ASK
