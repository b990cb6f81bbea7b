"""A full disk is told by the journal that stands on it."""

import errno
import os
from dataclasses import replace

import pytest

from daq.runs.durability import DISK
from daq.runs.journal import Journal, read_journal
from daq.runs.reserve import SIZE, Reserve
from instruments.clock import VirtualClock
from instruments.errors import StorageError


@pytest.fixture
def full(tmp_path):
    """Return a disk that takes nothing as long as the reserve holds the last room."""
    reserve = Reserve(tmp_path)
    refused = []

    def write(descriptor, content):
        if refused and reserve.path.exists():
            raise OSError(refused[0], os.strerror(refused[0]))
        return os.write(descriptor, content)

    return replace(DISK, write=write), refused, reserve


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_the_last_words_of_a_campaign_find_room_on_a_full_disk(full, tmp_path, number):
    disk, refused, reserve = full
    path = tmp_path / "journal.jsonl"
    with Journal.create(path, {}, VirtualClock(), disk, reserve=reserve) as journal:
        assert reserve.path.stat().st_size == SIZE
        journal.event("before")
        refused.append(number)
        journal.event("the disk is full", sync=True)
        journal.event("after")
        assert not reserve.path.exists()
    events = [event["event"] for event in read_journal(path).events]
    assert events == ["before", "the disk is full", "after"]


def test_another_refusal_leaves_the_room_alone(full, tmp_path):
    disk, refused, reserve = full
    with Journal.create(
        tmp_path / "journal.jsonl", {}, VirtualClock(), disk, reserve=reserve
    ) as journal:
        refused.append(errno.EIO)
        with pytest.raises(StorageError, match="Input/output error"):
            journal.event("broken")
        assert reserve.path.exists()


def test_the_room_is_free_again_after_the_end_and_taken_again_by_a_resume(tmp_path):
    path, reserve = tmp_path / "journal.jsonl", Reserve(tmp_path)
    Journal.create(path, {}, VirtualClock(), reserve=reserve).close()
    assert list(tmp_path.iterdir()) == [path]
    with Journal.reopen(path, VirtualClock(), reserve=reserve):
        assert reserve.path.exists()
    assert not reserve.path.exists()


def test_a_campaign_is_not_begun_without_room_for_its_end(tmp_path):
    def write(descriptor, content):
        if len(content) >= SIZE:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, content)

    with pytest.raises(StorageError, match="No space left"):
        Journal.create(
            tmp_path / "journal.jsonl",
            {},
            VirtualClock(),
            replace(DISK, write=write),
            reserve=Reserve(tmp_path),
        )
