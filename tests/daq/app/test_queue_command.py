import json

import pytest

SEQUENCE = """\
title: {}
steps:
  - bias_spectrum: {{from: -0.01 mA, to: 0.01 mA, points: 3}}
"""


@pytest.fixture
def files(tmp_path, cold_station):
    for name in ("first", "second", "third"):
        (tmp_path / f"{name}.yaml").write_text(SEQUENCE.format(name.capitalize()))
    (tmp_path / "cold.yaml").write_text(cold_station())


def listed(coldpoint):
    return json.loads(coldpoint("queue", "list", "--json").out)


def test_a_queue_is_filled_put_in_order_and_carried_out_by_processes_of_its_own(coldpoint, files):
    for name in ("first", "second", "third"):
        ended = coldpoint("queue", "add", f"{name}.yaml", "--station", "cold.yaml")
        assert (ended.code, ended.err) == (0, "")
    assert ended.out == "3 Third: waiting, on station simulated\n"
    assert coldpoint("queue", "move", "3", "1").code == 0
    assert coldpoint("queue", "hold", "1").code == 0
    assert coldpoint("queue", "remove", "2").code == 0
    told = listed(coldpoint)
    assert told["runner"] is None
    assert [(e["title"], e["state"]) for e in told["entries"]] == [
        ("Third", "waiting"),
        ("First", "held"),
    ]
    ended = coldpoint("queue", "start", "--json")
    assert ended.code == 0, ended.err
    (entry,) = json.loads(ended.out)["ended"]
    assert (entry["title"], entry["state"], entry["outcome"]) == ("Third", "done", "finished")
    shown = coldpoint("show", entry["campaign"], "--json")
    assert json.loads(shown.out)["outcome"] == "finished"
    assert [e["state"] for e in listed(coldpoint)["entries"]] == ["done", "held"]


def test_a_wrong_sequence_is_refused_in_one_line_and_not_added(coldpoint, files, tmp_path):
    (tmp_path / "first.yaml").write_text("title: First\nsteps:\n  - fly: {}\n")
    ended = coldpoint("queue", "add", "first.yaml")
    assert ended.code == 2
    assert ended.err.startswith("coldpoint: first.yaml:3: ")
    assert len(ended.err.splitlines()) == 1
    assert "nothing in the queue" in coldpoint("queue", "list").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hold", "7"), "no entry 7"),
        (("start", "--on-failure", "panic"), "expected hold or go-on"),
        (("start", "--notify", "NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE is not set"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_one_line(coldpoint, words, said):
    ended = coldpoint("queue", *words)
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_interrupted_entry_says_how_it_goes_on(coldpoint, files, tmp_path):
    from daq.campaign.queue import Queue
    from instruments.clock import VirtualClock

    queue = Queue(tmp_path / "coldpoint-data", VirtualClock())
    queue.add("first.yaml", "cold.yaml")
    queue.begin_next()
    campaign = tmp_path / "coldpoint-data" / "2026-01-01T000000Z-First"
    queue.end(1, "interrupted", "interrupted", "its process has gone", str(campaign))
    told = coldpoint("queue", "list").out
    assert "interrupted" in told
    assert f"coldpoint resume {campaign}" in told
    assert "`coldpoint queue start` does" in told
