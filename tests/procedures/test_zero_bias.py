import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.sample import Resistor
from instruments.waiting import Record
from procedures.zero_bias import ZeroBias


def rows(procedure, station):
    from daq.runs.engine import MemorySink, execute

    sink = MemorySink()
    import threading

    outcome = execute(procedure, station, sink, threading.Event())
    assert outcome.status == "finished", outcome.error
    return sink.rows


def test_a_zero_bias_check_finds_the_resistance_within_its_errors(bench_station):
    _, station = bench_station(Resistor(123.0))
    found = rows(ZeroBias(readings=4), station)
    assert len(found) == 4
    for row in found:
        error = row["dV/dI error (ohm)"]
        assert 0.0 < error < 1.0
        assert row["dV/dI (ohm)"] == pytest.approx(123.0, rel=0.01, abs=5.0 * error)


def test_a_frequency_at_the_line_is_refused(bench_station):
    _, station = bench_station()
    with pytest.raises(ConfigurationError, match="does not suit averages"):
        [
            record
            for record in ZeroBias(frequency=50.0).records(station)
            if isinstance(record, Record)
        ]
