import numpy as np
import pytest

from daq.analysis.hall import hall_loop
from daq.samples.catalogue import make_sample
from daq.samples.hall_bar import HallBar, HallBarNumbers
from instruments.simulated.sample import Environment

CURRENT = np.array([1e-5])


def resistance(bar, pair, field=0.0):
    here = Environment(4.0, (field, 0.7, 0.0))
    return float(bar.voltage(CURRENT, pair, "I+ I-", here)[0] / 1e-5)


def test_the_bar_has_the_resistances_that_it_is_made_for():
    bar = HallBar(HallBarNumbers(resistance=50.0, hall=2.0, mixing=0.02, lead=3.0))
    assert resistance(bar, "V+ V-", 5.0) == pytest.approx(50.0)
    assert resistance(bar, "I+ I-") == pytest.approx(56.0)
    assert resistance(bar, "H+ H-", 5.0) == pytest.approx(2.0 * 5.0 + 0.02 * 50.0)
    assert resistance(bar, "H+ H-", -5.0) == pytest.approx(-2.0 * 5.0 + 0.02 * 50.0)


def test_a_station_file_can_choose_its_numbers():
    options = {"resistance": "1 kohm", "hall": "0.5 ohm/T", "mixing": "3 %", "lead": "2 ohm"}
    bar = make_sample("hall_bar", options)
    assert bar.numbers == HallBarNumbers(1000.0, 0.5, 0.03, 2.0)


def test_a_hall_loop_recovers_slope_and_mixing_and_no_hysteresis():
    bar, rng = HallBar(), np.random.default_rng(3)
    branch = np.linspace(-0.5, 0.5, 101)
    field = np.concatenate([branch, branch[::-1]])
    yx = np.array([resistance(bar, "H+ H-", b) for b in field]) + 1e-3 * rng.standard_normal(202)
    xx = np.array([resistance(bar, "V+ V-", b) for b in field]) + 1e-3 * rng.standard_normal(202)
    loop = hall_loop(field, yx, xx)
    assert loop.hall_coefficient.value == pytest.approx(10.0, abs=0.01)
    assert loop.area.significance < 4.0
