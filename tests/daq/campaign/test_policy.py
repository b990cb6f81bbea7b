"""What is judged at every point, and what follows a failure."""

import json
import threading

import pytest

from daq.campaign.conductor import Conductor
from daq.campaign.control import Control
from daq.campaign.plan import (
    NoteStep,
    OnError,
    PlannedStep,
    ProcedureStep,
    TemperatureStep,
    WaitStep,
    Watch,
)
from daq.campaign.policy import Policy, WatchError, Watchman
from daq.config.document import parse_document
from daq.config.folder import find_config
from daq.config.station import station_from
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.station_file import open_configured
from instruments.errors import CommunicationError, NotSettledError, StorageError
from instruments.station import CONTEXT_COLUMNS, record
from instruments.waiting import Progress, Record, settle, wait
from procedures.base import Resume, StationProcedure

COLUMNS = [*CONTEXT_COLUMNS, "R (ohm)"]
LAND = OnError(0, "land")


class Ladder(StationProcedure):
    """Ten points, whose values a test decides."""

    name = "ladder"
    resume = Resume.CONTINUE
    DATA_COLUMNS = COLUMNS
    value = staticmethod(lambda index: 100.0)

    def targets(self):
        return list(range(10))

    def records(self, station):
        for index in self.targets()[self.first :]:
            yield from wait(station.clock, 1.0, "the point")
            yield record(station, {"R (ohm)": float(self.value(index))})


class Shot(Ladder):
    """The same, but never to be repeated by itself."""

    name = "shot"
    resume = Resume.ASK


class Tilted(StationProcedure):
    """Ten points, whose quadrature grows by a tenth of the in-phase each."""

    name = "tilted"
    resume = Resume.CONTINUE
    DATA_COLUMNS = (*CONTEXT_COLUMNS, "X (V)", "Y (V)")

    def targets(self):
        return list(range(10))

    def records(self, station):
        for index in self.targets()[self.first :]:
            yield from wait(station.clock, 1.0, "the point")
            yield record(station, {"X (V)": -1e-6, "Y (V)": 1e-7 * index})


class Unsettled(StationProcedure):
    """Wait for what never comes."""

    name = "unsettled"
    DATA_COLUMNS = COLUMNS

    def records(self, station):
        yield from settle(
            station.clock,
            lambda: False,
            "temperature of 1.9 K",
            timeout=600.0,
            reading=lambda: "4.2 K (chasing)",
        )


@pytest.fixture
def campaign(bench_station, tmp_path, monkeypatch):
    """Return a maker of a conductor whose steps are given by name, and its journal."""

    def make(*names, watch=None, value=None, stop=None, patience=1800.0):
        _, station = bench_station()
        if value is not None:
            for kind in (Ladder, Shot):
                monkeypatch.setattr(kind, "value", staticmethod(value))
        folder = CampaignFolder.create(
            tmp_path, "policy", station.clock, {}, sequence="", station=""
        )
        conductor = Conductor(
            station,
            folder,
            {kind.name: kind for kind in (Ladder, Shot, Tilted, Unsettled)},
            stop=threading.Event() if stop is None else stop,
            watch=watch,
            patience=patience,
        )
        steps = [
            PlannedStep(index, step if not isinstance(step, str) else ProcedureStep(step, {}))
            for index, step in enumerate(names)
        ]
        return conductor, steps, folder

    return make


def events(folder, kind=None):
    found = folder.history().events
    return [event for event in found if kind is None or event["event"] == kind]


def ohms(folder, number):
    return open_run(folder.path, number).data["R (ohm)"].tolist()


def test_a_point_outside_the_window_is_stored_and_ends_the_run_there(campaign):
    watch = Watch(resistance=(80.0, 125.0), then="skip")
    conductor, steps, folder = campaign(
        "ladder", NoteStep("next"), watch=watch, value=lambda i: 100.0 + 10.0 * i
    )
    outcome = conductor.carry_out(steps, LAND)
    assert (outcome.status, outcome.skipped) == ("finished", 1)
    assert ohms(folder, 1) == [100.0, 110.0, 120.0, 130.0]
    (failed,) = events(folder, "step failed")
    assert failed["then"] == "skip"
    assert "point 4: R is 130 ohm" in failed["error"]
    assert "80 ohm to 125 ohm" in failed["error"]
    assert events(folder, "note")[0]["text"] == "next"


def test_a_jump_lands_the_station_where_the_sequence_says_so(campaign):
    watch = Watch(jump=0.1, then="land")
    conductor, steps, folder = campaign(
        "ladder", NoteStep("never"), watch=watch, value=lambda i: 100.0 if i < 5 else 115.0
    )
    outcome = conductor.carry_out(steps, LAND)
    assert outcome.status == "failed"
    assert "jumped from 100 ohm to 115 ohm" in outcome.error
    assert not events(folder, "note")
    assert events(folder, "made safe")


@pytest.mark.parametrize(
    ("then", "status", "skipped"),
    [("skip", "finished", 1), ("land", "failed", 0), ("pause", "failed", 0)],
)
def test_a_quadrature_that_is_too_large_is_stored_and_pauses_skips_or_lands(
    campaign, then, status, skipped
):
    watch = Watch(quadrature=0.25, then=then)
    conductor, steps, folder = campaign("tilted", NoteStep("next"), watch=watch, patience=60.0)
    outcome = conductor.carry_out(steps, LAND)
    assert (outcome.status, outcome.skipped) == (status, skipped)
    assert open_run(folder.path, 1).rows == 4
    (failed,) = events(folder, "step failed")
    assert failed["then"] == then
    assert "point 4: quadrature is 30 % of in-phase, expected at most 25 %" in failed["error"]
    assert len(events(folder, "paused")) == (then == "pause")
    assert len(events(folder, "note")) == (then == "skip")


def test_a_quadrature_is_judged_where_both_are_numbers():
    watchman = Watchman(Watch(quadrature=0.2))
    nan = float("nan")
    for x, y in ((1.0, 0.2), (1.0, -0.2), (0.0, 0.0), (nan, 1.0), (1.0, nan)):
        watchman.offer(Record({"X (V)": x, "Y (V)": y}), 1)
    watchman.offer(Record({"Y (V)": 1.0}), 1)
    with pytest.raises(WatchError, match="beside no in-phase"):
        watchman.offer(Record({"X (V)": 0.0, "Y (V)": 1e-6}), 2)


def test_a_pause_that_nobody_decides_lands_after_the_stated_time(campaign):
    watch = Watch(resistance=(0.0, 50.0), then="pause")
    conductor, steps, folder = campaign("ladder", watch=watch, patience=600.0)
    before = conductor.station.clock.now()
    outcome = conductor.carry_out(steps, LAND)
    assert outcome.status == "failed"
    assert "nobody decided within 600 s" in outcome.error
    assert conductor.station.clock.now() - before >= 600.0
    assert [e["event"] for e in events(folder)][-3:] == ["paused", "made safe", "campaign ended"]


def test_a_pause_takes_the_excitation_down_and_goes_on_at_the_next_point_when_told(campaign):
    control = Control()
    watch = Watch(jump=0.1, then="pause")
    conductor, steps, folder = campaign(
        "ladder", stop=control, watch=watch, value=lambda i: 100.0 if i < 4 else 150.0
    )
    station = conductor.station
    rested = []
    finish = station.finish
    station.finish = lambda: (rested.append(station.clock.now()), finish())
    station.clock.at(100.0, lambda: control.ask("go on"))
    outcome = conductor.carry_out(steps, LAND)
    assert outcome.status == "finished"
    assert rested[0] < 100.0
    assert ohms(folder, 1) == [100.0] * 4 + [150.0] * 6
    assert [attempt.number for attempt in open_run(folder.path, 1).attempts] == [1, 2]
    assert events(folder, "decided")[0]["decision"] == "go on"


def test_a_person_can_pause_and_skip_and_abort_a_wait(campaign):
    for request, ended in (("skip", "finished"), ("abort", "aborted")):
        control = Control()
        conductor, steps, folder = campaign(WaitStep(1800.0), NoteStep("after"), stop=control)
        conductor.station.clock.at(60.0, lambda control=control: control.ask("pause"))
        conductor.station.clock.at(90.0, lambda control=control, r=request: control.ask(r))
        assert conductor.carry_out(steps, LAND).status == ended
        assert len(events(folder, "paused")) == 1
        assert len(events(folder, "note")) == (ended == "finished")


def test_a_pause_waits_for_the_end_of_a_step_that_cannot_be_repeated(campaign):
    control = Control()
    conductor, steps, folder = campaign("shot", NoteStep("after"), stop=control)
    conductor.station.clock.at(3.0, lambda: control.ask("pause"))
    conductor.station.clock.at(100.0, lambda: control.ask("go on"))
    assert conductor.carry_out(steps, LAND).status == "finished"
    assert len(ohms(folder, 1)) == 10
    assert events(folder, "paused")[0]["step"] == 1


def test_a_run_that_fails_goes_on_where_it_stopped_and_both_attempts_are_told(campaign):
    failing = [True]

    def value(index):
        if index == 6 and failing:
            failing.clear()
            raise CommunicationError("no answer; the link has been cleared and answers again")
        return float(index)

    conductor, steps, folder = campaign("ladder", value=value)
    outcome = conductor.carry_out(steps, OnError(1, "land"))
    assert outcome.status == "finished"
    assert [run.outcome for run in outcome.runs] == ["failed", "finished"]
    assert ohms(folder, 1) == [float(index) for index in range(10)]
    (failed,) = events(folder, "step failed")
    assert (failed["then"], failed["tried"], failed["retries"]) == ("retry", 1, 1)


def test_what_cannot_be_repeated_is_never_repeated_by_itself(campaign):
    calls = []

    def value(index):
        calls.append(index)
        raise CommunicationError("no answer")

    conductor, steps, _ = campaign("shot", value=value)
    outcome = conductor.carry_out(steps, OnError(5, "skip"))
    assert (outcome.status, outcome.skipped) == ("finished", 1)
    assert calls == [0]


def test_a_temperature_that_never_settles_ends_with_reading_status_and_policy_in_the_journal(
    campaign,
):
    conductor, steps, folder = campaign("unsettled")
    outcome = conductor.carry_out(steps, OnError(1, "land"))
    assert outcome.status == "failed"
    first, last = events(folder, "step failed")
    for event, then in ((first, "retry"), (last, "land")):
        assert "has not settled within 600 s; last reading 4.2 K (chasing)" in event["error"]
        assert (event["then"], event["retries"]) == (then, 1)


@pytest.mark.parametrize("clock", ["virtual", "system"])
def test_an_abort_during_a_ramp_of_half_an_hour_lands_within_one_poll(clock, tmp_path):
    text = find_config("stations", "simulated").read_text(encoding="utf-8")
    text = text.replace("clock: virtual", f"clock: {clock}").replace(
        "latency: 20 ms", "latency: 0 s"
    )
    station = open_configured(station_from(parse_document(text, "station.yaml")))
    stop, asked = threading.Event(), []

    def abort():
        asked.append(station.clock.now())
        stop.set()

    try:
        folder = CampaignFolder.create(tmp_path, "ramp", station.clock, {}, sequence="", station="")
        conductor = Conductor(station, folder, {}, stop=stop)
        station.clock.at(station.clock.now() + (600.0 if clock == "virtual" else 0.3), abort)
        ramp = PlannedStep(0, TemperatureStep(200.0, rate=100.0 / 1800.0))
        outcome = conductor.carry_out([ramp], LAND)
        (safe,) = events(folder, "made safe")
        assert outcome.status == "aborted"
        assert safe["clock"] - asked[0] < station.poll_period
        assert safe["temperature"] > 250.0
    finally:
        station.close()


def test_a_storage_error_is_neither_retried_nor_skipped():
    policy = Policy(OnError(5, "skip"), Watch(jump=0.1, then="skip"))
    assert policy.after(StorageError("disk full"), tried=1, repeatable=True) == "land"
    assert policy.after(NotSettledError("late"), tried=5, repeatable=True) == "retry"
    assert policy.after(NotSettledError("late"), tried=6, repeatable=True) == "skip"
    assert policy.after(WatchError("jump"), tried=1, repeatable=True) == "skip"


def test_outputs_that_do_not_come_down_end_the_campaign(campaign):
    conductor, steps, folder = campaign("ladder", NoteStep("never"))
    bias = conductor.station.bias

    def refuse():
        raise CommunicationError("no answer")

    bias.rest = refuse
    outcome = conductor.carry_out(steps, OnError(3, "skip"))
    assert outcome.status == "failed"
    assert "the outputs did not come down" in outcome.error
    assert not events(folder, "note")
    assert not conductor.landed


def test_outputs_that_come_down_the_second_time_do_not_end_the_campaign(campaign):
    conductor, steps, folder = campaign("ladder")
    bias, rest, failing = conductor.station.bias, conductor.station.bias.rest, [True]

    def once():
        if failing:
            failing.clear()
            raise CommunicationError("no answer")
        rest()

    bias.rest = once
    assert conductor.carry_out(steps, OnError(1, "land")).status == "finished"
    assert len(ohms(folder, 1)) == 10


def test_a_second_interrupt_still_lands_the_station(campaign):
    def value(index):
        raise KeyboardInterrupt

    conductor, steps, folder = campaign("ladder", value=value)
    with pytest.raises(KeyboardInterrupt):
        conductor.carry_out(steps, LAND)
    assert [e["event"] for e in events(folder)][-2:] == ["made safe", "campaign ended"]
    assert conductor.landed


def test_a_landing_that_is_broken_off_is_an_end_in_the_journal_too(campaign, monkeypatch):
    conductor, steps, folder = campaign("ladder")

    def interrupted(_station):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(conductor.station), "make_safe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        conductor.carry_out(steps, LAND)
    (ended,) = events(folder, "campaign ended")
    assert (ended["outcome"], conductor.landed) == ("failed", False)
    assert "broken off while everything was made safe" in ended["error"]


def test_what_is_not_a_number_or_not_a_resistance_is_not_judged():
    watchman = Watchman(Watch(resistance=(1.0, 2.0), jump=0.01))
    watchman.offer(Record({"R (ohm)": float("nan"), "X (V)": 50.0, "Status": 1}), 1)
    watchman.offer(Progress(0.5), 1)
    assert watchman.alarm is None
    with pytest.raises(WatchError, match="point 2"):
        watchman.offer(Record({"R (ohm)": 3.0}), 2)


def test_every_line_of_the_journal_is_plain_json(campaign):
    conductor, steps, folder = campaign("ladder", watch=Watch(jump=0.1))
    conductor.carry_out(steps, LAND)
    lines = (folder.path / "journal.jsonl").read_text().splitlines()
    assert all(json.loads(line)["event"] for line in lines)
