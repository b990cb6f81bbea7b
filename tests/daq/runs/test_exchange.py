"""Runs as exchange formats take them: names of columns that meet those of the formats."""

import pytest

from daq.runs.exchange.exported import exported, identifiers
from daq.runs.exchange.netcdf import to_netcdf
from daq.runs.exchange.nexus import to_nexus
from daq.runs.exchange.parquet import to_parquet
from daq.runs.files import open_run

COLUMNS = "Time (s),remarks (V),remarks error (V),utc,Status"


@pytest.fixture(params=["", "1.0,2.0,0.1,5.0,0\n"])
def run(tmp_path, request):
    path = tmp_path / "campaign" / "0001-ramp.csv"
    path.parent.mkdir()
    said = "#\tprocedure: ramp\n#\tstarted: 2026-01-01T12:00:00+00:00\n"
    above = f"#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n{said}#Data:\n{COLUMNS}\n"
    path.write_text(f"{above}{request.param}#Rows: {bool(request.param):d}\n#Outcome: aborted\n")
    return exported(open_run(path))


def test_names_are_unlike_each_other_and_unlike_those_that_formats_need():
    assert identifiers(["X", "x", "2 T", "%"], ["row"]) == ["X", "x_2", "n_2_T", "column"]
    assert identifiers(["Row", "row"], ["row"]) == ["Row_2", "row_3"]


def test_columns_that_are_called_as_what_a_format_adds_are_exported_and_so_is_a_run_without_rows(
    run,
):
    assert [column.field for column in run.columns][1:4] == ["remarks_2", "remarks_error", "utc_2"]
    assert to_netcdf([run])
    assert to_netcdf([run, run])
    assert to_nexus([run], [("Time (s)", "remarks (V)")])
    assert to_parquet(run)
