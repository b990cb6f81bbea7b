import math

import pytest

from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.files import open_run
from daq.runs.multivu_data import to_multivu
from instruments.errors import StorageError

SEQUENCE = """
title: Small
station: simulated
sample: {name: "contact, 1"}
steps:
  - field: {to: 0.1 T, rate: 40 Oe/s}
  - bias_spectrum: {from: -20 uA, to: 20 uA, points: 5, acquisition: single}
"""


def read_dat(content):
    """Read a MultiVu data file by what is known of the format: header pairs, names, rows."""
    text = content.decode("latin-1")
    assert text.endswith("\r\n")
    lines = text.split("\r\n")[:-1]
    assert not any("\n" in line for line in lines)
    data = lines.index("[Data]")
    assert lines[0] == "[Header]"
    header = [line.split(",") for line in lines[1:data] if not line.startswith(";")]
    names = lines[data + 1].split(",")
    assert all(name[0] == name[-1] == '"' and '"' not in name[1:-1] for name in names)
    rows = [line.split(",") for line in lines[data + 2 :]]
    assert all(len(row) == len(names) for row in rows)
    return header, [name[1:-1] for name in names], rows


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    file = folder / "small.yaml"
    file.write_text(SEQUENCE)
    outcome = run_prepared(prepare(file), folder / "campaigns")
    return open_run(outcome.runs[0].csv)


def column(names, rows, name):
    return [float(row[names.index(name)]) for row in rows]


def test_the_first_two_columns_are_comment_and_time_stamp(run):
    header, names, rows = read_dat(to_multivu(run))
    assert names[:2] == ["Comment", "Time Stamp (sec)"]
    assert ["DATATYPE", "COMMENT", "1"] in header
    assert ["DATATYPE", "TIME", "2"] in header
    assert ["TIMEMODE", "SECONDS", "ABSOLUTE"] in header
    assert [row[0] for row in rows] == [""] * 5


def test_fields_are_in_oersted_under_the_names_of_multivu(run):
    _, names, rows = read_dat(to_multivu(run))
    assert column(names, rows, "Magnetic Field (Oe)") == pytest.approx([1000.0] * 5, abs=20.0)
    assert len(column(names, rows, "Temperature (K)")) == 5
    assert column(names, rows, "dV/dI (ohm)") == list(run.data["dV/dI (ohm)"])


def test_time_stamps_are_unix_seconds_of_the_clock_that_stamped_the_data(run):
    _, names, rows = read_dat(to_multivu(run))
    stamps = column(names, rows, "Time Stamp (sec)")
    epoch = 1767225600.0  # a virtual clock begins with 2026
    assert stamps == pytest.approx([epoch + time for time in run.data["Time (s)"]], abs=2e-3)


def test_without_the_journal_the_first_row_counts_as_the_start(run, tmp_path):
    alone = tmp_path / run.path.name
    alone.write_bytes(run.path.read_bytes())
    _, names, rows = read_dat(to_multivu(open_run(alone)))
    stamps = column(names, rows, "Time Stamp (sec)")
    _, names, rows = read_dat(to_multivu(run))
    whole = column(names, rows, "Time Stamp (sec)")
    assert stamps[-1] - stamps[0] == pytest.approx(whole[-1] - whole[0], abs=2e-3)
    assert 0.0 <= whole[0] - stamps[0] < 60.0


def test_no_text_holds_a_comma_or_a_quotation_mark(run):
    header, _, _ = read_dat(to_multivu(run))
    (title,) = [entry for entry in header if entry[0] == "TITLE"]
    assert len(title) == 2
    assert title[1].startswith("contact; 1")


def test_the_axes_at_the_start_are_columns_that_exist_counted_from_one(run):
    header, names, _ = read_dat(to_multivu(run))
    axes = {entry[1]: int(entry[2]) for entry in header if entry[0] == "STARTUPAXIS"}
    assert names[axes["X"] - 1] == "Current (A)"
    assert 1 <= axes["Y1"] <= len(names)


def test_a_value_that_is_no_number_is_an_empty_field(run):
    _, names, rows = read_dat(to_multivu(run))
    for name in run.data.columns:
        if name in names:
            for value, row in zip(run.data[name], rows, strict=True):
                assert (row[names.index(name)] == "") == math.isnan(value)
    assert any(run.data[name].isna().any() for name in run.data.columns)


def test_a_file_without_a_time_is_refused_with_what_to_do(tmp_path):
    file = tmp_path / "foreign.csv"
    file.write_text("#Procedure: <x.Y>\n#Parameters:\n#Data:\na,b\n1.0,2.0\n")
    with pytest.raises(StorageError, match="export it to csv"):
        to_multivu(open_run(file))
