import threading

from daq.runs.observers import Observer
from instruments.errors import StorageError
from instruments.waiting import Progress


def test_an_observer_gets_every_event_in_order_with_the_rows_acknowledged():
    got = []
    with Observer("plot", lambda event, rows: got.append((event, rows)), print) as observer:
        for index in range(100):
            observer.offer(Progress(index / 100), index)
    assert got == [(Progress(index / 100), index) for index in range(100)]


def test_one_that_raises_is_detached_and_reported_once():
    reports = []
    raised = threading.Event()

    def receive(event, rows):
        raised.set()
        raise ValueError("no network")

    with Observer("notifier", receive, reports.append) as observer:
        observer.offer(Progress(0.0), 0)
        assert raised.wait(60.0)
        observer.offer(Progress(0.0), 0)
    assert not observer.attached
    assert reports == [
        "observer notifier is detached: it raised ValueError: no network;"
        " the run goes on without it"
    ]


def test_one_that_lags_is_detached_and_never_holds_the_run_up():
    reports, release = [], threading.Event()
    observer = Observer("slow", lambda event, rows: release.wait(), reports.append, room=10)
    for index in range(1000):
        observer.offer(Progress(0.0), index)
    assert not observer.attached
    assert len(reports) == 1
    assert "lags 10 events" in reports[0]
    release.set()
    observer.close()


def test_one_that_hangs_does_not_hang_the_end():
    reports, release = [], threading.Event()
    observer = Observer("hung", lambda event, rows: release.wait(), reports.append)
    observer.offer(Progress(0.0), 0)
    observer.close(timeout=0.05)
    assert "has not ended" in reports[0]
    release.set()


def test_a_report_that_cannot_be_stored_is_not_the_end_of_the_run():
    def report(text):
        raise StorageError("full")

    release = threading.Event()
    observer = Observer("slow", lambda event, rows: release.wait(), report, room=1)
    for _ in range(5):
        observer.offer(Progress(0.0), 0)
    assert not observer.attached
    release.set()
    observer.close()


def test_one_that_hangs_and_then_raises_is_reported_once():
    reports, release = [], threading.Event()

    def receive(event, rows):
        release.wait()
        raise ValueError("late")

    observer = Observer("late", receive, reports.append)
    observer.offer(Progress(0.0), 0)
    observer.close(timeout=0.05)
    release.set()
    observer.close(timeout=5.0)
    assert len(reports) == 1
