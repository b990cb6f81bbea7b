"""One language finds runs on the command line and in the data browser."""

import json
import sqlite3
from datetime import date

import pytest

from daq.app.run_query import Range, find, find_some, parse_query
from daq.runs.catalog import Catalogue
from instruments.errors import ConfigurationError

HEAD = "#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n"


@pytest.fixture
def runs(tmp_path):
    """Return a finder of numbers in a folder with three runs."""
    data = tmp_path / "data"
    folder = data / "2026-01-01T000000Z-night"
    folder.mkdir(parents=True)
    for number, (start, sample, day, outcome) in enumerate(
        ((1e-3, "gold", 1, "finished"), (2e-3, "silver one", 2, "failed"), (5, "gold", 3, "")), 1
    ):
        settings = json.dumps({"start": start, "points": 61 * number, "mode": "averaged"})
        metadata = {
            "started": f"2026-01-0{day}T12:00:00+00:00",
            "procedure": "bias_spectrum",
            "sample": sample,
            "settings": settings,
        }
        lines = "".join(f"#\t{key}: {value}\n" for key, value in metadata.items())
        end = f"#Rows: 1\n#Outcome: {outcome}\n" if outcome else ""
        text = f"{HEAD}{lines}#Data:\nStatus\n0\n{end}"
        (folder / f"{number:04d}-bias_spectrum.csv").write_text(text)

    def numbers(text, most=None):
        with Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite") as catalogue:
            catalogue.rebuild(data)
            if most is None:
                return [entry.number for entry in find(catalogue, parse_query(text), data)]
            entries, count = find_some(catalogue, parse_query(text), data, most)
            return [entry.number for entry in entries], count

    return numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [3, 2, 1]),
        ("night BIAS", [3, 2, 1]),
        ("sample:gold", [3, 1]),
        ('sample:"silver one"', [2]),
        ("outcome:failed", [2]),
        ("outcome:unknown", [3]),
        ("procedure:bias_spectrum since:2026-01-02", [3, 2]),
        ('procedure:"bias spectrum"', [3, 2, 1]),
        ("date:2026-01-02", [2]),
        ("date:..2026-01-02", [2, 1]),
        ("until:2026-01-01", [1]),
        ("start:1mA..2mA", [2, 1]),
        ("from:1..2mA", [2, 1]),
        ("from:0.002..", [3, 2]),
        ("start:..1e-3", [1]),
        ("points:122", [2]),
        ("points:100.. sample:gold", [3]),
        ("mode:averaged points:..61", [1]),
        ("nothing_of_that:1", []),
        ("sample:", [3, 2, 1]),
        ('sample:"gold', [3, 1]),
    ],
)
def test_a_query_finds_what_it_says(runs, text, numbers):
    assert runs(text) == numbers
    assert runs(text, 1) == (numbers[:1], len(numbers))


def test_a_range_is_in_si_units_whatever_it_was_written_in():
    assert parse_query("field:5000Oe..3T").ranges == (Range("field", 0.5, 3.0),)
    assert parse_query('to:"4 K"').ranges == (Range("to", 4.0, 4.0),)
    assert parse_query("since:2026-02-03").since == date(2026, 2, 3)


@pytest.mark.parametrize("text", ["since:yesterday", "points:1parsec..2", "points:..x"])
def test_what_cannot_be_read_is_told_with_what_to_write(text):
    with pytest.raises(ConfigurationError, match=r"query: .* found .* expected .* write"):
        parse_query(text)


COLUMNS = (
    "path, campaign, number, attempts, procedure, station, sample, contact, started, outcome,"
    ' "rows", settings, words'
)


def test_a_catalogue_of_a_version_without_the_table_of_numbers_is_made_anew(runs, tmp_path):
    runs("")
    url = f"sqlite:///{tmp_path}/catalogue.sqlite"
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as connection:
        connection.execute("DROP TABLE numbers")
        connection.execute(f"CREATE TABLE old AS SELECT {COLUMNS} FROM runs")  # noqa: S608 (a constant)
        connection.execute("DROP TABLE runs")
        connection.execute("ALTER TABLE old RENAME TO runs")
    connection.close()
    data = tmp_path / "data"
    with Catalogue(url) as catalogue:
        assert len(find(catalogue, parse_query(""), data)) == 3
        assert [e.number for e in find(catalogue, parse_query("points:122"), data)] == [2]
    assert (tmp_path / "catalogue.sqlite.damaged").exists()


def test_numbers_of_runs_that_have_gone_find_nothing_and_are_not_kept(runs, tmp_path):
    assert runs("points:61..") == [3, 2, 1]
    for path in (tmp_path / "data").rglob("*-bias_spectrum.csv"):
        if path.name < "0003":
            path.unlink()
    assert runs("points:61..") == [3]
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as connection:
        kept = connection.execute("SELECT name, value FROM numbers ORDER BY name").fetchall()
    connection.close()
    assert kept == [("points", 183.0), ("start", 5.0)]


def test_numbers_that_an_older_program_left_behind_are_those_of_nobody(runs, tmp_path):
    runs("")
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as connection:
        connection.execute("DELETE FROM runs")
        connection.execute("UPDATE numbers SET value = 7 WHERE name = 'points'")
    connection.close()
    assert runs("points:7") == []
    assert runs("points:122") == [2]
