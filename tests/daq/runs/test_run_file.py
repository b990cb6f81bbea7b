import json
import threading

import pytest

from daq.runs.engine import Outcome, execute
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.errors import InstrumentError, StorageError


def last_event(campaign):
    return read_journal(campaign.path / "journal.jsonl").events[-1]


def test_a_run_leaves_settings_snapshot_versions_and_outcome(campaign, ramp, station, stop):
    run = campaign.begin_run(ramp(maximum=0.3), station)
    begun = json.loads(run.json.read_text())
    assert (begun["outcome"], begun["ended"]) == ("running", None)
    outcome = execute(ramp(maximum=0.3), station, run, stop)
    document = json.loads(run.json.read_text())

    assert (outcome.status, outcome.rows) == ("finished", 3)
    assert document["format"] == 1
    assert document["settings"]["maximum"] == {
        "name": "Maximum current",
        "value": 0.3,
        "unit": "A",
    }
    assert document["snapshot"] == {"source": {"compliance": 0.5, "noise": "nan"}}
    assert set(document["versions"]) == {"coldpoint", "python", "pymeasure", "numpy"}
    assert document["started"] == "2026-01-01T00:00:00+00:00"
    assert document["ended"] == "2026-01-01T00:00:03+00:00"
    assert (document["outcome"], document["rows"], document["traceback"]) == ("finished", 3, "")
    assert (document["station"], document["contact"]) == ("bench", "contact 1")
    assert (document["run"], document["attempt"]) == (1, 1)
    assert document["procedure"]["resume"] == "continue"


def test_the_order_at_the_end_is_csv_json_folder_journal(campaign, ramp, station, faulty, wait_for):
    run = campaign.begin_run(ramp(), station)
    for index in range(3):
        run.append(ramp().row(index))
    assert wait_for(lambda: faulty.calls[-1] == "sync", 10.0) is not None  # the thread was there
    run.append(ramp().row(0))
    faulty.calls.clear()
    run.close(Outcome("finished", 4))
    csv_file = ["sync", "write", "sync"]
    json_file = ["write", "sync", "rename", "sync_folder"]
    assert [*csv_file, *json_file, "write", "sync"] == faulty.calls


def test_a_failed_run_keeps_its_traceback(campaign, ramp, station, stop):
    procedure = ramp()

    def before(index):
        raise InstrumentError("no answer")

    procedure.before = before
    run = campaign.begin_run(procedure, station)
    execute(procedure, station, run, stop)
    found = open_run(run.csv)
    assert found.outcome == "failed"
    assert found.error == "InstrumentError: no answer"
    assert "conftest.py" in found.document["traceback"]
    assert last_event(campaign)["outcome"] == "failed"


def test_a_full_disk_stops_the_run_and_is_its_outcome_everywhere(
    campaign, ramp, station, stop, faulty
):
    procedure = ramp(points=10)
    run = campaign.begin_run(procedure, station)

    def before(index):
        if index == 4:
            faulty.fail["write"] = lambda: True

    def ending():
        faulty.fail.clear()  # somebody makes room while the station comes to rest

    procedure.before, procedure.ending = before, ending
    outcome = execute(procedure, station, run, stop)

    assert (outcome.status, outcome.rows) == ("storage error", 4)
    assert "No space left" in outcome.error
    found = open_run(run.csv)
    assert (found.outcome, found.rows, found.torn) == ("storage error", 4, 0)
    assert json.loads(run.json.read_text())["outcome"] == "storage error"
    assert last_event(campaign)["outcome"] == "storage error"
    assert procedure.ends == 1


def test_a_disk_that_stays_full_hides_nothing(campaign, ramp, station, stop, faulty):
    procedure = ramp(points=10)
    run = campaign.begin_run(procedure, station)

    def before(index):
        if index == 4:
            faulty.fail["write"] = lambda: True

    procedure.before = before
    outcome = execute(procedure, station, run, stop)

    assert (outcome.status, outcome.rows) == ("storage error", 4)
    assert run.outcome == outcome
    found = open_run(run.csv)
    assert found.rows == 4
    assert found.outcome != "finished"


def test_rows_that_a_dying_disk_may_have_lost_go_to_the_spare_folder(
    campaign, ramp, station, stop, faulty
):
    faulty.error = OSError(5, "Input/output error")
    procedure = ramp(points=1_000_000)

    def before(index):
        if index == 4:
            faulty.fail["sync"] = lambda: True

    procedure.before = before
    run = campaign.begin_run(procedure, station)
    outcome = execute(procedure, station, run, stop)

    assert outcome.status == "storage error"
    assert "Input/output error" in outcome.error
    folder = campaign.path.parent.parent / "spare"
    spare = folder / f"{campaign.path.name}--0001-ramp.csv"
    assert str(spare) in outcome.error
    rescued = open_run(spare)
    first = int(rescued.metadata["first row"])
    assert first + rescued.rows >= outcome.rows
    assert rescued.data["Status"].iloc[0] == first
    assert spare.with_suffix(".json").exists()
    assert open_run(run.csv).outcome == "storage error"


@pytest.mark.parametrize("call", ["rename", "sync_folder"])
def test_a_json_that_cannot_be_brought_to_the_disk_is_a_storage_error_in_the_csv_too(
    campaign, ramp, station, faulty, call
):
    stop = threading.Event()
    run = campaign.begin_run(ramp(), station)
    faulty.fail[call] = lambda: True
    outcome = execute(ramp(), station, run, stop)
    assert (outcome.status, outcome.rows) == ("storage error", 3)
    assert open_run(run.csv).outcome == "storage error"
    assert open_run(run.csv).rows == 3


def test_a_journal_that_cannot_be_written_is_a_storage_error(campaign, ramp, station, stop):
    run = campaign.begin_run(ramp(), station)
    campaign.journal.close()
    outcome = execute(ramp(), station, run, stop)
    assert outcome.status == "storage error"
    assert open_run(run.csv).outcome == "storage error"


def test_a_row_of_the_wrong_type_fails_the_run_but_not_the_storage(campaign, ramp, station, stop):
    procedure = ramp()
    procedure.row = lambda index: ramp().row(index) | {"Status": index > 5}
    run = campaign.begin_run(procedure, station)
    outcome = execute(procedure, station, run, stop)
    assert outcome.status == "failed"
    assert "'Status'" in outcome.error
    assert "bool" in outcome.error


def test_closing_twice_tells_the_same(campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    first = run.close(Outcome("aborted"))
    assert run.close(Outcome("finished")) is first


def test_a_setting_may_not_be_called_as_a_line_of_the_header(campaign, ramp, station):
    procedure = ramp()
    procedure.parameter_objects()["points"].name = "station"
    with pytest.raises(StorageError, match="'station'"):
        campaign.begin_run(procedure, station)


def test_the_json_of_a_run_whose_last_rows_filled_the_disk_finds_the_room_that_was_kept(
    campaign, ramp, station, faulty
):
    run = campaign.begin_run(ramp(), station)
    run.append(ramp().row(0))
    reserve = campaign.journal.reserve.path
    assert reserve.exists()
    faulty.fail = dict.fromkeys(("write", "sync"), reserve.exists)
    assert run.close(Outcome("finished", 1)).status == "storage error"
    assert json.loads(run.json.read_text())["outcome"] == "storage error"
    assert last_event(campaign)["outcome"] == "storage error"
