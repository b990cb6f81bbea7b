"""From a station file to an open station, real or simulated."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from daq.config.calibration import applicable_calibration
from daq.config.station import StationConfig, load_station
from daq.contact_instruments import drives_nothing, open_switch, open_voltmeter
from daq.runs.lock import StationLock
from daq.simulation import SimulatedBench, build_bench
from daq.station_instruments import Place, answering, open_cryostat, open_instrument, server_of
from daq.tunnelling_instruments import hold_voltage, open_scanner, open_tunnelling
from instruments.bias import OscillatorBias
from instruments.biasing import Bias
from instruments.calibration import Calibration
from instruments.clock import Clock, ScaledClock, SystemClock
from instruments.errors import ConfigurationError
from instruments.limits import StationLimits
from instruments.making_safe import SafePolicy
from instruments.no_current import NoCurrentBias
from instruments.ppms.cryostat import Cryostat
from instruments.station import Station
from instruments.switch import Ask, Matrix, Switch
from instruments.trace import Tap, Trace
from instruments.tunnel_calibration import TunnelCalibration
from instruments.voltmeter import Nanovoltmeter

POLL_PERIOD = 2.0


def open_station(
    path_or_name: str | Path,
    *,
    limits: StationLimits | None = None,
    poll_period: float = POLL_PERIOD,
    ask: Ask | None = None,
) -> Station:
    """Open a station: its lock, its links, its limits; outputs are not touched.

    Parameters
    ----------
    path_or_name
        A station file, or the name of one in configs/stations.
    limits
        Tighter limits than those of the file.
    poll_period
        Time between two samples of the cryostat in s.
    ask
        Asks a person to wire a contact, where the switch is ``AskOperator``; given its name, it
        tells whether that has been done.

    Returns
    -------
    Station
        Close it with `Station.close`.

    Raises
    ------
    ConfigurationError
        The file is wrong.
    StationBusyError
        Another process owns the station.
    CommunicationError
        An instrument does not answer.
    """
    config = load_station(path_or_name)
    return open_configured(config, limits=limits, poll_period=poll_period, ask=ask)


def open_configured(
    config: StationConfig,
    *,
    limits: StationLimits | None = None,
    poll_period: float = POLL_PERIOD,
    bench: SimulatedBench | None = None,
    ask: Ask | None = None,
    trace: Trace | None = None,
) -> Station:
    """Open a station whose file has been read; see `open_station`.

    Parameters
    ----------
    config
        The station.
    limits
        Tighter limits than those of the file.
    poll_period
        Time between two samples of the cryostat in s.
    bench
        The simulated bench to use; built from the file if omitted.
    ask
        As in `open_station`.
    trace
        Is told of every message from now until the station is closed; `traced` makes one.

    Returns
    -------
    Station
        Close it with `Station.close`.
    """
    closing: list[Callable[[], None]] = []
    try:
        place = _tapped(replace(_place(config, closing, bench), ask=ask), trace, closing)
        return _assemble(config, place, limits or config.limits, closing, poll_period)
    except BaseException:
        for close in closing:
            close()
        raise


def _place(
    config: StationConfig, closing: list[Callable[[], None]], bench: SimulatedBench | None
) -> Place:
    if config.simulated is not None:
        bench = build_bench(config) if bench is None else bench
        return Place(bench.clock, bench.library, bench)
    lock = StationLock(config.name)
    lock.acquire()
    closing.append(lock.release)
    return _elsewhere(config, clock_of(config))


def traced(config: StationConfig) -> Trace:
    """Return a trace that knows which instrument is behind each resource of a station."""
    known = {}
    for role, said in config.instruments.items():
        where = getattr(said, "resource", None) or server_of(said)
        if where:
            known[str(where)] = {"role": role, "driver": said.driver}
    return Trace({"station": config.name, "instruments": known})


def _tapped(place: Place, trace: Trace | None, closing: list[Callable[[], None]]) -> Place:
    if trace is None:
        return place
    trace.use(place.clock)
    tap = Tap(place.library, trace)
    closing.append(tap.remove)
    return replace(place, library=tap.library, trace=trace)


def clock_of(config: StationConfig) -> Clock:
    """Return the clock of a station whose instruments are not in this process."""
    if config.clock is not None:
        return ScaledClock(config.clock.scale, config.clock.epoch)
    return SystemClock()


def openers(config: StationConfig, clock: Clock) -> Mapping[str, Callable[[], Any]]:
    """Return, by role, how to open each instrument with outputs by itself, without the lock.

    Parameters
    ----------
    config
        A station whose instruments are not in this process.
    clock
        What the drivers wait with.

    Returns
    -------
    Mapping
        A call opens the instrument and returns its driver.
    """
    place = _elsewhere(config, clock)

    def opener(role: str, instrument: Any) -> Callable[[], Any]:
        if role == "cryostat":
            return lambda: open_cryostat(instrument, place, config.limits)
        return lambda: hold_voltage(
            config, config.limits, role, open_instrument(role, instrument, place, config.limits)
        )

    return {
        role: opener(role, said)
        for role, said in config.instruments.items()
        if not drives_nothing(role)
    }


def _elsewhere(config: StationConfig, clock: Clock) -> Place:
    return Place(clock, "" if config.clock is None else "@py")


def _assemble(
    config: StationConfig,
    place: Place,
    limits: StationLimits,
    closing: list[Callable[[], None]],
    poll_period: float,
) -> Station:
    instruments: dict[str, Any] = {}
    cryostat: Cryostat | None = None
    for role, instrument in config.instruments.items():
        if drives_nothing(role):
            continue
        with answering(role, instrument):
            if role == "cryostat":
                cryostat = open_cryostat(instrument, place, limits)
                closing.insert(0, cryostat.close)
            else:
                driver = open_instrument(role, instrument, place, limits)
                hold_voltage(config, limits, role, driver)
                closing.insert(0, driver.adapter.close)
                instruments[role] = driver
    contact = _open_beside(config, place, instruments, closing)
    tunnelling = open_tunnelling(config, place.clock, instruments, limits)
    bias: Bias
    if tunnelling is None:
        bias = _bias(config, place.clock, instruments, limits)
    else:
        bias = NoCurrentBias(tunnelling)
    calibration = _calibration(config, place.clock, bias)
    if cryostat is not None:
        cryostat.start_polling(poll_period)
    return Station(
        name=config.name,
        clock=place.clock,
        instruments=instruments,
        bias=bias,
        cryostat=cryostat,
        limits=limits,
        safe=SafePolicy(config.safe.field, config.safe.temperature),
        contact=contact,
        contacts=tuple(config.contacts),
        simulated=config.simulated is not None or config.clock is not None,
        poll_period=poll_period,
        on_close=closing,
        calibration=calibration,
        mount=config.mount,
        keep_below=config.keep_below,
        remark=config.remark,
        tunnelling=tunnelling,
        scanner=open_scanner(config, place.clock, instruments, limits),
        foreign_setpoint=getattr(config.instruments.get("cryostat"), "foreign_setpoint", "pause"),
    )


def _open_beside(
    config: StationConfig,
    place: Place,
    instruments: dict[str, Any],
    closing: list[Callable[[], None]],
) -> str:
    """Open voltmeters and switch, which may use those that are open; return who is wired."""
    for role, said in config.instruments.items():
        if role.startswith("voltmeter"):
            with answering(role, said):
                instruments[role] = open_voltmeter(said, instruments, place.bench, place.library)
    with answering("switch", config.instruments.get("switch")):
        switch: Switch | None = open_switch(config, place.bench, place.library, place.ask)
    if switch is not None:
        instruments["switch"] = switch
    for beside in instruments.values():
        if isinstance(beside, Matrix | Nanovoltmeter):
            closing.insert(0, beside.close)
    return next(iter(config.contacts), "") if switch is None else switch.contact


def _calibration(
    config: StationConfig, clock: Clock, bias: Bias
) -> Calibration | TunnelCalibration | None:
    if config.calibration is None:
        return None
    return applicable_calibration(
        config.calibration, config.text, config.source, bias.snapshot(), clock.utc()
    )


def _bias(
    config: StationConfig, clock: Clock, instruments: dict[str, Any], limits: StationLimits
) -> Bias:
    bias = config.bias
    if bias is None or bias.kind != "oscillator" or bias.series_resistance is None:
        kind = "none" if bias is None else bias.kind
        raise ConfigurationError(
            f"station {config.name}: bias: kind {kind} cannot be used yet; write kind: oscillator"
        )
    return OscillatorBias(
        instruments["source"],
        instruments["lockin"],
        clock,
        limits,
        series_resistance=bias.series_resistance,
        blocking_capacitor=bias.blocking_capacitor,
        accept_loading=bias.accept_loading,
    )
