"""The disk of the data is full in the middle of a run; then somebody makes room."""

import pytest

from daq.runs.files import open_run
from daq.runs.journal import read_journal

pytestmark = pytest.mark.timeout(300)
POINTS = {"memory": 301, "limit": 701}
"""Many enough that a disk of each kind is full before the end."""


def spectrum(points):
    return (
        f"bias_spectrum: {{from: -0.1 mA, to: 0.1 mA, points: {points}, excitation_rms: 1 uA,"
        " time_constant: 5 ms}"
    )


def broken_off(night, trial, disk, station, sequence):
    """Fill the disk while rows arrive; return what the campaign page says then."""
    kind, policy = trial
    night.add(sequence("Long", [spectrum(POINTS[kind])]), station)
    night.add(sequence("Next", ["wait: 1 s"]), station)
    night.start(policy)
    night.until(lambda: night.rows > 20)
    disk.fill()
    night.until(lambda: night.states()[0] == "failed")
    night.follow_first()
    night.until(lambda: night.client.state == "failed")
    night.usable()
    return night.trouble()


def check_stored(night, points):
    """Check that what was acknowledged is there, and that nobody says it is whole."""
    run = open_run(night.client.folder, 1)
    assert 20 < run.rows < points
    assert run.outcome == "storage error"
    (ended,) = night.told("run ended")
    assert (ended["outcome"], ended["rows"]) == ("storage error", run.rows)
    assert [line["event"] for line in night.events][-2:] == ["made safe", "campaign ended"]
    return run.rows


def go_on(night):
    """Resume the campaign by its button on the queue page, and wait for its end."""
    night.window.show_page("queue")
    night.until(lambda: night.queue.table.entries)
    night.queue.table.choose(1)
    night.until(night.queue.buttons["resume"].isEnabled)
    night.queue.act("resume")
    night.until(lambda: night.client.state == "finished")


@pytest.mark.parametrize(
    "trial",
    [
        ("memory", "hold"),
        pytest.param(("memory", "go-on"), marks=pytest.mark.soak),
        pytest.param(("limit", "hold"), marks=pytest.mark.soak),
        pytest.param(("limit", "go-on"), marks=pytest.mark.soak),
    ],
    ids=" ".join,
)
def test_a_full_disk_is_said_and_after_room_is_made_no_row_is_lost(
    trial, night, small_disk, station, sequence
):
    kind, policy = trial
    disk = small_disk(kind)
    one = night(disk.data)
    words = broken_off(one, trial, disk, station, sequence)
    assert "The disk is full" in words
    assert f"free space, then: coldpoint resume {one.client.folder}" in words
    assert "Everything was made safe." in words
    stored = check_stored(one, POINTS[kind])
    before = one.row_indices()
    one.next_is(policy)
    disk.make_room()
    go_on(one)
    assert not one.campaign.trouble.text()
    again = one.row_indices()
    assert again[:stored] == before
    assert len(again) == POINTS[kind]
    assert again == pytest.approx(sorted(again))
    run = open_run(one.client.folder, 1)
    assert [attempt.outcome for attempt in run.attempts] == ["storage error", "finished"]
    cryostat = (one.client.folder / "cryostat.csv").read_text().splitlines()[2:]
    assert {len(line.split(",")) for line in cryostat} == {7}
    assert not list(one.client.folder.glob(".*"))


@pytest.mark.soak
def test_a_runner_that_dies_on_a_full_disk_is_told_by_the_queue_when_there_is_room(
    night, small_disk, station, sequence, runner_of_data
):
    disk = small_disk("memory")
    one = night(disk.data)
    one.add(sequence("Long", [spectrum(POINTS["memory"])]), station)
    one.add(sequence("Next", ["wait: 1 s"]), station)
    one.start("hold")
    one.until(lambda: one.rows > 20)
    runner = runner_of_data(one)
    runner.suspend()
    disk.fill()
    runner.kill()
    one.until(lambda: one.client.state == "interrupted")
    one.usable()
    assert "Interrupted: the runner" in one.trouble()
    assert one.threads[0].is_alive()  # it waits until it can write
    disk.make_room()
    one.until(lambda: one.states() == ["interrupted", "held"])
    assert read_journal(one.client.folder / "journal.jsonl").events
