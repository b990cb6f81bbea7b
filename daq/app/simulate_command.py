"""``coldpoint simulate``: the twins of a station on TCP, until interrupted."""

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON
from instruments.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    truth: str = typer.Option(
        "0",
        help="Port of the truth channel, a free one if 0; or a file that also gets what is hidden"
        " in sample, wiring and instruments, for tests.",
    ),
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
    Example: coldpoint simulate simulated --clock scaled:60 --truth truth.json --json
    """
    from daq.app.twin_ports import (  # noqa: PLC0415 (paid for when it is used)
        blocking,
        client_station,
        clock_of,
        serve_twins,
    )
    from daq.config.station import load_station  # noqa: PLC0415 (paid for when it is used)
    from daq.hidden_truth import hidden_truth  # noqa: PLC0415 (paid for when it is used)
    from daq.simulation import build_bench  # noqa: PLC0415 (paid for when it is used)

    config = load_station(station)
    timing = clock_of(clock, config.simulated)
    link = blocking(block)
    bench = build_bench(config, timing, serial=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: done.set())
    port = int(truth) if truth.isdecimal() else 0
    if not truth.isdecimal():
        _write_truth(Path(truth), hidden_truth(bench))
    with serve_twins(config, bench, port, link=link) as servers:
        if write_station is not None:
            text = client_station(config, servers, timing)
            write_station.write_text(text, encoding="utf-8")
        _announce(config.name, servers.ports, as_json=as_json)
        while not done.wait(1.0):
            pass
    timing.close()


def _write_truth(path: Path, truth: "Mapping[str, Any]") -> None:
    """Write what is hidden into a file of its own; nothing is overwritten."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(truth, indent=2) + "\n")
    except FileExistsError:
        raise StorageError(f"{path} exists already; remove it or give another --truth") from None
    except OSError as problem:
        raise StorageError(
            f"{path} cannot be written ({problem.strerror}); give a port or another file with"
            " --truth"
        ) from None


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
