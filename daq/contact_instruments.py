"""Open what has no outputs of its own: the switch between contacts, and the dc voltmeter."""

from collections.abc import Mapping
from typing import Any

from pymeasure.instruments import keithley

from daq.config.bench import ADC1, AskOperator, Keithley2182, Matrix, SimulatedSwitch
from daq.config.station import StationConfig
from daq.simulation import SimulatedBench
from instruments.errors import ConfigurationError
from instruments.simulated.switch import BenchSwitch, BenchVoltmeter
from instruments.switch import Ask, Switch
from instruments.switch import AskOperator as Operator
from instruments.switch import Matrix as SwitchMatrix
from instruments.voltmeter import Adc1, Nanovoltmeter, Voltmeter

ROLES = ("switch", "voltmeter")
"""Roles that drive nothing, by the part of their name before an underscore."""
SETUP = 0.01
"""Time in s of a reading of a simulated nanovoltmeter beyond its integration (assumed)."""


def drives_nothing(role: str) -> bool:
    """Tell whether `role` is that of an instrument without outputs, opened by this module."""
    return role.partition("_")[0] in ROLES


def open_switch(
    config: StationConfig, bench: SimulatedBench | None, library: Any, ask: Ask | None = None
) -> Switch | None:
    """Open the switch of a station.

    On a bench of twins every switch is played by the bench, and several contacts have one even if
    the file says nothing of it.

    Parameters
    ----------
    config
        The station.
    bench
        The twins in this process, or None.
    library
        VISA library of real instruments.
    ask
        Asks a person, for ``AskOperator``.

    Returns
    -------
    Switch or None
        None if the wires of the station are never moved.

    Raises
    ------
    ConfigurationError
        A simulated switch was asked for without a bench in this process.
    """
    said = config.instruments.get("switch")
    if bench is not None:
        several = said is not None or len(config.contacts) > 1
        return BenchSwitch(bench.bench, bench.wirings) if several else None
    match said:
        case AskOperator():
            return Operator(said.wired or next(iter(config.contacts), ""), ask)
        case Matrix():
            driver = getattr(keithley, said.driver)(
                said.resource, visa_library=library, timeout=round(1000.0 * said.timeout)
            )
            _allow(driver, said.channels)
            return SwitchMatrix(driver, said.channels)
        case SimulatedSwitch():
            raise ConfigurationError(
                f"station {config.name}: switch: wires are simulated within the process of their"
                " bench only; remove 'switch' or add 'simulated'"
            )
    return None


def open_voltmeter(
    said: Any, instruments: Mapping[str, Any], bench: SimulatedBench | None, library: Any
) -> Voltmeter:
    """Open a voltmeter; of a nanovoltmeter there is no twin, the bench itself is read then.

    Parameters
    ----------
    said
        What the station file says of it.
    instruments
        Those that are open, by role.
    bench
        The twins in this process, or None.
    library
        VISA library of real instruments.

    Returns
    -------
    Voltmeter
        Ready to be read.
    """
    if isinstance(said, ADC1):
        return Adc1(instruments[said.lockin], said.gain, said.lockin)
    assert isinstance(said, Keithley2182)  # noqa: S101 (the file was checked)
    if bench is not None:
        line = getattr(instruments.get("lockin"), "line_frequency", 50.0)
        return BenchVoltmeter(bench.bench, said.line_cycles / line + SETUP)
    options: dict[str, Any] = {"timeout": round(1000.0 * said.timeout)}
    if said.resource.upper().startswith("GPIB"):
        options["read_termination"] = "\n"  # as it leaves the works (assumed)
    driver = keithley.Keithley2182(said.resource, visa_library=library, **options)
    return Nanovoltmeter(driver, said.line_cycles)


def _allow(driver: Any, channels: Mapping[str, list[int]]) -> None:
    """Let pymeasure's 2700 take the channels of cards that it does not know; the matrix judges."""
    allowed = getattr(driver, "CLIST_VALUES", None)
    if allowed is not None:
        wanted = {number for own in channels.values() for number in own}
        allowed.extend(sorted(wanted - set(allowed)))
