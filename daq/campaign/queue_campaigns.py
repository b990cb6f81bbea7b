"""What has become of the campaigns of a queue, as their journals tell."""

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
    try:
        events = read_journal(folder / JOURNAL).events
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
