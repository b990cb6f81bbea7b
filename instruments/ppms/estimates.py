"""How long it will take; for the person who plans a night, not for the judgement of "settled"."""

from instruments.ppms.limits import MagnetConfiguration
from instruments.ppms.reading import CryostatReading
from instruments.ppms.setpoints import FieldMode
from instruments.ppms.settling import SettleRule
from instruments.ppms.status import FieldStatus

THERMALISE = 60.0
"""Time in s from the end of a ramp until the status says stable (assumed)."""
LEAD_RAMP = 30.0
"""Time in s for the leads to reach the current of a persistent magnet."""
SWITCH = 20.0
"""Time in s to warm or cool the persistent switch where the PPMS does not tell it."""


def temperature_time(start: float, to: float, rate: float, rule: SettleRule) -> float:
    """Estimate the time to settle; the pot fill below 4.2 K is not in it.

    Parameters
    ----------
    start
        Where we are in K.
    to
        Where to go in K.
    rate
        In K/s.
    rule
        When it counts as settled.

    Returns
    -------
    float
        In s.
    """
    if abs(to - start) < rule.tolerance(to):
        return rule.delay + rule.dwell
    return abs(to - start) / rate + THERMALISE + rule.dwell


def field_time(
    latest: CryostatReading,
    to: float,
    rate: float,
    *,
    mode: FieldMode,
    magnet: MagnetConfiguration | None,
    rule: SettleRule,
) -> float:
    """Estimate the time to settle, with leads and switch.

    Parameters
    ----------
    latest
        Where we are.
    to
        Where to go in T.
    rate
        In T/s.
    mode
        How the magnet shall end.
    magnet
        Times of the switch; typical ones if None.
    rule
        When it counts as settled.

    Returns
    -------
    float
        In s.
    """
    heating, cooling = SWITCH, SWITCH
    if magnet is not None:
        heating, cooling = magnet.switch_heating, magnet.switch_cooling
    time = abs(to - latest.field) / rate + rule.delay + rule.dwell
    if latest.field_status is FieldStatus.PERSISTENT:
        time += LEAD_RAMP + heating
    if mode == "persistent":
        time += cooling
    return time
