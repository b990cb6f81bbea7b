"""Every message of a campaign is kept, in order, with its time; nothing else changes."""

import json
import os

import pytest

from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.journal import read_journal
from daq.runs.trace_file import read_trace
from instruments import trace as module
from instruments.clock import VirtualClock
from instruments.trace import Trace

SEQUENCE = """title: Traced
sample: {name: contact 1}
steps:
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 3, time_constant: 20 ms}
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trace.jsonl"


def lines_of(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_traced_campaign_keeps_what_every_instrument_was_told(tmp_path):
    sequence = tmp_path / "sequence.yaml"
    sequence.write_text(SEQUENCE)
    data = tmp_path / "data"
    outcome = run_prepared(prepare(sequence, "simulated"), data, trace=True)
    assert outcome.status == "finished"
    path = outcome.folder / "trace.jsonl"
    about, *messages = lines_of(path)
    assert about["instruments"]["GPIB0::14::INSTR"] == {"role": "lockin", "driver": "DSP7265"}
    assert about["dropped"] == 0
    assert {message["resource"] for message in messages} == set(about["instruments"])
    assert {message["direction"] for message in messages} >= {"write", "read", "poll"}
    clocks = [message["clock"] for message in messages]
    assert clocks == sorted(clocks)
    assert clocks[0] == 0.0
    sent = [exchange.sent for exchange in read_trace(path).exchanges]
    assert any(message.startswith(b"*IDN?") for message in sent)
    assert b":SOUR:CURR 1e-05;:SYST:ERR?\n" in sent
    assert b":OUTP 0;:SYST:ERR?\n" in sent
    plain = run_prepared(prepare(sequence, "simulated"), data)
    assert not (plain.folder / "trace.jsonl").exists()
    (one, other) = (run.runs[0].csv.read_bytes() for run in (outcome, plain))
    assert one == other


def test_every_byte_comes_back_from_the_text_of_a_trace(path):
    trace = Trace({"instruments": {}})
    trace.use(VirtualClock())
    everything = bytes(range(256))
    trace.message("here", "write", everything)
    trace.write_to(path)
    trace.message("here", "read", everything)
    (exchange,) = read_trace(path).exchanges
    assert (exchange.sent, exchange.received) == (everything, everything)
    assert path.read_bytes().isascii()
    trace.close()


def test_a_line_is_in_the_file_before_the_next_message(path):
    trace = Trace({})
    trace.write_to(path)
    for number in range(3):
        trace.message("here", "write", b"%d" % number)
        assert [line.get("bytes") for line in lines_of(path)][1:] == [
            str(n) for n in range(number + 1)
        ]
    trace.close()


def test_before_the_file_is_known_a_bounded_number_is_held_and_the_rest_counted(path, monkeypatch):
    monkeypatch.setattr(module, "HELD", 3)
    trace = Trace({})
    for number in range(5):
        trace.message("here", "write", b"%d" % number)
    trace.write_to(path)
    about, *messages = lines_of(path)
    assert about["dropped"] == 2
    assert [message["bytes"] for message in messages] == ["2", "3", "4"]
    trace.close()


def test_a_trace_that_cannot_be_written_ends_and_raises_nothing(path, monkeypatch):
    trace = Trace({})
    trace.write_to(path.parent / "nowhere" / "trace.jsonl")
    trace.message("here", "write", b"1")
    assert "nowhere" in trace.problem
    trace = Trace({})
    trace.write_to(path)
    monkeypatch.setattr(os, "write", full)
    trace.message("here", "write", b"1")
    monkeypatch.undo()
    trace.message("here", "write", b"2")
    assert "no space" in trace.problem
    assert len(lines_of(path)) == 1


def full(descriptor, data):
    raise OSError("no space")


def test_a_trace_that_could_not_be_kept_is_told_at_the_end_and_in_the_journal(
    tmp_path, monkeypatch
):
    def full(_descriptor, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "write", full)
    sequence, data, said = tmp_path / "s.yaml", tmp_path / "data", []
    sequence.write_text("title: T\nsteps:\n  - wait: 1 s\n")
    outcome = run_prepared(prepare(sequence, "simulated"), data, trace=True, say=said.append)
    assert outcome.status == "finished"
    assert "trace.jsonl is not whole" in said[-1]
    (told,) = [
        e
        for e in read_journal(outcome.folder / "journal.jsonl").events
        if e["event"] == "trace ended"
    ]
    assert "No space left" in told["error"]
