"""``coldpoint run``: carry out a sequence."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.convert_command import tell_imports
from daq.app.options import (
    AS_JSON,
    CONFIRM_ABOVE,
    DATA,
    MEASURE,
    NOTIFY,
    RESISTANCE,
    SEQUENCE,
    STATION,
    TRACE,
    ohms,
)
from daq.app.terminal import interruptible, say

if TYPE_CHECKING:
    from daq.app.progress import CampaignProgress
    from daq.campaign.attending import Wishes
    from daq.campaign.outcome import CampaignOutcome


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    sequence: str = SEQUENCE,
    station: str | None = STATION,
    data: Path = DATA,
    *,
    measure: str = MEASURE,
    confirm_above: bool = CONFIRM_ABOVE,
    notify: str = NOTIFY,
    resistance: str = RESISTANCE,
    trace: bool = TRACE,
    as_json: bool = AS_JSON,
) -> None:
    """Carry out a sequence on a station.

    Example: coldpoint run first_spectrum --station simulated --data coldpoint-data
    """
    from daq.app.progress import CampaignProgress  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.prepared import prepare  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.runner import run_prepared  # noqa: PLC0415 (paid for when it is used)

    prepared = prepare(sequence, station, measure=measure)
    prepared = replace(prepared, confirmed_above=confirm_above)
    tell_imports(sequence, measure)
    progress = CampaignProgress(len(prepared.steps))
    with interruptible() as stop, progress:
        outcome = run_prepared(
            prepared,
            data,
            stop=stop,
            follower=progress,
            announce=progress.announce,
            say=say,
            wishes=wishes(notify, resistance, progress),
            trace=trace,
        )
    if as_json:
        typer.echo(json.dumps(summary(outcome)))
    else:
        tell(outcome)
    if outcome.status != "finished":
        raise typer.Exit(1)


def wishes(notify: str, resistance: str, progress: "CampaignProgress") -> "Wishes":
    """Return what the command line wishes for while a campaign runs.

    Parameters
    ----------
    notify
        Name of an environment variable; empty for the one of the station file.
    resistance
        For the forecast, where the station has no model of its sample.
    progress
        Shows how much is left.

    Returns
    -------
    Wishes
        For the runner.

    Raises
    ------
    ConfigurationError
        There is no such variable, or no such resistance.
    """
    from daq.campaign.attending import Wishes  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.foresight import rehearsal_command  # noqa: PLC0415 (the same)
    from daq.campaign.notify import address_in  # noqa: PLC0415 (the same)

    ohms(resistance)
    if notify:
        address_in(notify)
    return Wishes(notify, None, resistance, progress.foreseen, rehearsal_command)


def summary(outcome: "CampaignOutcome") -> dict[str, Any]:
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
        "references": [asdict(reference) for reference in outcome.references],
    }


def tell(outcome: "CampaignOutcome") -> None:
    """Tell in words how a campaign ended."""
    typer.echo(f"{outcome.folder}: {outcome.status}")
    for run in outcome.runs:
        typer.echo(f"  {run.csv.name}: {run.outcome}{': ' + run.error if run.error else ''}")
    if outcome.skipped:
        steps = "step was" if outcome.skipped == 1 else "steps were"
        typer.echo(f"  {outcome.skipped} {steps} skipped; the journal says why")
    if outcome.references:
        from daq.campaign.reference_readings import in_words  # noqa: PLC0415 (paid for when it is used)

        typer.echo(f"  {in_words(outcome.references)}")
    if outcome.error:
        typer.echo(f"coldpoint: {outcome.error}", err=True)
