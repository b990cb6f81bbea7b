"""The queue on disk: one state file, a card for every entry, and the sequences as they were given.

The state file says what there is and in which order. Every entry has a card of its own as well, so
that a state file which was torn can be written again from the cards. Changes are made under a lock,
and every file is written beside and renamed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from daq.runs.durability import replace
from daq.runs.plain import FORMAT, check_format, to_document
from instruments.errors import StorageError

State = Literal["waiting", "held", "running", "done", "failed", "interrupted"]
AHEAD: tuple[State, ...] = ("waiting", "held")
"""States of an entry that was not begun."""
STATE_FILE = "queue.json"
FOLDER = "queue"
LOCK_PATIENCE = 10.0
"""Longest time in s of life that a change waits for another one."""
_SEQUENCES = (".yaml", ".yml", ".seq")


@dataclass(frozen=True, slots=True)
class Entry:
    """One sequence in the queue.

    Parameters
    ----------
    id
        Its number, from 1; never given twice.
    title
        Of the sequence.
    station
        Name of the station.
    state
        How far it has come.
    sequence
        Name of its copy in the folder of the queue.
    station_file
        Where the station file is; empty for the one that the sequence names.
    measure
        What a MultiVu sequence measures; empty for others.
    campaign
        The campaign folder; empty until it is known.
    added
        When it was added, ISO 8601.
    begun
        When it was begun; empty if it was not.
    ended
        When it ended; empty if it has not.
    outcome
        Of the campaign.
    error
        Why it did not finish, in one line.
    owner
        The process that carries it out, as `Owner.to_json` writes it; empty if none does.
    confirmed_above
        Whether a person has said that the sample may go above the station's `keep_below`.
    """

    id: int
    title: str
    station: str
    state: State
    sequence: str
    station_file: str = ""
    measure: str = ""
    campaign: str = ""
    added: str = ""
    begun: str = ""
    ended: str = ""
    outcome: str = ""
    error: str = ""
    owner: str = ""
    confirmed_above: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a queue holds.

    Parameters
    ----------
    entries
        In the order in which they are carried out.
    following
        Number of the next entry that is added.
    """

    entries: tuple[Entry, ...] = ()
    following: int = 1


class QueueStore:
    """Read and change the files of a queue.

    Parameters
    ----------
    folder
        Of the queue; made when something is written.
    say
        Told in one line when the state file had to be written again.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self._say = say

    def read(self) -> Content:
        """Return what the queue holds; a state file that cannot be read is written again."""
        try:
            return self._parsed()
        except FileNotFoundError:
            if not self._numbers():
                return Content()
        except _TornError:
            pass
        with self.locked():
            return self._read_locked()

    @contextmanager
    def changing(self) -> Iterator[list[Content]]:
        """Change the queue: put the new content in the place of the only one in the list.

        Yields
        ------
        list of Content
            What there is; what stands there afterwards is written.
        """
        with self.locked():
            before = self._read_locked()
            content = [before]
            yield content
            self._write(before, content[0])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from changing the queue.

        Yields
        ------
        None
            While they wait.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "changes.lock", timeout=LOCK_PATIENCE)
            lock.acquire()
        except Timeout:
            raise StorageError(
                f"{self.folder} is being changed by another program for {LOCK_PATIENCE:g} s;"
                " end it and try again"
            ) from None
        except OSError as failure:
            raise StorageError(
                f"{self.folder} cannot be written: {failure}; give another --data"
            ) from failure
        try:
            yield
        finally:
            lock.release()

    def _read_locked(self) -> Content:
        path = self.folder / STATE_FILE
        try:
            return self._parsed()
        except FileNotFoundError:
            if not self._numbers():
                return Content()
            why = "is missing"
        except _TornError as torn:
            kept = _free_name(path)
            path.replace(kept)
            why = f"could not be read ({torn}; kept as {kept.name})"
        content = self._rebuilt()
        self._write(Content(), content)
        self._say(
            f"{path} {why}; it was written again from the {len(content.entries)} entries in the"
            " folder, in the order in which they were added"
        )
        return content

    def _parsed(self) -> Content:
        path = self.folder / STATE_FILE
        text = path.read_bytes()
        try:
            said = json.loads(text)
            entries = tuple(_entry(one) for one in said["entries"])
            following = int(said["next"])
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise _TornError(type(problem).__name__) from None
        check_format(said, str(path))
        return Content(entries, following)

    def _write(self, before: Content, after: Content) -> None:
        kept = {entry.id for entry in after.entries}
        try:
            for entry in after.entries:
                if entry not in before.entries:
                    card = {"format": FORMAT, **asdict(entry)}
                    replace(self.folder / _card(entry.id), to_document(card))
            entries = [asdict(entry) for entry in after.entries]
            state = {"format": FORMAT, "next": after.following, "entries": entries}
            replace(self.folder / STATE_FILE, to_document(state))
            for entry in before.entries:
                if entry.id not in kept:
                    number = f"{entry.id:04d}"
                    for name in (_card(entry.id), entry.sequence, f"{number}.out", f"{number}.err"):
                        (self.folder / name).unlink(missing_ok=True)
        except OSError as failure:
            raise StorageError(
                f"{self.folder} cannot be written: {failure}; free space or give another --data"
            ) from failure

    def _rebuilt(self) -> Content:
        entries = []
        for number, path in sorted(self._numbers().items()):
            try:
                entries.append(_entry(json.loads((self.folder / _card(number)).read_bytes())))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                if path.suffix in _SEQUENCES:
                    entries.append(
                        Entry(number, path.stem.partition("-")[2], "", "held", path.name)
                    )
        return Content(tuple(entries), max((entry.id for entry in entries), default=0) + 1)

    def _numbers(self) -> Mapping[int, Path]:
        """Return the sequence, or else the card, of every entry that has a file."""
        found: dict[int, Path] = {}
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                number = path.name[:4]
                if not number.isdecimal():
                    continue
                if path.suffix in _SEQUENCES:
                    found[int(number)] = path
                elif path.suffix == ".json":
                    found.setdefault(int(number), path)
        return found


class _TornError(Exception):
    """Raise for a state file that is not whole."""


def ordered(entries: Sequence[Entry], changed: Entry) -> tuple[Entry, ...]:
    """Return the entries with one of them changed, in the same order."""
    return tuple(changed if entry.id == changed.id else entry for entry in entries)


def _entry(said: Mapping[str, Any]) -> Entry:
    known = {part.name for part in fields(Entry)}
    entry = Entry(**{key: value for key, value in said.items() if key in known})
    if not isinstance(entry.id, int) or entry.state not in get_args(State):
        raise ValueError("no entry")
    return entry


def _card(number: int) -> str:
    return f"{number:04d}.json"


def _free_name(path: Path) -> Path:
    count = 1
    while (kept := path.with_name(f"{path.name}.torn-{count}")).exists():
        count += 1
    return kept
