"""One language finds runs on the command line and in the data browser."""

import json
from datetime import date

import pytest

from daq.app.run_query import Range, find, parse_query
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

    def numbers(text):
        with Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite") as catalogue:
            catalogue.rebuild(data)
            return [entry.number for entry in find(catalogue, parse_query(text), data)]

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


def test_a_range_is_in_si_units_whatever_it_was_written_in():
    assert parse_query("field:5000Oe..3T").ranges == (Range("field", 0.5, 3.0),)
    assert parse_query('to:"4 K"').ranges == (Range("to", 4.0, 4.0),)
    assert parse_query("since:2026-02-03").since == date(2026, 2, 3)


@pytest.mark.parametrize("text", ["since:yesterday", "points:1parsec..2", "points:..x"])
def test_what_cannot_be_read_is_told_with_what_to_write(text):
    with pytest.raises(ConfigurationError, match=r"query: .* found .* expected .* write"):
        parse_query(text)
