import json

from daq.app.logbook.timeline import duration, guardian_reports, timeline


def at(minute, event, **fields):
    return {"event": event, "utc": f"2026-11-21T18:{minute:02d}:00+00:00", **fields}


def test_a_step_has_its_begin_end_and_where_it_ended():
    (entry,) = timeline(
        [at(0, "step begun", step=2, what="field to 1 T"), at(5, "step ended", step=2, field=1.0)]
    )
    assert (entry.day, entry.begin, entry.end, entry.took) == (
        "2026-11-21",
        "18:00:00",
        "18:05:00",
        "5 min",
    )
    assert entry.words == "step 3: field to 1 T at 1 T"


def test_a_step_that_was_broken_off_says_so_and_one_that_failed_has_its_end():
    events = [
        at(0, "step begun", step=0, what="a"),
        at(1, "step failed", step=0, error="no answer", then="retry", tried=1, retries=2),
        at(2, "step begun", step=0, what="a"),
    ]
    first, failed, second = timeline(events)
    assert (first.end, second.end) == ("18:01:00", "not ended")
    assert failed.weight == "bad"
    assert "no answer" in failed.words


def test_attempts_faults_pauses_and_references_stand_between_the_steps():
    events = [
        at(0, "run begun", run=1, attempt=1, file="a.csv"),
        at(1, "run ended", run=1, outcome="failed", rows=3, error="lost"),
        at(2, "run begun", run=1, attempt=2, file="b.csv"),
        at(3, "run ended", run=1, outcome="finished", rows=5, error=""),
        at(4, "paused", step=1, why="jump", patience=1800.0),
        at(5, "reference", resistance=100.0, error=0.1, drift=0.05, drifted=True),
        at(6, "note", text="<b>", about={"run": 1, "mark": "", "rows": []}),
    ]
    told = [entry.words for entry in timeline(events)]
    assert told[0] == "run 1 failed, 3 points: lost"
    assert told[1] == "run 1, attempt 2: b.csv"
    assert told[2].startswith("paused at step 2: jump")
    assert told[3] == "reference 100 +- 0.1 ohm, +5 % since the first DRIFTED"
    assert told[4] == "remark: <b> (run 1)"
    assert len(told) == 5


def test_a_line_whose_fields_are_damaged_spoils_no_page():
    (entry,) = timeline([at(0, "reference", resistance="x")])
    assert entry.words == "reference (damaged)"
    assert timeline([{"event": "paused", "step": "?"}])[0].weight == "bad"


def test_times_are_told_as_people_say_them():
    assert [duration(s) for s in (5.2, 61.0, 3660.0, 36000.0)] == [
        "5 s",
        "1 min",
        "1 h 01 min",
        "10 h 00 min",
    ]


def test_what_the_guardian_wrote_is_told_even_if_torn(tmp_path):
    report = {
        "found": "died",
        "noticed": "2026-11-21T18:00:00+00:00",
        "safe": False,
        "seconds": 3.2,
        "instruments": [
            {"role": "source", "reached": True},
            {"role": "lockin", "reached": False, "problem": "timeout"},
        ],
    }
    (tmp_path / "guardian-1.json").write_text(json.dumps(report))
    (tmp_path / "guardian-2.json").write_text("{")
    first, second = guardian_reports(tmp_path)
    assert "NOT everything was made safe within 3.2 s (lockin: timeout)" in first
    assert "cannot be read" in second
