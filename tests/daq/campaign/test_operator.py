"""A campaign on a bench where a person moves the wires."""

import json
from typing import ClassVar

import pytest

from daq.campaign.conductor import Conductor
from daq.campaign.control import Control
from daq.campaign.outcome import Start
from daq.campaign.plan import ContactStep, OnError, PlannedStep, ProcedureStep, WaitStep
from daq.config.document import parse_document
from daq.config.station import station_from
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.errors import InstrumentError
from instruments.station import CONTEXT_COLUMNS, record
from instruments.switch import AskOperator
from instruments.waiting import wait
from procedures.base import Resume, StationProcedure

ONE = '  contact 1: {source: "I+ I-", lockin: "V+ V-"}\n'
TWO = (
    '  contact 1: {source: "A+ A-", lockin: "A+ A-"}\n'
    '  contact 2: {source: "B+ B-", lockin: "B+ B-"}\n'
)
SAMPLE = ("sample: bi2se3_soft_contact", "sample: bi2se3_contact_pair")
LAND = OnError(2, "land")


class Point(StationProcedure):
    """One point."""

    name = "point"
    resume = Resume.RESTART
    DATA_COLUMNS: ClassVar[list[str]] = [*CONTEXT_COLUMNS, "R (ohm)"]

    def records(self, station):
        yield from wait(station.clock, 1.0, "the point")
        yield record(station, {"R (ohm)": 100.0})


@pytest.fixture
def place(tmp_path, cold_station):
    """Return a conductor whose wires a person moves, with all that belongs to it."""
    config = station_from(parse_document(cold_station((ONE, TWO), SAMPLE), "two.yaml"))
    bench = build_bench(config)
    station = open_configured(config, bench=bench)
    station.instruments["switch"] = AskOperator("contact 1")
    folder = CampaignFolder.create(tmp_path, "wires", station.clock, {}, sequence="", station="")
    control, said = Control(), []
    conductor = Conductor(
        station, folder, {"point": Point}, stop=control, patience=600.0, say=said.append
    )
    yield conductor, control, bench, said
    station.close()


def steps():
    return [
        PlannedStep(0, ProcedureStep("point", {})),
        PlannedStep(1, ContactStep("contact 2")),
        PlannedStep(2, ProcedureStep("point", {})),
    ]


def events(conductor):
    return conductor.folder.history().events


def contacts(conductor, count):
    paths = [open_run(conductor.folder.path, n).path for n in range(1, count + 1)]
    return [json.loads(path.with_suffix(".json").read_text())["contact"] for path in paths]


def test_it_pauses_at_rest_for_a_person_and_goes_on_with_the_contact_that_was_wired(place):
    conductor, control, bench, said = place
    truth = {}

    def rewired():
        truth.update(bench.bench.truth())
        control.ask("go on")

    conductor.station.clock.at(300.0, rewired)
    outcome = conductor.carry_out(steps(), LAND)
    assert outcome.status == "finished", outcome.error
    assert conductor.station.clock.now() == pytest.approx(302.0, abs=5.0)
    assert truth["source_current"] == pytest.approx(0.0, abs=1e-7)
    assert truth["oscillator_rms"] == 0.0
    assert contacts(conductor, 2) == ["contact 1", "contact 2"]
    assert "wire 'contact 2' by hand" in said[0]
    told = [event["event"] for event in events(conductor) if event.get("step") == 1]
    assert told == [
        "step begun",
        "step failed",
        "paused",
        "decided",
        "wired by hand",
        "step begun",
        "step ended",
    ]


def test_nobody_there_lands_the_campaign_before_a_wrong_contact_is_measured(place):
    conductor, *_ = place
    outcome = conductor.carry_out(steps(), LAND)
    assert outcome.status == "failed"
    assert "nobody decided within 600 s" in outcome.error
    assert len(outcome.runs) == 1
    assert conductor.station.contact == "contact 1"


def test_an_abort_while_it_waits_for_the_wires_ends_it(place):
    conductor, control, *_ = place
    conductor.station.clock.at(60.0, lambda: control.ask("abort"))
    outcome = conductor.carry_out(steps(), LAND)
    assert outcome.status == "aborted"
    assert "wired by hand" not in [event["event"] for event in events(conductor)]


def test_a_resumed_campaign_asks_for_the_wires_that_it_had(place):
    conductor, control, *_ = place
    conductor.station.clock.at(100.0, lambda: control.ask("go on"))
    start = Start(index=2, before=(steps()[1],))
    outcome = conductor.carry_out(steps(), LAND, start)
    assert outcome.status == "finished", outcome.error
    assert contacts(conductor, 1) == ["contact 2"]


def test_skip_leaves_what_was_meant_for_the_contact_unmeasured_up_to_the_next_contact(place):
    conductor, control, _, said = place
    conductor.station.clock.at(100.0, lambda: control.ask("skip"))
    planned = [
        *steps(),
        PlannedStep(3, WaitStep(1.0)),
        PlannedStep(4, ContactStep("contact 1")),
        PlannedStep(5, ProcedureStep("point", {})),
    ]
    outcome = conductor.carry_out(planned, LAND)
    assert outcome.status == "finished", outcome.error
    assert outcome.skipped == 1
    assert contacts(conductor, 2) == ["contact 1", "contact 1"]
    runs = [event["step"] for event in events(conductor) if event["event"] == "run begun"]
    assert runs == [0, 5]
    skipped = {e["step"]: e["why"] for e in events(conductor) if e["event"] == "step skipped"}
    assert skipped[2] == "meant for 'contact 2', and 'contact 1' is wired"
    assert 3 not in skipped
    assert said[-1].startswith("step 3 is skipped")
    assert said[0].startswith("paused at step 2: ")


def test_a_contact_step_that_fails_and_is_skipped_measures_nothing_on_the_old_contact(
    place, monkeypatch
):
    conductor, *_ = place

    def refuses(_contact):
        raise InstrumentError("switch: the cards do not answer")

    monkeypatch.setattr(conductor.station.instruments["switch"], "connect", refuses)
    outcome = conductor.carry_out(steps(), OnError(0, "skip"))
    assert outcome.status == "finished"
    assert outcome.skipped == 2
    assert len(outcome.runs) == 1
