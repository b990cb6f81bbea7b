"""What a station that biases its sample with a voltage is made of, from its file."""

import math
from collections.abc import Mapping
from typing import Any

from daq.config.station import StationConfig
from instruments.clock import Clock
from instruments.dsp7265 import DSP7265
from instruments.dsp7265_limits import SummedLimit
from instruments.limits import StationLimits
from instruments.scanner import Scanner
from instruments.tunnel_limits import OSCILLATOR_RANGE
from instruments.tunnel_wiring import Dividers, Preamplifier
from instruments.voltage_bias import VoltageBias


def dividers(config: StationConfig) -> Dividers | None:
    """Return what lies between the lock-in and the sample; None where a current is applied."""
    bias = config.bias
    if bias is None or bias.divider is None:
        return None
    return Dividers(bias.divider, bias.oscillator_divider or bias.divider, bias.dac)


def hold_voltage(config: StationConfig, limits: StationLimits, role: str, driver: Any) -> Any:
    """Tell the lock-in that biases the sample what its messages must never make; nothing is sent.

    Parameters
    ----------
    config
        The station.
    limits
        That hold.
    role
        Of the instrument; any but the lock-in that biases is left alone.
    driver
        The instrument.

    Returns
    -------
    Any
        The driver.
    """
    parts = dividers(config)
    if parts is None or role != "lockin" or not isinstance(driver, DSP7265):
        return driver
    highest = limits.voltage / (math.sqrt(2.0) * parts.oscillator_divider)
    driver.apply_limits(oscillator=min(highest, OSCILLATOR_RANGE))
    driver.apply_bias_limit(
        SummedLimit(limits.voltage, parts.dac, parts.divider, parts.oscillator_divider)
    )
    if config.scanner is not None:
        low, high = limits.position
        per_volt = config.scanner.per_volt
        driver.apply_converter_range(config.scanner.dac, low / per_volt, high / per_volt)
    return driver


def open_tunnelling(
    config: StationConfig, clock: Clock, instruments: Mapping[str, Any], limits: StationLimits
) -> VoltageBias | None:
    """Return how a voltage reaches the sample; None where a current does.

    Parameters
    ----------
    config
        The station.
    clock
        Of the station.
    instruments
        By role.
    limits
        That hold.

    Returns
    -------
    VoltageBias or None
        Nothing has been sent.
    """
    parts, amplifier = dividers(config), config.preamplifier
    if parts is None or amplifier is None:
        return None
    return VoltageBias(
        instruments["lockin"],
        clock,
        limits,
        dividers=parts,
        preamplifier=Preamplifier(amplifier.gain, amplifier.bandwidth, amplifier.full_scale),
    )


def open_scanner(
    config: StationConfig, clock: Clock, instruments: Mapping[str, Any], limits: StationLimits
) -> Scanner | None:
    """Return what moves the tip; None where nothing does.

    Parameters
    ----------
    config
        The station.
    clock
        Of the station.
    instruments
        By role.
    limits
        That hold.

    Returns
    -------
    Scanner or None
        Nothing has been sent.
    """
    said = config.scanner
    if said is None:
        return None
    return Scanner(
        instruments["lockin"],
        clock,
        per_volt=said.per_volt,
        dac=said.dac,
        limits=limits.position,
        rate=said.rate,
    )
