import numpy as np
import pytest

from daq.analysis.heating import heating
from instruments.errors import LimitError
from instruments.simulated.sample import Resistor
from instruments.waiting import Record, drive
from procedures.heating_check import HeatingCheck


class Warming(Resistor):
    """R grows with the power: R = R0 (1 + c I^2)."""

    strength = 1e8

    def voltage(self, current, terminals, source, environment):
        return self.resistance * current * (1.0 + self.strength * current**2)

    def current(self, voltage, source, environment):
        return voltage / self.resistance


def collect(procedure, station):
    rows = []

    def keep(event):
        if isinstance(event, Record):
            rows.append(dict(event.values))

    drive(procedure.records(station), station.clock, stopped=lambda: False, handle=keep)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def judged(rows, varied):
    chosen = rows["Varied"] == varied
    return heating(
        rows["Level"][chosen],
        rows["dV/dI (ohm)"][chosen],
        rows["dV/dI error (ohm)"][chosen],
    )


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_resistor_is_independent_of_excitation_and_bias_whatever_the_lockin_hides(
    bench_station, seed
):
    _, station = bench_station(seed=seed)
    rows = collect(HeatingCheck(current=2e-6), station)
    for varied in (0, 1):
        result = judged(rows, varied)
        assert result.independent
        assert result.change.error < 1e-4


def test_a_contact_that_warms_up_is_found_out_by_excitation_and_by_bias(bench_station):
    _, station = bench_station(Warming(100.0))
    rows = collect(HeatingCheck(current=2e-6), station)
    # the first harmonic of I^3 is 3/4 of the peak, squared; dV/dI has 3 c I^2
    by_excitation = 1e8 * 1.5 * 1e-12 * (4.0 - 0.25)
    by_bias = 3.0 * 1e8 * 4e-12 * (4.0 - 0.25)
    assert not judged(rows, 0).independent
    assert judged(rows, 0).change.value == pytest.approx(by_excitation, abs=2e-4)
    assert judged(rows, 1).change.value == pytest.approx(by_bias, rel=0.1)
    assert judged(rows, 1).change.significance > 10.0


def test_all_levels_are_read_on_one_sensitivity_there_and_back(bench_station):
    _, station = bench_station()
    rows = collect(HeatingCheck(rounds=2, dwell=0.2), station)
    assert list(rows["Level"]) == [0.5, 1.0, 2.0, 2.0, 1.0, 0.5]
    assert len(set(rows["Sensitivity (V)"])) == 1
    assert set(rows["Status"]) == {0}
    assert rows["Excitation (A)"] == pytest.approx(1e-6 * rows["Level"], rel=0.01)


def test_without_a_bias_only_the_excitation_is_varied(bench_station):
    bench, station = bench_station()
    rows = collect(HeatingCheck(rounds=1, dwell=0.2), station)
    assert set(rows["Varied"]) == {0}
    assert bench.peaks.current < 3e-6


@pytest.mark.parametrize("settings", [{"excitation_rms": 7.1e-5}, {"current": 1e-4}])
def test_twice_too_much_is_refused_before_anything_is_sent(bench_station, settings):
    bench, station = bench_station()
    began = bench.clock.now()
    with pytest.raises(LimitError, match="above the limit"):
        collect(HeatingCheck(**settings), station)
    assert bench.clock.now() == began
