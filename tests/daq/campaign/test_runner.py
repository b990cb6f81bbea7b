import json
import threading

import pytest

from daq.campaign.runner import prepare, run_prepared
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.errors import ConfigurationError, StorageError
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
