import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from daq.app import run_picture
from daq.app.remark_marks import MOST, Marked, draw_ticks, write_beneath
from daq.app.run_picture import curve_of, picture_of
from daq.runs.files import open_run
from daq.runs.salvage import salvage


@pytest.fixture
def folder(coldpoint, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(
        "title: S\nsteps:\n"
        "  - bias_spectrum: {from: -10 uA, to: 10 uA, points: 7, acquisition: single}\n"
    )
    return Path(json.loads(coldpoint("run", file, "--json").out)["campaign"])


def drawn(folder, monkeypatch):
    """Return the figure of the first run."""
    figures = []
    monkeypatch.setattr(run_picture, "png", lambda figure: figures.append(figure) or b"")
    picture_of(open_run(folder, 1), salvage(folder / "journal.jsonl").events)
    return figures[0]


def words(figure):
    figure.draw_without_rendering()
    beneath = figure._supxlabel.get_text() if figure._supxlabel else ""  # noqa: SLF001 (no other way to it)
    return [text.get_text() for text in figure.axes[0].texts], beneath


def test_bad_rows_are_hollow_and_not_on_the_line(coldpoint, folder, monkeypatch):
    coldpoint("note", folder, "spike", "--run", 1, "--rows", "3-4", "--bad")
    figure = drawn(folder, monkeypatch)
    line, hollow, _ = figure.axes[0].get_lines()
    assert np.isnan(line.get_ydata()).nonzero()[0].tolist() == [2, 3]
    assert len(hollow.get_xdata()) == 2
    assert hollow.get_markerfacecolor() == "none"
    assert "2 of 7 rows are marked bad" in words(figure)[1]


def test_remarks_have_a_number_at_their_row_and_their_text_beneath(coldpoint, folder, monkeypatch):
    coldpoint("note", folder, "costs $5 and $6", "--run", 1, "--rows", 5)
    coldpoint("note", folder, "of another time")
    figure = drawn(folder, monkeypatch)
    numbers, beneath = words(figure)
    assert numbers == ["1"]
    assert "costs $5 and $6" in beneath
    assert "another time" not in beneath
    assert not figure._supxlabel.get_parse_math()  # noqa: SLF001 (a dollar is a dollar)
    curve = curve_of(open_run(folder, 1), ())
    assert figure.axes[0].texts[0].xy == (curve.x[4], curve.y[4])


def test_a_remark_of_its_time_stands_at_the_row_that_was_taken_then(folder, monkeypatch):
    events = salvage(folder / "journal.jsonl").events
    when = curve_of(open_run(folder, 1), events).times[3]
    utc = np.datetime64(int(when * 1e3), "ms").item().isoformat() + "+00:00"
    with (folder / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps({"event": "note", "utc": utc, "clock": 0.0, "text": "now"}) + "\n")
    figure = drawn(folder, monkeypatch)
    assert words(figure)[0] == ["1"]
    x = figure.axes[0].texts[0].xy[0]
    assert x == curve_of(open_run(folder, 1), events).x[3]


def test_remarks_at_one_place_share_a_tick_and_too_many_are_counted():
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    marked = [Marked(number, f"note {number}", 0.5, 1.0) for number in range(1, MOST + 4)]
    draw_ticks(axes, marked)
    write_beneath(figure, marked)
    (ticks,), beneath = words(figure)
    assert ticks.startswith("1, 2, 3")
    assert "and 3 more remarks" in beneath
    assert f"note {MOST + 1}" not in beneath


def test_a_picture_of_a_letter_that_no_font_has_is_drawn_all_the_same(coldpoint, folder):
    coldpoint("note", folder, "卡车 \U0001f69a", "--run", 1, "--rows", 2)
    picture = picture_of(open_run(folder, 1), ())
    assert picture.startswith(b"\x89PNG")


def test_show_draws_a_run_and_overwrites_nothing(coldpoint, folder):
    csv = next(folder.glob("0001*.csv"))
    assert coldpoint("show", csv, "--picture", "p.png").code == 0
    assert Path("p.png").stat().st_size > 5000
    ended = coldpoint("show", csv, "--picture", "p.png")
    assert ended.code == 1
    assert "exists already" in ended.err
    assert coldpoint("show", folder, "--picture", "q.png").code == 2
