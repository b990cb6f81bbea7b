"""What a station file says of a tunnel junction: its preamplifier and its scanner."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from daq.config.bench import DSP7265
from daq.config.fields import (
    AmperesPerRootHertz,
    Hertz,
    Metres,
    MetresPerSecond,
    MetresPerVolt,
    Model,
    Volts,
    VoltsPerAmpere,
)
from daq.config.problem import UnacceptableError, shown

CONVERTER_RANGE = 12.0
"""Largest magnitude in V that a converter puts out."""


def _ratio(value: float) -> float:
    if not 0.0 < value <= 1.0:
        advice = "write a ratio, such as 1e-3"
        raise UnacceptableError(f"{value:g}", "a number above 0, at most 1", advice)
    return value


Ratio = Annotated[float, AfterValidator(_ratio)]
Converter = Annotated[int, Field(ge=1, le=4)]


class PreamplifierConfig(Model):
    """A current preamplifier: V/A, Hz, A/rtHz, and the V at which its output ends.

    Noise and bandwidth are typical of 1e8 V/A (assumed).
    """

    gain: VoltsPerAmpere
    bandwidth: Hertz = 10e3
    noise: AmperesPerRootHertz = 15e-15
    full_scale: Volts = 10.0


def _listed(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        advice = "write two, such as [-50 nm, 50 nm]"
        raise UnacceptableError(shown(value), "[lowest, highest]", advice)
    return tuple(value)


def _pair(value: tuple[float, float]) -> tuple[float, float]:
    if not value[0] < value[1]:
        found = f"[{value[0]:g}, {value[1]:g}]"
        raise UnacceptableError(found, "the lower one first", "exchange or widen them")
    return value


class ScannerConfig(Model):
    """What moves the tip: m/V, the number of the converter, its limits in m and its rate in m/s."""

    per_volt: MetresPerVolt
    dac: Converter = 2
    limits: Annotated[tuple[Metres, Metres], BeforeValidator(_listed), AfterValidator(_pair)]
    rate: MetresPerSecond = 20e-9


def check_tunnelling(
    instruments: Mapping[str, object],
    dac: int,
    preamplifier: PreamplifierConfig | None,
    scanner: ScannerConfig | None,
) -> None:
    """Refuse a voltage bias that does not fit the rest of the station.

    Parameters
    ----------
    instruments
        All of them, by role.
    dac
        Number of the converter that biases the sample.
    preamplifier
        As the file says, if it does.
    scanner
        As the file says, if it does.

    Raises
    ------
    UnacceptableError
        There is a source or no lock-in, no preamplifier, or a converter has two duties.
    """
    if "source" in instruments:
        expected = "no source, since 'bias: {kind: voltage}' takes the lock-in alone"
        raise UnacceptableError(
            "the role 'source'", expected, "remove it", ("instruments", "source")
        )
    if not isinstance(instruments.get("lockin"), DSP7265):
        expected = "a lock-in, since it biases the sample"
        raise UnacceptableError("no such key", expected, "add 'lockin'", ("instruments", "lockin"))
    if preamplifier is None:
        expected = "a preamplifier, since the sample is biased with a voltage"
        advice = "add 'preamplifier: {gain: 1e8 V/A}'"
        raise UnacceptableError("no such key", expected, advice, ("preamplifier",))
    if scanner is None:
        return
    if scanner.dac == dac:
        expected = "another converter than that of 'bias'"
        raise UnacceptableError(str(dac), expected, "choose 2, 3 or 4", ("scanner", "dac"))
    reach = CONVERTER_RANGE * scanner.per_volt
    if max(abs(end) for end in scanner.limits) > reach:
        expected = f"at most {reach:g} m, which {CONVERTER_RANGE:g} V make"
        found = f"[{scanner.limits[0]:g}, {scanner.limits[1]:g}] m"
        raise UnacceptableError(found, expected, "narrow them", ("scanner", "limits"))
