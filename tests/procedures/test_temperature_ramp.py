import numpy as np
import pytest

from daq.analysis.thermometer import at_reading
from instruments.errors import ConfigurationError, LimitError, RefusedError
from instruments.simulated.bench import MOVING_STEP
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.waiting import Wait
from procedures.temperature_course import Rates
from procedures.temperature_ramp import TemperatureRamp

FAST = {"time_constant": 0.02}


class Thermometer(Resistor):
    """A resistor of as many ohm as it has kelvins."""

    def voltage(self, current, terminals, source, environment):
        return environment.temperature * current

    def current(self, voltage, source, environment):
        return voltage / environment.temperature


def column(rows, name):
    return np.array([row[name] for row in rows])


def at_the_sample(rows):
    """Return the temperature of the cryostat when each reading was at the sample."""
    lag = column(rows, "Lag (s)")
    when, age = column(rows, "Time (s)") - lag, column(rows, "Cryostat age (s)") - lag
    return at_reading(when, column(rows, "Temperature (K)"), age).value


def test_the_temperature_at_every_reading_follows_from_its_row(place):
    here = place(Thermometer(), temperature=60.0, noise="off")
    rows = here.rows(TemperatureRamp(stop=80.0, rate=0.2, time_constant=2.0, interval=2.0))
    coarse = 0.6 * 0.2 * MOVING_STEP  # the bench itself is behind by half a step
    for branch in (1, -1):
        part = [row for row in rows if row["Branch"] == branch]
        temperature = column(part, "Temperature (K)")
        kept = (temperature > 64.0) & (temperature < 76.0)
        late = (temperature - column(part, "Resistance (ohm)"))[kept]
        error = (at_the_sample(part) - column(part, "Resistance (ohm)"))[kept]
        assert np.mean(late) * branch > 1.0
        assert np.mean(error) == pytest.approx(0.0, abs=coarse)
    assert rows[0]["Lag (s)"] == pytest.approx(4 * 2.0, abs=0.01)


def test_an_average_is_as_late_as_half_its_dwell_and_has_an_error(place):
    here = place(temperature=60.0, latency="20 ms")
    settings = {"acquisition": "averaged", "dwell": 1.0, "both_ways": False}
    rows = here.rows(TemperatureRamp(stop=61.0, interval=5.0, **settings))
    assert rows[0]["Lag (s)"] == pytest.approx(0.5 + 4 * 5e-3, abs=0.05)
    assert 0.0 < rows[0]["Resistance error (ohm)"] < 0.1


def test_it_goes_there_and_comes_back_to_where_it_began(place):
    here = place(temperature=20.0)
    rows = here.rows(TemperatureRamp(stop=22.0, rate=0.1, **FAST))
    branches = [row["Branch"] for row in rows]
    assert branches == sorted(branches, reverse=True)
    assert set(branches) == {1, -1}
    turn = branches.index(-1)
    assert rows[turn - 1]["Temperature (K)"] == pytest.approx(22.0, abs=0.05)
    assert rows[-1]["Temperature (K)"] == pytest.approx(20.0, abs=0.05)
    assert rows[-1]["Setpoint (K)"] == 20.0
    assert rows[-1]["Status"] == 0
    assert rows[turn // 2]["Status"] & Status.NOT_SETTLED


def test_points_come_at_the_interval(place):
    rows = place(temperature=20.0).rows(
        TemperatureRamp(stop=24.0, rate=0.05, interval=7.0, both_ways=False, **FAST)
    )
    assert np.diff(column(rows, "Time (s)"))[1:-1] == pytest.approx(7.0, abs=0.02)


def test_below_ten_kelvin_the_other_rate_is_taken(place):
    here = place(temperature=12.0)
    seen = set()
    procedure = TemperatureRamp(stop=8.0, rate=0.05, rate_below=0.02, **FAST)
    for event in procedure.records(here.station):
        target, rate, _ = here.ppms.block.setpoint
        temperature = here.station.cryostat.reading.temperature
        if abs(temperature - 10.0) > 0.5:
            seen.add((target, temperature < 10.0, round(rate / 60.0, 6)))
        if isinstance(event, Wait):
            here.station.clock.sleep(max(0.0, event.until - here.station.clock.now()))
    assert {entry for entry in seen if entry[0] == 8.0} >= {(8.0, False, 0.05), (8.0, True, 0.02)}
    assert (12.0, True, 0.02) in seen
    assert (12.0, False, 0.05) in seen


def test_the_way_to_a_cold_start_is_as_fast_as_it_may_be(place):
    here = place(temperature=20.0)
    settings = {"rate": 0.1, "rate_below": 0.01, "both_ways": False}
    rows = here.rows(TemperatureRamp(start=9.0, stop=9.1, **settings, **FAST))
    hold = 30.0 * 10.0  # that the PPMS takes itself at 10 K, coming from 20 K
    assert rows[0]["Time (s)"] < 10.0 / 0.1 + 1.0 / 0.01 + hold + 200.0


@pytest.mark.parametrize(
    ("temperature", "cooling", "rate"),
    [(10.0, True, 0.02), (10.0, False, 0.05), (10.1, True, 0.05), (9.9, False, 0.02)],
)
def test_at_ten_kelvin_the_rate_is_that_of_the_way_ahead(temperature, cooling, rate):
    assert Rates(0.05, 0.02).at(temperature, cooling=cooling) == rate
    assert Rates(0.01, 0.02).at(5.0, cooling=cooling) == 0.01


def test_steps_are_settled_and_waited_for(place):
    here = place(Thermometer(), temperature=20.0, noise="off")
    rows = here.rows(
        TemperatureRamp(start=21.0, stop=23.0, points=3, mode="stepped", pause=30.0, **FAST)
    )
    assert column(rows, "Setpoint (K)") == pytest.approx([21.0, 22.0, 23.0, 23.0, 22.0, 21.0])
    assert list(column(rows, "Branch")) == [1, 1, 1, -1, -1, -1]
    assert np.all(np.diff(column(rows, "Time (s)")) > 30.0)
    assert column(rows, "Resistance (ohm)") == pytest.approx(column(rows, "Setpoint (K)"), abs=0.05)


def test_a_sample_is_not_warmed_unasked(place):
    here = place(temperature=20.0)
    here.station.keep_below = 30.0
    rows, outcome = here.run(TemperatureRamp(stop=31.0, **FAST))
    assert not rows
    assert "RefusedError" in outcome.error
    assert here.ppms.block.setpoint[0] == 20.0
    here.station.confirmed_above = True
    assert here.rows(TemperatureRamp(stop=31.0, rate=0.2, both_ways=False, **FAST))


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"stop": 1.5}, LimitError, "temperature of 1.5 K"),
        ({"stop": 5.0, "start": 360.0}, LimitError, "360 K"),
        ({"stop": 5.0, "rate": 0.3}, LimitError, "rate"),
        ({"stop": 5.0, "acquisition": "averaged", "frequency": 150.0}, ConfigurationError, "150"),
        ({"stop": 50.0}, RefusedError, "kept below 25 K"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(place, settings, error, words):
    here = place(temperature=20.0)
    here.station.keep_below = 25.0
    with pytest.raises(error, match=words):
        TemperatureRamp(**settings).check(here.station)


def test_a_ramp_that_is_stopped_holds_the_temperature(place):
    here = place(temperature=20.0)
    procedure = TemperatureRamp(stop=300.0, rate=0.2, **FAST)
    story = procedure.records(here.station)
    for event in story:
        if isinstance(event, Wait):
            here.station.clock.sleep(max(0.0, event.until - here.station.clock.now()))
        if here.station.cryostat.reading.temperature > 30.0:
            break
    story.close()
    procedure.end(here.station)
    assert here.ppms.block.setpoint[0] == pytest.approx(30.5, abs=0.6)
    here.assert_at_rest()
