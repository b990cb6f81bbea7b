"""``coldpoint demo``: the main job on the simulated station, with a picture at the end."""

import json
from pathlib import Path

import typer

from daq.app.options import AS_JSON, DATA
from daq.app.run_command import summary
from daq.app.terminal import interruptible
from instruments.errors import ColdpointError

SEQUENCE = "first_spectrum"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(data: Path = DATA, *, as_json: bool = AS_JSON) -> None:
    """Take dV/dI of a simulated point contact before and after a voltage pulse, and draw both.

    Example: coldpoint demo
    """
    from daq.app.demo_report import picture, report  # noqa: PLC0415 (paid for when it is used)
    from daq.app.progress import CampaignProgress  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.prepared import prepare  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.runner import run_prepared  # noqa: PLC0415 (paid for when it is used)

    prepared = prepare(SEQUENCE, "simulated")
    progress = CampaignProgress(len(prepared.steps))
    with interruptible() as stop, progress:
        outcome = run_prepared(
            prepared, data, stop=stop, follower=progress, announce=progress.announce
        )
    if outcome.status != "finished":
        raise ColdpointError(f"demo: {outcome.status}: {outcome.error} ({outcome.folder})")
    drawn = picture(outcome)
    if as_json:
        typer.echo(json.dumps({**summary(outcome), "picture": str(drawn)}))
    else:
        for line in report(outcome, drawn):
            typer.echo(line)
