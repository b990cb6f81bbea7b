import pytest

from daq.runs.csv_reader import glance, read_csv
from daq.runs.header import Header
from instruments.errors import StorageError

HEADER = Header("m.C", {"Maximum": "1.5 T", "Mode": "slow"}, {"started": "x"}, ("A", "B"))
ABOVE = HEADER.to_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "0001-ramp.csv"


@pytest.mark.parametrize("torn", [b"3.0", b"3.0,", b"3.0,4.", b"\0\0\0\0", b"3.0,4\0\0\n"])
def test_a_torn_last_line_is_dropped_and_counted(path, torn):
    path.write_bytes(ABOVE + b"1.0,2.0\n2.0,3.0\n" + torn)
    content = read_csv(path)
    assert list(content.data["A"]) == [1.0, 2.0]
    assert content.torn == 1
    assert content.ending.outcome is None


def test_a_torn_outcome_is_no_outcome(path):
    path.write_bytes(ABOVE + b"1.0,2.0\n#Outcome: fin")
    assert read_csv(path).ending.outcome is None
    assert len(read_csv(path).data) == 1


def test_a_file_cut_anywhere_gives_its_whole_rows_or_says_that_its_header_is_torn(path):
    content = ABOVE + b"1.0,2.0\n2.0,3.0\n#Outcome: finished\n#Rows: 2\n"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        if length < len(ABOVE):
            with pytest.raises(StorageError):
                read_csv(path)
        else:
            assert len(read_csv(path).data) == content[len(ABOVE) : length].count(b",", 0) - (
                content[len(ABOVE) : length].rpartition(b"\n")[2].count(b",")
            )


@pytest.mark.parametrize("broken", [b"1.0\n", b"1.0,2.0,3.0\n"])
def test_a_broken_row_before_the_end_is_an_error_that_names_it(path, broken):
    path.write_bytes(ABOVE + b"1.0,2.0\n" + broken + b"2.0,3.0\n")
    with pytest.raises(StorageError, match="row 2 has"):
        read_csv(path)


def test_a_file_without_rows_has_the_columns(path):
    path.write_bytes(ABOVE + b"#Outcome: failed\n#Rows: 0\n")
    content = read_csv(path)
    assert list(content.data.columns) == ["A", "B"]
    assert len(content.data) == 0
    assert content.ending.rows == 0


def test_the_last_outcome_counts(path):
    path.write_bytes(ABOVE + b"1.0,2.0\n#Outcome: finished\n#Rows: 1\n#Outcome: storage error\n")
    assert read_csv(path).ending.outcome == glance(path).ending.outcome == "storage error"


def test_a_glance_counts_rows_that_nobody_has_counted(path):
    path.write_bytes(ABOVE + b"1.0,2.0\n" * 5000)
    assert glance(path).ending.rows == 5000


def test_settings_of_a_file_that_we_did_not_write_are_read_by_their_names(path):
    path.write_bytes(ABOVE)
    assert glance(path).header.settings == {"Maximum": 1.5, "Mode": "slow"}
    assert glance(path).header.metadata == {"started": "x"}


@pytest.mark.parametrize("content", [b"", b"A,B\n1,2\n", b"#Parameters:\nA,B\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_run_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(StorageError):
        read_csv(path)
    with pytest.raises(StorageError):
        glance(path)


def test_a_line_break_in_a_setting_stays_on_its_line():
    header = Header("m.C", {"Text": "a\nb"}, {}, ("A",))
    assert b"#\tText: a\\nb\n" in header.to_bytes()
