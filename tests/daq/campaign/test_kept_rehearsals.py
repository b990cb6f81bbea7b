import json

import pytest

from daq.campaign.kept_rehearsals import (
    KeptRehearsal,
    keep,
    kept,
    kept_file,
    rehearsal_key,
    rehearsing,
    seconds_of_life,
)
from daq.campaign.latencies import latency_file
from daq.config.station import load_station

FOUND = KeptRehearsal(
    {"duration_s": 90.0, "steps": [{"activities_s": {"measuring": 90.0}}]}, 4.5, ""
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_what_was_found_is_found_again_under_the_same_sequence_and_station_only():
    key = rehearsal_key("steps", b"station", "bench")
    assert kept(key) is None
    keep(key, FOUND)
    assert kept(rehearsal_key(b"steps", "station", "bench")) == FOUND
    assert kept(rehearsal_key("steps\r\n", "station", "bench")) is None
    others = [
        rehearsal_key("other steps", "station", "bench"),
        rehearsal_key("steps", "other station", "bench"),
        rehearsal_key("steps", "station", "bench", measure="bias_spectrum"),
        rehearsal_key("steps", "station", "bench", resistance=1e6),
    ]
    assert len({key, *others}) == 5
    assert [kept(other) for other in others] == [None] * 4


def test_ends_of_lines_make_no_other_sequence():
    assert rehearsal_key("a\r\nb", "c", "d") == rehearsal_key("a\nb", "c", "d")
    assert rehearsal_key("ab", "c", "d") != rehearsal_key("a", "bc", "d")


def test_another_calibration_at_the_same_place_is_rehearsed_anew(tmp_path):
    file = tmp_path / "bench.calibration.json"
    station = f"name: bench\ncalibration: {file}\n"

    def key(text=station):
        return rehearsal_key("steps", text, "bench")

    missing = key()
    file.write_text('{"gain": 1.0}')
    first = key()
    file.write_text('{"gain": 1.1}')
    second = key()
    assert len({missing, first, second}) == 3
    file.write_text('{"gain": 1.0}')
    assert key() == first
    assert key("name: bench\ncalibration: [") != key("name: bench\n# calibration: none\n")


def learn(seconds):
    path = latency_file("bench")
    path.parent.mkdir(parents=True, exist_ok=True)
    role = {"seconds": seconds, "questions": 99}
    path.write_text(json.dumps({"campaigns": [{"campaign": "x", "roles": {"lockin": role}}]}))
    return rehearsal_key("steps", "station", "bench")


def test_instruments_that_answer_twice_as_slowly_are_rehearsed_anew_and_little_more_is_not():
    by_the_book = rehearsal_key("steps", "station", "bench")
    first = learn(0.100)
    assert first != by_the_book
    assert learn(0.102) == first
    assert learn(0.200) != first


def test_a_damaged_file_is_no_rehearsal(caplog):
    key = rehearsal_key("steps", "station", "bench")
    keep(key, FOUND)
    kept_file(key).write_text('{"answer": {"duration_s": ')
    assert kept(key) is None
    kept_file(key).write_text('{"answer": {"steps": [3]}, "life_s": null, "problem": ""}')
    assert kept(key) is None
    assert "is not used" in caplog.text


@pytest.mark.parametrize(
    ("clock", "life"), [("virtual", 7.0), ("system", 3600.0), ("scaled:20", 180.0)]
)
def test_a_campaign_takes_as_long_in_life_as_its_clock_says(tmp_path, clock, life):
    text = load_station("simulated").text.replace("clock: virtual", f"clock: {clock}")
    (tmp_path / "station.yaml").write_text(text)
    station = load_station(tmp_path / "station.yaml")
    assert seconds_of_life(station, 3600.0, 7.0) == pytest.approx(life)


def test_a_rehearsal_that_is_cleaned_away_while_it_is_read_leaves_nothing_behind(monkeypatch):
    key = rehearsal_key("steps", "station", "bench")
    keep(key, FOUND)

    def gone(path, *_times):
        kept_file(key).unlink()
        raise FileNotFoundError(path)

    monkeypatch.setattr("os.utime", gone)
    assert kept(key) == FOUND
    assert not kept_file(key).exists()


def test_where_nothing_can_be_kept_everybody_rehearses_for_himself(tmp_path, caplog):
    (tmp_path / "state").write_text("in the way")
    with rehearsing("key"):
        assert "cannot be made" in caplog.text
