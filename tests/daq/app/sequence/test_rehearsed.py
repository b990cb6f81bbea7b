"""What `check --json` prints is understood, whatever it found."""

import json

import numpy as np
import pytest

from daq.app.check_report import as_mapping
from daq.app.sequence.rehearsed import rehearsed, step_times
from daq.campaign.prepared import prepare
from daq.campaign.rehearsal import rehearse
from instruments.errors import ColdpointError

TEXT = """\
title: Short
steps:
  - temperature: {to: 290 K, rate: 12 K/min}
  - loop: {field: [0.1 T, 0 T]}
    steps:
      - wait: 10 s
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    file = tmp_path_factory.mktemp("told") / "short.yaml"
    file.write_text(TEXT)
    return as_mapping(rehearse(prepare(file)), 10**9)


def test_a_rehearsal_tells_its_course_its_limits_and_every_step(told):
    found = rehearsed(TEXT, f"progress\n{json.dumps(told)}\n")
    assert found.ok
    assert len(found.durations) == 5
    assert found.duration == pytest.approx(sum(found.durations), rel=1e-3)
    assert found.hours[0] == 0.0
    assert found.course["temperature"][0] == pytest.approx(300.0, abs=0.1)
    assert found.course["temperature"].min() == pytest.approx(290.0, abs=0.5)
    assert np.max(found.course["field"]) == pytest.approx(0.1, abs=0.01)
    assert {row.name: row.limit for row in found.limits}["temperature rate"] == "12 K/min"
    assert not any(row.broken for row in found.limits)
    times = step_times(found.durations, {("steps", 1): [1, 2, 3, 4], ("steps", 2): [9]})
    assert times == {("steps", 1): sum(found.durations[1:]), ("steps", 2): 0.0}


def test_why_it_may_not_be_started_is_said(told):
    broken = {**told, "ok": False, "broken_limits": ["field"]}
    found = rehearsed(TEXT, json.dumps(broken))
    assert not found.ok
    assert "Limits are broken: field" in found.verdict
    assert [row.name for row in found.limits if row.broken] == ["field"]
    ended = rehearsed(TEXT, json.dumps({**told, "ok": False, "error": "step 1: too warm"}))
    assert "too warm" in ended.verdict
    assert "disk" in rehearsed(TEXT, json.dumps({**told, "ok": False})).verdict


@pytest.mark.parametrize("answer", ["", "[]", "{}", "coldpoint: no"])
def test_no_answer_is_told_in_one_line(answer):
    with pytest.raises(ColdpointError, match="rehearse again"):
        rehearsed(TEXT, answer)
