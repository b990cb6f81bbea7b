"""The log book of whole, running, broken off and damaged campaigns."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

EVIL = "<script>alert(1)</script>"
SEQUENCE = f"""\
title: Night {EVIL}
sample: {{name: contact 1, doping: <b>low</b>}}
reference: {{every: 1 s}}
steps:
  - note: cold {EVIL}
  - bias_spectrum: {{from: -0.01 mA, to: 0.01 mA, points: 3}}
  - voltage_pulse: {{amplitude: 6 V, width: 5 ms}}
  - bias_spectrum: {{from: -0.01 mA, to: 0.01 mA, points: 3}}
"""
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """A page, taken apart: its tags must close, and nothing may come from outside."""

    def __init__(self, path):
        super().__init__()
        self.open, self.tags, self.words, self.sources = [], [], [], []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(" ".join(data.split()))

    def says(self, words):
        return any(words in word for word in self.words)


@pytest.fixture
def folder(coldpoint, tmp_path, cold_station):
    (tmp_path / "s.yaml").write_text(SEQUENCE)
    (tmp_path / "cold.yaml").write_text(cold_station())
    ended = coldpoint("run", "s.yaml", "--station", "cold.yaml", "--json")
    return Path(json.loads(ended.out.splitlines()[-1])["campaign"])


def page(coldpoint, folder, pictures=0):
    ended = coldpoint("logbook", folder, "--output", "night.html", "--pictures", pictures)
    assert ended.code == 0, ended.err
    return Page(Path("night.html")), ended.out


def test_the_night_is_one_page_with_everything_inside_and_every_text_escaped(coldpoint, folder):
    coldpoint("note", folder, f"helium {EVIL}", "--run", 2, "--rows", 2, "--bad")
    found, told = page(coldpoint, folder, pictures=60)
    assert "finished" in told
    assert "script" not in found.tags
    assert "b" not in found.tags
    assert found.text.count("&lt;script&gt;") >= 4
    assert all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert len(found.sources) == 6  # the course; three references, two spectra; a pulse is a point
    for words in (
        "SIMULATED",
        "finished",
        "contact 1",
        "source I+ I-",
        "coldpoint 0.1.0",
        "not known",
        "step 2: bias_spectrum",
        "DRIFTED",
        "1 bad",
        "1.9 K",
        "points 3",
        "helium",
    ):
        assert found.says(words), words
    assert "@page" in found.text


def test_it_is_printed_again_over_itself_and_over_nothing_else(coldpoint, folder):
    for _ in range(2):
        assert coldpoint("logbook", folder, "--pictures", 0).code == 0
    assert (folder / "logbook.html").is_file()
    assert not list(folder.glob(".*"))
    Path("mine.html").write_text("<p>mine")
    ended = coldpoint("logbook", folder, "-o", "mine.html")
    assert ended.code == 2
    assert "is no log book" in ended.err
    assert Path("mine.html").read_text() == "<p>mine"
    assert coldpoint("logbook", folder, "-o", "not/there.html").code == 1


@pytest.mark.parametrize("what", ["nowhere", "."])
def test_what_is_no_campaign_is_refused_in_one_line(coldpoint, tmp_path, what):
    ended = coldpoint("logbook", tmp_path / what)
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert "is no campaign folder" in line


def test_a_campaign_that_was_broken_off_says_where(coldpoint, folder):
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if '"run begun"' in line)
    lines[1] = lines[1].replace('\\"pid\\": ', '\\"pid\\": 99999')
    journal.write_text("".join(lines[: last + 1]) + '{"event": "run en')
    csv = sorted(folder.glob("*.csv"))[-2]
    csv.write_bytes(csv.read_bytes()[:-60])
    found, told = page(coldpoint, folder)
    assert "interrupted" in told
    assert found.says("interrupted")
    assert found.says("not ended")
    assert found.says("the last line was cut off")


def test_a_running_campaign_is_printed_while_it_runs(coldpoint, folder):
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:9]))
    found, _ = page(coldpoint, folder)
    assert found.says("running")  # its process is this one


def test_whatever_is_missing_or_damaged_is_said_in_words(coldpoint, folder):
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    lines[3] = "damaged\n"
    journal.write_text("".join(lines))
    (folder / "cryostat.csv").unlink()
    (folder / "station.yaml").write_text("name: [")
    runs = sorted(folder.glob("0*.csv"))
    runs[0].unlink()
    runs[0].with_suffix(".json").unlink()
    runs[1].write_text("nonsense")
    (folder / "guardian-1.json").write_text("{")
    found, told = page(coldpoint, folder)
    for words in (
        "1 damaged line left out (line 4)",
        "cryostat.csv is missing",
        "station.yaml cannot be read",
        "0001-zero_bias.csv is missing",
        "it has no header of a run",
        "not known whether the station was simulated",
    ):
        assert found.says(words), words
    assert found.says("guardian-1.json cannot be read")
    assert "cryostat.csv is missing" in told


def test_a_campaign_of_which_only_runs_are_left_is_printed(coldpoint, folder):
    for name in ("journal.jsonl", "cryostat.csv", "station.yaml", "sequence.yaml"):
        (folder / name).unlink()
    found, _ = page(coldpoint, folder)
    assert found.says("journal.jsonl cannot be read")
    assert found.says("The journal tells nothing.")
    assert found.says("bias_spectrum")


def test_more_runs_than_pictures_are_all_in_the_table(coldpoint, folder):
    assert coldpoint("logbook", folder, "-o", "n.html", "--pictures", 1).code == 0
    found = Page(Path("n.html"))
    assert len(found.sources) == 2
    assert found.text.count('<tr>\n<td class="number">') == 6
