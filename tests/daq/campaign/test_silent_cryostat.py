"""A cryostat that answers no more ends a campaign, and takes nothing else with it."""

from typing import ClassVar

import pytest

from daq.campaign.conductor import Conductor
from daq.campaign.control import Control
from daq.campaign.cryostat_news import CryostatNews
from daq.campaign.plan import OnError, PlannedStep, ProcedureStep, TemperatureStep
from daq.campaign.policy import SILENCE, CryostatSilentError, Policy
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import station_from
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.errors import CommunicationError
from instruments.excitation import Excitation
from instruments.station import CONTEXT_COLUMNS, record
from instruments.waiting import wait
from procedures.base import StationProcedure

POINTS = 400


class Current(StationProcedure):
    """Four hundred points at a current, a second apart."""

    DATA_COLUMNS: ClassVar[list[str]] = [*CONTEXT_COLUMNS, "R (ohm)"]

    def records(self, station):
        yield from station.bias.configure(Excitation.averaged(1e-6, 17.8, 1.0), 1e-5)
        yield from station.bias.set(1e-5)
        for _ in range(POINTS):
            yield from wait(station.clock, 1.0, "the point")
            yield record(station, {"R (ohm)": 100.0})


class Mute:
    """A link that answers nothing for a while."""

    def __init__(self, link, clock, since, until):
        self._link, self._clock = link, clock
        self._since, self._until = since, until

    def reading(self, now):
        if self._since <= self._clock.now() < self._until:
            raise CommunicationError("MultiVu at cold: no connection; start the server")
        return self._link.reading(now)

    def __getattr__(self, name):
        return getattr(self._link, name)


@pytest.fixture
def campaign(tmp_path):
    """Return a maker of a station whose cryostat is mute for a while, and a conductor."""
    opened = []

    def make(seconds):
        text = find_config("stations", "simulated").read_text(encoding="utf-8")
        text = text.replace("{temperature: 300 K", "{temperature: 1.9 K")
        config = station_from(parse_document(text, "station.yaml"))
        bench = build_bench(config)
        station = open_configured(config, bench=bench)
        opened.append(station)
        folder = CampaignFolder.create(tmp_path, "mute", station.clock, {}, sequence="", station="")
        control = Control()
        control.looked = CryostatNews(station.cryostat, folder.journal).look
        now = station.clock.now()
        station.cryostat._link = Mute(  # noqa: SLF001 (the seam of a dead server)
            station.cryostat._link,  # noqa: SLF001 (the same)
            station.clock,
            now + 30.0,
            now + 30.0 + seconds,
        )
        conductor = Conductor(station, folder, {"current": Current}, stop=control)
        return conductor, bench.bench, folder

    yield make
    for station in opened:
        station.close()


def events(folder):
    return [event["event"] for event in folder.history().events]


def test_a_sweep_under_a_silent_cryostat_ends_with_the_source_at_zero(campaign):
    conductor, bench, folder = campaign(seconds=1e9)
    steps = [PlannedStep(0, ProcedureStep("current", {}))]
    outcome = conductor.carry_out(steps, OnError(3, "skip"))
    assert outcome.status == "failed"
    assert "step 1: the cryostat has not answered for" in outcome.error
    assert "whether a field stands now is not known" in outcome.error
    truth = bench.truth()
    assert truth["source_connected"] == truth["source_current"] == truth["oscillator_rms"] == 0.0
    rows = open_run(folder.path, 1).rows
    assert SILENCE / 2.0 < rows < POINTS
    assert conductor.landed is False  # its guardian goes on
    (missed,) = [e for e in folder.history().events if e["event"] == "not safe"]
    assert set(missed["missed"]) == {"cryostat"}
    assert {"bias", "source", "lockin"} <= set(missed["reached"])
    assert events(folder)[-2:] == ["not safe", "campaign ended"]
    assert "cryostat silent" in events(folder)


def test_a_wait_under_a_silent_cryostat_does_not_wait_for_hours(campaign):
    conductor, _, folder = campaign(seconds=1e9)
    began = conductor.station.clock.now()
    steps = [PlannedStep(0, TemperatureStep(300.0, 1.0 / 60.0, "fast", 0.0))]
    outcome = conductor.carry_out(steps, OnError(0, "land"))
    assert outcome.status == "failed"
    assert conductor.station.clock.now() - began < 30.0 + 2.0 * SILENCE
    assert events(folder)[-2:] == ["not safe", "campaign ended"]


def test_a_cryostat_that_comes_back_in_time_costs_nothing(campaign):
    conductor, _, folder = campaign(seconds=SILENCE / 2.0)
    steps = [PlannedStep(0, ProcedureStep("current", {}))]
    outcome = conductor.carry_out(steps, OnError(0, "land"))
    assert outcome.status == "finished"
    assert open_run(folder.path, 1).rows == POINTS
    assert [e for e in events(folder) if e.startswith("cryostat")] == [
        "cryostat silent",
        "cryostat answers",
    ]


def test_a_silent_cryostat_is_never_tried_again_or_skipped():
    policy = Policy(OnError(5, "skip"))
    assert policy.after(CryostatSilentError("no"), tried=1, repeatable=True) == "land"
