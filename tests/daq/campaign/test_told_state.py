import json

import pytest

from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort, address_file
from daq.campaign.local_port import ask
from daq.campaign.told_state import told_state
from daq.config.station import load_station
from daq.station_file import open_configured
from instruments.excitation import Excitation
from instruments.waiting import drive


@pytest.fixture
def station(cold_station, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "station.yaml").write_text(cold_station())
    station = open_configured(load_station(tmp_path / "station.yaml"))
    yield station
    station.close()


def carry_out(station, story):
    drive(story, station.clock, stopped=lambda: False, handle=lambda _: None)


def test_a_state_is_told_without_a_word_to_any_instrument(station, monkeypatch):
    carry_out(station, station.bias.configure(Excitation(1e-6, 137.0, 0.02), 1e-5))
    carry_out(station, station.bias.set(4e-6))
    station.cryostat.set_temperature(6.0, 0.1)
    station.cryostat.set_field(0.5, 0.004)
    station.cryostat.set_angle(30.0)
    now = station.clock.now()
    found = told_state(station)
    assert station.clock.now() == now  # every message takes time on this clock
    assert json.loads(json.dumps(found)) == found
    bias = found["bias"]
    assert (bias["current"], bias["excitation_rms"]) == (4e-6, 1e-6)
    assert bias["frequency"] == 137.0
    assert bias["time_constant"] == pytest.approx(0.02)
    assert bias["sensitivity"] == station.bias.sensitivity
    setpoints = found["cryostat"]["setpoints"]
    assert (setpoints["temperature"]["target"], setpoints["temperature"]["rate"]) == (6.0, 0.1)
    assert (setpoints["field"]["target"], setpoints["field"]["rate"]) == (0.5, 0.004)
    assert setpoints["angle"]["target"] == 30.0
    station.bias.rest()
    assert told_state(station)["bias"]["current"] == 0.0
    assert told_state(station)["bias"]["excitation_rms"] == 0.0


def test_a_campaign_that_runs_tells_its_state_and_another_tells_nothing(station, tmp_path):
    campaign = tmp_path / "campaign"

    def asked():
        return ask(address_file(campaign), {"do": "state"}, whom="the campaign")

    assert asked() is None
    with ControlPort(campaign, Control(), lambda *_: None, lambda: told_state(station)):
        found = asked()["state"]
    assert found["station"] == station.name
    assert set(found["cryostat"]["setpoints"]) == {"temperature", "field", "angle"}
    assert asked() is None
