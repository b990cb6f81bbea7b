"""What a voltage bias may send: within the limits at the sample, and what the lock-in can make."""

import math

from instruments.errors import LimitError
from instruments.excitation import RAMP_STEP
from instruments.limits import StationLimits
from instruments.tunnel_wiring import CONVERTER_STEP, Dividers, TunnelWiring

CONVERTER_RANGE = 12.0
OSCILLATOR_RANGE = 5.0
ROUNDING = 1.0 + 1e-9
ROOT_2 = math.sqrt(2.0)


def check_bias(
    limits: StationLimits, told: Dividers, wiring: TunnelWiring, rms: float, largest: float
) -> None:
    """Refuse what is beyond the limits, by the wiring that was measured or the one that is told.

    Parameters
    ----------
    limits
        Of the station.
    told
        The dividers of the station file.
    wiring
        By which voltages are set.
    rms
        Ac voltage at the sample in V.
    largest
        Magnitude of the largest dc voltage there in V.

    Raises
    ------
    LimitError
        Dc plus peak ac is above the limit, or the instrument cannot make it.
    """
    ends = [wiring.converter(sign * largest) for sign in (-1.0, 1.0)]
    converter = max(map(abs, ends))
    stands = max(abs(largest), *(abs(wiring.voltage(end)) for end in ends))
    oscillator = rms / wiring.modulation
    stepped = told.divider * converter + ROOT_2 * told.oscillator_divider * oscillator
    peak = max(stands + ROOT_2 * rms, stepped)
    if not peak <= limits.voltage * ROUNDING:
        raise LimitError(
            f"bias: {abs(largest):g} V dc plus {rms:g} V rms reach {peak:g} V at the sample,"
            f" above the limit of {limits.voltage:g} V; choose less dc or less modulation"
        )
    if converter > CONVERTER_RANGE * ROUNDING or oscillator > OSCILLATOR_RANGE * ROUNDING:
        raise LimitError(
            f"bias: it takes {converter:g} V of the converter and {oscillator:g} V rms of the"
            f" oscillator; they make {CONVERTER_RANGE:g} V and {OSCILLATOR_RANGE:g} V, choose"
            " less or another divider"
        )


def ramp_step(limits: StationLimits, told: Dividers, wiring: TunnelWiring) -> float:
    """Return the step of a ramp at the converter in V; at least its smallest.

    Parameters
    ----------
    limits
        Of the station.
    told
        The dividers of the station file.
    wiring
        By which voltages are set.

    Returns
    -------
    float
        Slow enough by the larger of the two dividers.
    """
    ratio = max(told.divider, wiring.ratio)
    return max(CONVERTER_STEP, limits.voltage_rate * RAMP_STEP / ratio)
