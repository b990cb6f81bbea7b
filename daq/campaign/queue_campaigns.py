"""What has become of the campaigns of a queue, as their journals tell."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from daq.campaign.queue_store import Entry, State
from daq.runs.campaign_folder import JOURNAL
from daq.runs.journal import read_journal
from daq.runs.lock import Owner
from instruments.errors import StorageError

_EARLIER = 5.0
"""Time in s by which a journal may seem older than the process that wrote it."""


def campaign_of(data: Path, owner: Owner) -> Path | None:
    """Return the campaign folder that a process has begun last; None if it has begun none."""
    for folder in sorted(data.iterdir(), reverse=True) if data.is_dir() else []:
        journal = folder / JOURNAL
        if journal.is_file() and journal.stat().st_mtime >= owner.started - _EARLIER:
            try:
                events = read_journal(folder / JOURNAL).events
            except StorageError:
                continue
            for event in events:
                found = Owner.from_json(str(event.get("owner", "")))
                if found is not None and found.is_same(owner):
                    return folder
    return None


def campaign_ending(folder: Path) -> tuple[str, str] | None:
    """Return outcome and error of a campaign as its journal tells; None if it has no end."""
    journal = folder / JOURNAL
    try:
        found = journal.stat()
    except OSError:
        return None
    return _ending(journal, found.st_size, found.st_mtime_ns)


@lru_cache
def _ending(
    journal: Path,
    size: int,  # noqa: ARG001 (a journal that has grown is another one)
    changed: int,  # noqa: ARG001 (the same)
) -> tuple[str, str] | None:
    try:
        events = read_journal(journal).events
    except StorageError:
        return None
    for event in reversed(events):
        if event["event"] == "campaign ended":
            return str(event.get("outcome", "")), str(event.get("error", ""))
        if event["event"] in {"campaign begun", "campaign resumed"}:
            break
    return None


def ending_in_queue(ended: tuple[str, str] | None) -> tuple[State, str, str]:
    """Return state, outcome and error of an entry whose campaign ended so."""
    if ended is None:
        return "interrupted", "interrupted", "its process has gone without an end"
    outcome, error = ended
    states: dict[str, State] = {"finished": "done", "aborted": "interrupted"}
    return states.get(outcome, "failed"), outcome, error


def advice(entry: Entry) -> str:
    """Return the command by which an entry that did not finish goes on; empty if none does."""
    if entry.state in {"interrupted", "failed"} and entry.campaign:
        return f"coldpoint resume {entry.campaign}"
    return ""


def finished_since(entry: Entry) -> bool:
    """Tell whether an entry that was broken off has been resumed to its end."""
    if entry.state not in {"interrupted", "failed"} or not entry.campaign:
        return False
    ended = campaign_ending(Path(entry.campaign))
    return ended is not None and ended[0] == "finished"


def lost(entry: Entry) -> bool:
    """Tell whether an entry is said to be running, and is not."""
    if entry.state != "running":
        return False
    owner = Owner.from_json(entry.owner)
    return owner is None or owner.is_alive() is False


def as_it_is(entry: Entry, data: Path, now: str) -> Entry:
    """Return an entry as it is, whatever was noted of it last.

    Parameters
    ----------
    entry
        As it was noted.
    data
        The folder of all campaigns.
    now
        The time of day, ISO 8601.

    Returns
    -------
    Entry
        One whose process has gone is what its campaign has become; one that was resumed to its end
        is done.
    """
    if finished_since(entry):
        return replace(entry, state="done", outcome="finished", error="", ended=now)
    if not lost(entry):
        return entry
    owner = Owner.from_json(entry.owner)
    campaign = Path(entry.campaign) if entry.campaign else None
    if campaign is None and owner is not None:
        campaign = campaign_of(data, owner)
    ended = None if campaign is None else campaign_ending(campaign)
    state, outcome, error = ending_in_queue(ended)
    folder = "" if campaign is None else str(campaign)
    return replace(
        entry, state=state, outcome=outcome, error=error, campaign=folder, ended=now, owner=""
    )
