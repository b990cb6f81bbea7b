import json

import pytest

from daq.runs.csv_file import CsvFile
from daq.runs.engine import Outcome, execute
from daq.runs.files import open_run
from daq.runs.header import describe
from instruments.errors import StorageError


@pytest.fixture
def ran(campaign, ramp, station, stop):
    run = campaign.begin_run(ramp(maximum=0.3), station)
    execute(ramp(maximum=0.3), station, run, stop)
    return run


def test_a_run_is_opened_by_csv_by_json_and_by_number(campaign, ran):
    for run in (open_run(ran.csv), open_run(str(ran.json)), open_run(campaign.path, 1)):
        assert run.path == ran.csv
        assert run.number == 1
        assert run.procedure == "ramp"
        assert run.outcome == "finished"
        assert run.settings == {"maximum": 0.3, "points": 3}
        assert list(run.data.columns) == list(run.columns)
        assert list(run.data["Current (A)"]) == [0.0, 0.3 * 1 / 3, 0.3 * 2 / 3]
        assert run.metadata["contact"] == "contact 1"
        assert run.document["snapshot"]["source"]["compliance"] == 0.5


def test_the_csv_alone_suffices(ran):
    before = open_run(ran.csv)
    ran.json.unlink()
    after = open_run(ran.csv)
    for name in ("settings", "outcome", "columns", "metadata", "procedure", "rows"):
        assert getattr(after, name) == getattr(before, name)
    assert after.data.equals(before.data)
    assert after.document == {}


def test_attempts_that_go_on_are_joined_in_order_without_torn_lines(campaign, ramp, station):
    first = campaign.begin_run(ramp(), station)
    first.append(ramp().row(0))
    first.append(ramp().row(1))
    first.close(Outcome("failed"))
    whole = first.csv.read_bytes()
    first.csv.write_bytes(whole[: whole.index(b"#Outcome")] + b"6.6e-0")
    for index in range(2, 12):
        run = campaign.begin_run(ramp(), station, repeat=1)
        run.append(ramp().row(index))
        run.close(Outcome("finished"))
    found = open_run(campaign.path, 1)
    assert list(found.data["Status"]) == list(range(12))
    assert found.torn == 1
    assert found.outcome == "finished"
    assert [attempt.number for attempt in found.attempts] == list(range(1, 12))


def test_attempts_that_start_again_are_not_mixed(campaign, ramp, station):
    class Pulse(ramp):
        name = "pulse"

    Pulse.resume = type(Pulse.resume).RESTART
    for rows in (3, 2, 0):
        repeat = None if rows == 3 else 1
        run = campaign.begin_run(Pulse(), station, repeat=repeat)
        for index in range(rows):
            run.append(ramp().row(index))
        run.close(Outcome("failed"))
    found = open_run(campaign.path, 1)
    assert list(found.data["Status"]) == [0, 1]
    assert [len(attempt.content.data) for attempt in found.attempts] == [3, 2, 0]


def test_a_run_in_progress_is_running(campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    assert open_run(run.csv).outcome == "running"
    document = run.json.read_bytes()
    run.json.unlink()
    assert open_run(run.csv).outcome == "unknown"
    run.json.write_bytes(document)
    run.close(Outcome("finished"))


def test_a_run_whose_runner_is_gone_was_interrupted(campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    run.append(ramp().row(0))
    content, document = run.csv.read_bytes(), json.loads(run.json.read_text())
    run.close(Outcome("finished"))
    owner = json.loads(document["owner"])
    gone = json.dumps(owner | {"started": owner["started"] - 3600.0, "since_boot": None})
    run.csv.write_bytes(content)
    run.json.write_text(json.dumps(document | {"owner": gone}))
    assert open_run(run.csv).outcome == "interrupted"


def test_nothing_in_a_csv_tells_one_process_or_folder_from_another(campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    document = json.loads(run.json.read_text())
    run.close(Outcome("finished"))
    content = run.csv.read_text()
    assert campaign.path.name not in content
    assert not {"owner", "campaign"} & set(open_run(run.csv).metadata)
    assert json.loads(document["owner"])["pid"] > 0
    assert document["campaign"] == campaign.path.name


def test_a_run_that_was_followed_by_another_was_interrupted(campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    content, document = run.csv.read_bytes(), run.json.read_bytes()
    run.close(Outcome("finished"))
    run.csv.write_bytes(content)
    run.json.write_bytes(document)
    assert open_run(run.csv).outcome == "running"
    campaign.begin_run(ramp(), station).close(Outcome("finished"))
    assert open_run(run.csv).outcome == "interrupted"


def test_a_pymeasure_file_from_elsewhere_can_be_opened(tmp_path, ramp):
    from pymeasure.experiment import Results

    results = Results(ramp(maximum=0.3), str(tmp_path / "DATA_1.csv"))
    with open(results.data_filename, "a") as file:  # noqa: PTH123 (a stranger's way)
        file.write("0.1,0.2,0\n0.2,0.4,1\n")
    # pymeasure writes a comma in a name without quotation marks, so there is one column more
    text = (tmp_path / "DATA_1.csv").read_text().replace("voltage, integrated", "voltage")
    (tmp_path / "DATA_1.csv").write_text(text)
    run = open_run(tmp_path / "DATA_1.csv")
    assert run.settings == {"Maximum current": 0.3, "Points": 3.0}
    assert run.outcome == "unknown"
    assert list(run.data["Status"]) == [0, 1]


def test_a_newer_json_is_refused_clearly(ran):
    ran.json.write_text(json.dumps({"format": 2}))
    with pytest.raises(StorageError, match="newer Coldpoint"):
        open_run(ran.csv)


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_torn_json_is_as_good_as_none(ran, content):
    ran.json.write_text(content)
    assert open_run(ran.csv).outcome == "finished"


def test_a_run_that_is_not_there_is_told_plainly(campaign):
    with pytest.raises(StorageError, match="there is no run 7"):
        open_run(campaign.path, 7)
    with pytest.raises(StorageError, match="there is no"):
        open_run(campaign.path / "0009-ramp.csv")
    with pytest.raises(StorageError, match="say which run"):
        open_run(campaign.path)


def test_a_text_setting_survives_with_line_breaks_and_letters(tmp_path, ramp):
    from pymeasure.experiment import Parameter

    class Noted(ramp):
        note = Parameter("Note", default="Größe: 3 nm\nzweite Zeile")

    CsvFile(tmp_path / "a.csv", describe(Noted(), {})).close("finished")
    assert open_run(tmp_path / "a.csv").settings["note"] == "Größe: 3 nm\nzweite Zeile"
