import json
from pathlib import Path

import pandas as pd
import pytest

STEP = (
    "title: S\nsteps:\n  - bias_spectrum: {from: 0 A, to: 9 uA, points: 3, acquisition: single}\n"
)


@pytest.fixture
def csv(coldpoint, tmp_path):
    """Return the CSV of a run."""
    file = tmp_path / "s.yaml"
    file.write_text(STEP)
    return json.loads(coldpoint("run", file, "--json").out)["runs"][0]["csv"]


def test_a_run_is_exported_for_multivu_beside_itself(coldpoint, csv, tmp_path):
    ended = coldpoint("export", csv, "--to", "dat")
    assert ended.code == 0
    assert ended.out.strip().endswith("3 rows")
    (file,) = tmp_path.rglob("*.dat")
    assert file.read_bytes().startswith(b"[Header]\r\n")


def test_a_plain_csv_has_one_line_of_names_and_never_takes_the_place_of_the_run(
    coldpoint, csv, tmp_path
):
    before = Path(csv).read_bytes()
    assert coldpoint("export", csv, "--to", "csv").code == 0
    assert Path(csv).read_bytes() == before
    (file,) = tmp_path.rglob("*.plain.csv")
    assert len(pd.read_csv(file)) == 3


def test_nothing_is_overwritten(coldpoint, csv, tmp_path):
    words = ("export", csv, "--to", "dat", "--output", tmp_path / "x.dat")
    assert coldpoint(*words).code == 0
    ended = coldpoint(*words)
    assert ended.code == 1
    assert "exists already" in ended.err


@pytest.mark.parametrize("to", ["parquet", "netcdf", "nexus", "xlsx"])
def test_a_format_that_is_not_there_is_refused_with_those_that_are(coldpoint, csv, to):
    ended = coldpoint("export", csv, "--to", to)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "not" in line
    assert "dat, csv" in line
