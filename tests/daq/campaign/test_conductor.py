"""How a campaign goes on when a step does not: retry, skip, land, abort."""

import threading
from dataclasses import replace

import pytest

from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.journal import read_journal
from instruments.bias import OscillatorBias
from instruments.errors import InstrumentError, StorageError
from instruments.station import Station
from instruments.waiting import Record

SPECTRUM = "  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5}\n"
PULSE = "  - voltage_pulse: {amplitude: 6 V, width: 5 ms}\n"


@pytest.fixture
def carried_out(tmp_path, cold_station):
    """Carry out steps on a station that can be changed, and return outcome and journal."""
    (tmp_path / "cold.yaml").write_text(cold_station())

    def carry_out(steps, on_error="{retry: 0, then: land}", **options):
        (tmp_path / "s.yaml").write_text(f"title: Steps\non_error: {on_error}\nsteps:\n{steps}")
        prepared = prepare(tmp_path / "s.yaml", tmp_path / "cold.yaml")
        outcome = run_prepared(prepared, tmp_path / "data", **options)
        return outcome, read_journal(outcome.folder / "journal.jsonl").events

    return carry_out


@pytest.fixture
def safe(monkeypatch):
    """Count how often a station is made safe."""
    calls = []
    make_safe = Station.make_safe

    def counted(self):
        calls.append(self.name)
        return make_safe(self)

    monkeypatch.setattr(Station, "make_safe", counted)
    return calls


def failing(monkeypatch, times):
    """Let the bias refuse to be configured so many times."""
    left = [times]
    configure = OscillatorBias.configure

    def broken(self, *words, **options):
        if left[0] > 0:
            left[0] -= 1
            raise InstrumentError("bias: no answer")
        return configure(self, *words, **options)

    monkeypatch.setattr(OscillatorBias, "configure", broken)


def begun(events):
    return [event["step"] for event in events if event["event"] == "step begun"]


def test_a_failed_spectrum_is_taken_again_and_both_attempts_are_on_disk(
    carried_out, monkeypatch, safe
):
    failing(monkeypatch, 1)
    outcome, events = carried_out(SPECTRUM, "{retry: 1, then: land}")
    assert (outcome.status, outcome.skipped) == ("finished", 0)
    assert [run.outcome for run in outcome.runs] == ["failed", "finished"]
    assert "bias: no answer" in outcome.runs[0].error
    assert all(run.csv.exists() for run in outcome.runs)
    assert begun(events) == [0, 0]
    assert len(safe) == 1


def test_after_the_last_retry_the_campaign_lands(carried_out, monkeypatch, safe):
    failing(monkeypatch, 9)
    outcome, events = carried_out(SPECTRUM + SPECTRUM, "{retry: 2, then: land}")
    assert outcome.status == "failed"
    assert "bias: no answer" in outcome.error
    assert outcome.error.startswith("step 1: ")  # people count from 1
    assert begun(events) == [0, 0, 0]
    assert events[-1]["outcome"] == "failed"
    assert len(safe) == 1


def test_a_step_may_be_skipped_and_is_counted(carried_out, monkeypatch):
    failing(monkeypatch, 1)
    outcome, events = carried_out(SPECTRUM + SPECTRUM, "{retry: 0, then: skip}")
    assert (outcome.status, outcome.skipped) == ("finished", 1)
    assert [run.outcome for run in outcome.runs] == ["failed", "finished"]
    assert begun(events) == [0, 1]


def test_a_pulse_is_never_repeated_by_a_retry(carried_out, monkeypatch):
    failing(monkeypatch, 1)
    outcome, events = carried_out(PULSE + SPECTRUM, "{retry: 5, then: skip}")
    assert [run.procedure for run in outcome.runs] == ["voltage_pulse", "bias_spectrum"]
    assert [run.outcome for run in outcome.runs] == ["failed", "finished"]
    assert begun(events) == [0, 1]


def test_a_stop_ends_the_campaign_at_the_next_point_and_lands(carried_out, safe):
    stop = threading.Event()

    class Second:
        def offer(self, event, rows):
            if isinstance(event, Record) and rows == 2:
                stop.set()

    outcome, events = carried_out(SPECTRUM + SPECTRUM, stop=stop, follower=Second())
    assert outcome.status == "aborted"
    assert [run.outcome for run in outcome.runs] == ["aborted"]
    assert begun(events) == [0]
    assert events[-1]["outcome"] == "aborted"
    assert len(safe) == 1


def test_a_stop_ends_a_wait_at_once(carried_out):
    stop = threading.Event()
    outcome, _ = carried_out(
        "  - wait: 24 h\n" + SPECTRUM, stop=stop, announce=lambda _index, _words: stop.set()
    )
    assert outcome.status == "aborted"
    assert outcome.runs == ()


def test_what_was_noted_is_in_the_journal(carried_out):
    _, events = carried_out("  - note: the helium was topped up\n")
    assert [event["text"] for event in events if event["event"] == "note"] == [
        "the helium was topped up"
    ]


def test_a_disk_that_refuses_data_is_never_skipped(carried_out, monkeypatch, safe):
    from daq.runs.run_file import RunFile

    opened = RunFile.__init__

    def refusing(self, *words, **options):
        opened(self, *words, **options)

        def append(values):
            raise StorageError("the disk is full")

        self.append = append

    monkeypatch.setattr(RunFile, "__init__", refusing)
    outcome, events = carried_out(SPECTRUM + SPECTRUM, "{retry: 3, then: skip}")
    assert outcome.status == "failed"
    assert "the disk is full" in outcome.error
    assert begun(events) == [0]
    assert len(safe) == 1


def test_a_station_that_cannot_be_made_safe_is_the_outcome(carried_out, monkeypatch):
    from instruments.keithley6221 import Keithley6221

    def broken(self):
        raise InstrumentError("the output stays on")

    monkeypatch.setattr(Keithley6221, "make_safe", broken)
    outcome, events = carried_out(SPECTRUM)
    assert outcome.status == "failed"
    assert "source: the output stays on" in outcome.error
    assert [run.outcome for run in outcome.runs] == ["finished"]
    assert "not safe" in [event["event"] for event in events]


@pytest.mark.parametrize("failure", [ZeroDivisionError("a flaw"), KeyboardInterrupt()])
def test_whatever_breaks_a_step_the_station_is_made_safe(
    carried_out, monkeypatch, safe, tmp_path, failure
):
    def broken(*words, **options):
        raise failure

    monkeypatch.setattr("instruments.ppms.cryostat.Cryostat.set_temperature", broken)
    with pytest.raises(type(failure)):
        carried_out("  - temperature: {to: 2.5 K}\n" + SPECTRUM)
    assert len(safe) == 1
    (journal,) = (tmp_path / "data").rglob("journal.jsonl")
    assert read_journal(journal).events[-1]["event"] == "campaign ended"


def test_a_journal_that_says_nothing_of_its_references_leaves_the_station_safe(
    carried_out, monkeypatch, safe, tmp_path
):
    def broken(_events):
        raise StorageError("journal.jsonl: line 3 is not JSON")

    monkeypatch.setattr("daq.campaign.conductor.past_of", broken)
    with pytest.raises(StorageError, match="line 3 is not JSON"):
        carried_out(SPECTRUM, "{retry: 0, then: land}\nreference: {every: 30 min}")
    assert len(safe) == 1
    (journal,) = (tmp_path / "data").rglob("journal.jsonl")
    assert read_journal(journal).events[-1]["event"] == "campaign ended"


def test_a_point_that_alarms_on_a_disk_that_refuses_is_never_skipped(
    carried_out, monkeypatch, safe
):
    from daq.runs.run_file import RunFile

    close = RunFile.close

    def refusing(self, outcome):
        return replace(close(self, outcome), status="storage error", error="the disk is full")

    monkeypatch.setattr(RunFile, "close", refusing)
    policy = "{retry: 3, then: skip}\nwatch: {resistance: [1 ohm, 2 ohm], then: skip}"
    outcome, events = carried_out(SPECTRUM + SPECTRUM, policy)
    assert outcome.status == "failed"
    assert "the disk is full" in outcome.error
    assert begun(events) == [0]
    assert len(safe) == 1
