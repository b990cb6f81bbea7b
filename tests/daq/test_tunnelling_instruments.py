"""A campaign on the shipped tunnelling station, from its files to its rows."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from daq.campaign.prepared import prepare
from daq.campaign.rehearsal import rehearse
from daq.campaign.rehearsal_station import rehearsal_station
from daq.campaign.runner import resume_campaign, run_prepared
from daq.config.station import load_station
from daq.runs.files import open_run
from daq.station_file import openers
from daq.tunnelling_instruments import hold_voltage, open_scanner, open_tunnelling
from instruments.clock import VirtualClock
from instruments.errors import LimitError
from instruments.waiting import Record

SPECTRUM = "from: -2 mV, to: 2 mV, points: 5, acquisition: single, time_constant: 10 ms"
SEQUENCE = f"""\
title: Line
station: tunnelling
steps:
  - loop: {{position: [-2 nm, 2 nm]}}
    steps:
      - tunnel_spectrum: {{{SPECTRUM}}}
"""


class StopAfter:
    """Ask to stop after so many rows."""

    def __init__(self, rows):
        self.left, self.stop = rows, threading.Event()

    def offer(self, event, rows):
        self.left -= isinstance(event, Record)
        if self.left == 0:
            self.stop.set()


@pytest.fixture
def prepared(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(SEQUENCE)
    return prepare(file)


def column(run, name):
    return np.asarray(run.data[name], dtype=float)


def test_a_loop_over_the_position_measures_at_each_place(prepared, tmp_path):
    outcome = run_prepared(prepared, tmp_path / "data")
    assert (outcome.status, outcome.error) == ("finished", "")
    places = [column(open_run(outcome.folder, number), "Position (m)") for number in (1, 2)]
    np.testing.assert_allclose(places[0], -2e-9)
    np.testing.assert_allclose(places[1], 2e-9)


def test_a_spectrum_that_was_stopped_is_resumed_where_it_stopped_and_at_its_place(
    prepared, tmp_path
):
    stopper = StopAfter(8)
    broken = run_prepared(prepared, tmp_path / "data", stop=stopper.stop, follower=stopper)
    assert broken.status == "aborted"
    assert resume_campaign(broken.folder, accept=True).status == "finished"
    run = open_run(broken.folder, 2)
    np.testing.assert_allclose(column(run, "Voltage (V)"), np.linspace(-2e-3, 2e-3, 5), atol=1e-9)
    np.testing.assert_allclose(column(run, "Position (m)"), 2e-9)


def test_a_rehearsal_judges_the_voltage_at_the_sample(prepared):
    found = rehearse(prepared)
    assert found.error == ""
    assert found.points == 10
    reached = found.limits["voltage"]
    assert reached.fraction == pytest.approx((10e-3 + 2**0.5 * 50e-6) / 12e-3, rel=1e-3)
    assert not found.broken_limits
    assert "position" not in found.limits


def test_a_station_that_applies_a_current_has_no_limit_of_a_voltage(cold_station, tmp_path):
    (tmp_path / "cold.yaml").write_text(cold_station())
    (tmp_path / "s.yaml").write_text("title: None\nsteps:\n  - wait: 1 s\n")
    ready = prepare(tmp_path / "s.yaml", tmp_path / "cold.yaml")
    assert "voltage" not in rehearse(ready).limits


def test_a_real_tunnelling_station_is_rehearsed_on_a_resistor_that_does_not_overload():
    real = replace(load_station("tunnelling"), simulated=None)
    sample = rehearsal_station(real).simulated.sample
    assert (sample.name, sample.options["resistance"]) == ("resistor", "10000000 ohm")


def test_a_sequence_may_tighten_the_limit_at_the_sample(tmp_path):
    (tmp_path / "s.yaml").write_text(
        SEQUENCE.replace("steps:\n  - loop", "limits: {voltage: 5 mV}\nsteps:\n  - loop")
    )
    with pytest.raises(Exception, match="limit voltage"):
        prepare(tmp_path / "s.yaml")


def test_the_lockin_that_the_guardian_opens_is_held_and_lets_go(tunnelling_station):
    _, station = tunnelling_station()
    config = load_station("tunnelling")
    assert set(openers(config, VirtualClock())) == {"lockin", "cryostat"}
    lockin = station.role("lockin")
    assert hold_voltage(config, config.limits, "lockin", lockin) is lockin
    lockin.dac1, lockin.voltage = 10.0, 0.05
    with pytest.raises(LimitError):
        lockin.dac1 = 12.0
    lockin.make_safe()
    assert lockin.dac1 == 0.0


def test_a_station_that_applies_a_current_has_neither_bias_nor_scanner():
    config = load_station("simulated")
    assert open_tunnelling(config, VirtualClock(), {}, config.limits) is None
    assert open_scanner(config, VirtualClock(), {}, config.limits) is None
