"""Warming a sample above what it is kept below: rehearsed, confirmed, and written down."""

import threading
from dataclasses import replace

import pytest

from daq.campaign.rehearsal import rehearse
from daq.campaign.runner import prepare, resume_campaign, run_prepared
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


def test_what_was_confirmed_stays_so_when_the_campaign_is_resumed(prepared, tmp_path):
    stop = threading.Event()
    outcome = run_prepared(
        replace(prepared, confirmed_above=True),
        tmp_path / "data",
        stop=stop,
        announce=lambda index, _words: stop.set() if index else None,
    )
    assert outcome.status == "aborted"
    resumed = resume_campaign(outcome.folder)
    assert (resumed.status, resumed.skipped) == ("finished", 0)
