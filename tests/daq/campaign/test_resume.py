"""A campaign that was killed at any write goes on, and nothing is lost or done twice."""

import json
import os
from contextlib import suppress
from dataclasses import replace

import pytest

from daq.campaign.conductor import Conductor
from daq.campaign.outcome import Start
from daq.campaign.plan import (
    FieldStep,
    LoopStep,
    NoteStep,
    OnError,
    ProcedureStep,
    Sequence,
    TemperatureStep,
    WaitStep,
    flatten,
)
from daq.campaign.plan_json import to_mapping
from daq.campaign.resume import read_resumption, refuse_if_running, station_doubts, step_states
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.durability import Disk
from daq.runs.files import open_run
from daq.runs.lock import Owner
from daq.runs.run_file import Storage
from instruments.errors import StationBusyError, StorageError
from instruments.station import CONTEXT_COLUMNS, record
from instruments.waiting import wait
from procedures.base import Resume, StationProcedure
from procedures.catalogue import PROCEDURES

POINTS = 3
COLUMNS = [*CONTEXT_COLUMNS, "Index"]
FIRED: list[int] = []


class Ladder(StationProcedure):
    """A few points that can be taken by themselves."""

    name = "ladder"
    resume = Resume.CONTINUE
    DATA_COLUMNS = COLUMNS

    def targets(self):
        return list(range(POINTS))

    def records(self, station):
        for index in self.targets()[self.first :]:
            yield from wait(station.clock, 1.0, "the point")
            yield record(station, {"Index": index})


class Again(Ladder):
    """A few points that must be taken together."""

    name = "again"
    resume = Resume.RESTART


class Shot(StationProcedure):
    """What must happen once at most."""

    name = "shot"
    resume = Resume.ASK
    DATA_COLUMNS = COLUMNS

    def records(self, station):
        yield from wait(station.clock, 1.0, "the shot")
        FIRED.append(1)
        yield record(station, {"Index": 0})


KINDS = {kind.name: kind for kind in (Ladder, Again, Shot)}
STEPS = (
    NoteStep("begin"),
    ProcedureStep("ladder", {}),
    ProcedureStep("shot", {}),
    WaitStep(5.0),
    ProcedureStep("again", {}),
    ProcedureStep("ladder", {}),
)


class Killed(BaseException):
    """The process is gone: nothing that follows reaches the disk."""


class MortalDisk:
    """A disk whose writer dies at a write, with half of its bytes on the disk."""

    def __init__(self, dies_at):
        self.dies_at = dies_at
        self.writes = 0

    def write(self, descriptor, content):
        self.writes += 1
        if self.writes == self.dies_at:
            os.write(descriptor, content[: len(content) // 2])
        if self.writes >= self.dies_at:
            raise Killed
        return os.write(descriptor, content)

    def storage(self):
        disk = Disk(write=self.write, sync=lambda descriptor: None, sync_folder=lambda path: None)
        return Storage(disk=disk)


@pytest.fixture
def sequence():
    return Sequence("resume", {}, "bench", {}, OnError(0, "land"), None, STEPS)


@pytest.fixture
def begin(bench_station, tmp_path, sequence):
    """Return what begins a campaign that dies at a write; it gives folder and writes."""

    def make(dies_at=10**9):
        FIRED.clear()
        _, station = bench_station()
        disk = MortalDisk(10**9)
        folder = CampaignFolder.create(
            tmp_path,
            "killed",
            station.clock,
            to_mapping(sequence),
            sequence="",
            station="",
            storage=disk.storage(),
        )
        disk.writes, disk.dies_at = 0, dies_at
        conductor = Conductor(station, folder, KINDS)
        with suppress(Killed):
            conductor.carry_out(flatten(sequence), sequence.on_error)
        return folder.path, disk.writes

    return make


@pytest.fixture
def go_on(bench_station):
    """Return what resumes a campaign and accepts everything."""

    def make(path):
        found = read_resumption(path, KINDS)
        _, station = bench_station()
        storage = MortalDisk(10**9).storage()  # no syncs: the machine lives
        with CampaignFolder.reopen(path, station.clock, storage=storage) as folder:
            start = found.after_accepting
            if start.index > found.start.index:
                folder.journal.event("step accepted", step=found.start.index)
            conductor = Conductor(station, folder, KINDS)
            return conductor.carry_out(found.steps, found.sequence.on_error, start)

    return make


def points(path):
    """Return the indices of all rows by step of the plan."""
    found = {}
    events = [json.loads(line) for line in (path / "journal.jsonl").read_text().splitlines()]
    for event in events:
        if event["event"] == "run begun" and list(path.glob(f"{event['run']:04d}*.csv")):
            found[event["step"]] = open_run(path, event["run"]).data["Index"].tolist()
    return found


WHOLE = list(range(POINTS))


def test_an_unbroken_campaign_has_nothing_left_to_do(begin):
    path, _ = begin()
    assert points(path) == {1: WHOLE, 2: [0], 4: WHOLE, 5: WHOLE}
    assert read_resumption(path, KINDS).finished


def test_killed_at_any_write_it_goes_on_with_every_point_once_and_no_second_shot(begin, go_on):
    _, writes = begin()
    for dies_at in range(1, writes + 1):
        path, _ = begin(dies_at)
        outcome = go_on(path)
        assert outcome.status == "finished", dies_at
        found = points(path)
        shot = found.pop(2, [])
        assert found == {1: WHOLE, 4: WHOLE, 5: WHOLE}, dies_at
        assert len(FIRED) <= 1, dies_at
        assert len(shot) <= len(FIRED), dies_at
        assert read_resumption(path, KINDS).finished, dies_at


def test_killed_twice_it_still_goes_on(begin, bench_station, go_on):
    path, _ = begin(12)
    found = read_resumption(path, KINDS)
    _, station = bench_station()
    disk = MortalDisk(8)
    folder = CampaignFolder.reopen(path, station.clock, storage=disk.storage())
    with pytest.raises(Killed):
        Conductor(station, folder, KINDS).carry_out(
            found.steps, found.sequence.on_error, found.start
        )
    assert go_on(path).status == "finished"
    assert points(path)[1] == WHOLE


def test_a_shot_that_may_have_been_fired_needs_somebody_who_accepts(begin):
    for dies_at in range(1, 200):
        path, _ = begin(dies_at)
        found = read_resumption(path, KINDS)
        if FIRED and found.start.index == 2:
            break
    (doubt,) = found.doubts
    assert "may have been done: it will not be repeated" in doubt
    assert doubt.startswith("step 3 (")  # people count from 1
    assert found.after_accepting.index == 3


def test_a_shot_whose_run_was_never_begun_is_taken_without_asking(tmp_path, sequence):
    events = [{"event": "step begun", "step": 2}]
    path = journal(tmp_path, sequence, done=(0, 1), events=events)
    found = read_resumption(path, KINDS)
    assert (found.start.index, found.doubts) == (2, ())


def test_what_a_watch_has_ended_goes_on_unwatched_when_it_is_accepted(tmp_path, sequence):
    failed = {
        "event": "step failed",
        "step": 1,
        "then": "land",
        "watch": True,
        "error": "R is 3 ohm",
    }
    begun = {"event": "run begun", "step": 1, "run": 1}
    found = read_resumption(journal(tmp_path, sequence, done=(0,), events=[begun, failed]), KINDS)
    assert "R is 3 ohm" in found.doubts[0]
    assert found.after_accepting == Start(1, 1, (), unwatched=True)


def test_a_step_that_the_policy_has_skipped_is_over(tmp_path, sequence):
    failed = {"event": "step failed", "step": 1, "then": "skip"}
    found = read_resumption(journal(tmp_path, sequence, done=(0,), events=[failed]), KINDS)
    assert found.start.index == 2


def test_temperature_and_field_are_brought_back_by_the_last_steps_that_set_them(tmp_path, sequence):
    cold = TemperatureStep(1.9, rate=0.05)
    loop = LoopStep("field", (0.0, 1.0, 2.0), FieldStep(0.0, 4e-3), (ProcedureStep("ladder", {}),))
    plan = replace(sequence, steps=(TemperatureStep(300.0, rate=0.2), cold, loop))
    found = read_resumption(journal(tmp_path, plan, done=(0, 1, 2, 3, 4)), KINDS)
    assert found.start.index == 5
    assert [step.step for step in found.start.before] == [cold, FieldStep(1.0, 4e-3)]
    at_field = read_resumption(journal(tmp_path, plan, done=(0, 1, 2, 3)), KINDS)
    assert [step.step for step in at_field.start.before] == [cold]


@pytest.mark.parametrize(
    ("now", "doubts"),
    [
        ({"temperature": 1.91, "field": 2.0, "angle": 0.0}, []),
        ({"temperature": 1.9, "field": 0.0, "angle": 0.0}, []),
        ({"temperature": 40.0, "field": 0.0, "angle": 0.0}, ["temperature"]),
        ({"temperature": 1.9, "field": 5.0, "angle": 90.0}, ["field", "angle"]),
    ],
)
def test_a_station_that_is_not_where_the_journal_says_is_told(tmp_path, sequence, now, doubts):
    ended = {"event": "step ended", "step": 0, "temperature": 1.9, "field": 2.0, "angle": 0.0}
    found = read_resumption(journal(tmp_path, sequence, events=[ended]), KINDS)
    told = station_doubts(found, now)
    assert [doubt.split()[1] for doubt in told] == doubts


def test_a_ramp_that_was_broken_off_may_be_anywhere_on_its_way(tmp_path, sequence):
    plan = replace(sequence, steps=(NoteStep("begin"), TemperatureStep(1.9, rate=0.2)))
    events = [
        {"event": "step ended", "step": 0, "temperature": 300.0, "field": 0.0, "angle": "nan"},
        {"event": "step begun", "step": 1},
    ]
    found = read_resumption(journal(tmp_path, plan, events=events), KINDS)
    assert station_doubts(found, {"temperature": 120.0, "field": 0.0, "angle": "nan"}) == []
    assert station_doubts(found, {"temperature": 330.0, "field": 0.0}) != []


def test_a_campaign_that_still_runs_is_not_resumed(tmp_path):
    living = replace(Owner.this_process(), command="another", started=Owner.this_process().started)
    running = [{"event": "campaign begun", "owner": living.to_json()}]
    with pytest.raises(StationBusyError, match="still carried out by process"):
        refuse_if_running(running, tmp_path)
    refuse_if_running([*running, {"event": "campaign ended"}], tmp_path)
    dead = replace(living, pid=2**22 - 3)
    refuse_if_running([{"event": "campaign begun", "owner": dead.to_json()}], tmp_path)


def test_the_campaign_of_a_script_has_no_plan_to_resume(tmp_path):
    (tmp_path / "journal.jsonl").write_text(
        json.dumps({"event": "plan", "format": 1, "plan": {"script": "mine"}}) + "\n"
    )
    with pytest.raises(StorageError, match="made by a script"):
        read_resumption(tmp_path, KINDS)


def test_events_without_a_step_say_nothing_of_steps():
    assert step_states([{"event": "made safe"}, {"event": "note", "text": "by hand"}]) == {}


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_every_procedure_that_can_go_on_knows_its_points(kind):
    if kind.resume is Resume.CONTINUE:
        assert len(kind().targets()) > 0


def journal(tmp_path, sequence, done=(), events=()):
    lines = [{"event": "plan", "format": 1, "plan": to_mapping(sequence)}]
    for index in done:
        lines += [{"event": "step begun", "step": index}, {"event": "step ended", "step": index}]
    text = "".join(json.dumps(line) + "\n" for line in [*lines, *events])
    (tmp_path / "journal.jsonl").write_text(text)
    return tmp_path
