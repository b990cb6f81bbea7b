"""``coldpoint resume``: go on with a campaign where it stopped."""

import json
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON, CONFIRM_ABOVE, NOTIFY, RESISTANCE, STATION, TRACE
from daq.app.run_command import summary, tell, wishes
from daq.app.terminal import interruptible, say

CAMPAIGN: Any = typer.Argument(..., help="A campaign folder.")
ACCEPT: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--accept",
    help="Go on although the station differs from the journal, or a step may have been done.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("resume")(resume)


def resume(
    campaign: Path = CAMPAIGN,
    station: str | None = STATION,
    *,
    accept: bool = ACCEPT,
    confirm_above: bool = CONFIRM_ABOVE,
    notify: str = NOTIFY,
    resistance: str = RESISTANCE,
    trace: bool = TRACE,
    as_json: bool = AS_JSON,
) -> None:
    """Go on with a campaign where it stopped, from the plan in its journal.

    Steps that were done are not done again, spectra go on at the first missing point, a pulse that
    may have been fired is never repeated. Temperature, field and angle are brought back first. What
    speaks against going on is told, and needs --accept. That the sample may be warmed above the
    station's keep_below is another decision: it needs --confirm-above, unless it was confirmed when
    the campaign was begun.

    Example: coldpoint resume coldpoint-data/2026-11-21T093000Z-night
    """
    from daq.app.progress import CampaignProgress  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.attending import Attendance  # noqa: PLC0415 (the same)
    from daq.campaign.resume import read_resumption  # noqa: PLC0415 (the same)
    from daq.campaign.runner import resume_campaign  # noqa: PLC0415 (the same)
    from procedures.catalogue import PROCEDURES  # noqa: PLC0415 (the same)

    progress = CampaignProgress(len(read_resumption(campaign, PROCEDURES).steps))
    with interruptible() as stop, progress:
        attendance = Attendance(
            stop,
            progress,
            progress.announce,
            say,
            wishes=wishes(notify, resistance, progress),
            trace=trace,
        )
        outcome = resume_campaign(
            campaign, station, accept=accept, confirm_above=confirm_above, attendance=attendance
        )
    if as_json:
        typer.echo(json.dumps(summary(outcome)))
    else:
        tell(outcome)
    if outcome.status != "finished":
        raise typer.Exit(1)
