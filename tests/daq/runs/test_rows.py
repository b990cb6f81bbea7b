import io
import math
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daq.runs.csv_reader import read_csv
from daq.runs.header import Header
from daq.runs.rows import RowError, RowFormat, check_columns
from instruments.errors import StorageError

FLOATS = st.floats(allow_nan=False)
INTS = st.integers(-(2**63), 2**63 - 1)


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@given(st.lists(st.tuples(FLOATS, INTS, st.floats()), min_size=1, max_size=30))
def test_rows_read_back_to_the_very_bits_that_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "run.csv"
    columns = ("A (V)", "Status", "B, with comma (V)")
    line = RowFormat(columns).line
    content = b"".join(line(dict(zip(columns, row, strict=True))) for row in rows)
    path.write_bytes(Header("m.C", columns=columns).to_bytes() + content)

    data = read_csv(path).data

    assert [bits(value) for value in data["A (V)"]] == [bits(row[0]) for row in rows]
    assert [int(value) for value in data["Status"]] == [row[1] for row in rows]
    for found, (_, _, written) in zip(data["B, with comma (V)"], rows, strict=True):
        assert (math.isnan(found) and math.isnan(written)) or bits(found) == bits(written)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "bool"),
        ("1.0", "str"),
        (None, "NoneType"),
        (np.float64(1.0), "numpy.float64"),
        (np.float32(1.0), "numpy.float32"),
        (np.int64(1), "numpy.int64"),
        (1j, "complex"),
    ],
)
def test_a_value_that_is_no_python_float_or_int_is_refused_by_column_and_type(value, kind):
    line = RowFormat(["X (V)", "Y (V)"]).line
    with pytest.raises(RowError, match=rf"'Y \(V\)'.*of type {kind},"):
        line({"X (V)": 1.0, "Y (V)": value})


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400])
def test_an_int_that_would_not_read_back_is_refused(value):
    line = RowFormat(["Status"]).line
    line({"Status": 1})
    with pytest.raises(RowError, match="64 bits"):
        line({"Status": value})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"X (V)": 1.0}, "no 'Y"),
        ({"X (V)": 1.0, "Y (V)": 1.0, "Z": 1.0}, "'Z' is no column"),
        ({"X (V)": 1.0, "y (V)": 1.0}, "no 'Y"),
        ({}, "no 'X"),
    ],
)
def test_a_row_with_other_columns_is_refused_by_name(values, told):
    with pytest.raises(RowError, match=told):
        RowFormat(["X (V)", "Y (V)"]).line(values)


def test_values_land_in_the_column_of_their_name_whatever_their_order():
    line = RowFormat(["A", "B", "C"]).line
    assert line({"C": 3, "A": 1.0, "B": 2.0}) == b"1.0,2.0,3\n"
    assert line({"B": 2, "C": 3.0, "A": 1}) == b"1,2,3.0\n"


def test_one_column_is_enough():
    assert RowFormat(["A"]).line({"A": 0.1}) == b"0.1\n"


@pytest.mark.parametrize("columns", [[], ["A", "A"], ["A#"], ['A"'], ["A\nB"], [" "], ["A\t"]])
def test_columns_that_a_header_cannot_hold_are_refused(columns):
    with pytest.raises(StorageError):
        check_columns(columns)


def test_pandas_alone_reads_the_rows(tmp_path):
    line = RowFormat(["A", "B"]).line
    text = b"A,B\n" + line({"A": math.nan, "B": math.inf}) + line({"A": -0.0, "B": 1e-300})
    data = pd.read_csv(io.BytesIO(text))
    assert math.isnan(data["A"][0])
    assert math.copysign(1.0, data["A"][1]) == -1.0
    assert list(data["B"]) == [math.inf, 1e-300]
