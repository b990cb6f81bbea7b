"""Notes in the journal of a campaign, while it runs or afterwards."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daq.campaign.control_port import request
from daq.campaign.resume import refuse_if_running
from daq.runs.campaign_folder import JOURNAL
from daq.runs.journal import Journal, read_journal
from daq.runs.remarks import NOTE
from instruments.clock import SystemClock


def add_note(journal: Journal, text: str, about: Mapping[str, Any]) -> None:
    """Write a note into an open journal.

    Parameters
    ----------
    journal
        Of a campaign.
    text
        The note.
    about
        As `daq.runs.remarks.about` returns it; empty for a note on the whole campaign.
    """
    journal.event(NOTE, sync=True, text=text, **({"about": about} if about else {}))


def write_note(campaign: Path, text: str, about: Mapping[str, Any]) -> None:
    """Have the runner of a campaign write a note, or write it if none runs.

    Parameters
    ----------
    campaign
        Its folder.
    text
        The note.
    about
        As in `add_note`.

    Raises
    ------
    ColdpointError
        The journal cannot be written, or its runner refuses.
    """
    if request(campaign, NOTE, text, about):
        return
    path = campaign / JOURNAL
    refuse_if_running(read_journal(path).events, campaign)
    with Journal.reopen(path, SystemClock()) as journal:
        add_note(journal, text, about)
