"""``coldpoint simulate``: the twins of a station on TCP, until interrupted."""

import io
import json
import signal
import threading
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from daq.app.options import AS_JSON
from daq.config.simulated import ClockChoice, SimulatedConfig
from daq.config.station import StationConfig, load_station
from daq.simulation import SimulatedBench, build_bench
from instruments.clock import ScaledClock
from instruments.errors import ConfigurationError
from instruments.simulated.model6000 import Model6000
from instruments.simulated.server import HOST, LinePort, TwinServers, serve

TERMINATORS = {"Keithley6221": b"\n", "DSP7265": b"\r\n", "Model6000": b";"}


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
        "", help="scaled:60 runs sixty times as fast as life; life if omitted."
    ),
    truth: int = typer.Option(0, help="Port of the truth channel; a free one if 0."),
    write_station: Path | None = WRITE_STATION,
    as_json: bool = AS_JSON,
) -> None:
    """Serve each twin of a station on its own TCP port on this computer, until interrupted.

    With --json one line tells the ports when they are ready.
    Example: coldpoint simulate simulated --clock scaled:60 --json
    """
    config = load_station(station)
    timing = _clock(clock)
    bench = build_bench(config, timing, serial=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: done.set())
    servers = _serve(config, bench, truth)
    with servers:
        if write_station is not None:
            text = _station_text(config, servers, timing)
            write_station.write_text(text, encoding="utf-8")
        _announce(config, servers, as_json=as_json)
        while not done.wait(1.0):
            pass
    timing.close()


def _clock(text: str) -> ScaledClock:
    choice: ClockChoice = SimulatedConfig.model_validate(
        {"sample": "resistor", "clock": text or "system"}
    ).clock
    if choice.kind == "virtual":
        raise ConfigurationError("simulate: a virtual clock cannot be shared; give scaled:60")
    return ScaledClock(choice.scale)


def _serve(config: StationConfig, bench: SimulatedBench, truth: int) -> TwinServers:
    lines = []
    for role, device in bench.devices.items():
        driver = config.instruments[role].driver
        lines.append(LinePort(role, device, TERMINATORS[driver], single=driver == "Keithley6221"))
    if bench.cryostat is not None and "cryostat" not in bench.devices:
        device = Model6000(bench.cryostat, bench.bench.generator())
        lines.append(LinePort("cryostat", device, TERMINATORS["Model6000"]))
    return serve(
        lines,
        bench.clock,
        multivu=bench.multivu,
        truth=bench.bench.truth,
        truth_port=truth,
        lock=bench.lock,
    )


def _announce(config: StationConfig, servers: TwinServers, *, as_json: bool) -> None:
    ports = dict(servers.ports)
    truth, multivu = ports.pop("truth"), ports.pop("multivu", None)
    told: dict[str, Any] = {
        "resources": {role: _resource(port) for role, port in ports.items()},
        "truth": {"host": HOST, "port": truth},
    }
    if multivu is not None:
        told["multivu"] = {"host": HOST, "port": multivu}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"SIMULATED station {config.name}; Ctrl-C ends it")
    for role, resource in told["resources"].items():
        typer.echo(f"  {role:10s} {resource}")
    if multivu is not None:
        typer.echo(f"  MultiVu    {HOST}:{multivu}")
    typer.echo(f"  truth      {HOST}:{truth} (for tests: a line of JSON for every line)")


def _resource(port: int) -> str:
    return f"TCPIP0::{HOST}::{port}::SOCKET"


def _station_text(config: StationConfig, servers: TwinServers, clock: ScaledClock) -> str:
    """Return the station file of a client: these ports, this clock, and no twins of its own."""
    yaml = YAML()
    document = yaml.load(config.text)
    for role, instrument in document["instruments"].items():
        if instrument["driver"] == "MultiVu":
            instrument.update({"host": HOST, "port": servers.ports["multivu"]})
        else:
            instrument["resource"] = _resource(servers.ports[role])
    del document["simulated"]
    document["name"] = f"{config.name} on TCP"
    document["clock"] = {"scale": clock.scale, "epoch": clock.epoch.isoformat()}
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()
