import json
import shutil
from datetime import UTC, datetime

import pytest

from daq.runs.engine import Outcome
from daq.runs.files import open_run
from daq.runs.journal import Journal
from daq.runs.marking import chosen_run, instant, ranges, rows_by_number, rows_by_time
from daq.runs.remarks import Rows, about, bad_rows, remarks
from daq.runs.row_times import row_times
from daq.runs.salvage import salvage
from instruments.clock import VirtualClock
from instruments.errors import ConfigurationError

FILE = "0001-ramp.csv"
BEGUN = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


def fill(campaign, ramp, station, rows, *, repeat=None, first=0):
    run = campaign.begin_run(ramp(), station, repeat=repeat)
    for index in range(first, first + rows):
        run.append(ramp().row(index))
    run.close(Outcome("finished"))
    return run


def note(campaign, text, run=None, mark="", rows=()):
    campaign.journal.event("note", text=text, about=about(run, mark, rows))


def test_rows_that_are_marked_bad_are_left_out_and_a_later_good_brings_them_back(
    campaign, ramp, station
):
    file = fill(campaign, ramp, station, 10).csv
    before = file.read_bytes()
    note(campaign, "lead touched", 1, "bad", [Rows(FILE, 3, 6)])
    note(campaign, "but this one is fine", 1, "good", [Rows(FILE, 4, 4)])
    note(campaign, "only a remark", 1, "", [Rows(FILE, 1, 10)])
    run = open_run(file)
    assert run.bad.nonzero()[0].tolist() == [2, 4, 5]
    assert list(run.good_data["Status"]) == [0, 1, 3, 6, 7, 8, 9]
    assert run.rows == 10
    assert file.read_bytes() == before
    note(campaign, "again", 1, "bad", [Rows(FILE, 4, 4)])
    assert open_run(file).bad.sum() == 4
    assert open_run(file).remarks[0].text == "lead touched"


def test_joined_attempts_are_numbered_through_and_each_file_keeps_its_own_marks(
    campaign, ramp, station
):
    fill(campaign, ramp, station, 4)
    fill(campaign, ramp, station, 4, repeat=1, first=4)
    rows = rows_by_number(open_run(campaign.path, 1), ranges("3-5, 8"))
    assert rows == (Rows(FILE, 3, 4), Rows("0001.2-ramp.csv", 1, 1), Rows("0001.2-ramp.csv", 4, 4))
    note(campaign, "spike", 1, "bad", rows)
    assert open_run(campaign.path, 1).bad.nonzero()[0].tolist() == [2, 3, 4, 7]


def test_a_run_that_starts_again_does_not_inherit_the_marks_of_its_first_attempt(
    campaign, ramp, station, monkeypatch
):
    monkeypatch.setattr(ramp, "resume", type(ramp.resume)("continue"))
    fill(campaign, ramp, station, 3)
    file = campaign.path / FILE
    file.write_text(file.read_text().replace("resume: continue", "resume: restart"))
    note(campaign, "bad", 1, "bad", rows_by_number(open_run(campaign.path, 1), None))
    assert open_run(campaign.path, 1).bad.all()
    second = fill(campaign, ramp, station, 3, repeat=1).csv
    second.write_text(second.read_text().replace("resume: continue", "resume: restart"))
    assert not open_run(campaign.path, 1).bad.any()


@pytest.mark.parametrize("text", ["0", "5-3", "a", "1-", "-4", "3,,4", "", "9999999999999"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ConfigurationError, match="expected numbers from 1"):
        ranges(text)


def test_rows_that_are_not_there_are_told_with_those_that_are(campaign, ramp, station):
    fill(campaign, ramp, station, 10)
    run = chosen_run(campaign.path, None)
    with pytest.raises(ConfigurationError, match="run 1 has rows 1 to 10"):
        rows_by_number(run, [(5, 11)])
    fill(campaign, ramp, station, 0)
    with pytest.raises(ConfigurationError, match="no rows yet"):
        rows_by_number(chosen_run(campaign.path, 2), None)
    with pytest.raises(ConfigurationError, match="runs 1 to 2; say which one"):
        chosen_run(campaign.path, None)
    with pytest.raises(ConfigurationError, match="found 7"):
        chosen_run(campaign.path, 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:30", "2026-11-21T18:30:00+00:00"),
        ("02:10", "2026-11-22T02:10:00+00:00"),
        ("18:29:30", "2026-11-22T18:29:30+00:00"),
        ("2026-11-23T01:00", "2026-11-23T01:00:00+00:00"),
        ("2026-11-23T01:00+08:00", "2026-11-23T01:00:00+08:00"),
    ],
)
def test_a_time_of_day_is_the_first_one_after_the_campaign_began(text, expected):
    assert instant(text, BEGUN, "--from").isoformat() == expected


@pytest.mark.parametrize("text", ["25:00", "noon", "12:61", ""])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ConfigurationError, match="--to: found"):
        instant(text, BEGUN, "--to")


def timed(tmp_path, text, zero="2026-11-21T18:00:00+00:00"):
    """Write a run with times 10 s apart whose clock read 100 s when it was begun."""
    file = tmp_path / FILE
    file.write_text(
        "#Procedure: <p.P>\n#Parameters:\n#\n#Metadata:\n#\tstarted: 2026-11-21T18:00:00+00:00\n"
        "#Data:\nTime (s),X (V)\n" + text
    )
    journal = tmp_path / "journal.jsonl"
    begun = {"event": "run begun", "utc": zero, "clock": 100.0, "run": 1, "file": FILE}
    journal.write_text('{"format": 1, "event": "plan", "plan": {}}\n' + json.dumps(begun) + "\n")
    return open_run(file)


def test_rows_are_found_by_the_time_at_which_they_were_taken(tmp_path):
    run = timed(tmp_path, "100.0,1\n110.0,2\n120.0,3\n130.0,4\n")
    events = salvage(tmp_path / "journal.jsonl").events
    begin, end = (
        instant(text, BEGUN.replace(hour=18, minute=0), "") for text in ("18:00:05", "18:00:20")
    )
    assert rows_by_time([run], events, begin, end) == (Rows(FILE, 2, 3),)
    assert rows_by_time([run], events, begin, None) == (Rows(FILE, 2, 4),)
    with pytest.raises(ConfigurationError, match="no row was taken"):
        rows_by_time([run], events, end.replace(hour=20), None)
    times = row_times(run.attempts[0], events)
    assert datetime.fromtimestamp(times[1], UTC) == BEGUN.replace(minute=0, second=10)


def test_without_a_journal_the_header_tells_when_the_first_row_was_taken(tmp_path):
    run = timed(tmp_path, "7.0,1\n8.0,2\n")
    times = row_times(run.attempts[0], ())
    assert datetime.fromtimestamp(times[1], UTC) == BEGUN.replace(minute=0, second=1)


def test_a_damaged_journal_is_told_and_what_is_left_of_it_counts(campaign, ramp, station):
    fill(campaign, ramp, station, 4)
    note(campaign, "spike", 1, "bad", [Rows(FILE, 2, 2)])
    path = campaign.path / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines.insert(1, b'{"event": "st')
    lines.insert(2, b"[1]")
    path.write_bytes(b"\n".join(lines) + b'{"event": "torn')
    left = salvage(path)
    assert left.problems == (
        "journal.jsonl: 2 damaged lines left out (lines 2, 3)",
        "journal.jsonl: the last line was cut off",
    )
    assert open_run(campaign.path, 1).bad.tolist() == [False, True, False, False]
    path.unlink()
    assert "cannot be read" in salvage(path).problems[0]
    assert not open_run(campaign.path, 1).bad.any()


def test_a_journal_without_its_plan_or_of_a_newer_version_is_still_told(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event": "note", "text": "a"}\n')
    assert salvage(path).problems == ("journal.jsonl: the plan is lost",)
    assert len(salvage(path).events) == 1
    path.write_text('{"format": 99, "event": "plan", "plan": []}\n')
    assert "newer Coldpoint" in salvage(path).problems[0]
    assert salvage(path).plan == {}


@pytest.mark.parametrize(
    "said", [None, 3, [], {"rows": 7}, {"rows": [{"file": 1}, None]}, {"mark": {}, "run": "x"}]
)
def test_a_remark_with_damaged_rows_is_a_remark_about_none(said):
    (remark,) = remarks([{"event": "note", "text": "t", "about": said}])
    assert (remark.text, remark.run, remark.mark, remark.rows) == ("t", None, "", ())


def test_marks_beyond_the_end_of_a_file_mark_what_is_there():
    (remark,) = remarks([{"event": "note", "about": about(1, "bad", [Rows(FILE, 2, 99)])}])
    assert bad_rows([remark], FILE, 3).tolist() == [False, True, True]
    assert not bad_rows([remark], "0002-ramp.csv", 3).any()


def test_a_campaign_can_be_copied_and_keeps_its_marks(campaign, ramp, station, tmp_path):
    fill(campaign, ramp, station, 4)
    campaign.journal.close()
    with Journal.reopen(campaign.path / "journal.jsonl", VirtualClock()) as journal:
        journal.event("note", text="x", about=about(1, "bad", [Rows(FILE, 1, 2)]))
    shutil.copytree(campaign.path, tmp_path / "copy")
    assert open_run(tmp_path / "copy", 1).bad.sum() == 2
