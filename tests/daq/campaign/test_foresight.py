"""The forecast of a campaign that runs, rehearsed beside it in another process."""

import json
import sys
import threading

import pytest

from daq.campaign.attending import Wishes, attended
from daq.campaign.control import Control
from daq.campaign.forecast import Forecast
from daq.campaign.foresight import Foreseen, Foresight, read_foreseen, rehearsal_command
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.journal import read_journal
from instruments.clock import SystemClock, VirtualClock
from instruments.errors import StorageError
from instruments.station import Station
from instruments.waiting import Wait

PLAN = [{"temperature": 100.0}, {"field": 50.0}, {"temperature": 200.0}]
TOLD = {
    "steps": [{"activities_s": pace} for pace in PLAN],
    "duration_s": 350.0,
    "sample": "resistor (resistance 100 ohm)",
}


def printing(told):
    return [sys.executable, "-c", f"print({json.dumps(told)!r})"]


def test_what_check_prints_is_read_and_anything_else_is_nothing():
    found = read_foreseen("imports\n" + json.dumps(TOLD) + "\n", 3)
    assert found == Foreseen(tuple(PLAN), 350.0, "resistor (resistance 100 ohm)")
    assert read_foreseen(json.dumps(TOLD), 4) is None
    for text in ("", "coldpoint: no", "[]", "{}", json.dumps({**TOLD, "steps": [{}]})):
        assert read_foreseen(text, 3) is None


def test_the_rehearsal_is_the_check_of_the_files_in_the_campaign_folder(tmp_path):
    command = rehearsal_command(tmp_path / "night", "1 kohm")
    assert command[3:5] == ["daq", "check"]
    assert str(tmp_path / "night" / "sequence.yaml") in command
    assert command[command.index("--resistance") + 1] == "1 kohm"


def test_a_rehearsal_arrives_while_the_campaign_runs():
    arrived, found = threading.Event(), []

    def take(foreseen):
        found.append(foreseen)
        arrived.set()

    with Foresight(printing(TOLD), 3, take):
        assert arrived.wait(30.0)
    assert found[0].seconds == 350.0


def test_a_campaign_that_ends_first_does_not_wait_for_its_rehearsal():
    found = []
    clock = SystemClock()
    began = clock.now()
    with Foresight([sys.executable, "-c", "import time; time.sleep(50)"], 3, found.append):
        pass
    assert clock.now() - began < 30.0
    clock.close()
    assert found == []


def test_a_late_rehearsal_learns_from_the_steps_that_have_passed():
    clock = VirtualClock()
    early = Forecast(clock, lambda: 300.0, PLAN)
    late = Forecast(clock, lambda: 300.0)
    for forecast in (early, late):
        forecast.announce(0)
        forecast.offer(Wait(clock.now() + 150.0, "temperature to settle"), 0)
    clock.sleep(150.0)
    for forecast in (early, late):
        forecast.announce(1)
    assert not late.known
    assert late.seconds_left() != late.seconds_left()  # not a number
    late.expect(PLAN)
    assert late.known
    assert late.seconds_left() == early.seconds_left() > 250.0


def test_steps_before_the_first_count_as_done_and_teach_nothing():
    clock = VirtualClock()
    forecast = Forecast(clock, lambda: 300.0, PLAN, first=1)
    assert forecast.seconds_left() == 250.0
    forecast.announce(0, "bringing back")
    forecast.offer(Wait(400.0, "temperature to settle"), 0)
    clock.sleep(400.0)
    forecast.announce(1)
    assert forecast.seconds_left() == 250.0


@pytest.fixture
def folder(tmp_path):
    clock = SystemClock()
    with CampaignFolder.create(tmp_path, "Night", clock, {}, sequence="", station="") as folder:
        yield folder
    clock.close()


def attending(station, folder, wishes):
    return attended(
        station,
        folder,
        Control(),
        wishes,
        title="Night",
        steps=3,
        first=0,
        follower=None,
        say=lambda _words: None,
        notify=None,
    )


def test_a_campaign_in_real_time_is_rehearsed_beside_it_and_the_journal_says_so(folder):
    clock = SystemClock()
    shown = threading.Event()
    wishes = Wishes(
        rehearsal=lambda _folder, _resistance: printing(TOLD),
        foreseen=lambda _forecast, _station: shown.set(),
    )
    with attending(Station("cellar", clock, {}, None), folder, wishes) as attended_to:
        attended_to.announcing(lambda _index, _words: None)(0, "temperature")
        assert shown.wait(30.0)
        assert attended_to.forecast.seconds_left() == pytest.approx(350.0, abs=20.0)
    clock.close()
    (event,) = read_journal(folder.path / "journal.jsonl").events
    assert (event["event"], event["seconds"]) == ("rehearsed", 350.0)


def test_a_rehearsal_that_does_not_start_is_told_and_the_campaign_goes_on(folder):
    clock = SystemClock()
    wishes = Wishes(rehearsal=lambda _folder, _resistance: ["/nowhere/python"])
    with attending(Station("cellar", clock, {}, None), folder, wishes) as found:
        assert not found.forecast.known
    clock.close()
    (event,) = read_journal(folder.path / "journal.jsonl").events
    assert event["event"] == "observer detached"
    assert event["why"] == "the end is not foreseen: No such file or directory"


def test_on_a_virtual_clock_nothing_is_rehearsed_beside_the_campaign(folder):
    def never(_folder, _resistance):
        raise AssertionError("asked for")

    with attending(
        Station("twins", VirtualClock(), {}, None), folder, Wishes(rehearsal=never)
    ) as found:
        assert not found.forecast.known


def test_a_journal_that_refuses_the_rehearsal_still_lets_the_forecast_be_shown(folder, monkeypatch):
    def refuse(*_words, **_fields):
        raise StorageError("journal.jsonl cannot be written")

    clock = SystemClock()
    shown = threading.Event()
    wishes = Wishes(
        rehearsal=lambda _folder, _resistance: printing(TOLD),
        foreseen=lambda _forecast, _station: shown.set(),
    )
    monkeypatch.setattr(folder.journal, "event", refuse)
    with attending(Station("cellar", clock, {}, None), folder, wishes):
        assert shown.wait(30.0)
    clock.close()
