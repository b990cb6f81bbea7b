import json

import pytest

from daq.campaign.prepared import prepare
from daq.config.folder import config_names

HEAD = "title: Wrong\nsteps:\n"
SPECTRUM = "  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA}\n"
BOMB = (
    "a: &a [x, x, x, x, x, x, x, x, x]\n"
    "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
    "c: [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
)

WRONG = {
    "an unknown key": (HEAD + "  - bias_spectrum: {form: -0.1 mA}\n", 3, "form"),
    "a wrong unit": (HEAD + "  - temperature: {to: 2 T}\n", 3, "temperature"),
    "no unit": (HEAD + "  - field: {to: 2}\n", 3, "field"),
    "a bare number": (HEAD + "  - wait: 5\n", 3, "wait"),
    "over the limit": (HEAD + "  - bias_spectrum: {from: 0 mA, to: 0.5 mA}\n", 3, "bias_spectrum"),
    "over the field": (HEAD + "  - field: {to: 15 T}\n", 3, "field"),
    "an unknown procedure": (HEAD + "  - magic: {}\n", 3, "magic"),
    "an empty loop": (HEAD + "  - loop: {field: []}\n    steps:\n  " + SPECTRUM, 3, "loop"),
    "an empty file": ("", 1, ""),
    "a binary file": (b"\x00\x01\x02\xff\xfe", 1, ""),
    "an object tag": (HEAD + "  - note: !!python/object/apply:os.system [ls]\n", 3, ""),
    "an alias bomb": (BOMB + HEAD + SPECTRUM, 1, ""),
    "a sum": (HEAD + "  - field: {to: 9**9**8 T}\n", 3, "field"),
    "nan": (HEAD + "  - temperature: {to: nan K}\n", 3, "temperature"),
    "a negative wait": (HEAD + "  - wait: -5 s\n", 3, "wait"),
    "no steps": ("title: Nothing\nsteps: []\n", 2, "steps"),
    "a key twice": (HEAD + "  - temperature: {to: 2 K, to: 3 K}\n", 3, "to"),
    "a folder": (None, 1, ""),
}


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_line_with_file_line_key_found_and_expected(
    coldpoint, tmp_path, command, what
):
    content, line, key = WRONG[what]
    file = tmp_path / "wrong.yaml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    words = () if command == "check" else ("--data", tmp_path / "data")
    ended = coldpoint(command, file, *words)
    assert ended.code == 2
    assert ended.out == ""
    told = ended.err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"coldpoint: {file}:{line}: ")
    assert key in told[0]
    assert "found " in told[0]
    assert ", expected " in told[0]
    assert {path.name for path in tmp_path.iterdir()} == {"wrong.yaml"}


@pytest.mark.parametrize("command", ["check", "run", "station", "simulate"])
def test_a_name_that_nothing_has_is_refused_with_the_names_that_there_are(
    coldpoint, tmp_path, command
):
    ended = coldpoint(command, "frist_spectrum" if command in {"check", "run"} else "simulted")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "first_spectrum" in ended.err or "simulated" in ended.err
    assert not list(tmp_path.iterdir())


def test_a_wrong_station_file_is_refused_before_anything_is_opened(
    coldpoint, tmp_path, cold_station
):
    file = tmp_path / "station.yaml"
    file.write_text(cold_station(("current: 0.2 mA ", "current: 0.2 mV ")))
    for words in (("run", "first_spectrum", "--station", file), ("station", file)):
        ended = coldpoint(*words)
        assert ended.code == 2
        (told,) = ended.err.splitlines()
        line = 1 + file.read_text().split("  current:")[0].count("\n")
        assert told.startswith(f"coldpoint: {file}:{line}: limits.current: found ")
    assert [path.name for path in tmp_path.iterdir()] == ["station.yaml"]


@pytest.mark.parametrize("name", config_names("sequences"))
def test_every_sequence_that_is_shipped_is_accepted(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert prepare(name, None).steps
    assert not list(tmp_path.iterdir())


def test_a_check_lists_every_step_with_its_rates_and_defaults(coldpoint, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(HEAD + "  - loop: {field: [0 T, 1 T]}\n    steps:\n    - wait: 5 s\n")
    ended = coldpoint("check", file)
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["1", "2", "3", "4"]
    assert "field to 1 T at 42 Oe/s" in lines[3]
    told = json.loads(coldpoint("check", file, "--json").out)
    assert told["ok"] is True
    assert [step["what"].split()[0] for step in told["steps"]] == ["field", "wait"] * 2
