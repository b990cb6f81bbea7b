"""``coldpoint hold`` and ``coldpoint safe``: a station in the hands of a person."""

import json
from dataclasses import asdict

import typer

from daq.app.options import AS_JSON
from instruments.errors import InstrumentError


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("hold")(hold)
    app.command("safe")(safe)


def hold(
    name: str = typer.Argument(..., metavar="STATION", help="A station file or name."),
    *,
    idle: float = typer.Option(15.0, help="Let the station go after so many s without a request."),
) -> None:
    """Hold a station for the window, which asks it to set and to read; ends by itself when idle.

    Example: coldpoint hold bench.yaml
    """
    from daq.campaign.by_hand import hold as hold_station  # noqa: PLC0415 (paid for when it is used)
    from daq.config.station import load_station  # noqa: PLC0415 (the same)

    hold_station(load_station(name), idle=idle, say=typer.echo)


def safe(
    name: str = typer.Argument(..., metavar="STATION", help="A station file or name."),
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Take every output of a station down now; a program that owns it and is silent is ended.

    Example: coldpoint safe bench.yaml
    """
    from daq.campaign.safe_now import make_safe_now  # noqa: PLC0415 (paid for when it is used)
    from daq.config.station import load_station  # noqa: PLC0415 (the same)

    found = make_safe_now(load_station(name))
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(found.words)
    if not found.safe:
        raise InstrumentError(f"station {name} is not safe: {found.words}")
