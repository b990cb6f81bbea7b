import threading

import pytest

from daq.runs.engine import CleanUpError, Interrupted, MemorySink, execute
from daq.runs.observers import Observer
from instruments.errors import InstrumentError, StoppedError, StorageError
from instruments.waiting import Progress, Record, Wait


class Ordered(MemorySink):
    """A sink that writes down when it was called, among other things."""

    def __init__(self, diary):
        super().__init__()
        self.diary = diary
        self.append = self.note

    def note(self, values):
        self.diary.append("row")
        self.rows.append(values)

    def close(self, outcome):
        self.diary.append(f"close {outcome.status}")
        return super().close(outcome)


def raising(error):
    def before(index):
        if index == 2:
            raise error

    return before


def test_a_story_runs_to_its_end_and_every_row_arrives(ramp, station, stop):
    sink = MemorySink()
    procedure = ramp(points=4)
    outcome = execute(procedure, station, sink, stop)
    assert (outcome.status, outcome.rows, outcome.error) == ("finished", 4, "")
    assert sink.rows == [procedure.row(index) for index in range(4)]
    assert station.clock.now() == pytest.approx(4.0)
    assert procedure.ends == 1


def test_a_row_is_stored_before_the_next_event_is_asked_for(ramp, station, stop):
    diary = []
    procedure = ramp(points=3)
    procedure.before = lambda index: diary.append(f"ask {index}")
    procedure.ending = lambda: diary.append("end")
    execute(procedure, station, Ordered(diary), stop)
    asked_and_stored = ["ask 0", "row", "ask 1", "row", "ask 2", "row"]
    assert diary == [*asked_and_stored, "end", "close finished"]


def test_a_stop_during_a_wait_aborts_and_cleans_up(ramp, station, stop):
    procedure = ramp(points=100)
    station.clock.at(10.5, stop.set)
    outcome = execute(procedure, station, MemorySink(), stop)
    assert (outcome.status, outcome.rows) == ("aborted", 10)
    assert procedure.ends == 1
    assert station.clock.now() == 10.5


def test_a_stop_before_the_start_takes_no_point(ramp, station, stop):
    stop.set()
    procedure = ramp()
    assert execute(procedure, station, MemorySink(), stop).status == "aborted"
    assert procedure.ends == 1


def test_a_story_that_stops_itself_is_aborted(ramp, station, stop):
    procedure = ramp(points=5)
    procedure.before = raising(StoppedError())
    assert execute(procedure, station, MemorySink(), stop).status == "aborted"


def test_an_error_is_the_outcome_with_its_traceback(ramp, station, stop):
    procedure = ramp(points=5)
    procedure.before = raising(InstrumentError("lock-in:\n no answer"))
    outcome = execute(procedure, station, MemorySink(), stop)
    assert (outcome.status, outcome.rows) == ("failed", 2)
    assert outcome.error == "InstrumentError: lock-in: no answer"
    assert "conftest.py" in outcome.traceback
    assert procedure.ends == 1


def test_settings_that_the_station_refuses_take_no_point(ramp, station, stop):
    procedure = ramp()

    def check(station):
        raise InstrumentError("too much")

    procedure.check = check
    sink = MemorySink()
    assert execute(procedure, station, sink, stop).error == "InstrumentError: too much"
    assert (sink.rows, procedure.ends) == ([], 1)


def test_a_sink_that_refuses_stops_the_run_at_once(ramp, station, stop):
    class Full(MemorySink):
        def __init__(self):
            super().__init__()
            self.append = self.refuse

        def refuse(self, values):
            raise StorageError("No space left")

    asked = []
    procedure = ramp(points=5)
    procedure.before = asked.append
    outcome = execute(procedure, station, Full(), stop)
    assert (outcome.status, outcome.rows) == ("storage error", 0)
    assert asked == [0]
    assert procedure.ends == 1


def test_control_c_is_stored_as_aborted_and_then_ends_the_script(ramp, station, stop):
    diary = []
    procedure = ramp(points=5)
    procedure.before = raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as raised:
        execute(procedure, station, Ordered(diary), stop)
    assert isinstance(raised.value, Interrupted)
    assert (raised.value.outcome.status, raised.value.outcome.rows) == ("aborted", 2)
    assert diary[-1] == "close aborted"
    assert procedure.ends == 1


def test_leaving_python_is_stored_too_and_goes_on(ramp, station, stop):
    diary = []
    procedure = ramp(points=5)
    procedure.before = raising(SystemExit(3))
    with pytest.raises(SystemExit):
        execute(procedure, station, Ordered(diary), stop)
    assert diary[-1] == "close aborted"
    assert procedure.ends == 1


def test_a_clean_up_that_fails_is_stored_and_then_raised(ramp, station, stop):
    diary = []
    procedure = ramp()

    def ending():
        raise InstrumentError("source does not answer")

    procedure.ending = ending
    with pytest.raises(CleanUpError, match="make it safe") as raised:
        execute(procedure, station, Ordered(diary), stop)
    outcome = raised.value.outcome
    assert (outcome.status, outcome.rows) == ("failed", 3)
    assert outcome.error == "clean-up: InstrumentError: source does not answer"
    assert diary[-1] == "close failed"
    assert procedure.ends == 1


def test_both_errors_are_told_when_story_and_clean_up_fail(ramp, station, stop):
    procedure = ramp(points=5)
    procedure.before = raising(InstrumentError("first"))

    def ending():
        raise InstrumentError("second")

    procedure.ending = ending
    with pytest.raises(CleanUpError) as raised:
        execute(procedure, station, MemorySink(), stop)
    assert "first" in raised.value.outcome.error
    assert "second" in raised.value.outcome.error


def test_control_c_during_the_clean_up_is_stored_and_raised(ramp, station, stop):
    procedure = ramp()

    def ending():
        raise KeyboardInterrupt

    procedure.ending = ending
    with pytest.raises(Interrupted) as raised:
        execute(procedure, station, MemorySink(), stop)
    assert raised.value.outcome.status == "failed"
    assert procedure.ends == 1


def test_observers_see_every_event_after_its_row_is_stored(ramp, station, stop):
    got = []
    with Observer("plot", lambda event, rows: got.append((type(event), rows)), print) as observer:
        execute(ramp(points=2), station, MemorySink(), stop, [observer])
    one = [(Wait, 0), (Record, 1), (Progress, 1)]
    assert got == [*one, *((kind, rows + 1) for kind, rows in one)]


def test_an_observer_that_fails_does_not_fail_the_run(ramp, station, stop):
    reports = []
    asked = threading.Event()

    def receive(event, rows):
        asked.set()
        raise RuntimeError("broken")

    with Observer("broken", receive, reports.append) as observer:
        outcome = execute(ramp(points=50), station, MemorySink(), stop, [observer])
        assert asked.wait(60.0)
    assert (outcome.status, outcome.rows) == ("finished", 50)
    assert len(reports) == 1
