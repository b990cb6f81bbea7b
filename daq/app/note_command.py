"""``coldpoint note`` and ``coldpoint tell``: speak to a campaign, whether it runs or not."""

from pathlib import Path
from typing import Any

import typer

CAMPAIGN: Any = typer.Argument(..., help="A campaign folder.")
TEXT: Any = typer.Argument(..., help="The note.")
REQUEST: Any = typer.Argument(..., help="pause, go-on, skip or abort")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("note")(note)
    app.command("tell")(tell)


def note(campaign: Path = CAMPAIGN, text: str = TEXT) -> None:
    """Write a note with its time into the journal of a campaign, while it runs or afterwards.

    Example: coldpoint note coldpoint-data/2026-11-21T093000Z-night "helium filled"
    """
    from daq.campaign.control_port import request  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.resume import refuse_if_running  # noqa: PLC0415 (the same)
    from daq.runs.campaign_folder import JOURNAL  # noqa: PLC0415 (the same)
    from daq.runs.journal import Journal, read_journal  # noqa: PLC0415 (the same)
    from instruments.clock import SystemClock  # noqa: PLC0415 (the same)

    if request(campaign, "note", text):
        return
    path = campaign / JOURNAL
    refuse_if_running(read_journal(path).events, campaign)
    with Journal.reopen(path, SystemClock()) as journal:
        journal.event("note", sync=True, text=text)


def tell(campaign: Path = CAMPAIGN, what: str = REQUEST) -> None:
    """Ask a running campaign to pause, to go on, to skip its present step, or to abort.

    Example: coldpoint tell coldpoint-data/2026-11-21T093000Z-night pause
    """
    from daq.campaign.control_port import request  # noqa: PLC0415 (paid for when it is used)
    from instruments.errors import ConfigurationError  # noqa: PLC0415 (the same)

    words = {"pause": "pause", "go-on": "go on", "skip": "skip", "abort": "abort"}
    if what not in words:
        raise ConfigurationError(f"tell: found {what!r}, expected one of {', '.join(words)}")
    if not request(campaign, words[what]):
        raise ConfigurationError(f"{campaign} is not running on this computer")
