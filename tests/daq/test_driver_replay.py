"""A trace of a bench becomes a test of the drivers."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from daq.app.commands import app
from daq.driver_replay import as_test, check, replay
from daq.runs.trace_file import read_trace
from instruments.errors import StorageError
from instruments.keithley6221 import Keithley6221

SOURCE, LOCKIN = "GPIB0::12::INSTR", "GPIB0::14::INSTR"
ABOUT = {
    "format": 1,
    "event": "trace",
    "instruments": {
        SOURCE: {"role": "source", "driver": "Keithley6221"},
        LOCKIN: {"role": "lockin", "driver": "DSP7265"},
    },
}
NO_ERROR = '0,"No error"\n'
SAID = (
    (SOURCE, ":OUTP?;:SOUR:WAVE:DUR:CYCL?\n", "0;+9.900000E+37\n", None),
    (SOURCE, ":SOUR:CURR:COMP 0.47;:SYST:ERR?\n", NO_ERROR, None),
    (SOURCE, ":SOUR:WAVE:INIT;:SYST:ERR?\n", NO_ERROR, None),
    (LOCKIN, "OA. 0.10005\r\n", None, 1),
    (LOCKIN, "IMODE\r\n", "0\r\n", 1),
    (LOCKIN, "IMODE\r\n", "0\r\n", 1),
    ("127.0.0.1:27183", "\x00g{}", "\x00h\xff", None),
)


@pytest.fixture
def trace(tmp_path):
    """Return a writer of traces."""

    def write(*said):
        lines = [ABOUT]
        for resource, sent, received, status in said:
            about = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0, "resource": resource}
            lines.append({**about, "direction": "write", "bytes": sent})
            if received is not None:
                parts = (received[:2], received[2:])
                lines.extend({**about, "direction": "read", "bytes": part} for part in parts)
            if status is not None:
                lines.append({**about, "direction": "poll", "bytes": chr(status)})
        path = tmp_path / "trace.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return write


def test_what_was_recorded_is_said_and_understood_again(trace):
    found = replay(read_trace(trace(*SAID)))
    assert not found.differences
    assert {(case.name, case.value, case.sets) for case in found.cases} == {
        ("source_enabled", False, False),
        ("waveform_duration_cycles", float("inf"), False),
        ("source_compliance", 0.47, True),
        ("voltage", 0.10005, True),
        ("imode", "voltage mode", False),
    }
    assert found.uncovered == {"Keithley6221": (":SOUR:WAVE:INIT;:SYST:ERR?",)}
    assert found.others == {"127.0.0.1:27183": 1}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ((SOURCE, ":OUTP?\n", "banana\n", None), "':OUTP\\?' was answered by 'banana'"),
        ((SOURCE, ":SOUR:CURR:COMP 0.47;:SYST:ERR?\n", '-222,"out"\n', None), "compliance = 0.47"),
    ],
)
def test_an_answer_that_the_driver_does_not_take_is_the_first_that_differs(trace, said, problem):
    (difference,) = replay(read_trace(trace(said))).differences
    assert difference.startswith("line 2: Keithley6221: ")
    assert re.search(problem, difference)


def test_a_driver_that_says_it_otherwise_is_noticed(trace, monkeypatch):
    found = replay(read_trace(trace(SAID[1])))
    (case,) = found.cases
    monkeypatch.setattr(Keithley6221.source_compliance, "command", ":SOUR:VOLT %s")
    assert "source_compliance = 0.47" in check(case)


def test_the_test_that_is_written_passes_and_fails_with_its_bytes(trace, tmp_path):
    text = as_test(replay(read_trace(trace(*SAID))), "trace.jsonl")
    assert "# Keithley6221: ':SOUR:WAVE:INIT;:SYST:ERR?'" in text
    written = tmp_path / "test_bench.py"
    for spoilt, code in ((text, 0), (text.replace("COMP 0.47", "COMP 0.48"), 1)):
        written.write_text(spoilt)
        run = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(written)],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert run.returncode == code, run.stdout.decode()


def test_the_command_tells_what_differs_and_ends_with_1(trace, tmp_path):
    path = trace(*SAID)
    done = CliRunner().invoke(app, ["replay", str(path), "--json", "-o", str(tmp_path / "t.py")])
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["messages"], told["differences"]) == (7, [])
    assert (tmp_path / "t.py").exists()
    spoilt = trace((SOURCE, ":OUTP?\n", "banana\n", None))
    done = CliRunner().invoke(app, ["replay", str(spoilt)])
    assert done.exit_code == 1
    assert "banana" in done.output


def test_a_line_that_was_cut_off_is_left_out_and_a_broken_one_is_refused(trace, tmp_path):
    path = trace(*SAID)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"resource": "GP')
    assert read_trace(path).torn
    assert len(read_trace(path).exchanges) == len(SAID)
    path.write_bytes(whole.replace(b'{"utc"', b'{"utc', 1))
    with pytest.raises(StorageError, match="line 2 is not JSON"):
        read_trace(path)
    path.write_bytes(b"{}\n")
    with pytest.raises(StorageError, match="no trace"):
        read_trace(path)
