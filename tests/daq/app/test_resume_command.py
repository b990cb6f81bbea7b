"""``coldpoint resume``, ``note`` and ``tell``."""

import json
import threading

import pytest

from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort, address_file, request
from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.config.folder import find_config
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.errors import ColdpointError
from instruments.waiting import Record

SEQUENCE = """title: Broken off
sample: {name: contact 1}
watch: {resistance: [0 ohm, 1 Mohm], then: land}
steps:
  - temperature: {to: 10 K, rate: 12 K/min}
  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 5, time_constant: 20 ms}
  - note: done
"""


@pytest.fixture
def broken_off(tmp_path):
    """Return a campaign that was aborted at its third point, on a bench at 10 K."""
    text = find_config("stations", "simulated").read_text(encoding="utf-8")
    station = tmp_path / "station.yaml"
    station.write_text(text.replace("temperature: 300 K, field", "temperature: 10 K, field"))
    sequence = tmp_path / "sequence.yaml"
    sequence.write_text(SEQUENCE)
    stop = threading.Event()

    class Stopper:
        def offer(self, event, rows):
            if isinstance(event, Record) and rows == 3:
                stop.set()

    outcome = run_prepared(
        prepare(sequence, station), tmp_path / "data", stop=stop, follower=Stopper()
    )
    assert outcome.status == "aborted"
    return outcome.folder


def test_resume_takes_the_missing_points_and_reports_as_run_does(coldpoint, broken_off):
    ended = coldpoint("resume", broken_off, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["outcome"], told["skipped"], told["error"]) == ("finished", 0, "")
    assert told["campaign"] == str(broken_off)
    (run,) = told["runs"]
    assert run["csv"].endswith("0001.2-bias_spectrum.csv")
    whole = open_run(broken_off, 1)
    current = whole.data["Current (A)"]
    assert [attempt.glance.ending.rows for attempt in whole.attempts] == [3, 2]
    assert current.is_monotonic_increasing
    assert len(current) == 5
    again = coldpoint("resume", broken_off, "--json")
    assert json.loads(again.out)["runs"] == []
    assert again.code == 0


def test_resume_tells_what_is_elsewhere_and_changes_nothing_until_it_is_accepted(
    coldpoint, broken_off
):
    station = broken_off / "station.yaml"
    station.write_text(station.read_text().replace("temperature: 10 K, f", "temperature: 60 K, f"))
    before = (broken_off / "journal.jsonl").read_bytes()
    refused = coldpoint("resume", broken_off)
    assert refused.code == 1
    assert "the temperature is 60.00" in refused.err
    assert "resume with --accept" in refused.err
    assert (broken_off / "journal.jsonl").read_bytes() == before
    accepted = coldpoint("resume", broken_off, "--accept")
    assert accepted.code == 0, accepted.err
    events = read_journal(broken_off / "journal.jsonl").events
    (resumed,) = [e for e in events if e["event"] == "campaign resumed"]
    assert "60.00" in resumed["accepted"][0]
    (brought,) = [e for e in events if e["event"] == "brought back"]
    assert brought["temperature"] == pytest.approx(10.0, abs=0.2)


def test_to_accept_is_not_to_confirm_that_the_sample_is_warmed(coldpoint, broken_off):
    station = broken_off / "station.yaml"
    station.write_text(f"{station.read_text()}keep_below: 5 K\n")
    refused = coldpoint("resume", broken_off, "--accept")
    assert refused.code == 1
    assert "kept below 5 K; confirm it (coldpoint run or resume, --confirm-above)" in refused.err
    assert refused.err.count("would change the sample") == 1
    confirmed = coldpoint("resume", broken_off, "--confirm-above")
    assert confirmed.code == 0, confirmed.err


def test_what_is_no_campaign_is_told_in_one_line(coldpoint, tmp_path):
    ended = coldpoint("resume", tmp_path / "nowhere")
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "is it a campaign folder?" in ended.err


def test_a_note_is_kept_with_its_time_after_the_campaign(coldpoint, broken_off):
    assert coldpoint("note", broken_off, "helium filled").code == 0
    last = read_journal(broken_off / "journal.jsonl").events[-1]
    assert (last["event"], last["text"]) == ("note", "helium filled")


def test_a_running_campaign_takes_notes_and_requests_and_nothing_without_the_token(
    coldpoint, tmp_path
):
    control, notes = Control(), []
    with ControlPort(tmp_path, control, lambda text, _about: notes.append(text)):
        assert coldpoint("note", tmp_path, "look at the leads").code == 0
        assert coldpoint("tell", tmp_path, "pause").code == 0
        assert control.take() == "pause"
        address = address_file(tmp_path)
        assert address.stat().st_mode & 0o077 == 0
        with pytest.raises(ColdpointError, match="unknown request"):
            request(tmp_path, "jump")
        address.write_text(json.dumps({**json.loads(address.read_text()), "token": "guess"}))
        with pytest.raises(ColdpointError, match="wrong token"):
            request(tmp_path, "abort")
    assert notes == ["look at the leads"]
    assert not control.is_set()
    assert not address.exists()


def test_what_does_not_run_cannot_be_told_anything(coldpoint, broken_off):
    ended = coldpoint("tell", broken_off, "pause")
    assert ended.code == 2
    assert "is not running" in ended.err
    assert "expected one of" in coldpoint("tell", broken_off, "hurry").err
