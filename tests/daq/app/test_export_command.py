"""Runs in other programs' formats, read back by readers that are not ours."""

import json
import sys
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from daq.runs.files import open_run

STEP = (
    "title: S\nsample: {name: gold}\nsteps:\n"
    "  - bias_spectrum: {from: 0 A, to: 9 uA, points: 3, acquisition: single}\n"
    "  - bias_spectrum: {from: 0 A, to: 5 uA, points: 2, acquisition: single}\n"
)
RESISTANCE, BIAS = "dV/dI (ohm)", "Bias voltage, measured (V)"


@pytest.fixture
def csv(coldpoint, tmp_path):
    """Return the CSV of a run whose second row is marked bad."""
    file = tmp_path / "s.yaml"
    file.write_text(STEP)
    path = Path(json.loads(coldpoint("run", file, "--json").out)["runs"][0]["csv"])
    words = ("note", path.parent, "lead came off", "--run", "1", "--rows", "2", "--bad")
    assert coldpoint(*words).code == 0
    return path


@pytest.fixture
def export(coldpoint, csv, tmp_path):
    """Return an exporter of the run, or of its whole campaign."""

    def make(to, what=csv):
        path = tmp_path / f"out.{to}"
        ended = coldpoint("export", what, "--to", to, "-o", path)
        assert (ended.code, ended.err) == (0, "")
        return path, ended.out

    return make


def same(run, name, values):
    """Tell whether values are the column of a run to the last bit, unmeasured ones included."""
    return np.array_equal(run.data[name].to_numpy(), np.asarray(values), equal_nan=True)


def test_a_run_is_exported_for_multivu_beside_itself(coldpoint, csv, tmp_path):
    ended = coldpoint("export", csv, "--to", "dat", "--all")
    assert ended.code == 0
    assert ended.out.strip().endswith("3 rows")
    (file,) = tmp_path.rglob("*.dat")
    assert file.read_bytes().startswith(b"[Header]\r\n")


def test_a_plain_csv_has_one_line_of_names_and_never_takes_the_place_of_the_run(
    coldpoint, csv, tmp_path
):
    before = csv.read_bytes()
    assert "1 marked bad are left out" in coldpoint("export", csv, "--to", "csv").out
    assert csv.read_bytes() == before
    (file,) = tmp_path.rglob("*.plain.csv")
    assert len(pd.read_csv(file)) == 2


def test_pandas_reads_parquet_with_units_marks_and_what_is_known(export, csv):
    path, said = export("parquet")
    assert said.strip().endswith("3 rows; 1 marked bad carry a flag")
    run, frame = open_run(csv), pd.read_parquet(path)
    assert list(frame.columns) == [*run.columns, "Time (UTC)", "Bad"]
    assert all(same(run, name, frame[name]) for name in run.columns)
    assert frame[BIAS].isna().all()
    assert frame["Status"].dtype == np.int64
    assert list(frame["Bad"]) == [False, True, False]
    started = pd.Timestamp(run.metadata["started"])
    assert (frame["Time (UTC)"] - started).abs().max() < pd.Timedelta("60s")
    told = frame.attrs["coldpoint"]
    assert told["settings"]["stop"] == {"name": "Stop", "value": 9e-6, "unit": "A"}
    assert told["remarks"][0]["text"] == "lead came off"
    import pyarrow.parquet

    notes = pyarrow.parquet.read_schema(path).field(RESISTANCE).metadata
    assert notes == {b"long_name": b"dV/dI", b"unit": b"ohm"}


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_xarray_reads_netcdf_with_units_times_and_flags(export, csv, engine):
    path, _ = export("netcdf")
    run = open_run(csv)
    with xr.open_dataset(path, engine=engine) as found:
        assert dict(found.sizes) == {"row": 3}
        by_column = {v.attrs["column"]: v for v in found.values() if "column" in v.attrs}
        assert list(by_column) == list(run.columns)
        assert all(same(run, name, by_column[name]) for name in run.columns)
        resistance = found["dV_dI"]
        assert (resistance.attrs["units"], resistance.attrs["long_name"]) == ("ohm", "dV/dI")
        assert resistance.attrs["ancillary_variables"] == "dV_dI_error bad Status"
        assert by_column["Angle (deg)"].attrs["units"] == "degree"
        assert np.isnan(by_column[BIAS]).all()
        assert list(found["bad"]) == [0, 1, 0]
        assert found["Status"].attrs["flag_meanings"].startswith("overload unlocked")
        assert found["utc"].dtype.kind == "M"
        assert str(found["utc"].to_numpy()[0])[:10] == run.metadata["started"][:10]
        assert found.attrs["Conventions"].startswith("CF-1.")
        assert (found.attrs["sample"], found.attrs["outcome"]) == ("gold", "finished")
        assert json.loads(found["settings"].item())["points"]["value"] == 3
        assert json.loads(found["instruments"].item()) == run.document["snapshot"]
        assert json.loads(found["remarks"].item())[0]["mark"] == "bad"


def test_several_runs_are_groups_of_one_netcdf_file(export, csv):
    path, said = export("netcdf", csv.parent)
    assert "2 runs, 5 rows" in said
    with netCDF4.Dataset(path) as file:
        assert list(file.groups) == ["run_0001_bias_spectrum", "run_0002_bias_spectrum"]
        assert [len(group.dimensions["row"]) for group in file.groups.values()] == [3, 2]


def test_h5py_reads_nexus_and_finds_what_is_plotted_by_its_attributes(export, csv):
    path, _ = export("nexus")
    run = open_run(csv)
    with h5py.File(path) as file:
        entry = file[file.attrs["default"]]
        assert entry.attrs["NX_class"] == "NXentry"
        data = entry[entry.attrs["default"]]
        assert data.attrs["NX_class"] == "NXdata"
        signal, axis = data.attrs["signal"], data.attrs["axes"][0]
        assert data[signal].attrs["long_name"] == RESISTANCE
        assert data[signal].attrs["units"] == "ohm"
        # The voltage was not measured, so the one from integration is drawn.
        assert data[axis].attrs["long_name"] == "Bias voltage, integrated (V)"
        assert data.attrs[f"{axis}_indices"] == 0
        named = {field.attrs["long_name"]: field for field in data.values()}
        assert all(same(run, name, named[name]) for name in run.columns)
        assert list(data["bad"]) == [0, 1, 0]
        assert entry["sample/temperature"] == data["Temperature"]
        assert entry["sample/magnetic_field"].attrs["target"] == "/entry/data/Field"
        assert entry["sample/name"].asstr()[()] == "gold"
        assert entry["settings/stop"][()] == 9e-6
        assert entry["settings/stop"].attrs["units"] == "A"
        assert entry["instrument/lockin"].attrs["NX_class"] == "NXcollection"
        sensitivity = run.document["snapshot"]["lockin"]["sensitivity"]
        assert entry["instrument/lockin/sensitivity"][()] == sensitivity
        assert entry["remark_001/data"].asstr()[()] == "lead came off"
        assert "marks as bad: rows 2-2" in entry["remark_001/description"].asstr()[()]
        told = json.loads(entry["coldpoint/data"].asstr()[()])
        assert told["instruments"] == run.document["snapshot"]


def test_the_reader_of_the_nexus_authors_plots_the_signal_with_its_errors(export, csv):
    nexus = pytest.importorskip("nexusformat.nexus")
    path, _ = export("nexus", csv.parent)
    root = nexus.nxload(path)
    assert [entry.nxclass for entry in root.entries.values()] == ["NXentry"] * 2
    data = root["run_0001_bias_spectrum"].data
    run = open_run(csv)
    assert data.nxsignal.nxname == "dV_dI"
    assert data.nxaxes[0].nxname == "Bias_voltage_integrated"
    assert same(run, RESISTANCE, data.nxsignal.nxvalue)
    assert same(run, "dV/dI error (ohm)", data.nxerrors.nxvalue)


def test_nothing_is_overwritten(coldpoint, csv, tmp_path):
    for to in ("dat", "nexus"):
        words = ("export", csv, "--format", to, "--output", tmp_path / f"x.{to}")
        assert coldpoint(*words).code == 0
        ended = coldpoint(*words)
        assert ended.code == 1
        assert "exists already" in ended.err


def test_a_format_of_one_run_writes_a_file_for_each_and_takes_no_name_for_many(
    coldpoint, csv, tmp_path
):
    assert coldpoint("export", csv.parent, "--to", "parquet").code == 0
    assert len(list(csv.parent.glob("*.parquet"))) == 2
    ended = coldpoint("export", csv.parent, "--to", "csv", "-o", tmp_path / "x.csv")
    assert ended.code == 2
    assert "holds one run, and 2 are asked for" in ended.err


def test_a_format_that_is_not_there_is_refused_with_those_that_are(coldpoint, csv):
    ended = coldpoint("export", csv, "--to", "xlsx")
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "dat, csv, parquet, netcdf, nexus" in line


@pytest.mark.parametrize(
    ("to", "package"), [("parquet", "pyarrow"), ("netcdf", "h5netcdf"), ("nexus", "h5py")]
)
def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(
    coldpoint, csv, monkeypatch, to, package
):
    monkeypatch.setitem(sys.modules, package, None)
    ended = coldpoint("export", csv, "--to", to)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert (
        f'needs the package {package}, which is not installed; type: pip install "coldpoint[{to}]"'
        in line
    )
    assert not list(csv.parent.glob("*.n*"))
