import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pymeasure.experiment import Results

from daq.runs.csv_file import CsvFile
from daq.runs.csv_reader import glance, read_csv
from daq.runs.durability import Disk
from daq.runs.header import describe
from daq.runs.rows import RowError
from instruments.errors import StorageError


@pytest.fixture
def header(ramp):
    return describe(ramp(maximum=0.1 + 0.2), {"started": "2026-11-21T09:30:00+00:00"})


def fill(file, ramp, rows=3):
    for index in range(rows):
        file.append(ramp().row(index))


def test_pymeasure_opens_a_finished_file_with_settings_and_data(tmp_path, ramp, header):
    path = tmp_path / "0001-ramp.csv"
    file = CsvFile(path, header)
    fill(file, ramp)
    assert file.close("finished") == "finished"

    results = Results.load(str(path), procedure_class=ramp)

    assert results.procedure.maximum == 0.1 + 0.2
    assert results.procedure.points == 3
    assert list(results.data.columns) == ramp.DATA_COLUMNS
    assert list(results.data["Status"]) == [0, 1, 2]
    assert path.read_bytes().endswith(b"#Outcome: finished\n#Rows: 3\n")


def test_pymeasure_finds_the_class_of_a_real_procedure_by_itself(tmp_path):
    from procedures.bias_spectrum import BiasSpectrum

    procedure = BiasSpectrum(points=5, both_ways=True)
    file = CsvFile(tmp_path / "a.csv", describe(procedure, {}))
    file.append(dict.fromkeys(BiasSpectrum.DATA_COLUMNS, 1.5))
    file.close("finished")
    results = Results.load(str(tmp_path / "a.csv"))
    assert type(results.procedure) is BiasSpectrum
    assert results.procedure.parameter_values() == procedure.parameter_values()
    assert list(results.data.columns) == BiasSpectrum.DATA_COLUMNS


def test_pymeasure_follows_a_file_that_grows(tmp_path, ramp, header):
    file = CsvFile(tmp_path / "a.csv", header)
    fill(file, ramp, 1)
    results = Results.load(str(tmp_path / "a.csv"), procedure_class=ramp)
    assert len(results.data) == 1
    fill(file, ramp, 2)
    assert len(results.data) == 3
    file.close("finished")
    assert len(results.data) == 3


def test_pymeasure_opens_files_without_rows_and_with_a_torn_last_line(tmp_path, ramp, header):
    path = tmp_path / "a.csv"
    file = CsvFile(path, header)
    assert len(Results.load(str(path), procedure_class=ramp).data) == 0
    fill(file, ramp)
    content = path.read_bytes()
    file.close("finished")
    path.write_bytes(content + b"3.3e-0")
    assert len(Results.load(str(path), procedure_class=ramp).data) >= 3
    assert len(read_csv(path).data) == 3


def test_a_row_can_be_read_by_others_as_soon_as_it_is_acknowledged(tmp_path, ramp, header):
    file = CsvFile(tmp_path / "a.csv", header)
    for index in range(3):
        file.append(ramp().row(index))
        assert len(read_csv(tmp_path / "a.csv").data) == index + 1
    file.close("finished")
    assert (tmp_path / "a.csv").stat().st_mode & 0o444 == 0o444 or os.name == "nt"


def test_an_existing_file_is_never_overwritten(tmp_path, header):
    path = tmp_path / "a.csv"
    path.write_text("precious")
    with pytest.raises(StorageError, match="not overwritten"):
        CsvFile(path, header)
    assert path.read_text() == "precious"


def test_the_header_is_there_whole_or_not_at_all(tmp_path, header, faulty):
    faulty.fail["write"] = lambda: True
    with pytest.raises(StorageError, match="No space left"):
        CsvFile(tmp_path / "a.csv", header, disk=faulty.disk())
    assert list(tmp_path.iterdir()) == []


def test_a_refused_row_leaves_the_file_going_on(tmp_path, ramp, header):
    file = CsvFile(tmp_path / "a.csv", header)
    with pytest.raises(RowError):
        file.append(ramp().row(0) | {"Status": True})
    fill(file, ramp)
    assert file.close("finished") == "finished"
    assert len(read_csv(tmp_path / "a.csv").data) == 3


def test_a_full_disk_is_the_outcome_and_every_acknowledged_row_is_there(
    tmp_path, ramp, header, faulty
):
    file = CsvFile(tmp_path / "a.csv", header, disk=faulty.disk())
    fill(file, ramp, 2)
    faulty.fail["write"] = lambda: True
    with pytest.raises(StorageError, match=r"a\.csv: no row can be stored: .*No space left"):
        fill(file, ramp, 1)
    faulty.fail.clear()
    with pytest.raises(StorageError):
        fill(file, ramp, 1)  # space came back: still no gap
    assert file.close("finished") == "storage error"
    found = glance(tmp_path / "a.csv")
    assert (found.ending.outcome, found.ending.rows) == ("storage error", 2)
    assert file.unsaved() == [b"0.0,0.0,0\n"]


def test_half_a_row_that_a_full_disk_took_is_cut_off(tmp_path, ramp, header):
    calls = []

    def write(descriptor, content):
        calls.append(content)
        if len(calls) == 4:  # header, two rows, then half of the third
            return os.write(descriptor, content[:5])
        if len(calls) == 5:
            raise OSError(28, "No space left on device")
        return os.write(descriptor, content)

    file = CsvFile(tmp_path / "a.csv", header, disk=Disk(write=write))
    with pytest.raises(StorageError):
        fill(file, ramp, 3)
    assert file.close("failed") == "storage error"
    content = read_csv(tmp_path / "a.csv")
    assert len(content.data) == 2
    assert content.torn == 0
    assert content.ending.rows == 2


def test_a_row_that_was_taken_in_two_parts_is_whole(tmp_path, ramp, header):
    def write(descriptor, content):
        return os.write(descriptor, content[:7])

    file = CsvFile(tmp_path / "a.csv", header, disk=Disk(write=write))
    fill(file, ramp)
    assert file.close("finished") == "finished"
    assert list(read_csv(tmp_path / "a.csv").data["Status"]) == [0, 1, 2]


def test_a_row_written_but_not_acknowledged_is_cut_off(tmp_path, ramp, header):
    def write(descriptor, content):
        taken = os.write(descriptor, content)
        if content.endswith(b",2\n"):
            raise KeyboardInterrupt
        return taken

    file = CsvFile(tmp_path / "a.csv", header, disk=Disk(write=write))
    with pytest.raises(KeyboardInterrupt):
        fill(file, ramp)
    file.close("aborted")
    content = read_csv(tmp_path / "a.csv")
    assert len(content.data) == content.ending.rows == 2


def test_a_failed_sync_is_never_tried_again_and_the_rest_can_be_rescued(
    tmp_path, ramp, header, faulty
):
    file = CsvFile(tmp_path / "a.csv", header, durability="every-row", disk=faulty.disk())
    fill(file, ramp, 2)
    faulty.fail["sync"] = lambda: True
    with pytest.raises(StorageError):
        file.append(ramp().row(2))
    faulty.fail.clear()
    faulty.calls.clear()
    assert file.close("finished") == "storage error"
    assert "sync" not in faulty.calls
    file.rescue(tmp_path / "spare" / "a.csv")
    spare = read_csv(tmp_path / "spare" / "a.csv")
    assert list(spare.data["Status"]) == [2]
    assert spare.header.metadata["first row"] == "2"
    assert spare.header.settings == {"maximum": 0.1 + 0.2, "points": 3}


def test_the_thread_syncs_by_itself_and_its_failure_stops_the_next_row(tmp_path, ramp, header):
    synced, broken = threading.Event(), threading.Event()

    def sync(descriptor):
        if broken.is_set():
            synced.set()
            raise OSError(5, "Input/output error")
        os.fsync(descriptor)
        synced.set()

    file = CsvFile(tmp_path / "a.csv", header, disk=Disk(sync=sync))
    synced.clear()
    fill(file, ramp, 1)
    assert synced.wait(60.0)
    synced.clear()
    broken.set()
    fill(file, ramp, 1)
    assert synced.wait(60.0)
    with pytest.raises(StorageError, match="Input/output error"):
        for _ in range(1_000_000):  # until the thread has said so
            file.append(ramp().row(0))
    assert file.close("finished") == "storage error"


def test_finished_is_never_written_if_the_last_sync_fails(tmp_path, ramp, header, faulty):
    file = CsvFile(tmp_path / "a.csv", header, durability="every-row", disk=faulty.disk())
    fill(file, ramp)
    faulty.fail["sync"] = lambda: True
    assert file.close("finished") == "storage error"
    assert glance(tmp_path / "a.csv").ending.outcome == "storage error"


KILLED = """
import sys
from pathlib import Path
from daq.runs.csv_file import CsvFile
from daq.runs.header import Header
file = CsvFile(Path(sys.argv[1]), Header("m.C", columns=("Index", "Value (V)")))
index = 0
while True:
    file.append({"Index": index, "Value (V)": index / 7})
    sys.stdout.write(f"{index}\\n")
    sys.stdout.flush()
    index += 1
"""


def test_a_killed_process_loses_no_acknowledged_row(tmp_path: Path):
    path = tmp_path / "a.csv"
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 (our own text)
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(500)]
        process.kill()
        acknowledged += [int(line) for line in process.stdout if line.endswith(b"\n")]
    data = read_csv(path).data
    assert len(data) >= len(acknowledged)
    assert list(data["Index"]) == list(range(len(data)))
    assert list(data["Value (V)"]) == [index / 7 for index in range(len(data))]
