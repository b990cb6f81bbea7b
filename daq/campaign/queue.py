"""The queue of sequences of a data folder: what waits, what runs, what has become of the others.

Any number of programs may look at it and change it; one of them at a time works through it, see
`daq.campaign.queue_runner`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from daq.campaign.prepared import prepare
from daq.campaign.queue_campaigns import as_it_is, finished_since, lost
from daq.campaign.queue_store import AHEAD, FOLDER, Content, Entry, QueueStore, State, ordered
from daq.config.folder import find_config
from daq.runs.durability import write_new
from daq.runs.lock import Owner
from daq.runs.names import slug
from instruments.clock import Clock
from instruments.errors import ConfigurationError, RefusedError, StorageError

_BEGUN = ("running", "interrupted", "failed", "done")
"""An entry whose process has just gone may be found so by others before its end is noted."""


class Queue:
    """The queue of a data folder.

    Parameters
    ----------
    data
        The folder of all campaigns; the queue is in its folder ``queue``.
    clock
        Tells the time of day.
    say
        Told in one line what a person must know, such as that the state file was written again.
    """

    def __init__(
        self, data: Path, clock: Clock, say: Callable[[str], None] = lambda _words: None
    ) -> None:
        self.data = data
        self.folder = data / FOLDER
        self._clock = clock
        self._store = QueueStore(self.folder, say)

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, in the order in which they are carried out.

        One that was running and whose process has gone is told as what its campaign has become;
        one that was resumed and finished is done.
        """
        content = self._store.read()
        if any(lost(entry) or finished_since(entry) for entry in content.entries):
            content = self._as_it_is(content)
            with suppress(StorageError), self._store.changing() as changing:  # told all the same
                content = changing[0] = self._as_it_is(changing[0])
        return content.entries

    def entry(self, number: int) -> Entry:
        """Return one entry.

        Parameters
        ----------
        number
            Its ``id``.

        Returns
        -------
        Entry
            As it is now.

        Raises
        ------
        ConfigurationError
            There is no such entry.
        """
        return _found(Content(self.entries()), number)

    def add(
        self,
        sequence: str | Path,
        station: str | Path | None = None,
        *,
        measure: str = "",
        confirmed_above: bool = False,
    ) -> Entry:
        """Check a sequence against its station and put a copy at the end.

        Parameters
        ----------
        sequence
            A file, or the name of one that is shipped.
        station
            Station file or name, instead of the one that the sequence names.
        measure
            What a MultiVu sequence measures, as a step of ours.
        confirmed_above
            Whether a person has said that the sample may go above the station's `keep_below`.

        Returns
        -------
        Entry
            The new one, waiting.

        Raises
        ------
        ConfigurationError
            Sequence or station is wrong; nothing was added.
        """
        prepared = prepare(sequence, station, measure=measure)
        file = find_config("sequences", sequence)
        station_file = Path(prepared.station.source).resolve()
        title = prepared.sequence.title
        with self._store.changing() as changing:
            number = changing[0].following
            name = f"{number:04d}-{slug(title)}{file.suffix.lower()}"
            try:
                write_new(self.folder / name, file.read_bytes())
            except OSError as failure:
                raise StorageError(
                    f"{self.folder} cannot be written: {failure}; give another --data"
                ) from failure
            entry = Entry(
                number,
                title,
                prepared.station.name,
                "waiting",
                name,
                station_file=str(station_file),
                measure=measure,
                added=self._now(),
                confirmed_above=confirmed_above,
            )
            changing[0] = Content((*changing[0].entries, entry), number + 1)
        return entry

    def move(self, number: int, place: int) -> None:
        """Put an entry that was not begun at another place.

        Parameters
        ----------
        number
            Its ``id``.
        place
            Among those that were not begun; 1 is the next that is carried out.

        Raises
        ------
        RefusedError
            It was begun already.
        ConfigurationError
            There is no such entry, or the place is below 1.
        """
        if place < 1:
            raise ConfigurationError(f"queue: found place {place}, expected 1 or more")
        with self._store.changing() as changing:
            entry = _found(changing[0], number, AHEAD)
            others = [one for one in changing[0].entries if one.id != number]
            ahead = [index for index, one in enumerate(others) if one.state in AHEAD]
            at = ahead[place - 1] if place <= len(ahead) else len(others)
            others.insert(at, entry)
            changing[0] = replace(changing[0], entries=tuple(others))

    def remove(self, number: int) -> None:
        """Take an entry out, with its copy of the sequence; a campaign folder stays.

        Parameters
        ----------
        number
            Its ``id``.

        Raises
        ------
        RefusedError
            It is running.
        """
        with self._store.changing() as changing:
            entry = _found(changing[0], number)
            if entry.state == "running" and not lost(entry):
                raise RefusedError(
                    f"queue: entry {number} is running; end it first with"
                    " 'coldpoint tell CAMPAIGN abort'"
                )
            others = tuple(one for one in changing[0].entries if one.id != number)
            changing[0] = replace(changing[0], entries=others)

    def hold(self, number: int) -> None:
        """Keep a waiting entry from being carried out.

        Parameters
        ----------
        number
            Its ``id``.

        Raises
        ------
        RefusedError
            It was begun already.
        """
        self._change(number, AHEAD, state="held")

    def release(self, number: int) -> None:
        """Let a held entry wait for its turn again.

        Parameters
        ----------
        number
            Its ``id``.

        Raises
        ------
        RefusedError
            It was begun already.
        """
        self._change(number, AHEAD, state="waiting", error="")

    def confirm_above(self, number: int) -> None:
        """Say that the sample may go above the station's `keep_below` in a campaign of an entry.

        Parameters
        ----------
        number
            Its ``id``.

        Raises
        ------
        RefusedError
            It was begun already.
        """
        self._change(number, AHEAD, confirmed_above=True)

    def hold_all(self, why: str = "") -> int:
        """Hold every waiting entry, which says why; return how many there were."""
        with self._store.changing() as changing:
            waiting = [entry for entry in changing[0].entries if entry.state == "waiting"]
            held = tuple(
                replace(entry, state="held", error=why) if entry.state == "waiting" else entry
                for entry in changing[0].entries
            )
            changing[0] = replace(changing[0], entries=held)
        return len(waiting)

    def begin_next(self) -> Entry | None:
        """Mark the next waiting entry as running and return it; None if nothing waits.

        It has no owner before `told_owner` is called.
        """
        with self._store.changing() as changing:
            for entry in changing[0].entries:
                if entry.state == "waiting":
                    me = Owner.this_process().to_json()
                    begun = replace(entry, state="running", begun=self._now(), owner=me)
                    entries = ordered(changing[0].entries, begun)
                    changing[0] = replace(changing[0], entries=entries)
                    return begun
        return None

    def told_owner(self, number: int, owner: Owner) -> None:
        """Note which process carries an entry out."""
        self._change(number, ("running",), owner=owner.to_json())

    def told_campaign(self, number: int, campaign: Path) -> None:
        """Note the campaign folder of an entry that runs."""
        self._change(number, _BEGUN, campaign=str(campaign))

    def end(self, number: int, state: State, outcome: str, error: str, campaign: str) -> Entry:
        """Note how an entry has ended.

        Parameters
        ----------
        number
            Its ``id``.
        state
            ``done``, ``failed`` or ``interrupted``.
        outcome
            Of the campaign; empty if there was none.
        error
            In one line.
        campaign
            The folder; empty if there is none.

        Returns
        -------
        Entry
            As it is now.
        """
        return self._change(
            number,
            _BEGUN,
            state=state,
            outcome=outcome,
            error=error,
            campaign=campaign,
            ended=self._now(),
            owner="",
        )

    def _change(self, number: int, allowed: tuple[str, ...], **changes: str | bool) -> Entry:
        with self._store.changing() as changing:
            entry = replace(_found(changing[0], number, allowed), **changes)  # type: ignore[arg-type]  # names of fields
            changing[0] = replace(changing[0], entries=ordered(changing[0].entries, entry))
        return entry

    def _as_it_is(self, content: Content) -> Content:
        now = self._now()
        entries = tuple(as_it_is(entry, self.data, now) for entry in content.entries)
        return replace(content, entries=entries)

    def now(self) -> datetime:
        """Return the time of day."""
        return self._clock.utc()

    def _now(self) -> str:
        return self.now().isoformat(timespec="seconds")


def _found(content: Content, number: int, allowed: tuple[str, ...] = ()) -> Entry:
    for entry in content.entries:
        if entry.id == number:
            if allowed and entry.state not in allowed:
                raise RefusedError(
                    f"queue: entry {number} ({entry.title}) is {entry.state}, expected"
                    f" {' or '.join(allowed)}"
                )
            return entry
    raise ConfigurationError(
        f"queue: found no entry {number}; 'coldpoint queue list' shows the numbers"
    )
