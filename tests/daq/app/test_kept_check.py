import json

import pytest

from daq.app.kept_check import with_disk

ANSWER = {
    "ok": True,
    "error": "",
    "broken_limits": [],
    "steps": [{"error": ""}],
    "needs_confirmation": "",
    "disk": {"needed_bytes": 10, "free_bytes": 10},
}


@pytest.mark.parametrize(
    ("change", "free", "confirmed", "ok"),
    [
        ({}, 10, False, True),
        ({}, 9, False, False),
        ({"error": "no"}, 99, True, False),
        ({"broken_limits": ["field"]}, 99, True, False),
        ({"steps": [{"error": "no"}]}, 99, True, False),
        ({"needs_confirmation": "warm"}, 99, False, False),
        ({"needs_confirmation": "warm"}, 99, True, True),
    ],
)
def test_what_was_kept_is_judged_by_the_disk_and_the_confirmation_of_now(
    change, free, confirmed, ok
):
    told = with_disk(ANSWER | change, free, confirmed=confirmed)
    assert (told["ok"], told["disk"]["free_bytes"]) == (ok, free)


def test_a_check_is_answered_from_what_was_kept_only_if_that_is_asked_for(
    coldpoint, tmp_path, monkeypatch
):
    (tmp_path / "s.yaml").write_text("title: One\nsteps:\n  - wait: 60 s\n")
    first = json.loads(coldpoint("check", "s.yaml", "--json").out)

    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr("daq.app.check_command._rehearse", never)
    kept = json.loads(coldpoint("check", "s.yaml", "--json", "--kept").out)
    assert kept["steps"] == first["steps"]
    assert kept["ok"] is True
    assert coldpoint("check", "s.yaml", "--json").code != 0
    (tmp_path / "s.yaml").write_text("title: One\nsteps:\n  - wait: 61 s\n")
    assert coldpoint("check", "s.yaml", "--json", "--kept").code != 0
