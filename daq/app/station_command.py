"""``coldpoint station``: who answers, and is it healthy; and what hangs on the bus."""

import json
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON
from instruments.errors import ConfigurationError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("station")(station)


def station(
    name: str = typer.Argument("", metavar="STATION", help="A station file or name."),
    *,
    find: bool = typer.Option(default=False, help="Look for instruments and write a station file."),
    write: Path = typer.Option(Path("station.yaml"), help="The file that --find writes."),  # noqa: B008 (how typer declares)
    library: str = typer.Option("", help="VISA library for --find; the platform's own if empty."),
    as_json: bool = AS_JSON,
) -> None:
    """Open a station, ask every instrument how it is, and close it; outputs are not touched.

    With --find: list the VISA resources, ask each who it is, and write a station file.
    Examples: coldpoint station simulated; coldpoint station --find
    """
    if find:
        _find(library, write, as_json=as_json)
        return
    if not name:
        raise ConfigurationError("station: give a station file or name, or --find")
    from daq.station_file import open_station  # noqa: PLC0415 (paid for when it is used)

    opened = open_station(name)
    try:
        found = opened.snapshot()
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps({"station": opened.name, "instruments": found}, default=str))
        return
    typer.echo(f"station {opened.name}{' (SIMULATED)' if opened.simulated else ''}")
    for role, state in found.items():
        typer.echo(f"{role}:")
        for key, value in state.items():
            typer.echo(f"  {key}: {value}")


def _find(library: str, write: Path, *, as_json: bool) -> None:
    from daq.app.discovery import discover, station_text  # noqa: PLC0415 (paid for when it is used)

    found = discover(library)
    if as_json:
        typer.echo(json.dumps([_entry(item) for item in found]))
    for item in () if as_json else found:
        typer.echo(f"{item.resource}: {item.identity or 'no answer'}")
    text = station_text(found)
    if not text:
        typer.echo(
            "no instrument was recognised; is it switched on and its address right?", err=True
        )
        raise typer.Exit(1)
    if write.exists():
        raise ConfigurationError(f"{write} exists and is not overwritten; give another --write")
    write.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {write}: check limits, wiring and contacts before use", err=as_json)


def _entry(item: Any) -> dict[str, str]:
    return {"resource": item.resource, "driver": item.driver, "identity": item.identity}
