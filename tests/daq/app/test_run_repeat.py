"""A run is repeated from the plan in the journal of its campaign."""

import json
from pathlib import Path

import pytest

from daq.app.run_repeat import save_repeat, sequence_of
from daq.campaign.plan import ProcedureStep, TemperatureStep, flatten
from daq.campaign.sequence import load_sequence
from instruments.errors import StorageError
from procedures.catalogue import PROCEDURES

SETTINGS = {name: procedure.settings() for name, procedure in PROCEDURES.items()}
STEPS = """\
title: Zero-bias peak, "in field"
sample: {name: contact 1, thickness: 8.5}
limits: {current: 50 uA, temperature: [1.8 K, 10 K]}
on_error: {retry: 2, then: skip}
watch: {resistance: [80 ohm, 125 ohm], jump: 5 %, then: land}
steps:
  - temperature: {to: 3.9 K, rate: 7 K/min, approach: no overshoot}
  - loop: {field: {values: [0 T, 0.123456789 T], rate: 33 Oe/s}}
    steps:
      - bias_spectrum: {from: -1.23456789 uA, to: 9 uA, points: 3, acquisition: single}
"""


@pytest.fixture
def csv(coldpoint, tmp_path):
    """Return the CSV of the second run of a campaign on the twins."""
    file = tmp_path / "s.yaml"
    file.write_text(STEPS)
    ended = coldpoint("run", file, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)["runs"][1]["csv"]


def test_the_sequence_sets_the_same_state_and_measures_the_same(csv, tmp_path):
    file = save_repeat(Path(csv), tmp_path / "data")
    again = load_sequence(file, procedures=SETTINGS)
    first = load_sequence(tmp_path / "s.yaml", procedures=SETTINGS)
    steps = [planned.step for planned in flatten(first)]
    assert [step.step for step in flatten(again)][-1] == steps[4]
    assert isinstance(steps[4], ProcedureStep)
    assert [step.step for step in flatten(again)][1] == steps[3]
    kept = ("sample", "limits", "on_error", "watch")
    assert [getattr(again, name) for name in kept] == [getattr(first, name) for name in kept]
    assert isinstance(again.steps[0], TemperatureStep)
    assert save_repeat(Path(csv), tmp_path / "data") != file
    journal = Path(csv).parent / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"run begun"', '"run forgotten"'))
    with pytest.raises(StorageError, match="write the sequence yourself"):
        sequence_of(Path(csv))
