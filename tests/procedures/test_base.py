"""The base of all procedures, alone and in pymeasure's own Worker and Results."""

import logging
import time
from threading import Thread

import pytest
from pymeasure.experiment import Procedure, Results
from pymeasure.experiment.workers import Worker

from instruments.errors import ColdpointError, ConfigurationError
from instruments.station import CONTEXT_COLUMNS, record
from instruments.waiting import Progress, Wait
from procedures.base import Resume, StationProcedure
from procedures.bias_spectrum import BiasSpectrum
from procedures.catalogue import PROCEDURES
from procedures.settings import integer
from procedures.voltage_pulse import VoltagePulse

SHORT = {"bias_spectrum": {"start": -1e-5, "stop": 1e-5, "points": 5}, "voltage_pulse": {}}
ROWS = {"bias_spectrum": 5, "voltage_pulse": 1}
OURS = ("bias_spectrum", "voltage_pulse")


class Count(StationProcedure):
    """Count, with a wait before every number."""

    points: int = integer("Points", default=3, minimum=1, maximum=100)
    DATA_COLUMNS = [*CONTEXT_COLUMNS, "Number, counted"]  # noqa: RUF012 (a list in pymeasure)
    fail_at = -1
    ended = 0

    def records(self, station):
        for index in range(self.points):
            yield Wait(station.clock.now() + 1.0, "the next number")
            if index == self.fail_at:
                raise ColdpointError("count: no further")
            yield record(station, {"Number, counted": index})
            yield Progress((index + 1) / self.points)

    def end(self, station):
        self.ended += 1
        super().end(station)


def worked(procedure, file):
    """Carry a procedure out as pymeasure does, in its Worker's thread."""
    results = Results(procedure, str(file))
    worker = Worker(results)
    worker.start()
    Thread.join(worker, 30.0)  # its own join() stops it first
    assert not worker.is_alive()
    return Results.load(str(file), type(procedure))


def test_names_are_in_snake_case():
    assert (BiasSpectrum.name, VoltagePulse.name) == ("bias_spectrum", "voltage_pulse")
    assert all(PROCEDURES[name].name == name for name in PROCEDURES)


def test_unknown_settings_are_refused_with_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"no setting 'piont'.*'points'"):
        Count(piont=3)


def test_what_changes_the_sample_is_never_repeated_unasked():
    assert VoltagePulse.resume is Resume.ASK
    assert BiasSpectrum.resume is Resume.CONTINUE


def test_a_procedure_without_a_station_says_how_to_get_one():
    with pytest.raises(ColdpointError, match=r"use Count\.on\(station\)"):
        Count().execute()


def test_binding_a_station_leaves_the_class_itself_unbound(bench_station):
    _, station = bench_station()
    bound = Count.on(station)
    assert issubclass(bound, Count)
    assert issubclass(bound, Procedure)
    assert bound.station is station
    assert bound.name == "count"
    assert Count.station is None
    assert Count.DATA_COLUMNS[-1] == "Number, counted"


@pytest.mark.parametrize("name", OURS)
def test_pymeasures_worker_carries_out_our_procedures_unchanged(bench_station, tmp_path, name):
    bench, station = bench_station()
    procedure = PROCEDURES[name].on(station)(**SHORT[name])
    loaded = worked(procedure, tmp_path / "data.csv")
    assert procedure.status == Procedure.FINISHED
    assert len(loaded.data) == ROWS[name]
    assert list(loaded.data.columns) == [
        column.replace(",", "") for column in PROCEDURES[name].DATA_COLUMNS
    ]
    assert bench.truth()["source_current"] == pytest.approx(0.0, abs=1e-7)
    assert bench.truth()["oscillator_rms"] == 0.0


@pytest.mark.parametrize("name", OURS)
def test_results_give_the_settings_back(bench_station, tmp_path, name):
    _, station = bench_station()
    procedure = PROCEDURES[name].on(station)(**SHORT[name])
    file = tmp_path / "data.csv"
    Results(procedure, str(file))
    loaded = Results.load(str(file), type(procedure))
    assert loaded.procedure.setting_values() == procedure.setting_values()


def test_a_worker_can_stop_a_procedure_and_the_station_comes_to_rest(bench_station, tmp_path):
    bench, station = bench_station()
    procedure = BiasSpectrum.on(station)(points=2001)
    results = Results(procedure, str(tmp_path / "data.csv"))
    worker = Worker(results)
    worker.start()
    patience = time.monotonic() + 20.0
    while not results.data.shape[0] and time.monotonic() < patience:
        Thread.join(worker, 0.02)
    worker.stop()
    Thread.join(worker, 20.0)
    assert not worker.is_alive()
    assert procedure.status == Procedure.ABORTED
    assert 0 < len(results.data) < 2001
    assert bench.truth()["oscillator_rms"] == 0.0


def test_a_procedure_that_fails_under_a_worker_is_failed_and_cleaned_up(
    bench_station, tmp_path, caplog
):
    _, station = bench_station()
    procedure = Count.on(station)()
    procedure.fail_at = 1
    with caplog.at_level(logging.CRITICAL + 1):
        loaded = worked(procedure, tmp_path / "data.csv")
    assert procedure.status == Procedure.FAILED
    assert list(loaded.data["Number counted"]) == [0]
    assert procedure.ended == 1


def test_a_shutdown_never_raises_under_a_worker(bench_station):
    _, station = bench_station()

    class Broken(Count):
        def end(self, station):
            raise ColdpointError("not at rest")

    Broken.on(station)().shutdown()
