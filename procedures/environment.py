"""Bring the sample to a temperature, a field or an angle, and wait until it has settled there."""

from collections.abc import Generator

from instruments.errors import ColdpointError, RefusedError
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.setpoints import FieldApproach, FieldMode, TemperatureApproach
from instruments.station import Station
from instruments.waiting import Event, settle

PATIENCE = 2.0
"""How many times the time that the rate predicts is waited for, besides the margin."""
MARGIN = 3600.0
"""Time in s that any setpoint may take to settle beyond its ramp."""
OVERSHOOT = 0.02
LARGEST_OVERSHOOT = 2.0
"""How far a fast approach from below may overshoot: fraction of the step, and K (assumed)."""


def cryostat_of(station: Station) -> Cryostat:
    """Return the cryostat of a station that has one.

    Parameters
    ----------
    station
        An open station.

    Returns
    -------
    Cryostat
        The cryostat.

    Raises
    ------
    ColdpointError
        It has none.
    """
    if station.cryostat is None:
        raise ColdpointError(
            f"station {station.name} has no cryostat; add one to the station file to set"
            " temperature, field or angle"
        )
    return station.cryostat


def send_temperature(
    station: Station, to: float, rate: float | None = None, approach: TemperatureApproach = "fast"
) -> None:
    """Send the temperature on its way, unless that would change the sample.

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

    Raises
    ------
    RefusedError
        The sample is to be kept below a lower temperature; nothing was sent.
    """
    refuse_warming(station, to, approach)
    cryostat_of(station).set_temperature(to, rate, approach)


def refuse_warming(station: Station, to: float, approach: TemperatureApproach = "fast") -> None:
    """Refuse a temperature that the sample must not see, unless a person has confirmed it.

    What needs the confirmation is told to the station, see `Station.warned`.

    Parameters
    ----------
    station
        Knows below what temperature its sample is to be kept.
    to
        Setpoint in K.
    approach
        ``fast`` counts with its overshoot.

    Raises
    ------
    RefusedError
        The setpoint, or its overshoot, lies above that temperature.
    """
    highest = station.keep_below
    if highest is None:
        return
    reached = to
    if approach == "fast":
        step = max(0.0, to - cryostat_of(station).reading.temperature)
        reached += min(OVERSHOOT * step, LARGEST_OVERSHOOT)
    if not reached <= highest:
        beyond = "" if to > highest else f" overshoots to {reached:.4g} K and"
        advice = "" if to > highest else ", or approach it with no overshoot"
        why = (
            f"a temperature of {to:g} K{beyond} would change the sample, which is to be kept below"
            f" {highest:g} K"
        )
        if station.confirmed_above and to <= station.confirmed_up_to:
            station.warned(why, to)
            return
        raise RefusedError(
            f"station {station.name}: {why}; confirm it (coldpoint run or resume,"
            f" --confirm-above){advice}"
        )


def reach_temperature(
    station: Station, to: float, rate: float | None = None, approach: TemperatureApproach = "fast"
) -> Generator[Event, None, None]:
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

    Raises
    ------
    RefusedError
        The sample is to be kept below a lower temperature.
    """
    cryostat = cryostat_of(station)
    send_temperature(station, to, rate, approach)
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
) -> Generator[Event, None, None]:
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
    cryostat = cryostat_of(station)
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


def reach_angle(
    station: Station, to: float, rate: float | None = None
) -> Generator[Event, None, None]:
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
    cryostat = cryostat_of(station)
    cryostat.set_angle(to, rate)
    yield from settle(
        station.clock,
        cryostat.angle_settled,
        f"angle of {to:g} deg",
        timeout=MARGIN,
        poll=station.poll_period,
        reading=lambda: _reading(cryostat),
    )


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
