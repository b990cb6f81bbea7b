import math

import numpy as np
import pytest

from instruments.errors import LimitError, RefusedError
from instruments.excitation import Excitation, settling_time
from instruments.limits import StationLimits
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.waiting import drive

EXCITATION = Excitation(1e-6, 137.0, 0.02)
STEP = 1e-8
"""Of an output in V at a sensitivity of 100 uV, which the first harmonic asks for."""


def carry_out(story, station):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)


def measure(station, current=0.0, excitation=EXCITATION):
    carry_out(station.bias.configure(excitation, abs(current)), station)
    carry_out(station.bias.set(current), station)
    return carry_out(station.bias.read(), station)


class Opening(Resistor):
    """A contact that opens above a current."""

    def voltage(self, current, terminals, source, environment):
        return np.where(current > 4e-5, 1e9 * (current - 4e-5), 0.0) + self.resistance * current

    def current(self, voltage, source, environment):
        kink = self.resistance * 4e-5
        beyond = (voltage - kink) / (1e9 + self.resistance)
        return np.where(voltage > kink, 4e-5 + beyond, voltage / self.resistance)


@pytest.mark.parametrize("resistance", [1.0, 100.0, 5000.0])
def test_a_resistor_is_measured_right_whatever_it_loads(bench_station, resistance):
    _, station = bench_station(Resistor(resistance), ideal=True)
    reading = measure(station, 2e-5)
    assert reading.resistance == pytest.approx(resistance, rel=2e-3)
    assert reading.excitation == pytest.approx(1e-6, rel=1e-3)
    assert reading.status == Status(0)


def test_hidden_errors_of_the_instruments_stay_within_their_accuracy(bench_station):
    _, station = bench_station(Resistor(100.0))
    assert measure(station).resistance == pytest.approx(100.0, rel=0.02)


def test_the_leak_through_the_series_resistance_is_what_the_bench_loses(bench_station):
    bench, station = bench_station(Resistor(1000.0), ideal=True, series_resistance=20e3)
    measure(station, 1e-4)
    truth = bench.truth()
    lost = truth["source_current"] - truth["sample_current"]
    assert station.bias.leak(1000.0 * truth["sample_current"]) == pytest.approx(lost, rel=1e-3)


def test_with_a_blocking_capacitor_nothing_leaks_and_its_settling_is_waited_for(bench_station):
    bench, station = bench_station(
        Resistor(1000.0), ideal=True, series_resistance=20e3, blocking_capacitor=1e-5
    )
    reading = measure(station, 1e-4)
    assert station.bias.leak(0.1) == 0.0
    assert bench.truth()["sample_current"] == pytest.approx(1e-4, rel=1e-3)
    assert reading.resistance == pytest.approx(1000.0, rel=5e-3)


def test_a_reading_is_taken_when_the_filter_has_forgotten_the_last_point(bench_station):
    class Step(Resistor):
        def voltage(self, current, terminals, source, environment):
            return np.where(current > 2e-6, 200.0 * current - 2e-4, 100.0 * current)

        def current(self, voltage, source, environment):
            return np.where(voltage > 2e-4, (voltage + 2e-4) / 200.0, voltage / 100.0)

    _, station = bench_station(Step(), ideal=True)
    measure(station, 5e-5)
    carry_out(station.bias.set(0.0), station)
    early = station.role("lockin").read_xy()
    settled = carry_out(station.bias.read(), station)
    assert early.x > 1.5e-4
    assert settled.resistance == pytest.approx(100.0, abs=1.2)


@pytest.mark.parametrize(("current", "rms"), [(3e-4, 1e-6), (1.9e-4, 1e-5)])
def test_dc_plus_peak_ac_above_the_limit_is_refused_before_a_byte_is_sent(
    bench_station, current, rms
):
    bench, station = bench_station()
    before = bench.clock.now()
    with pytest.raises(LimitError, match="above the limit"):
        carry_out(station.bias.configure(Excitation(rms, 137.0, 0.02), current), station)
    assert bench.clock.now() == before


def test_an_excitation_that_an_open_contact_would_feel_is_refused(bench_station):
    _, station = bench_station(limits=StationLimits(current=1e-3))
    with pytest.raises(LimitError, match="open contact"):
        carry_out(station.bias.configure(Excitation(1e-5, 137.0, 0.02), 0.0), station)


def test_a_contact_that_loads_the_oscillator_is_refused_unless_accepted(bench_station):
    _, station = bench_station(Resistor(20e3))
    with pytest.raises(RefusedError, match="accept_loading"):
        measure(station)
    _, accepting = bench_station(Resistor(20e3), accept_loading=True, ideal=True)
    assert measure(accepting).resistance == pytest.approx(20e3, rel=5e-3)


def test_a_current_beyond_the_range_is_refused_in_mid_spectrum(bench_station):
    _, station = bench_station()
    measure(station, 1e-5)
    with pytest.raises(RefusedError, match="mid-spectrum"):
        carry_out(station.bias.set(5e-5), station)


def test_nothing_is_set_or_read_before_it_is_configured(bench_station):
    _, station = bench_station()
    with pytest.raises(RefusedError, match="configure"):
        carry_out(station.bias.set(0.0), station)
    with pytest.raises(RefusedError, match="configure"):
        carry_out(station.bias.read(), station)


@pytest.mark.parametrize("seed", range(5))
def test_a_contact_that_opens_sees_no_more_than_the_limit_and_is_flagged(bench_station, seed):
    bench, station = bench_station(Opening(100.0), seed=seed)
    carry_out(station.bias.configure(EXCITATION, 1e-4), station)
    statuses = []
    for current in np.linspace(0.0, 1e-4, 11):
        carry_out(station.bias.set(float(current)), station)
        statuses.append(carry_out(station.bias.read(), station).status)
    assert not statuses[2] & Status.COMPLIANCE
    assert all(status & Status.COMPLIANCE for status in statuses[5:])
    assert 0.4 < bench.truth()["peak_contact_voltage"] <= 0.5


def test_the_ramp_keeps_its_rate_and_its_steps(bench_station):
    bench, station = bench_station()
    carry_out(station.bias.configure(EXCITATION, 1e-4), station)
    began = bench.clock.now()
    carry_out(station.bias.set(1e-4), station)
    assert bench.clock.now() - began == pytest.approx(1.0, rel=0.3)


def test_at_rest_nothing_flows(bench_station):
    bench, station = bench_station()
    measure(station, 5e-5)
    station.finish()
    truth = bench.truth()
    assert truth["source_current"] == pytest.approx(0.0, abs=1e-7)
    assert truth["oscillator_rms"] == 0.0


def test_the_phase_is_set_on_the_contact_and_kept_for_its_frequency(bench_station):
    _, station = bench_station()
    reading = measure(station)
    first = station.bias.phase
    assert abs(reading.y) < 0.01 * abs(reading.x)
    measure(station)
    assert station.bias.phase == first
    measure(station, excitation=Excitation(1e-6, 733.0, 0.02))
    assert station.bias.phase.frequency == 733.0


class Warming(Resistor):
    """A superconductor that becomes normal."""

    normal = False

    def _between(self, terminals, source):
        return 100.0 if self.normal else 1e-9


@pytest.mark.parametrize(
    "excitation",
    [
        Excitation(1e-6, 137.0, 0.02, sensitivity=1e-3),
        Excitation.averaged(1e-6, 137.0, 0.2, sensitivity=1e-3),
    ],
    ids=["single", "averaged"],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_ramp_that_begins_superconducting_has_the_sign_of_the_resistance(
    bench_station, seed, excitation
):
    sample = Warming()
    sample.restless = True
    _, station = bench_station(sample, seed=seed)
    carry_out(station.bias.configure(excitation, 0.0), station)
    sample.normal = True
    for _ in range(3):
        station.role("lockin").read_xy()  # the twin looks at its sample when it is asked
        station.clock.sleep(1.0)
    assert carry_out(station.bias.read(), station).resistance == pytest.approx(100.0, rel=0.03)
    assert station.bias.phase is None  # it is looked for when there is a signal
    measure(station, excitation=excitation)
    assert station.bias.phase is not None


def test_the_second_harmonic_is_that_of_the_curvature(bench_station):
    class Curved(Resistor):
        def voltage(self, current, terminals, source, environment):
            return 100.0 * current + 1e5 * current**2

        def current(self, voltage, source, environment):
            return (-100.0 + np.sqrt(1e4 + 4e5 * voltage)) / 2e5

    _, station = bench_station(Curved(), ideal=True)
    reading = measure(station, excitation=Excitation(3e-6, 137.0, 0.02, harmonic=2))
    peak = math.sqrt(2.0) * 3e-6
    assert math.hypot(reading.x, reading.y) == pytest.approx(
        0.5 * 1e5 * peak**2 / math.sqrt(2.0), abs=2.0 * STEP
    )
    assert math.isnan(reading.resistance)


@pytest.mark.parametrize(
    ("poles", "fraction", "expected"),
    [(1, 0.1, 2.30), (2, 0.01, 6.64), (3, 0.001, 11.23), (4, 0.01, 10.05)],
)
def test_settling_times_are_those_of_the_table(poles, fraction, expected):
    assert settling_time(poles, fraction) == pytest.approx(expected, abs=0.006)


def test_a_fraction_that_cannot_be_waited_for_is_refused():
    with pytest.raises(ValueError, match="settle fraction"):
        settling_time(4, 0.0)
