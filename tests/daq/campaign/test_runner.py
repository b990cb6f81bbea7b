import json
import threading
from contextlib import nullcontext

import pytest

from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.errors import ColdpointError, ConfigurationError, StorageError
from instruments.waiting import Record

SPECTRUM = "  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5}\n"


@pytest.fixture
def files(tmp_path, cold_station):
    (tmp_path / "cold.yaml").write_text(cold_station())

    def prepared(steps, head=""):
        (tmp_path / "s.yaml").write_text(f"title: Runner\n{head}steps:\n{steps}")
        return prepare(tmp_path / "s.yaml", tmp_path / "cold.yaml")

    return prepared


def test_a_campaign_keeps_both_files_verbatim_and_its_plan(files, tmp_path):
    outcome = run_prepared(files(SPECTRUM), tmp_path / "data")
    assert (outcome.status, outcome.error, outcome.skipped) == ("finished", "", 0)
    assert (outcome.folder / "sequence.yaml").read_bytes() == (tmp_path / "s.yaml").read_bytes()
    assert (outcome.folder / "station.yaml").read_bytes() == (tmp_path / "cold.yaml").read_bytes()
    journal = read_journal(outcome.folder / "journal.jsonl")
    events = [event["event"] for event in journal.events]
    assert [word for word in events if word in {"step begun", "run begun", "run ended"}] == [
        "step begun",
        "run begun",
        "run ended",
    ]
    assert events.index("step ended") > events.index("run ended")
    assert "made safe" in events
    assert journal.events[-1]["event"] == "campaign ended"
    assert journal.events[-1]["outcome"] == "finished"
    first = json.loads((outcome.folder / "journal.jsonl").read_text().splitlines()[0])
    assert first["format"] == 1


def test_preparing_opens_nothing_and_writes_nothing(files, tmp_path):
    before = sorted(path.name for path in tmp_path.iterdir())
    prepared = files(SPECTRUM)
    assert prepared.station.name == "simulated"
    assert [planned.index for planned in prepared.steps] == [0]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "s.yaml"])


def test_a_sequence_may_only_tighten_the_limits(files):
    head = "limits: {current: 20 uA}\n"
    assert files(SPECTRUM, head).limits.current == pytest.approx(2e-5)
    with pytest.raises(ConfigurationError, match=r"s\.yaml:\d+: "):
        files(SPECTRUM.replace("0.01 mA, points", "0.05 mA, points"), head)
    with pytest.raises(ConfigurationError, match=r"s\.yaml:2: limits.current"):
        files(SPECTRUM, "limits: {current: 1 mA}\n")


def test_loops_are_carried_out_in_order_and_every_point_has_its_run(files, tmp_path):
    loop = "  - loop: {temperature: [2.0 K, 2.2 K]}\n    steps:\n"
    outcome = run_prepared(files(loop + "    " + SPECTRUM), tmp_path / "data")
    assert outcome.status == "finished"
    temperatures = [open_run(run.csv).data["Temperature (K)"].mean() for run in outcome.runs]
    assert temperatures == pytest.approx([2.0, 2.2], abs=0.02)


def test_a_follower_is_told_of_every_row_and_every_step_is_announced(files, tmp_path):
    rows, said = [], []

    class Follower:
        def offer(self, event, count):
            if isinstance(event, Record):
                rows.append(count)

    outcome = run_prepared(
        files("  - note: hello\n" + SPECTRUM),
        tmp_path / "data",
        follower=Follower(),
        announce=lambda index, words: said.append((index, words.split()[0])),
    )
    assert outcome.status == "finished"
    assert rows == [1, 2, 3, 4, 5]
    assert said == [(0, "note:"), (1, "bias_spectrum")]


def test_a_station_is_closed_when_no_folder_can_be_made(files, tmp_path):
    (tmp_path / "data").write_text("a file")
    before = threading.active_count()
    with pytest.raises(StorageError, match="another folder"):
        run_prepared(files(SPECTRUM), tmp_path / "data")
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("seam", "failure"),
    [
        ("ControlPort", StorageError("no room for the address")),
        ("CryostatLog", StorageError("no room for the log")),
        ("attended", OSError("no more processes")),
        ("attended", KeyboardInterrupt("stop")),
    ],
)
def test_what_fails_between_the_begin_and_the_first_step_is_an_end_in_the_journal(
    files, tmp_path, monkeypatch, seam, failure
):
    def fail(*_found, **_options):
        raise failure

    monkeypatch.setattr(f"daq.campaign.conducting.{seam}", fail)
    with pytest.raises(type(failure), match=str(failure)):
        run_prepared(files(SPECTRUM), tmp_path / "data")
    (journal,) = (tmp_path / "data").glob("*/journal.jsonl")
    begun, *_, safe, ended = read_journal(journal).events
    assert (begun["event"], safe["event"]) == ("campaign begun", "made safe")
    outcome = "aborted" if isinstance(failure, KeyboardInterrupt) else "failed"
    assert (ended["event"], ended["outcome"]) == ("campaign ended", outcome)
    assert str(failure) in ended["error"]


def test_a_guardian_that_does_not_arm_leaves_an_end_in_the_journal(files, tmp_path, monkeypatch):
    class Guard:
        pid, lost, dismissed = 1, False, 0

        def arm(self, folder, hang):
            raise ColdpointError("the guardian does not start")

        def dismiss(self):
            self.dismissed += 1

    guard = Guard()
    monkeypatch.setattr("daq.campaign.conducting.guarding", lambda _config: nullcontext(guard))
    with pytest.raises(ColdpointError, match="does not start"):
        run_prepared(files(SPECTRUM), tmp_path / "data")
    (journal,) = (tmp_path / "data").glob("*/journal.jsonl")
    ended = read_journal(journal).events[-1]
    assert (ended["event"], ended["outcome"]) == ("campaign ended", "failed")
    assert guard.dismissed == 1
