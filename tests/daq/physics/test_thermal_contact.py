import math

import numpy as np
import pytest

from daq.physics.andreev import thermal_contact_resistance, thermal_contact_voltage
from daq.physics.dynes import dynes_density
from daq.physics.thermal_contact import critical_current

CURRENT = np.linspace(-3e-4, 3e-4, 61)


def test_below_the_critical_current_only_the_series_resistance_is_left():
    found = thermal_contact_voltage(CURRENT, 1e-4, 5.0, series_resistance=100.0)
    root = np.sqrt(np.maximum(CURRENT**2 - 1e-8, 0)) * np.sign(CURRENT)
    assert found == pytest.approx(100.0 * CURRENT + 5.0 * root, abs=1e-12)


def test_the_voltage_is_odd_and_ohmic_in_the_normal_state():
    found = thermal_contact_voltage(CURRENT, 1e-4, 5.0, 100.0, 2e-5)
    assert found == pytest.approx(-found[::-1], abs=1e-15)
    normal = thermal_contact_voltage(CURRENT, 0.0, 5.0, 100.0, 0.0)
    assert normal == pytest.approx(105.0 * CURRENT, abs=1e-12)
    assert thermal_contact_resistance(CURRENT, 0.0, 5.0, 100.0) == pytest.approx([105.0] * 61)
    bare = thermal_contact_voltage(CURRENT, 1e-4, 0.0, 100.0, 1e-5)
    assert bare == pytest.approx(100.0 * CURRENT, abs=1e-15)


def test_the_resistance_is_the_slope_of_the_voltage():
    current, step = np.array([-2e-4, -5e-5, 3e-5, 1.02e-4, 2e-4]), 1e-8
    args = (1e-4, 5.0, 100.0, 1e-5)
    rise = thermal_contact_voltage(current + step, *args)
    rise = rise - thermal_contact_voltage(current - step, *args)
    slope = rise / (2 * step)
    assert thermal_contact_resistance(current, *args) == pytest.approx(slope, rel=1e-6)


def test_the_resistance_is_the_function_of_dynes():
    expected = 100.0 + 5.0 * dynes_density(CURRENT, 1e-4, 1e-5)
    found = thermal_contact_resistance(CURRENT, 1e-4, 5.0, 100.0, 1e-5)
    assert found == pytest.approx(expected, rel=1e-9)
    assert thermal_contact_resistance(1e-4, 1e-4, 5.0) == math.inf
    assert thermal_contact_resistance(1e-4, 1e-4, 0.0, 7.0) == 7.0


def test_a_map_over_angle_and_bias_is_one_call_and_scales_with_the_critical_current():
    critical = np.array([1e-4, 1.5e-4])[:, None]
    found = thermal_contact_resistance(CURRENT, critical, 5.0, 1.0, 0.1 * critical)
    assert found.shape == (2, 61)
    scaled = thermal_contact_resistance(1.5 * CURRENT, 1.5e-4, 5.0, 1.0, 1.5e-5)
    assert scaled == pytest.approx(found[0], rel=1e-9)


def test_the_critical_current_ends_with_superconductivity():
    assert critical_current(0.0, 0.0, 1e-4) == 1e-4
    assert critical_current([1.0, 0.5, 2.0], [0.0, 1.0, 2.0], 1e-4).tolist() == [0, 0, 0]
    assert critical_current(0.5, 0.5, 1e-4) == pytest.approx(1e-4 * 0.75**1.5 * 0.5)


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("value", [-1.0, math.nan])
def test_what_means_nothing_is_refused(index, value):
    arguments = [1e-4, 5.0, 100.0, 1e-5]
    arguments[index] = value
    for function in (thermal_contact_voltage, thermal_contact_resistance):
        with pytest.raises(ValueError, match=r"negative|finite|zero or more"):
            function(CURRENT, *arguments)
