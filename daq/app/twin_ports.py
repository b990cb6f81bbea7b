"""The twins of a station on TCP ports of their own, and the station file of their clients."""

import io

from pydantic import ValidationError
from ruamel.yaml import YAML

from daq.config.quantity import parse_quantity
from daq.config.simulated import SimulatedConfig
from daq.config.station import StationConfig
from daq.simulation import WITHOUT_TWIN, SimulatedBench
from instruments.clock import ScaledClock
from instruments.errors import ConfigurationError
from instruments.simulated.connections import LinePort
from instruments.simulated.faults import LinkFaults
from instruments.simulated.model6000 import Model6000
from instruments.simulated.server import HOST, TwinServers, serve

TERMINATORS = {"Keithley6221": b"\n", "DSP7265": b"\r\n", "Model6000": b";"}


def clock_of(text: str, simulated: SimulatedConfig | None = None) -> ScaledClock:
    """Return the clock that ``--clock`` asks for, or else the station file, or else that of life.

    Parameters
    ----------
    text
        Such as ``scaled:60``; empty if nothing is asked.
    simulated
        What the station file says of the twins; a virtual clock cannot be shared and is not taken.

    Returns
    -------
    ScaledClock
        It can be shared with another process.

    Raises
    ------
    ConfigurationError
        The text names no clock, or one that cannot be shared.
    """
    if not text and simulated is not None and simulated.clock.kind == "scaled":
        return ScaledClock(simulated.clock.scale)
    asked = {"sample": "resistor", "clock": text or "system"}
    try:
        choice = SimulatedConfig.model_validate(asked).clock
    except ValidationError as refused:
        problem = refused.errors()[0]["ctx"]["error"]
        raise ConfigurationError(f"simulate: --clock: {problem}") from None
    if choice.kind == "virtual":
        raise ConfigurationError("simulate: a virtual clock cannot be shared; give scaled:60")
    return ScaledClock(choice.scale)


def blocking(text: str) -> LinkFaults:
    """Return the faults of a link that ``--block`` asks for; none if `text` is empty.

    Parameters
    ----------
    text
        Such as ``30 s``.

    Returns
    -------
    LinkFaults
        For `serve_twins`.

    Raises
    ------
    ConfigurationError
        The text is no time.
    """
    try:
        seconds = parse_quantity(text, "s") if text else 0.0
    except ValueError as refused:
        raise ConfigurationError(f"simulate: --block: {refused}") from None
    if seconds < 0.0:
        raise ConfigurationError(f"simulate: --block: found {text!r}, expected a time such as 30 s")
    return LinkFaults(seconds)


def serve_twins(
    config: StationConfig,
    bench: SimulatedBench,
    truth: int = 0,
    *,
    link: LinkFaults | None = None,
) -> TwinServers:
    """Open a port for each twin of a bench, for MultiVu, and for the truth.

    Parameters
    ----------
    config
        The station.
    bench
        Built with ``serial=True``.
    truth
        Port of the truth channel; a free one if 0.
    link
        What happens on the links of those that talk to one client only, as a 6221 does.

    Returns
    -------
    TwinServers
        They serve within a `with` statement.
    """
    link = LinkFaults() if link is None else link

    def left_on() -> bool:
        return bench.bench.truth()["source_connected"] != 0.0

    lines = []
    for role, device in bench.devices.items():
        driver = config.instruments[role].driver
        ends = TERMINATORS[driver]
        if driver == "Keithley6221":
            line = LinePort(role, device, ends, single=True, link=link, left_on=left_on)
        else:
            line = LinePort(role, device, ends)
        lines.append(line)
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


def resource_of(port: int) -> str:
    """Return the VISA resource name of a port."""
    return f"TCPIP0::{HOST}::{port}::SOCKET"


def client_station(config: StationConfig, servers: TwinServers, clock: ScaledClock) -> str:
    """Return the station file of a client: these ports, this clock, and no twins of its own.

    Parameters
    ----------
    config
        The station that is served.
    servers
        Its ports.
    clock
        Its clock.

    Returns
    -------
    str
        YAML; the comments of the file are kept.
    """
    yaml = YAML()
    document = yaml.load(config.text)
    for role, instrument in list(document["instruments"].items()):
        if instrument["driver"] == "ADC1":
            continue
        if instrument["driver"] in WITHOUT_TWIN:  # it has no port: wires are moved here only
            for terminals in (document["instruments"], *document.get("contacts", {}).values()):
                terminals.pop(role, None)
        elif instrument["driver"] == "MultiVu":
            instrument.update({"host": HOST, "port": servers.ports["multivu"]})
        else:
            instrument["resource"] = resource_of(servers.ports[role])
    del document["simulated"]
    document["name"] = f"{config.name} on TCP"
    document["clock"] = {"scale": clock.scale, "epoch": clock.epoch.isoformat()}
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()
