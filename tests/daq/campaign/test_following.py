"""A campaign is followed through its files, and its journal read as a state and as words."""

import json
import os

import pytest

from daq.campaign.following import FollowedCampaign, campaigns, running
from daq.campaign.journal_words import event_in_words, event_weight
from daq.campaign.standing import Standing
from daq.runs.lock import Owner

HEAD = "#Procedure: <p.P>\n#Parameters:\n#Metadata:\n#Data:\nTime (s),X (V)\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def write(folder, *events):
    folder.mkdir(exist_ok=True)
    with (folder / "journal.jsonl").open("a") as file:
        for clock, event in enumerate(events):
            stamp = {"utc": f"2026-01-01T00:00:{clock:02d}+00:00", "clock": float(clock)}
            file.write(json.dumps({**stamp, **event}) + "\n")


def begun():
    return {"event": "campaign begun", "owner": Owner.this_process().to_json(), "station": "s"}


PLAN = {"event": "plan", "plan": {"title": "Night"}}


def standing(*events):
    found = Standing()
    for clock, event in enumerate(events):
        found = found.after({"clock": float(clock), "utc": "2026-01-01T00:00:00+00:00", **event})
    return found


def test_steps_pauses_and_the_end_are_told_by_the_journal():
    step = {"event": "step begun", "step": 0, "what": "wait 5 s", "loops": ["field 1 T"]}
    paused = {"event": "paused", "step": 0, "why": "on request", "patience": 1800.0}
    found = standing(PLAN, begun(), step)
    assert (found.told, found.step, found.in_step, found.loops) == (
        "running",
        0,
        True,
        ("field 1 T",),
    )
    assert standing(PLAN, begun(), step, paused).state(alive=True) == "paused"
    done = standing(PLAN, begun(), step, {"event": "step ended", "step": 0})
    assert done.ended == ((0, 1.0),)
    end = {"event": "campaign ended", "outcome": "failed", "error": "no space left on device"}
    over = standing(PLAN, begun(), step, {"event": "made safe"}, end)
    assert (over.told, over.safe, over.error) == ("failed", True, "no space left on device")
    assert over.over


def test_running_without_a_living_process_is_interrupted_and_an_end_stays_an_end():
    found = standing(PLAN, begun())
    assert found.state(alive=True) == "running"
    assert found.state(alive=False) == "interrupted"
    assert found.state(alive=None) == "running"
    ended = standing(PLAN, begun(), {"event": "campaign ended", "outcome": "finished"})
    assert ended.state(alive=False) == "finished"


def test_a_resumed_campaign_runs_again_and_a_skipped_step_has_no_time():
    events = (
        PLAN,
        begun(),
        {"event": "step begun", "step": 0, "what": "x"},
        {"event": "step failed", "step": 0, "error": "broken", "then": "skip"},
        {"event": "campaign ended", "outcome": "aborted", "error": "stopped"},
        {"event": "campaign resumed", "owner": Owner.this_process().to_json(), "at": 1},
    )
    found = standing(*events)
    assert found.told == "running"
    assert found.ended == ((0, None),)
    assert found.error == ""


def test_files_are_followed_as_they_grow_and_left_when_they_have_ended(tmp_path):
    folder = tmp_path / "data" / "night"
    (tmp_path / "data").mkdir()
    run = {"event": "run begun", "run": 1, "attempt": 1, "procedure": "p", "file": "0001-p.csv"}
    write(folder, {"event": "plan", "plan": {}}, begun(), {**run, "step": 0})
    campaign = FollowedCampaign(folder)
    assert len(campaign.poll().events) == 3
    (folder / "0001-p.csv").write_text(HEAD + "7.5,2.0\n")
    assert [run.csv.rows for run in campaign.poll().grown] == [1]
    assert campaign.now() == 7.5
    with (folder / "0001-p.csv").open("a") as file:
        file.write("#Outcome: finished\n#Rows: 1\n")
    assert [run.csv.outcome for run in campaign.poll().grown] == ["finished"]
    with (folder / "0001-p.csv").open("a") as file:
        file.write("8.0,2.0\n")
    assert campaign.poll().grown == ()


def test_a_file_that_was_cut_is_told_and_the_others_go_on(tmp_path):
    folder = tmp_path / "night"
    run = {"event": "run begun", "run": 1, "attempt": 1, "procedure": "p", "file": "0001-p.csv"}
    write(folder, PLAN, begun(), {**run, "step": 0})
    (folder / "0001-p.csv").write_text(HEAD + "1.0,2.0\n")
    campaign = FollowedCampaign(folder)
    campaign.poll()
    (folder / "0001-p.csv").write_text(HEAD)
    campaign.poll()
    assert "was cut" in campaign.trouble
    write(folder, {"event": "note", "text": "still here"})
    assert [event["event"] for event in campaign.poll().events] == ["note"]


def test_a_file_name_of_the_journal_never_leads_out_of_the_folder(tmp_path):
    folder = tmp_path / "night"
    run = {"event": "run begun", "run": 1, "attempt": 1, "procedure": "p"}
    write(folder, PLAN, {**run, "file": "../../etc/passwd", "step": 0})
    campaign = FollowedCampaign(folder)
    campaign.poll()
    assert campaign.runs[0].csv.path == folder / "passwd"


def test_a_station_is_simulated_if_its_file_says_so(tmp_path):
    folder = tmp_path / "night"
    write(folder, PLAN)
    assert not FollowedCampaign(folder).simulated()
    (folder / "station.yaml").write_text("name: s\nsimulated:\n  sample: x\n")
    assert FollowedCampaign(folder).simulated()


def test_campaigns_are_listed_and_those_that_listen_are_running(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "other").mkdir()
    for age, name in enumerate(("older", "younger")):
        write(data / name, PLAN)
        os.utime(data / name / "journal.jsonl", (age, age))
    assert [path.name for path in campaigns(data)] == ["older", "younger"]
    assert campaigns(tmp_path / "nowhere") == ()
    ports = tmp_path / "state" / "coldpoint" / "control"
    ports.mkdir(parents=True)
    owner = Owner.this_process().to_json()
    (ports / "older.json").write_text(json.dumps({"port": 1, "token": "t", "owner": owner}))
    dead = Owner(2**22 - 1, Owner.this_process().host, 0.0, "x").to_json()
    (ports / "younger.json").write_text(json.dumps({"port": 1, "token": "t", "owner": dead}))
    assert [path.name for path in running(data)] == ["older"]


@pytest.mark.parametrize(
    ("event", "words", "weight"),
    [
        (
            {"event": "step failed", "step": 2, "error": "timeout", "then": "retry", "tried": 1}
            | {"retries": 2},
            "step 3 failed: timeout; tried again (1 of 2)",
            "bad",
        ),
        (
            {"event": "paused", "step": 0, "why": "jump", "patience": 1800.0},
            "paused at step 1: jump; without a decision the station is made safe after 30 min",
            "warning",
        ),
        (
            {"event": "run ended", "run": 4, "outcome": "finished", "rows": 201, "error": ""},
            "run 4 finished, 201 points",
            "plain",
        ),
        ({"event": "campaign ended", "outcome": "finished"}, "campaign finished", "good"),
        ({"event": "not safe", "error": "source: timeout"}, "NOT SAFE: source: timeout", "bad"),
        (
            {"event": "not safe", "error": "x", "missed": {"cryostat": "OSError: mute"}}
            | {"reached": ["bias", "source"]},
            "NOT SAFE: not reached: cryostat (mute); safe: bias, source",
            "bad",
        ),
        (
            {"event": "guardian acted", "found": "died", "safe": True, "report": "guardian-1.json"},
            "guardian: the runner was gone, everything was made safe; its report is"
            " guardian-1.json",
            "warning",
        ),
        (
            {"event": "guardian acted", "found": "hung", "safe": False, "missed": {"lockin": "x"}},
            "guardian: the runner hung, NOT SAFE: lockin could not be reached",
            "bad",
        ),
        ({"event": "note", "text": "helium filled"}, "remark: helium filled", "plain"),
        (
            {"event": "step ended", "step": 0, "temperature": 1.9, "field": 0.5, "angle": None},
            "step 1 done at 1.9 K, 0.5 T",
            "plain",
        ),
        ({"event": "of tomorrow", "utc": "x", "clock": 1.0, "a": 2}, "of tomorrow: a 2", "plain"),
    ],
)
def test_a_line_of_the_journal_in_words(event, words, weight):
    assert event_in_words(event) == words
    assert event_weight(event) == weight


def test_a_campaign_that_died_in_a_pause_waits_for_nobody_once_it_is_resumed():
    paused = (PLAN, begun(), {"event": "paused", "step": 0, "why": "a jump"})
    assert standing(*paused).pause == "a jump"
    assert standing(*paused, {**begun(), "event": "campaign resumed"}).pause == ""
