import json

import pytest

from daq.campaign.queue import Queue
from daq.campaign.queue_campaigns import advice
from daq.runs.lock import Owner
from instruments.clock import VirtualClock
from instruments.errors import ConfigurationError, RefusedError

SEQUENCE = "title: {}\nsteps:\n  - bias_spectrum: {{from: -0.01 mA, to: 0.01 mA, points: 5}}\n"
GONE = Owner(2**22 - 3, "", 1.0, "coldpoint run")


@pytest.fixture
def said():
    return []


@pytest.fixture
def queue(tmp_path, said):
    return Queue(tmp_path / "data", VirtualClock(), said.append)


@pytest.fixture
def three(queue, tmp_path):
    for title in ("First", "Second", "Third"):
        (tmp_path / "s.yaml").write_text(SEQUENCE.format(title))
        queue.add(tmp_path / "s.yaml")
    return queue


def titles(queue):
    return [entry.title for entry in queue.entries()]


def gone():
    import socket

    return Owner(GONE.pid, socket.gethostname(), GONE.started, GONE.command)


def test_a_sequence_is_checked_and_copied_verbatim_when_it_is_added(queue, tmp_path):
    (tmp_path / "s.yaml").write_text(SEQUENCE.format("Night") + "# the last line\n")
    entry = queue.add(tmp_path / "s.yaml", "simulated")
    assert (entry.id, entry.title, entry.station, entry.state) == (
        1,
        "Night",
        "simulated",
        "waiting",
    )
    (tmp_path / "s.yaml").unlink()
    assert (queue.folder / entry.sequence).read_text().endswith("# the last line\n")
    assert queue.entries() == (entry,)


def test_a_sequence_that_breaks_a_limit_is_not_added(queue, tmp_path):
    (tmp_path / "s.yaml").write_text(
        SEQUENCE.format("Night").replace("0.01 mA, points", "9 mA, points")
    )
    with pytest.raises(ConfigurationError, match=r"s\.yaml:3"):
        queue.add(tmp_path / "s.yaml")
    assert queue.entries() == ()
    assert not queue.folder.exists()


def test_entries_are_moved_held_released_and_removed(three):
    three.move(3, 1)
    assert titles(three) == ["Third", "First", "Second"]
    three.move(3, 9)
    assert titles(three) == ["First", "Second", "Third"]
    three.hold(1)
    assert three.begin_next().title == "Second"
    three.release(1)
    three.remove(3)
    assert [(e.title, e.state) for e in three.entries()] == [
        ("First", "waiting"),
        ("Second", "running"),
    ]
    assert not list(three.folder.glob("0003*"))


def test_an_entry_is_moved_among_those_that_were_not_begun(three):
    assert three.begin_next().id == 1
    three.move(3, 1)
    assert titles(three) == ["First", "Third", "Second"]


def test_what_runs_is_neither_moved_nor_held_nor_removed(three):
    three.begin_next()
    for change in (lambda: three.move(1, 2), lambda: three.hold(1), lambda: three.remove(1)):
        with pytest.raises(RefusedError, match=r"entry 1.* running"):
            change()


def test_an_unknown_number_is_told(three):
    with pytest.raises(ConfigurationError, match="no entry 7"):
        three.hold(7)


def test_a_number_is_never_given_twice(three, tmp_path):
    three.remove(3)
    assert three.add(tmp_path / "s.yaml").id == 4


@pytest.mark.parametrize("torn", [b"", b'{"format": 1, "next": 4, "entr', b'{"format": 1}', None])
def test_a_torn_state_file_is_reported_kept_and_written_again(three, said, torn):
    three.hold(2)
    before = three.entries()
    state = three.folder / "queue.json"
    if torn is None:
        state.unlink()
    else:
        state.write_bytes(torn)
    assert three.entries() == before
    assert len(said) == 1
    assert "written again from the 3 entries" in said[0]
    assert json.loads(state.read_text())["next"] == 4
    if torn is not None:
        assert (three.folder / "queue.json.torn-1").read_bytes() == torn


def test_a_sequence_whose_card_is_torn_too_is_held_and_not_lost(three, said):
    (three.folder / "queue.json").write_bytes(b"{")
    (three.folder / "0002.json").write_bytes(b"{")
    assert [(e.title, e.state) for e in three.entries()] == [
        ("First", "waiting"),
        ("Second", "held"),
        ("Third", "waiting"),
    ]


def test_an_entry_whose_process_has_gone_is_interrupted_and_can_be_resumed(three):
    entry = three.begin_next()
    campaign = three.data / "2026-01-01T000000Z-First"
    campaign.mkdir(parents=True)
    lines = [
        {"format": 1, "event": "plan", "plan": {}},
        {"event": "campaign begun", "owner": gone().to_json()},
        {"event": "step begun", "step": 0},
    ]
    journal = campaign / "journal.jsonl"
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    three.told_owner(entry.id, gone())
    found = three.entries()[0]
    assert (found.state, found.campaign) == ("interrupted", str(campaign))
    assert advice(found) == f"coldpoint resume {campaign}"
    with journal.open("a") as file:
        file.write('{"event": "campaign resumed"}\n')
        file.write('{"event": "campaign ended", "outcome": "finished"}\n')
        file.write('{"event": "note", "text": "good"}\n')
    assert three.entries()[0].state == "done"
    assert advice(three.entries()[0]) == ""


def test_an_entry_that_ended_unseen_is_what_its_journal_says(three):
    three.begin_next()
    campaign = three.data / "2026-01-01T000000Z-First"
    campaign.mkdir(parents=True)
    (campaign / "journal.jsonl").write_text(
        '{"format": 1, "event": "plan", "plan": {}}\n'
        '{"event": "campaign ended", "outcome": "failed", "error": "step 2: no answer"}\n'
    )
    three.told_campaign(1, campaign)
    three.told_owner(1, gone())
    found = three.entries()[0]
    assert (found.state, found.error) == ("failed", "step 2: no answer")
