from pathlib import Path

import pandas as pd
import pytest

from daq.runs.cryostat_log import COLUMNS, CryostatLog
from instruments.errors import StorageError
from instruments.ppms.reading import CryostatReading
from instruments.ppms.status import AngleStatus, ChamberStatus, FieldStatus, TemperatureStatus


def sample(time, temperature=1.9, helium=None):
    return CryostatReading(
        time=time,
        temperature=temperature,
        field=0.5,
        angle=10.0,
        temperature_status=TemperatureStatus.STABLE,
        field_status=FieldStatus.PERSISTENT,
        angle_status=AngleStatus.STOPPED,
        chamber_status=ChamberStatus.PURGED,
        chamber="purged and sealed",
        code=4369,
        raw="4369",
        helium=helium,
    )


def test_every_sample_is_on_disk_while_the_log_is_open(tmp_path):
    log = CryostatLog(tmp_path / "cryostat.csv", report=lambda line: None)
    log.take(sample(0.0))
    log.take(sample(2.0, 1.901, helium=63.0))
    data = pd.read_csv(tmp_path / "cryostat.csv", comment="#")
    log.close()
    assert tuple(data.columns) == COLUMNS
    assert data["Time (s)"].tolist() == [0.0, 2.0]
    assert data["Helium (percent)"].isna().tolist() == [True, False]
    assert data["Status code"].tolist() == [4369, 4369]


def test_a_resumed_campaign_continues_its_log(tmp_path):
    for time in (0.0, 2.0):
        log = CryostatLog(tmp_path / "cryostat.csv", report=lambda line: None)
        log.take(sample(time))
        log.close()
    data = pd.read_csv(tmp_path / "cryostat.csv", comment="#")
    assert data["Time (s)"].tolist() == [0.0, 2.0]


def test_a_disk_that_refuses_ends_the_log_and_is_reported_once(tmp_path):
    told = []
    log = CryostatLog(tmp_path / "cryostat.csv", report=told.append)

    class Full:
        closed = False

        def write(self, data):
            raise OSError(28, "No space left on device")

        def truncate(self, size):
            raise OSError(5, "Input/output error")

        def close(self):
            self.closed = True

    log.close()
    log._file = Full()  # noqa: SLF001 (the seam of a full disk)
    log.take(sample(0.0))
    log.take(sample(2.0))
    assert len(told) == 1
    assert "No space left" in told[0]


def test_a_log_that_cannot_be_made_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="cannot be made"):
        CryostatLog(tmp_path / "nowhere" / "cryostat.csv", report=lambda line: None)


def test_a_line_that_was_cut_off_does_not_spoil_the_next_one(tmp_path):
    path = tmp_path / "cryostat.csv"
    log = CryostatLog(path, report=lambda line: None)
    log.take(sample(0.0))
    log.close()
    path.write_bytes(path.read_bytes() + b"2.0,1.9,na")
    log = CryostatLog(path, report=lambda line: None)
    log.take(sample(4.0))
    log.close()
    data = pd.read_csv(path, comment="#")
    assert data["Time (s)"].tolist() == [0.0, 4.0]
    assert data["Status code"].tolist() == [4369, 4369]


def test_a_disk_that_takes_a_part_of_a_line_leaves_whole_lines_only(tmp_path):
    path, told = tmp_path / "cryostat.csv", []
    log = CryostatLog(path, report=told.append)
    log.take(sample(0.0))
    real = log._file  # noqa: SLF001 (the seam of a full disk)

    class Filling:
        closed = False
        parts = 1

        def write(self, data):
            if not self.parts:
                raise OSError(28, "No space left on device")
            self.parts -= 1
            return real.write(data[:5])

        def __getattr__(self, name):
            return getattr(real, name)

    log._file = Filling()  # noqa: SLF001 (the same)
    log.take(sample(2.0))
    assert len(told) == 1
    assert pd.read_csv(path, comment="#")["Time (s)"].tolist() == [0.0]


def test_a_log_that_cannot_be_continued_leaves_no_file_open(tmp_path, monkeypatch):
    opened = []
    real = Path.open

    def kept(self, *words, **options):
        opened.append(real(self, *words, **options))
        return opened[-1]

    def refuse(_path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", kept)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StorageError, match="Input/output error"):
        CryostatLog(tmp_path / "cryostat.csv", report=lambda line: None)
    assert [file.closed for file in opened] == [True]
