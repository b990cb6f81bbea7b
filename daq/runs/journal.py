"""The journal of a campaign: one line of JSON per event, appended and never changed."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from daq.runs.durability import DISK, Disk, append_to, write_all, write_new
from daq.runs.plain import FORMAT, check_format, to_line
from daq.runs.reserve import Reserve, is_full
from instruments.clock import Clock
from instruments.closing import Closing
from instruments.errors import StorageError

_OWN_KEYS = frozenset({"event", "utc", "clock"})


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What a journal says.

    Parameters
    ----------
    plan
        What the campaign set out to do.
    events
        What happened since, in order; each has ``event``, ``utc`` and ``clock`` (s).
    torn
        The text of a last line that was cut off by a crash; empty as a rule.
    """

    plan: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    torn: str = ""


class Journal(Closing):
    """A journal that is being written; any thread may write.

    Make one with `create` or `reopen`, and `close` it.

    Parameters
    ----------
    path
        A journal that exists and ends with a whole line.
    clock
        The clock of the station.
    disk
        The calls by which lines reach the disk.
    reserve
        Room that is given back when the disk is full, so that the journal can say so.
    """

    def __init__(
        self, path: Path, clock: Clock, disk: Disk = DISK, *, reserve: Reserve | None = None
    ) -> None:
        self.path = path
        self.reserve = reserve
        self._clock = clock
        self._disk = disk
        self._mine = threading.Lock()
        self._listeners: list[Callable[[str, Mapping[str, Any]], None]] = []
        self._sync_failure: OSError | None = None
        self._descriptor: int | None = append_to(path)
        self._size = path.stat().st_size

    @classmethod
    def create(
        cls,
        path: Path,
        plan: Mapping[str, Any],
        clock: Clock,
        disk: Disk = DISK,
        *,
        reserve: Reserve | None = None,
    ) -> Self:
        """Begin a journal with its plan; both are on the disk when this returns.

        Parameters
        ----------
        path
            Where it is to be; nothing is overwritten.
        plan
            The resolved plan, in SI units.
        clock
            The clock of the station.
        disk
            The calls by which lines reach the disk.
        reserve
            Room for the end of the campaign, taken now.

        Returns
        -------
        Journal
            Ready for events.

        Raises
        ------
        StorageError
            The file exists or cannot be written, or the plan is not plain.
        """
        first = {"format": FORMAT, **_stamp("plan", clock), "plan": plan}
        try:
            write_new(path, to_line(first), disk)
            if reserve is not None:
                reserve.keep(disk)
            disk.sync_folder(path.parent)
            return cls(path, clock, disk, reserve=reserve)
        except OSError as failure:
            raise _unwritable(path, failure) from failure

    @classmethod
    def reopen(
        cls, path: Path, clock: Clock, disk: Disk = DISK, *, reserve: Reserve | None = None
    ) -> Self:
        """Go on with a journal; a line cut off by a crash is moved into an event.

        Parameters
        ----------
        path
            The journal.
        clock
            The clock of the station.
        disk
            The calls by which lines reach the disk.
        reserve
            Room for the end of the campaign, taken now.

        Returns
        -------
        Journal
            Ready for events.

        Raises
        ------
        StorageError
            It cannot be read or written, or a newer version has written it.
        """
        content = read_journal(path)
        try:
            if content.torn:
                _cut_torn_line(path, disk)
            if reserve is not None:
                reserve.keep(disk)
            journal = cls(path, clock, disk, reserve=reserve)
        except OSError as failure:
            raise _unwritable(path, failure) from failure
        if content.torn:
            journal.event("torn line", text=content.torn)
        return journal

    def event(self, event: str, *, sync: bool = False, **fields: Any) -> None:
        """Append a line and hand it to the kernel.

        Parameters
        ----------
        event
            What has happened.
        sync
            Return only when it is on the disk.
        **fields
            What belongs to it.

        Raises
        ------
        StorageError
            The line could not be stored, or a field has a name that every line uses itself.
        """
        if not _OWN_KEYS.isdisjoint(fields):
            raise StorageError(f"journal field {sorted(_OWN_KEYS & set(fields))[0]!r} is taken")
        line = to_line({**_stamp(event, self._clock), **fields})
        with self._mine:
            if self._descriptor is None:
                raise _unwritable(self.path, "it is closed")
            self._append(self._descriptor, line)
            if sync:
                self._sync(self._descriptor)
        for listener in self._listeners:
            listener(event, fields)

    def listen(self, listener: Callable[[str, Mapping[str, Any]], None]) -> None:
        """Tell `listener` of every event once it is written; it must not raise and not wait."""
        self._listeners.append(listener)

    def make_room(self) -> bool:
        """Give back the room that was kept for a full disk; tell whether there was any."""
        return self.reserve is not None and self.reserve.give_back()

    def close(self) -> None:
        """Sync and close, and give the room back; nothing happens the second time."""
        with self._mine:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                return
            try:
                self._sync(descriptor)
            finally:
                os.close(descriptor)
                self.make_room()

    def _append(self, descriptor: int, line: bytes) -> None:
        try:
            write_all(descriptor, line, self._disk)
        except OSError as failure:
            with suppress(OSError):  # what cannot be cut is read as a torn line
                self._disk.truncate(descriptor, self._size)
            if is_full(failure) and self.make_room():
                self._append(descriptor, line)
                return
            raise _unwritable(self.path, failure) from failure
        self._size += len(line)

    def _sync(self, descriptor: int) -> None:
        if self._sync_failure is None:
            try:
                self._disk.sync(descriptor)
            except OSError as failure:
                self._sync_failure = failure
        # Never tried again: the kernel may have dropped the pages.
        if self._sync_failure is not None:
            raise _unwritable(self.path, self._sync_failure) from self._sync_failure


def read_journal(path: Path) -> JournalContent:
    """Read a journal, also while it grows.

    Parameters
    ----------
    path
        The journal.

    Returns
    -------
    JournalContent
        Plan and events; a torn last line is reported in `torn` and is no event.

    Raises
    ------
    StorageError
        It cannot be read, has no plan, has a broken line before its end, or is of a newer format.
    """
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise StorageError(
            f"{path} cannot be read: {failure}; is it a campaign folder?"
        ) from failure
    whole, _, torn = content.rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    if lines and not torn and _parsed(lines[-1]) is None:
        torn = lines.pop()
    entries = [_parsed(line) for line in lines]
    if None in entries:
        raise StorageError(
            f"{path}: line {entries.index(None) + 1} is not JSON; restore the file from a copy"
        )
    found = [entry for entry in entries if entry is not None]
    if not found or found[0].get("event") != "plan":
        raise StorageError(
            f"{path}: the first line is no plan; this is not the journal of a campaign"
        )
    check_format(found[0], str(path))
    return JournalContent(found[0]["plan"], tuple(found[1:]), torn.decode(errors="replace"))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _cut_torn_line(path: Path, disk: Disk) -> None:
    content = path.read_bytes()
    whole = content.rstrip(b"\n") if content.endswith(b"\n") else content
    descriptor = append_to(path)
    try:
        disk.truncate(descriptor, whole.rfind(b"\n") + 1)
        disk.sync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(event: str, clock: Clock) -> dict[str, Any]:
    return {"event": event, "utc": clock.utc().isoformat(), "clock": clock.now()}


def _unwritable(path: Path, why: object) -> StorageError:
    return StorageError(f"{path} cannot be written: {why}; free space or check the disk")
