"""Notes that mark rows, and what leaves those rows out."""

import json
from pathlib import Path

import pandas as pd
import pytest

from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort, request
from daq.campaign.journal_words import event_in_words
from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from daq.runs.remarks import Rows, about

SPECTRUM = "bias_spectrum: {from: -10 uA, to: 10 uA, points: 5, acquisition: single}"
STEPS = f"title: S\nsteps:\n  - {SPECTRUM}\n  - {SPECTRUM}\n"


@pytest.fixture
def folder(coldpoint, tmp_path):
    """Return a campaign of two runs of five rows."""
    file = tmp_path / "s.yaml"
    file.write_text(STEPS)
    return Path(json.loads(coldpoint("run", file, "--json").out)["campaign"])


def test_rows_are_marked_by_number_and_taken_back_without_touching_the_file(coldpoint, folder):
    csv = next(folder.glob("0002*.csv"))
    before = csv.read_bytes()
    ended = coldpoint("note", folder, "lead touched", "--run", 2, "--rows", "2-3,5", "--bad")
    assert (ended.code, ended.out) == (0, "3 rows of 0002-bias_spectrum.csv marked bad\n")
    assert open_run(csv).bad.tolist() == [False, True, True, False, True]
    assert coldpoint("note", folder, "it was not", "--run", 2, "--rows", 3, "--good").code == 0
    assert open_run(csv).bad.tolist() == [False, True, False, False, True]
    assert csv.read_bytes() == before
    shown = json.loads(coldpoint("show", csv, "--json").out)
    assert shown["bad"] == 2
    assert "lead touched (rows 2-3 of" in shown["remarks"][0]


def test_a_window_of_time_marks_rows_of_every_run_in_it(coldpoint, folder):
    ended = coldpoint("note", folder, "truck", "--from", "00:00", "--bad")
    assert ended.out.startswith("10 rows of 0001-bias_spectrum.csv, 0002-bias_spectrum.csv")
    assert open_run(folder, 1).bad.all()
    assert coldpoint("note", folder, "fine", "--run", 1, "--from", "00:00", "--good").code == 0
    assert (open_run(folder, 1).bad.sum(), open_run(folder, 2).bad.sum()) == (0, 5)


def test_export_leaves_bad_rows_out_and_counts_them_unless_all_are_wanted(coldpoint, folder):
    coldpoint("note", folder, "x", "--run", 1, "--rows", "1-2", "--bad")
    csv = next(folder.glob("0001*.csv"))
    ended = coldpoint("export", csv, "--to", "csv")
    assert "3 rows" in ended.out
    assert "2 marked bad" in ended.out
    assert len(pd.read_csv(csv.with_suffix(".plain.csv"))) == 3
    ended = coldpoint("export", csv, "--to", "dat", "--all", "-o", folder / "all.dat")
    assert "5 rows" in ended.out
    ended = coldpoint("export", csv, "--to", "dat")
    assert len(csv.with_suffix(".dat").read_bytes().split(b"[Data]")[1].split()) < 100
    data = [(folder / "all.dat"), csv.with_suffix(".dat")]
    assert [len(file.read_text().partition("[Data]")[2].splitlines()) for file in data] == [7, 5]


def test_a_fit_leaves_bad_rows_out_and_says_how_many(coldpoint, tmp_path, cold_station):
    (tmp_path / "s.yaml").write_text(
        "title: F\nsteps:\n  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 41}\n"
    )
    (tmp_path / "cold.yaml").write_text(cold_station())
    ran = coldpoint("run", "s.yaml", "--station", "cold.yaml", "--json")
    csv = json.loads(ran.out)["runs"][0]["csv"]
    coldpoint("note", Path(csv).parent, "x", "--run", 1, "--rows", "3-6", "--bad")
    told = json.loads(coldpoint("fit", csv, "--model", "dynes", "--json").out)
    assert "4 of 41 rows are marked bad and left out" in told["notes"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--run", 2, "--rows", "4-6", "--bad"), "run 2 has rows 1 to 5"),
        (("--run", 2, "--rows", "0", "--bad"), "expected numbers from 1"),
        (("--run", 9, "--bad"), "has runs 1 to 2"),
        (("--rows", "1", "--bad"), "say which one with --run"),
        (("--bad",), "say which one with --run"),
        (("--run", 1, "--bad", "--good"), "expected one of them"),
        (("--run", 1, "--rows", 1, "--from", "00:00"), "expected one of them"),
        (("--from", "noon"), "expected a time"),
        (("--from", "00:10", "--to", "00:05"), "swap them"),
        (("--from", "23:00", "--to", "23:05"), "no row was taken"),
    ],
)
def test_wrong_rows_are_one_line_and_nothing_is_written(coldpoint, folder, words, told):
    before = (folder / "journal.jsonl").read_bytes()
    ended = coldpoint("note", folder, "x", *words)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert told in line
    assert (folder / "journal.jsonl").read_bytes() == before


def test_an_empty_note_is_refused(coldpoint, folder):
    assert coldpoint("note", folder, "  ").code == 2


def test_a_run_is_remarked_on_without_marking_anything(coldpoint, folder):
    assert coldpoint("note", folder, "nice", "--run", 1).out == "noted for run 1\n"
    assert not open_run(folder, 1).bad.any()
    assert open_run(folder, 1).remarks[0].text == "nice"
    assert not open_run(folder, 2).remarks


def test_while_it_runs_the_runner_writes_the_marks_into_its_journal(coldpoint, folder):
    taken = []
    before = len(read_journal(folder / "journal.jsonl").events)
    with ControlPort(folder, Control(), lambda text, about: taken.append((text, about))):
        assert coldpoint("note", folder, "live", "--run", 1, "--rows", 2, "--bad").code == 0
    rows = [{"file": "0001-bias_spectrum.csv", "first": 2, "last": 2}]
    assert taken == [("live", {"run": 1, "mark": "bad", "rows": rows})]
    assert len(read_journal(folder / "journal.jsonl").events) == before


def test_a_note_of_somebody_else_while_a_campaign_runs_is_honoured_at_once(tmp_path):
    sequence, data, seen = tmp_path / "s.yaml", tmp_path / "data", []
    sequence.write_text(STEPS)

    def announce(index, _words):
        if index == 1:  # between the two runs
            (folder,) = data.iterdir()
            rows = [Rows("0001-bias_spectrum.csv", 1, 2)]
            assert request(folder, "note", "spike", about(1, "bad", rows))
            seen.append(int(open_run(folder, 1).bad.sum()))

    outcome = run_prepared(prepare(sequence, "simulated"), data, announce=announce)
    assert outcome.status == "finished"
    assert seen == [2]
    (told,) = [e for e in read_journal(outcome.folder / "journal.jsonl").events if "about" in e]
    assert event_in_words(told) == ("remark: spike (rows 1-2 of 0001-bias_spectrum.csv marked bad)")
