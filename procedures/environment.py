"""Bring the sample to a temperature, a field or an angle, and wait until it has settled there."""

from instruments.errors import ColdpointError
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.setpoints import FieldApproach, FieldMode, TemperatureApproach
from instruments.station import Station
from instruments.waiting import Steps, settle

PATIENCE = 2.0
"""How many times the time that the rate predicts is waited for, besides the margin."""
MARGIN = 3600.0
"""Time in s that any setpoint may take to settle beyond its ramp."""


def reach_temperature(
    station: Station, to: float, rate: float | None = None, approach: TemperatureApproach = "fast"
) -> Steps[None]:
    """Set the temperature and wait until it has settled.

    Parameters
    ----------
    station
        An open station.
    to
        Setpoint in K.
    rate
        Ramp rate in K/s; the station's if omitted.
    approach
        ``fast`` or ``no overshoot``.

    Yields
    ------
    Event
        Waits.
    """
    cryostat = _cryostat(station)
    cryostat.set_temperature(to, rate, approach)
    speed = station.limits.temperature_rate if rate is None else rate
    yield from settle(
        station.clock,
        cryostat.temperature_settled,
        f"temperature of {to:g} K",
        timeout=_patience(_distance(to, cryostat, "temperature"), speed),
        poll=station.poll_period,
        reading=lambda: _reading(cryostat),
    )


def reach_field(
    station: Station,
    to: float,
    rate: float | None = None,
    approach: FieldApproach = "linear",
    mode: FieldMode = "driven",
) -> Steps[None]:
    """Set the field and wait until it has settled.

    Parameters
    ----------
    station
        An open station.
    to
        Setpoint in T.
    rate
        Ramp rate in T/s; the station's if omitted.
    approach
        ``linear``, ``no overshoot`` or ``oscillate``.
    mode
        ``driven`` or ``persistent``.

    Yields
    ------
    Event
        Waits.
    """
    cryostat = _cryostat(station)
    cryostat.set_field(to, rate, approach, mode)
    speed = station.limits.field_rate if rate is None else rate
    yield from settle(
        station.clock,
        cryostat.field_settled,
        f"field of {to:g} T",
        timeout=_patience(_distance(to, cryostat, "field"), speed),
        poll=station.poll_period,
        reading=lambda: _reading(cryostat),
    )


def reach_angle(station: Station, to: float, rate: float | None = None) -> Steps[None]:
    """Turn the sample and wait until it has settled.

    Parameters
    ----------
    station
        An open station.
    to
        Setpoint in degrees.
    rate
        In degrees per s; the rotator's own if omitted.

    Yields
    ------
    Event
        Waits.
    """
    cryostat = _cryostat(station)
    cryostat.set_angle(to, rate)
    yield from settle(
        station.clock,
        cryostat.angle_settled,
        f"angle of {to:g} deg",
        timeout=MARGIN,
        poll=station.poll_period,
        reading=lambda: _reading(cryostat),
    )


def _cryostat(station: Station) -> Cryostat:
    if station.cryostat is None:
        raise ColdpointError(
            f"station {station.name} has no cryostat; add one to the station file to set"
            f" temperature,"
            " field or angle"
        )
    return station.cryostat


def _distance(to: float, cryostat: Cryostat, quantity: str) -> float:
    return abs(to - float(getattr(cryostat.reading, quantity)))


def _patience(distance: float, rate: float) -> float:
    return PATIENCE * distance / rate + MARGIN


def _reading(cryostat: Cryostat) -> str:
    reading = cryostat.reading
    return (
        f"{reading.temperature:g} K ({reading.temperature_status.value}), {reading.field:g} T"
        f" ({reading.field_status.value}), {reading.angle:g} deg, {cryostat.age():.1f} s old"
    )
