import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from daq.campaign.attending import Attendance, Wishes
from daq.campaign.notify import ROOM, AppriseNotifier, Messenger, address_in
from daq.campaign.prepared import prepare
from daq.campaign.runner import resume_campaign, run_prepared
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.clock import SystemClock, VirtualClock
from instruments.errors import ConfigurationError, StationBusyError

SEQUENCE = """\
title: Told
steps:
  - bias_spectrum: {from: -0.01 mA, to: 0.01 mA, points: 5}
  - wait: 5 min
"""
SECRET = "xyzzy-token-4711"  # noqa: S105 (looked for in the files)


class Mailbox:
    """A notifier that keeps what it is told."""

    def __init__(self):
        self.bodies = []

    def notify(self, title, body):
        self.bodies.append(body)


class Broken:
    def __init__(self):
        self.tried = 0

    def notify(self, title, body):
        self.tried += 1
        raise RuntimeError(f"https://example.org/{SECRET} refused")


class Hanging:
    def __init__(self):
        self.release = threading.Event()

    def notify(self, title, body):
        self.release.wait(50.0)


@pytest.fixture
def prepared(tmp_path, cold_station):
    def make(notify=""):
        (tmp_path / "cold.yaml").write_text(cold_station() + notify)
        (tmp_path / "s.yaml").write_text(SEQUENCE)
        return prepare(tmp_path / "s.yaml", tmp_path / "cold.yaml")

    return make


@pytest.fixture
def server():
    """Return messages that were posted to a server on this computer, and its address."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            got.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words):
            return

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield got, f"json://127.0.0.1:{httpd.server_address[1]}/{SECRET}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def everything_in(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def detached(outcome):
    events = read_journal(outcome.folder / "journal.jsonl").events
    return [event["why"] for event in events if event["event"] == "observer detached"]


def test_a_campaign_tells_of_start_life_and_end(prepared, tmp_path):
    mailbox = Mailbox()
    notify = "notify: {url_from: NOT_ASKED_FOR, alive: 2 min}\n"
    outcome = run_prepared(prepared(notify), tmp_path / "data", wishes=Wishes(notifier=mailbox))
    assert outcome.status == "finished"
    assert mailbox.bodies[0].startswith("started on station simulated")
    assert mailbox.bodies[-1] == "finished; the station is safe"
    assert mailbox.bodies[1].startswith("step 2: wait 300 s; 1.9")
    assert len(mailbox.bodies) == 4
    assert detached(outcome) == []


@pytest.fixture
def busy(monkeypatch):
    """Let somebody else have the station."""

    def refuse(*words, **options):
        raise StationBusyError("station simulated is in use by process 7")

    monkeypatch.setattr("daq.campaign.conducting.open_configured", refuse)


def test_a_station_that_does_not_open_is_told(prepared, tmp_path, busy):
    mailbox = Mailbox()
    with pytest.raises(StationBusyError):
        run_prepared(prepared(), tmp_path / "data", wishes=Wishes(notifier=mailbox))
    (told,) = mailbox.bodies
    assert told.startswith("did not begin, nothing was measured: station simulated is in use")
    assert not (tmp_path / "data").exists()


def test_nobody_is_told_of_a_station_that_does_not_open_who_asked_for_other_news(
    prepared, tmp_path, busy
):
    mailbox, notify = Mailbox(), "notify: {url_from: NOT_ASKED_FOR, events: [start, end]}\n"
    with pytest.raises(StationBusyError):
        run_prepared(prepared(notify), tmp_path / "data", wishes=Wishes(notifier=mailbox))
    assert mailbox.bodies == []


def test_a_campaign_that_cannot_be_resumed_is_told(prepared, tmp_path, request):
    mailbox = Mailbox()
    outcome = run_prepared(prepared(), tmp_path / "data")
    journal = outcome.folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    cut = next(i for i, line in enumerate(lines) if b'"run ended"' in line)
    journal.write_bytes(b"".join(lines[:cut]))
    request.getfixturevalue("busy")
    attendance = Attendance(wishes=Wishes(notifier=mailbox))
    with pytest.raises(StationBusyError):
        resume_campaign(outcome.folder, attendance=attendance)
    assert ["did not begin" in told for told in mailbox.bodies] == [True]


def test_messages_go_through_apprise_and_the_secret_into_no_file(
    prepared, tmp_path, server, monkeypatch
):
    got, address = server
    monkeypatch.setenv("MY_ADDRESS", address)
    notify = "notify: {url_from: MY_ADDRESS, events: [start, end]}\n"
    outcome = run_prepared(prepared(notify), tmp_path / "data")
    assert [message["message"].split(" ")[0] for _, message in got] == ["started", "finished;"]
    assert got[0][0] == f"/{SECRET}"
    written = everything_in(tmp_path / "data")
    assert b"MY_ADDRESS" in written
    assert SECRET.encode() not in written
    assert detached(outcome) == []


def test_a_notifier_that_raises_is_detached_and_its_words_are_not_repeated(prepared, tmp_path):
    broken, said = Broken(), []
    outcome = run_prepared(
        prepared(), tmp_path / "data", wishes=Wishes(notifier=broken), say=said.append
    )
    assert outcome.status == "finished"
    assert open_run(outcome.runs[0].csv).rows == 5
    assert broken.tried == 1
    (why,) = detached(outcome)
    assert "notifier is detached" in why
    assert "RuntimeError" in why
    assert SECRET.encode() not in everything_in(outcome.folder)
    assert said == [why]


def test_a_notifier_that_hangs_delays_no_point_and_is_detached(prepared, tmp_path, monkeypatch):
    hanging = Hanging()
    monkeypatch.setattr(Messenger.close, "__defaults__", (0.2,))
    clock = SystemClock()
    began = clock.now()
    outcome = run_prepared(prepared(), tmp_path / "data", wishes=Wishes(notifier=hanging))
    took = clock.now() - began
    clock.close()
    hanging.release.set()
    assert outcome.status == "finished"
    assert took < 30.0
    assert "not ended within" in detached(outcome)[0]


def test_a_message_that_is_stuck_is_noticed_long_before_the_inbox_is_full():
    hanging, reports, clock = Hanging(), [], VirtualClock()
    messages = Messenger(hanging, reports.append, clock)
    messages.send("Night", "started")
    while messages._since is None:  # noqa: SLF001 (until the thread has taken it)
        pass
    clock.sleep(59.0)
    messages.look()
    assert messages.attached
    clock.sleep(2.0)
    messages.look()
    assert not messages.attached
    hanging.release.set()
    messages.close(1.0)
    assert len(reports) == 1
    assert "stuck for 60 s" in reports[0]


def test_a_full_inbox_detaches_the_notifier_once():
    hanging, reports = Hanging(), []
    messages = Messenger(hanging, reports.append, VirtualClock())
    for number in range(3 * ROOM):
        messages.send("Night", str(number))
    assert not messages.attached
    hanging.release.set()
    messages.close(1.0)
    assert len(reports) == 1
    assert "lags" in reports[0]


def test_a_missing_variable_leaves_the_campaign_untold_and_says_so(prepared, tmp_path, monkeypatch):
    monkeypatch.delenv("MY_ADDRESS", raising=False)
    outcome = run_prepared(prepared("notify: {url_from: MY_ADDRESS}\n"), tmp_path / "data")
    assert outcome.status == "finished"
    (why,) = detached(outcome)
    assert "MY_ADDRESS is not set" in why


def test_what_is_no_address_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("MY_ADDRESS", f"nonsense//{SECRET}")
    with pytest.raises(ConfigurationError, match="MY_ADDRESS holds is no address") as refused:
        AppriseNotifier("MY_ADDRESS", VirtualClock())
    assert SECRET not in str(refused.value)


def test_an_address_in_the_place_of_a_name_is_refused_and_not_repeated(prepared, tmp_path):
    with pytest.raises(ConfigurationError, match="no name of an environment variable") as refused:
        prepared(f'notify: {{url_from: "mailto://{SECRET}@example.org"}}\n')
    assert SECRET not in str(refused.value)
    with pytest.raises(ConfigurationError, match="no name") as refused:
        address_in(f"mailto://{SECRET}@example.org")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ("{url_from: A, events: [strat]}", "start"),
        ("{url_from: A, events: []}", "a list of occasions"),
        ("{url_from: A, alive: 2}", "alive"),
        ("{events: [start]}", "url_from"),
    ],
)
def test_what_is_wrong_with_notify_is_told_with_its_line(prepared, notify, said):
    with pytest.raises(ConfigurationError, match=rf"cold\.yaml:\d+: notify.*{said}"):
        prepared(f"notify: {notify}\n")


def test_a_message_that_is_not_delivered_is_tried_again(monkeypatch):
    monkeypatch.setenv("MY_ADDRESS", "json://127.0.0.1:9/x")
    clock = VirtualClock()
    notifier = AppriseNotifier("MY_ADDRESS", clock)
    answers = [False, True]
    monkeypatch.setattr(notifier._apprise, "notify", lambda **_: answers.pop(0))  # noqa: SLF001
    notifier.notify("Night", "started")
    assert answers == []
    assert clock.now() == 5.0
