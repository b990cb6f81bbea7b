"""``coldpoint run``: carry out a sequence."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON, DATA, SEQUENCE, STATION
from daq.app.progress import CampaignProgress
from daq.campaign.conductor import CampaignOutcome
from daq.campaign.runner import prepare, run_prepared


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    sequence: str = SEQUENCE,
    station: str | None = STATION,
    data: Path = DATA,
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Carry out a sequence on a station.

    Example: coldpoint run first_spectrum --station simulated --data coldpoint-data
    """
    prepared = prepare(sequence, station)
    progress = CampaignProgress(len(prepared.steps))
    with interruptible() as stop, progress:
        outcome = run_prepared(
            prepared, data, stop=stop, follower=progress, announce=progress.announce
        )
    if as_json:
        typer.echo(json.dumps(summary(outcome)))
    else:
        _tell(outcome)
    if outcome.status != "finished":
        raise typer.Exit(1)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C sets; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        typer.echo("stopping after this point and landing; Ctrl-C again to break off", err=True)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def summary(outcome: CampaignOutcome) -> dict[str, Any]:
    """Return a campaign as JSON."""
    return {
        "campaign": str(outcome.folder),
        "outcome": outcome.status,
        "error": outcome.error,
        "skipped": outcome.skipped,
        "runs": [
            {
                "procedure": run.procedure,
                "outcome": run.outcome,
                "csv": str(run.csv),
                "error": run.error,
            }
            for run in outcome.runs
        ],
    }


def _tell(outcome: CampaignOutcome) -> None:
    typer.echo(f"{outcome.folder}: {outcome.status}")
    for run in outcome.runs:
        typer.echo(f"  {run.csv.name}: {run.outcome}{': ' + run.error if run.error else ''}")
    if outcome.error:
        typer.echo(f"coldpoint: {outcome.error}", err=True)
