"""What instruments took to answer is used by the next rehearsal, which says so."""

import json

import pytest
from typer.testing import CliRunner

from daq.app.commands import app
from daq.campaign.latencies import CAMPAIGNS, Latencies, latency_file, learned
from daq.campaign.prepared import prepare
from daq.campaign.rehearsal import rehearse
from daq.campaign.runner import run_prepared
from instruments.link import Timing


class Hand:
    """A clock that is set by hand."""

    time = 0.0

    def now(self):
        return self.time


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


def told(station, *times, questions=50):
    path = latency_file(station)
    path.parent.mkdir(parents=True, exist_ok=True)
    roles = [{"lockin": {"seconds": time, "questions": questions}} for time in times]
    campaigns = [{"campaign": "c", "roles": role} for role in roles]
    path.write_text(json.dumps({"format": 1, "campaigns": campaigns}))


def test_the_time_from_a_message_to_its_answer_is_taken_and_only_the_last_are_kept():
    clock = Hand()
    timing = Timing(clock)
    timing.heard()
    for number in range(1500):
        timing.said()
        clock.time += 1.0 if number < 500 else 0.02
        timing.heard()
        timing.heard()
    assert len(timing.seconds) == 1000
    assert max(timing.seconds) == pytest.approx(0.02)


def test_a_campaign_over_tcp_is_learned_from_and_one_in_process_is_not(served):
    outcome = run_prepared(prepare(served.sequence, served.station), served.data)
    assert outcome.status == "finished"
    found = learned("simulated on TCP")
    assert found.campaigns == 1
    assert set(found.seconds) == {"source", "lockin"}
    assert all(0.0 < seconds < 10.0 for seconds in found.seconds.values())
    sequence = prepare(served.sequence, "simulated")
    run_prepared(sequence, served.data)
    assert not learned("simulated").seconds


def test_the_next_rehearsal_takes_the_time_that_was_learned_and_says_so(served):
    prepared = prepare(served.sequence, served.station)
    book = rehearse(prepared)
    assert book.latencies == ""
    told("simulated on TCP", 0.3, 0.5, 0.4)
    slow = rehearse(prepared)
    assert slow.latencies == ("answers of instruments as learned from 3 campaigns: lockin 400 ms")
    assert slow.duration > book.duration + 20.0
    arguments = ["check", str(served.sequence), "--station", str(served.station)]
    assert "lockin 400 ms" in CliRunner().invoke(app, arguments).output
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert "3 campaigns" in found["latencies"]


def test_a_file_that_is_spoilt_is_taken_for_none(home):
    told("x", 0.3)
    assert learned("x").seconds == {"lockin": 0.3}
    latency_file("x").write_text('{"format": 1, "campaigns": [{"roles": []}]}')
    assert not learned("x").seconds


def test_only_the_last_campaigns_are_remembered(home, bench_station):
    _, station = bench_station()
    told(station.name, *[1.0] * CAMPAIGNS)
    latencies = Latencies(station)
    latencies.keep("too few questions")
    for _ in range(30):
        station.instruments["source"].ask("*IDN?")
    latencies.keep("this one")
    campaigns = json.loads(latency_file(station.name).read_bytes())["campaigns"]
    assert len(campaigns) == CAMPAIGNS
    assert campaigns[-1]["campaign"] == "this one"
    assert set(campaigns[-1]["roles"]) == {"source"}
