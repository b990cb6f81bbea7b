"""Files that grow are followed by offset."""

import json

import numpy as np
import pytest

from daq.runs.csv_reader import read_csv
from daq.runs.follow import FollowedCsv, FollowedJournal, GrowingFile
from instruments.errors import StorageError

HEAD = b"#Procedure: <p.P>\n#Parameters:\n#Metadata:\n#\tprocedure: p\n#Data:\nTime (s),X (V)\n"


def test_rows_arrive_as_they_are_written_and_a_torn_last_line_waits(tmp_path):
    path = tmp_path / "0001-p.csv"
    csv = FollowedCsv(path)
    assert csv.poll() == 0
    assert csv.columns == ()
    path.write_bytes(HEAD + b"1.0,2.0\n2.0,3.")
    assert csv.poll() == 1
    with path.open("ab") as file:
        file.write(b"5\n3.0,nan\n")
    assert csv.poll() == 2
    np.testing.assert_array_equal(csv.column("X (V)"), [2.0, 3.5, np.nan])
    assert csv.header.metadata["procedure"] == "p"
    assert csv.poll() == 0


def test_the_end_lines_tell_the_outcome_and_are_no_rows(tmp_path):
    path = tmp_path / "0001-p.csv"
    path.write_bytes(HEAD + b"1.0,2.0\n#Outcome: aborted\n#Rows: 1\n")
    csv = FollowedCsv(path)
    assert csv.poll() == 1
    assert (csv.outcome, csv.acknowledged, csv.rows) == ("aborted", 1, 1)


def test_a_file_read_in_pieces_of_any_size_is_the_file_as_a_whole(tmp_path):
    path = tmp_path / "0001-p.csv"
    rng = np.random.default_rng(3)
    rows = "".join(f"{a!r},{b!r}\n" for a, b in rng.normal(size=(3000, 2)).tolist())
    path.write_bytes(HEAD + rows.encode() + b"#Outcome: finished\n#Rows: 3000\n")
    csv = FollowedCsv(path)
    polls = 0
    while csv.outcome is None:
        csv.poll(777)
        polls += 1
    assert polls > 50
    whole = read_csv(path).data
    np.testing.assert_array_equal(csv.column("Time (s)"), whole["Time (s)"].to_numpy())
    np.testing.assert_array_equal(csv.column("X (V)"), whole["X (V)"].to_numpy())


def numbers(text):
    return np.array([[float(value) for value in line.split(b",")] for line in text.splitlines()])


def test_a_poll_reads_only_what_is_new(tmp_path, monkeypatch):
    path = tmp_path / "0001-p.csv"
    path.write_bytes(HEAD + b"1.0,2.0\n" * 50_000)
    csv = FollowedCsv(path)
    while csv.poll() or csv.behind:
        pass
    taken = []
    monkeypatch.setattr(csv, "_numbers", lambda text: taken.append(text) or numbers(text))
    with path.open("ab") as file:
        file.write(b"9.0,9.0\n")
    assert csv.poll() == 1
    assert taken == [b"9.0,9.0\n"]


def test_a_broken_row_is_left_out_and_counted(tmp_path):
    path = tmp_path / "0001-p.csv"
    path.write_bytes(HEAD + b"1.0,2.0\n1.0\nx,2.0\n3.0,4.0\n")
    csv = FollowedCsv(path)
    assert csv.poll() == 2
    assert csv.broken == 2
    np.testing.assert_array_equal(csv.column("Time (s)"), [1.0, 3.0])


def test_zeros_that_a_power_failure_left_are_no_rows(tmp_path):
    path = tmp_path / "0001-p.csv"
    path.write_bytes(HEAD + b"1.0,2.0\n" + b"\0" * 100 + b"\n")
    csv = FollowedCsv(path)
    assert csv.poll() == 1
    assert csv.poll() == 0


def test_a_file_that_was_cut_is_told(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"one\ntwo\n")
    file = GrowingFile(path)
    file.poll()
    path.write_bytes(b"one\n")
    with pytest.raises(StorageError, match="was cut from 8 to 4 bytes"):
        file.poll()


def test_a_line_longer_than_a_chunk_is_read_whole(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"a" * 5000 + b"\nb\n")
    file = GrowingFile(path)
    assert file.poll(100).startswith(b"a" * 5000 + b"\n")


def test_a_file_without_the_header_of_a_run_is_refused(tmp_path):
    path = tmp_path / "0001-p.csv"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(StorageError, match="no header of a run"):
        FollowedCsv(path).poll()


def test_a_journal_is_followed_event_by_event(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = FollowedJournal(path)
    assert journal.poll() == ()
    path.write_text(json.dumps({"event": "plan", "plan": {"title": "t"}}) + "\n" + '{"event": "no')
    assert [event["event"] for event in journal.poll()] == ["plan"]
    assert journal.plan == {"title": "t"}
    with path.open("a") as file:
        file.write('te"}\nbroken\n{"event": "last"}\n')
    assert [event["event"] for event in journal.poll()] == ["note", "last"]
    assert journal.broken == 1
