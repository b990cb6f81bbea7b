"""``coldpoint simulate``: the twins of a station on TCP, until interrupted."""

import json
import signal
import threading
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON

WRITE_STATION: Any = typer.Option(
    None, help="Write a station file with which `run --station` uses these twins."
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    station: str = typer.Argument("simulated", help="A station file or name."),
    *,
    clock: str = typer.Option(
        "",
        help="scaled:60 runs sixty times as fast as life; if omitted, as the station file says,"
        " or as life.",
    ),
    truth: int = typer.Option(0, help="Port of the truth channel; a free one if 0."),
    block: str = typer.Option(
        "",
        help="Such as '30 s': how long a 6221 lets nobody in after a client has gone with the"
        " output on or the link broken, in time of the twins.",
    ),
    write_station: Path | None = WRITE_STATION,
    as_json: bool = AS_JSON,
) -> None:
    """Serve each twin of a station on its own TCP port on this computer, until interrupted.

    With --json one line tells the ports when they are ready.
    Example: coldpoint simulate simulated --clock scaled:60 --block "30 s" --json
    """
    from daq.app.twin_ports import (  # noqa: PLC0415 (paid for when it is used)
        blocking,
        client_station,
        clock_of,
        serve_twins,
    )
    from daq.config.station import load_station  # noqa: PLC0415 (paid for when it is used)
    from daq.simulation import build_bench  # noqa: PLC0415 (paid for when it is used)

    config = load_station(station)
    timing = clock_of(clock, config.simulated)
    link = blocking(block)
    bench = build_bench(config, timing, serial=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: done.set())
    with serve_twins(config, bench, truth, link=link) as servers:
        if write_station is not None:
            text = client_station(config, servers, timing)
            write_station.write_text(text, encoding="utf-8")
        _announce(config.name, servers.ports, as_json=as_json)
        while not done.wait(1.0):
            pass
    timing.close()


def _announce(name: str, all_ports: dict[str, int], *, as_json: bool) -> None:
    from daq.app.twin_ports import resource_of  # noqa: PLC0415 (paid for when it is used)
    from instruments.simulated.server import HOST  # noqa: PLC0415 (paid for when it is used)

    ports = dict(all_ports)
    truth, multivu = ports.pop("truth"), ports.pop("multivu", None)
    told: dict[str, Any] = {
        "resources": {role: resource_of(port) for role, port in ports.items()},
        "truth": {"host": HOST, "port": truth},
    }
    if multivu is not None:
        told["multivu"] = {"host": HOST, "port": multivu}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"SIMULATED station {name}; Ctrl-C ends it")
    for role, resource in told["resources"].items():
        typer.echo(f"  {role:10s} {resource}")
    if multivu is not None:
        typer.echo(f"  MultiVu    {HOST}:{multivu}")
    typer.echo(f"  truth      {HOST}:{truth} (for tests: a line of JSON for every line)")
