"""References: zero-bias checks between the runs of a campaign."""

import threading
from dataclasses import replace

import pytest

from daq.campaign.attending import Attendance
from daq.campaign.plan import Reference
from daq.campaign.plan_json import from_json, plan_hash, to_json
from daq.campaign.prepared import prepare
from daq.campaign.reference import References
from daq.campaign.reference_readings import in_words, past_of
from daq.campaign.rehearsal import rehearse
from daq.campaign.runner import resume_campaign, run_prepared
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.clock import VirtualClock
from instruments.errors import ConfigurationError
from instruments.station import Station
from instruments.waiting import Record

SPECTRUM = "  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5}\n"
FIELD = "  - field: {to: 0.1 T, rate: 40 Oe/s}\n"
ZERO = "  - field: {to: 0 T, rate: 40 Oe/s}\n"
PULSE = "  - voltage_pulse: {amplitude: 6 V, width: 5 ms}\n"


@pytest.fixture
def prepared(tmp_path, cold_station):
    (tmp_path / "cold.yaml").write_text(cold_station())

    def make(steps, reference="{every: 30 min}"):
        text = f"title: Reference\nreference: {reference}\nsteps:\n{steps}"
        (tmp_path / "s.yaml").write_text(text)
        return prepare(tmp_path / "s.yaml", tmp_path / "cold.yaml")

    return make


@pytest.fixture
def carried_out(prepared, tmp_path):
    def carry_out(steps, reference="{every: 30 min}", **options):
        outcome = run_prepared(prepared(steps, reference), tmp_path / "data", **options)
        return outcome, read_journal(outcome.folder / "journal.jsonl").events

    return carry_out


def named(events, name):
    return [event for event in events if event["event"] == name]


def test_a_reference_is_taken_before_the_first_run_and_when_its_time_has_come(carried_out):
    outcome, events = carried_out(SPECTRUM * 2 + "  - wait: 31 min\n" + SPECTRUM * 2)
    assert outcome.status == "finished", outcome.error
    assert [run.procedure for run in outcome.runs] == [
        "zero_bias",
        "bias_spectrum",
        "bias_spectrum",
        "zero_bias",
        "bias_spectrum",
        "bias_spectrum",
    ]
    assert [reference.before for reference in outcome.references] == [0, 3]
    first, second = outcome.references
    assert (first.drift, first.drifted, second.drifted) == (0.0, False, False)
    assert abs(second.drift) < 0.01
    assert open_run(outcome.folder / second.file).rows == 5
    assert past_of(events).readings == outcome.references
    assert "(2 taken)" in in_words(outcome.references)


def test_a_contact_that_was_changed_has_drifted_and_the_journal_says_since_when(carried_out):
    outcome, events = carried_out(SPECTRUM + PULSE + SPECTRUM, "{every: 1 s}")
    drifted = [reference.drifted for reference in outcome.references]
    assert drifted == [False, False, True]
    marked = named(events, "reference")[-1]
    assert marked["drifted"] is True
    assert abs(marked["drift"]) > 0.02
    assert "drifted from step 3 on" in in_words(outcome.references)


def test_elsewhere_a_reference_is_put_off_until_the_first_conditions_are_back(carried_out):
    steps = SPECTRUM + FIELD + "  - wait: 31 min\n" + SPECTRUM * 2 + ZERO + SPECTRUM
    outcome, events = carried_out(steps)
    assert [reference.before for reference in outcome.references] == [0, 6]
    (put_off,) = named(events, "reference put off")
    assert put_off["before"] == 3
    assert "field 0.1 T instead of 0 T" in put_off["why"].replace("-0 T", "0 T")


def test_a_sequence_may_allow_the_way_to_the_first_conditions_and_back(carried_out):
    steps = SPECTRUM + FIELD + "  - wait: 31 min\n" + SPECTRUM
    outcome, events = carried_out(steps, "{every: 30 min, travel: true}")
    assert outcome.status == "finished", outcome.error
    assert [reference.before for reference in outcome.references] == [0, 3]
    assert len(named(events, "reference travels")) == 1
    there = open_run(outcome.folder / outcome.references[1].file).data["Field (T)"]
    assert there.abs().max() < 2e-3
    back = open_run(outcome.runs[-1].csv).data["Field (T)"]
    assert back.min() == pytest.approx(0.1, abs=2e-3)


def test_references_are_rehearsed_and_take_their_time(prepared):
    steps = SPECTRUM + "  - wait: 31 min\n" + SPECTRUM
    with_references = prepared(steps)
    found = rehearse(with_references)
    without = rehearse(
        replace(with_references, sequence=replace(with_references.sequence, reference=None))
    )
    assert found.ok
    assert found.points == without.points + 10
    assert found.duration > without.duration + 10.0
    assert found.steps[2].duration > without.steps[2].duration + 5.0


def test_a_rehearsal_says_that_a_reference_will_be_put_off(prepared):
    found = rehearse(prepared(SPECTRUM + FIELD + "  - wait: 31 min\n" + SPECTRUM))
    assert any("reference put off before step 4" in warning for warning in found.warnings)


def test_a_resumed_campaign_goes_on_with_its_first_reference(prepared, tmp_path):
    stop = threading.Event()

    class Eighth:
        points = 0

        def offer(self, event, rows):
            self.points += isinstance(event, Record) and "Current (A)" in event.values
            if self.points == 8:
                stop.set()

    steps = SPECTRUM + "  - wait: 31 min\n" + SPECTRUM
    broken = run_prepared(prepared(steps), tmp_path / "data", stop=stop, follower=Eighth())
    assert broken.status == "aborted"
    outcome = resume_campaign(broken.folder, attendance=Attendance())
    assert outcome.status == "finished", outcome.error
    assert outcome.references[:2] == broken.references
    assert outcome.references[2].before == 2  # another clock: nobody knows how long it has been
    joined = open_run(outcome.folder, 4)
    assert (joined.procedure, joined.rows) == ("bias_spectrum", 5)


def test_a_reference_that_fails_is_told_and_the_campaign_goes_on(carried_out, monkeypatch):
    from procedures.zero_bias import ZeroBias

    def broken(self, station):
        raise ConfigurationError("zero_bias: no answer")

    monkeypatch.setattr(ZeroBias, "check", broken)
    outcome, events = carried_out(SPECTRUM)
    assert outcome.status == "finished"
    assert outcome.references == ()
    assert "no answer" in named(events, "reference failed")[0]["error"]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{}", r"s\.yaml:2: reference\.every"),
        ("{every: 0 s}", r"s\.yaml:2: reference\.every.*more than 0"),
        ("{every: 2 h, evry: 1}", r"s\.yaml:2: reference\.evry"),
        ("{every: 2 h, excitation_rms: 1 A}", r"s\.yaml:2: reference\.excitation_rms"),
        ("{every: 2 h, excitation_rms: 1 mA}", r"s\.yaml:2: reference\.excitation_rms.*limit"),
        ("{every: 2 h, travel: far}", r"s\.yaml:2: reference\.travel.*true or false"),
        ("2 h", r"s\.yaml:2: reference.*a mapping"),
    ],
)
def test_what_is_wrong_with_a_reference_is_told_with_its_line(prepared, reference, said):
    with pytest.raises(ConfigurationError, match=said):
        prepared(SPECTRUM, reference)


def test_a_plan_with_a_reference_survives_the_journal_and_one_without_keeps_its_hash(prepared):
    sequence = prepared(SPECTRUM, "{every: 2 h, travel: true, drift: 1 %}").sequence
    assert isinstance(sequence.reference, Reference)
    assert (sequence.reference.every, sequence.reference.drift) == (7200.0, 0.01)
    again = from_json(to_json(sequence))
    assert again.reference == sequence.reference
    bare = replace(sequence, reference=None)
    assert plan_hash(bare) != plan_hash(sequence)
    old = to_json(bare).replace(', "reference": null', "")
    assert '"reference"' not in old.replace("\\n", " ").split('"text"')[0]
    assert from_json(old) == bare


class Hand:
    """Takes references of a station without a cryostat."""

    def __init__(self, contact):
        self.station = Station("bench", VirtualClock(), {}, None, contact=contact)
        self.notes = []

    def take_reference(self, step):
        return [{"dV/dI (ohm)": 100.0, "dV/dI error (ohm)": 0.1}], "0001-zero_bias.csv"

    def go(self, story):
        raise AssertionError("nothing is to be moved")

    def note(self, event, **fields):
        self.notes.append((event, fields))


def test_the_first_conditions_are_those_of_the_journal_and_not_of_the_resumed_campaign(prepared):
    plan = prepared(SPECTRUM)
    begun = Hand("contact 1")
    References(plan.sequence.reference, plan.steps, begun).before(plan.steps[0])
    ((event, fields),) = begun.notes
    journal = {"event": event, "utc": "2025-12-31T00:00:00+00:00", **fields}
    resumed = Hand("contact 2")
    again = References(plan.sequence.reference, plan.steps, resumed, past_of([journal]))
    again.before(plan.steps[0])
    ((event, fields),) = resumed.notes
    assert event == "reference put off"
    assert "contact 'contact 2' instead of 'contact 1'" in fields["why"]
