import numpy as np
import pytest

from daq.samples.bi2se3_tip import METALS, bi2se3_tip
from instruments.simulated.sample import Environment, Exposure

COLD = Environment(1.9)
PULSE = {"I+ I-": Exposure(peak_voltage=9.0)}
CURRENT = np.array([-1e-6, 1e-6])


def zero_bias_resistance(tip):
    low, high = tip.voltage(CURRENT, "I+ I-", "I+ I-", COLD)
    return (high - low) / 2e-6


def after_a_pulse(metal, volts=9.0):
    tip = bi2se3_tip(metal)
    tip.evolve(5e-3, COLD, {"I+ I-": Exposure(peak_voltage=volts)})
    return tip


def test_a_pulse_makes_silver_superconduct_and_no_other_metal():
    dropped = {
        metal: zero_bias_resistance(bi2se3_tip(metal)) - zero_bias_resistance(after_a_pulse(metal))
        for metal in METALS
    }
    assert dropped["Ag"] > 5.0
    assert [dropped[metal] for metal in ("Au", "Cu", "Ti")] == pytest.approx([0.0] * 3, abs=1e-9)


def test_gold_and_copper_are_not_moved_up_to_ten_volts_but_titanium_is():
    written = {metal: after_a_pulse(metal, 10.0).written for metal in METALS}
    assert written["Au"] == written["Cu"] == 0.0
    assert written["Ti"] > 0.9
    assert written["Ag"] > 0.9


def test_an_unknown_metal_is_refused():
    with pytest.raises(ValueError, match="choose one of"):
        bi2se3_tip("Pt")
