import math
import time

import numpy as np
import pytest

from daq.physics.tunnelling import anisotropic_conductance, dynes_conductance
from daq.samples.nipb import AlloyNumbers, nipb
from daq.samples.pb111 import pb111
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Resistor
from instruments.status import Status
from procedures.tunnel_spectrum import TunnelSpectrum

PEAK = 50e-6 * math.sqrt(2.0)
SINGLE = {"acquisition": "single", "time_constant": 0.01}


def column(rows, name):
    return np.array([row[name] for row in rows])


def scaled_to(kernel, measured):
    return measured * (kernel @ kernel) / (kernel @ measured)


def test_a_spectrum_of_lead_is_the_kernel_of_its_gap_within_the_noise(tunnelling_place):
    here = tunnelling_place(sample=pb111())
    rows = here.rows(TunnelSpectrum(settle_fraction=1e-3))
    truth = here.bench.truth()
    told, measured = column(rows, "Voltage (V)"), column(rows, "dI/dV (S)")
    voltage = truth["bias_scale"] / 1e-3 * told + truth["bias_offset"]
    kernel = dynes_conductance(voltage, 1.343e-3, 0.04e-3, 0.32, PEAK)
    error = column(rows, "dI/dV error (S)") * kernel.max() / measured.max()
    left = (scaled_to(kernel, measured) - kernel) / error
    assert np.mean(left**2) < 1.6  # the errors are estimates themselves
    assert np.mean(np.abs(left) < 3.0) > 0.95
    assert not (column(rows, "Status").astype(int) & ~Status.NOT_SETTLED).any()


def test_a_spectrum_of_the_alloy_tells_the_anisotropic_gap_from_an_isotropic_one(tunnelling_place):
    flat = nipb(numbers=AlloyNumbers(enhancement=0.0))
    rows = tunnelling_place(sample=flat).rows(TunnelSpectrum(start=-4e-3, stop=4e-3, points=161))
    voltage, measured = column(rows, "Voltage (V)"), column(rows, "dI/dV (S)")
    right = anisotropic_conductance(voltage, 1.031e-3, 0.2, 0.04e-3, 0.32, PEAK)
    wrong = dynes_conductance(voltage, 1.031e-3, 0.04e-3, 0.32, PEAK)
    assert np.std(scaled_to(right, measured) - right) < 0.02
    assert np.std(scaled_to(wrong, measured) - wrong) > 0.1


def test_every_row_holds_the_set_point_for_normalising(tunnelling_place):
    rows = tunnelling_place(sample=pb111()).rows(TunnelSpectrum(points=3))
    assert set(column(rows, "Set-point voltage (V)")) == {0.01}
    (current,) = set(column(rows, "Set-point current (A)"))
    assert current == pytest.approx(1e-9, rel=0.03)  # 10 pA of it an offset of the output
    assert column(rows, "Current (A)")[-1] == pytest.approx(0.8e-9, rel=0.05)


def test_both_ways_the_spectrum_comes_back_and_agrees(tunnelling_place):
    here = tunnelling_place(sample=pb111())
    rows = here.rows(TunnelSpectrum(points=9, both_ways=True, **SINGLE))
    there, back = column(rows, "dI/dV (S)")[:9], column(rows, "dI/dV (S)")[:8:-1]
    np.testing.assert_allclose(there, back, atol=5e-9)


def test_a_run_that_was_broken_off_goes_on_with_the_first_missing_point(tunnelling_place):
    here = tunnelling_place(sample=pb111())
    procedure = TunnelSpectrum(points=9, **SINGLE)
    procedure.first = 6
    rows = here.rows(procedure)
    assert column(rows, "Voltage (V)") == pytest.approx(procedure.targets()[6:])
    here.assert_at_rest()


def test_an_overloaded_preamplifier_is_flagged_where_it_is(tunnelling_place):
    here = tunnelling_place(
        ("full_scale: 10 V", "full_scale: 0.06 V"), sample=Resistor(10e6, temperature=0.32)
    )
    rows = here.rows(TunnelSpectrum(points=17, set_point=4e-3, **SINGLE))
    over = (column(rows, "Status").astype(int) & Status.OVERLOAD) > 0
    np.testing.assert_array_equal(over, np.abs(column(rows, "Voltage (V)")) >= 5.9e-3)


def test_the_position_of_the_tip_stands_in_every_row(tunnelling_place):
    here = tunnelling_place()
    here.station.role("lockin").dac2 = 0.04
    rows = here.rows(TunnelSpectrum(points=2, **SINGLE))
    assert column(rows, "Position (m)") == pytest.approx([4e-9, 4e-9])


def test_the_second_harmonic_has_no_conductance(tunnelling_place):
    rows = tunnelling_place(sample=pb111()).rows(TunnelSpectrum(points=3, harmonic=2, **SINGLE))
    assert np.isnan(column(rows, "dI/dV (S)")).all()
    assert np.isfinite(column(rows, "X (V)")).all()


def test_a_station_that_applies_a_current_refuses_it_before_anything_is_sent(place):
    here = place()
    with pytest.raises(ConfigurationError, match="biases its sample with a current"):
        TunnelSpectrum().check(here.station)


def test_201_points_take_less_than_one_and_a_half_seconds_of_a_core(tunnelling_place):
    here = tunnelling_place(sample=pb111())
    taken = []
    for _ in range(2):
        began = time.process_time()
        here.rows(TunnelSpectrum())
        taken.append(time.process_time() - began)
    assert min(taken) < 1.5
