"""``coldpoint check``: read a sequence, and say what it will do or what is wrong with it."""

import json

import typer

from daq.app.options import AS_JSON, SEQUENCE, STATION
from daq.campaign.plan import PlannedStep
from daq.campaign.runner import prepare
from daq.campaign.words import in_words


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    sequence: str = SEQUENCE,
    station: str | None = STATION,
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Read a sequence, check it against its station, and list what it will do.

    No instrument is opened and nothing is written. Example: coldpoint check first_spectrum
    """
    prepared = prepare(sequence, station)
    if as_json:
        steps = [{"index": s.index, "what": in_words(s.step)} for s in prepared.steps]
        typer.echo(json.dumps({"ok": True, "station": prepared.station.name, "steps": steps}))
        return
    typer.echo(f"{prepared.sequence.title}, on station {prepared.station.name}")
    for planned in prepared.steps:
        typer.echo(f"  {planned.index + 1:4d}  {_loops(planned)}{in_words(planned.step)}")
    typer.echo(f"{len(prepared.steps)} steps, all within the limits")


def _loops(planned: PlannedStep) -> str:
    return "  " * len(planned.loops)
