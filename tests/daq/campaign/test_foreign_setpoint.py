"""Somebody else sets the cryostat while a campaign runs."""

from typing import ClassVar

import pytest

from daq.campaign.conductor import Conductor
from daq.campaign.control import Control
from daq.campaign.plan import OnError, PlannedStep, ProcedureStep, TemperatureStep, WaitStep
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import station_from
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.errors import RefusedError
from instruments.station import CONTEXT_COLUMNS, record
from instruments.waiting import wait
from procedures.base import Resume, StationProcedure

LAND = OnError(0, "land")


class Ladder(StationProcedure):
    """Sixty points, a second apart."""

    name = "ladder"
    resume = Resume.CONTINUE
    DATA_COLUMNS: ClassVar[list[str]] = [*CONTEXT_COLUMNS, "R (ohm)"]

    def targets(self):
        return list(range(60))

    def records(self, station):
        for _ in self.targets()[self.first :]:
            yield from wait(station.clock, 1.0, "the point")
            yield record(station, {"R (ohm)": 100.0})


@pytest.fixture
def opened(tmp_path):
    """Return a maker of a cold simulated station, its twin of the PPMS, and a conductor."""
    stations = []

    def make(policy="pause", read_only="false", patience=100.0):
        text = find_config("stations", "simulated").read_text(encoding="utf-8")
        text = text.replace("{temperature: 300 K", "{temperature: 1.9 K").replace(
            "port: 27183}", f"port: 27183, foreign_setpoint: {policy}, read_only: {read_only}}}"
        )
        config = station_from(parse_document(text, "station.yaml"))
        bench = build_bench(config)
        station = open_configured(config, bench=bench)
        stations.append(station)
        folder = CampaignFolder.create(
            tmp_path, "foreign", station.clock, {}, sequence="", station=""
        )
        control = Control()
        conductor = Conductor(station, folder, {"ladder": Ladder}, stop=control, patience=patience)
        return station, bench.cryostat, conductor, control, folder

    yield make
    for station in stations:
        station.close()


def steps():
    return [PlannedStep(0, ProcedureStep("ladder", {}))]


def told(folder, event):
    return [entry for entry in folder.history().events if entry["event"] == event]


def test_a_campaign_pauses_and_lands_when_nobody_decides(opened):
    station, ppms, conductor, _, folder = opened()
    station.clock.at(20.0, lambda: ppms.set_temperature(5.0, 5.0, 0))
    outcome = conductor.carry_out(steps(), LAND)
    assert outcome.status == "failed"
    (paused,) = told(folder, "paused")
    assert "somebody else has set the cryostat" in paused["why"]
    assert "5 K" in paused["why"]
    assert 5 < open_run(folder.path, 1).rows < 45


class Nap(Ladder):
    """One point after a wait of an hour."""

    name = "nap"

    def records(self, station):
        yield from wait(station.clock, 3600.0, "the sample to follow")
        yield record(station, {"R (ohm)": 100.0})


@pytest.mark.parametrize("step", [WaitStep(3600.0), ProcedureStep("nap", {})])
def test_it_is_noticed_at_the_next_poll_of_a_single_long_wait(opened, step):
    station, ppms, conductor, _, folder = opened(patience=60.0)
    conductor.procedures = {"nap": Nap}
    station.clock.at(1001.0, lambda: ppms.set_temperature(5.0, 5.0, 0))
    outcome = conductor.carry_out([PlannedStep(0, step)], LAND)
    assert outcome.status == "failed"
    assert "somebody else has set the cryostat" in outcome.error
    assert len(told(folder, "paused")) == 1
    assert 1060.0 < station.clock.now() < 1075.0  # noticed within two polls, then the patience


def test_a_wait_that_nobody_disturbs_is_as_long_as_it_should_be(opened):
    station, _, conductor, _, _ = opened()
    began = station.clock.now()
    outcome = conductor.carry_out([PlannedStep(0, WaitStep(1001.0))], LAND)
    assert outcome.status == "finished"
    assert station.clock.now() - began == pytest.approx(1001.0, abs=0.5)


def test_told_to_go_on_it_takes_their_setpoint_and_misses_no_point(opened):
    station, ppms, conductor, control, folder = opened(patience=1800.0)
    station.clock.at(20.0, lambda: ppms.set_temperature(2.0, 1.0, 0))
    station.clock.at(120.0, lambda: control.ask("go on"))
    outcome = conductor.carry_out(steps(), LAND)
    assert outcome.status == "finished"
    assert open_run(folder.path, 1).rows == 60
    assert station.cryostat.foreign_setpoint is None


def test_a_station_may_land_at_once_or_ignore_it(opened):
    station, ppms, conductor, _, folder = opened("land")
    station.clock.at(20.0, lambda: ppms.set_temperature(5.0, 5.0, 0))
    assert conductor.carry_out(steps(), LAND).status == "failed"
    assert not told(folder, "paused")
    station, ppms, conductor, _, _ = opened("ignore")
    station.clock.at(20.0, lambda: ppms.set_temperature(5.0, 5.0, 0))
    assert conductor.carry_out(steps(), LAND).status == "finished"


def test_a_cryostat_that_is_only_listened_to_is_never_set(opened):
    station, ppms, conductor, _, _ = opened(read_only="true")
    with pytest.raises(RefusedError, match="read only"):
        station.cryostat.set_temperature(5.0)
    outcome = conductor.carry_out([PlannedStep(0, TemperatureStep(5.0, rate=0.05))], LAND)
    assert outcome.status == "failed"
    assert "read only" in outcome.error
    assert ppms.block.setpoint[0] == pytest.approx(1.9)
