"""Warming a sample above what it is kept below: rehearsed, confirmed, and written down."""

import math
import threading
from dataclasses import replace

import pytest

from daq.campaign.attending import Attendance
from daq.campaign.limits import warmest
from daq.campaign.plan import PlannedStep, ProcedureStep
from daq.campaign.prepared import prepare
from daq.campaign.rehearsal import rehearse
from daq.campaign.runner import resume_campaign, run_prepared
from daq.runs.journal import read_journal

SEQUENCE = """\
title: Warm
on_error: {retry: 0, then: skip}
steps:
  - temperature: {to: 1.9 K, rate: 12 K/min}
  - temperature: {to: 25 K, rate: 12 K/min}
"""
KEPT = ("limits:", "keep_below: 20 K\nlimits:")


@pytest.fixture
def prepared(tmp_path, cold_station):
    (tmp_path / "s.yaml").write_text(SEQUENCE)
    (tmp_path / "station.yaml").write_text(cold_station(KEPT))
    return prepare(tmp_path / "s.yaml", tmp_path / "station.yaml")


def test_a_rehearsal_goes_through_and_says_what_is_to_be_confirmed(prepared):
    found = rehearse(prepared)
    assert found.warming.startswith("step 2: a temperature of 25 K would change the sample")
    assert "kept below 20 K" in found.warming
    assert not found.ok
    assert not found.failures
    confirmed = rehearse(replace(prepared, confirmed_above=True))
    assert confirmed.ok
    assert confirmed.warming == found.warming


def test_who_confirms_is_told_the_highest_temperature(prepared):
    again = [replace(prepared.steps[1], index=index) for index in (2, 3)]
    warmer = replace(again[0], step=replace(again[0].step, to=30.0))
    found = rehearse(replace(prepared, steps=(*prepared.steps, warmer, again[1])))
    assert found.warming.startswith("step 3: a temperature of 30 K would change the sample")


def test_what_stays_cold_needs_no_confirmation(prepared):
    cold = replace(prepared, steps=prepared.steps[:1])
    assert rehearse(cold).warming == ""
    assert rehearse(cold).ok


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_campaign_warms_only_what_was_confirmed_and_its_journal_says_so(
    prepared, tmp_path, confirmed
):
    outcome = run_prepared(replace(prepared, confirmed_above=confirmed), tmp_path / "data")
    assert outcome.skipped == (0 if confirmed else 1)
    events = read_journal(outcome.folder / "journal.jsonl").events
    told = [event["why"] for event in events if event["event"] == "confirmed"]
    assert len(told) == confirmed
    assert all("25 K would change the sample" in why for why in told)


@pytest.fixture
def broken_off(prepared, tmp_path):
    """Return a maker of campaigns that were aborted before the step that warms."""

    def make(**changes):
        stop = threading.Event()
        outcome = run_prepared(
            replace(prepared, **changes),
            tmp_path / "data",
            stop=stop,
            announce=lambda index, _words: stop.set() if index else None,
        )
        assert outcome.status == "aborted"
        return outcome.folder

    return make


def confirmations(folder):
    events = read_journal(folder / "journal.jsonl").events
    return [event["why"] for event in events if event["event"] == "confirmed"]


def test_what_was_confirmed_stays_so_when_the_campaign_is_resumed(broken_off):
    resumed = resume_campaign(broken_off(confirmed_above=True))
    assert (resumed.status, resumed.skipped) == ("finished", 0)


def test_who_accepts_what_is_different_has_not_confirmed_that_the_sample_becomes_warm(broken_off):
    folder = broken_off()
    resumed = resume_campaign(folder, accept=True)
    assert (resumed.status, resumed.skipped) == ("finished", 1)
    events = read_journal(folder / "journal.jsonl").events
    (failed,) = [event["error"] for event in events if event["event"] == "step failed"]
    assert "kept below 20 K; confirm it (coldpoint run or resume, --confirm-above)" in failed
    assert not any(event.get("confirmed_above") for event in events)
    assert not confirmations(folder)


def test_a_resume_confirms_for_itself_alone(broken_off):
    folder, stop = broken_off(), threading.Event()
    attendance = Attendance(stop, announce=lambda index, _words: stop.set() if index else None)
    resume_campaign(folder, confirm_above=True, attendance=attendance)
    before = len(confirmations(folder))
    assert resume_campaign(folder, accept=True).skipped == 1
    assert len(confirmations(folder)) == before


def test_a_resume_that_is_confirmed_warms(broken_off):
    folder = broken_off()
    resumed = resume_campaign(folder, confirm_above=True)
    assert (resumed.status, resumed.skipped) == ("finished", 0)
    assert len(confirmations(folder)) == 1


def test_where_nothing_was_told_at_the_begin_nothing_was_confirmed(broken_off, prepared, tmp_path):
    other = replace(prepared.station, keep_below=60.0)
    folder = broken_off(confirmed_above=True, station=other)
    resumed = resume_campaign(folder, tmp_path / "station.yaml", accept=True)
    assert (resumed.status, resumed.skipped) == ("finished", 1)
    assert not confirmations(folder)


def test_what_was_confirmed_at_the_begin_reaches_no_higher_than_the_plan(prepared):
    assert warmest(prepared.steps) == 25.0
    assert warmest(prepared.steps[:0]) == -math.inf
    cycle = ProcedureStep(
        "thermal_cycle", {"maximum": 40.0, "rate": 0.2}, {"maximum": "K", "rate": "K/s"}
    )
    wide = ProcedureStep("sweep", {"temperature_span": 90.0}, {"temperature_span": "K"})
    assert warmest([PlannedStep(0, cycle), PlannedStep(1, wide)]) == 40.0
