"""Contact steps of a whole campaign, and of its rehearsal."""

import json

import pytest

from daq.campaign.prepared import prepare
from daq.campaign.rehearsal import rehearse
from daq.campaign.runner import run_prepared
from daq.runs.journal import read_journal

ONE = '  contact 1: {source: "I+ I-", lockin: "V+ V-"}\n'
TWO = (
    '  contact 1: {source: "A+ A-", lockin: "A+ A-"}\n'
    '  contact 2: {source: "B+ B-", lockin: "B+ B-"}\n'
)
SAMPLE = ("sample: bi2se3_soft_contact", "sample: bi2se3_contact_pair")
SPECTRUM = "bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 3}\n"
SEQUENCE = (
    "title: Both\nsteps:\n  - loop: {contact: [contact 1, contact 2]}\n    steps:\n      - "
    + SPECTRUM
)
MATRIX = (
    "  switch: {driver: Keithley2700, resource: GPIB0::16::INSTR,"
    " channels: {contact 1: [101, 102], contact 2: [103, 104]}}\n"
    "  voltmeter: {driver: Keithley2182, resource: GPIB0::7::INSTR}\n"
)
CRYOSTAT = "  cryostat: {driver"


@pytest.fixture
def sequence(tmp_path):
    (tmp_path / "s.yaml").write_text(SEQUENCE)
    return tmp_path / "s.yaml"


def test_a_campaign_goes_from_contact_to_contact_and_its_runs_name_them(
    sequence, tmp_path, cold_station
):
    (tmp_path / "two.yaml").write_text(cold_station((ONE, TWO), SAMPLE))
    outcome = run_prepared(prepare(sequence, tmp_path / "two.yaml"), tmp_path / "data")
    assert outcome.status == "finished", outcome.error
    named = [
        json.loads(run.csv.with_suffix(".json").read_text())["contact"] for run in outcome.runs
    ]
    assert named == ["contact 1", "contact 2"]
    events = read_journal(outcome.folder / "journal.jsonl").events
    begun = [event["what"] for event in events if event["event"] == "step begun"]
    assert [words for words in begun if words.startswith("contact")] == [
        "contact contact 1",
        "contact contact 2",
    ]


def test_a_bench_with_a_matrix_and_a_nanovoltmeter_is_rehearsed_on_twins(
    sequence, tmp_path, cold_station
):
    text = cold_station((ONE, ONE + ONE.replace("contact 1", "contact 2")))
    text = text.replace(CRYOSTAT, MATRIX + CRYOSTAT).split("simulated:\n")[0]
    (tmp_path / "real.yaml").write_text(text)
    rehearsal = rehearse(prepare(sequence, tmp_path / "real.yaml"))
    assert rehearsal.error == ""
    assert len(rehearsal.runs) == 2
