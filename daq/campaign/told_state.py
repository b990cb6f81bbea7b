"""What a station is set to, without a question to any instrument: for who looks at a campaign."""

from collections.abc import Mapping
from typing import Any

from daq.runs.plain import plain
from instruments.ppms.cryostat import Cryostat
from instruments.station import Station


def told_state(station: Station) -> Mapping[str, Any]:
    """Return what is known of a station that measures: setpoints, rates, and the last sample.

    Parameters
    ----------
    station
        The open station; nothing is sent to it, and any thread may ask.

    Returns
    -------
    mapping
        ``cryostat``, ``bias`` and ``scanner`` as `daq.campaign.hands.Hands.state` has them.
    """
    found: dict[str, Any] = {"station": station.name, "contact": station.contact}
    found["bias"] = plain(station.bias.setpoints())
    if station.cryostat is not None:
        helium = station.cryostat.reading.helium
        found["cryostat"] = {**cryostat_state(station.cryostat), "helium": plain(helium)}
    if station.scanner is not None:
        found["scanner"] = {"target": station.scanner.target}
    return found


def cryostat_state(cryostat: Cryostat) -> dict[str, Any]:
    """Return what is known of a cryostat: setpoints, limits, the last sample and how old it is."""
    return {**plain(cryostat.snapshot()), "age": cryostat.age(), "trouble": cryostat.trouble}
