"""The catalogue of one data folder is kept up to date, and given up when nobody waits for it."""

import json

import pytest

from daq.app.run_index import GivenUpError, RunIndex
from daq.app.run_query import Query, parse_query
from daq.runs.catalog import Catalogue

HEAD = "#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n"


@pytest.fixture
def write(tmp_path):
    """Return a writer of runs into a data folder."""
    folder = tmp_path / "data" / "2026-01-01T000000Z-night"
    folder.mkdir(parents=True)

    def run(number, attempt="", outcome="finished", sample="gold"):
        settings = json.dumps({"points": number})
        said = {"started": f"2026-01-01T12:00:{number:02d}+00:00", "procedure": "bias_spectrum"}
        said |= {"sample": sample, "settings": settings}
        lines = "".join(f"#\t{key}: {value}\n" for key, value in said.items())
        path = folder / f"{number:04d}{attempt}-bias_spectrum.csv"
        path.write_text(f"{HEAD}{lines}#Data:\nStatus\n0\n#Rows: 1\n#Outcome: {outcome}\n")
        return path

    return run


@pytest.fixture
def index(tmp_path):
    return RunIndex(tmp_path / "data")


def test_what_is_new_is_taken_and_what_is_gone_is_forgotten(index, write):
    assert index.update().total == 0
    first = write(1)
    write(2, sample="silver")
    known = index.update()
    assert (known.total, known.samples, known.procedures) == (
        2,
        ("gold", "silver"),
        ("bias_spectrum",),
    )
    assert index.read == 2
    assert index.update().words == ""
    assert index.read == 0
    write(1, ".2", outcome="failed")
    assert index.update().outcomes == ("failed", "finished")
    assert index.read == 1
    first.unlink()
    first.with_stem("0001.2-bias_spectrum").unlink()
    assert index.update().total == 1


def test_a_search_finds_what_the_command_line_finds(index, write):
    for number in (1, 2, 3):
        write(number)
    index.update()
    assert [entry.number for entry in index.find(parse_query("points:2..")).entries] == [3, 2]


def test_files_without_a_beginning_are_left_out_and_named(index, write):
    write(1)
    write(2).write_text("#Proc")
    known = index.update()
    assert known.total == 1
    assert "night/0002-bias_spectrum.csv" in known.words


def test_a_lost_catalogue_is_made_anew_and_that_is_told(index, write, tmp_path):
    write(1)
    assert "there was no catalogue" in index.update().words
    with Catalogue() as catalogue:
        file = catalogue.file
    file.write_bytes(b"no database" * 100)
    found = index.find(Query())
    assert len(found.entries) == 1
    assert "was damaged" in found.words


def test_work_that_nobody_waits_for_is_given_up(write, tmp_path):
    for number in (1, 2, 3):
        write(number)
    index = RunIndex(tmp_path / "data", lambda: index.read < 2)
    with pytest.raises(GivenUpError):
        index.update()
    assert index.read == 2
