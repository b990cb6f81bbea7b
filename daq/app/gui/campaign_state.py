"""The state of a station that a campaign owns, from the files and from what its runner says.

It has the form in which a station that is held by hand tells its state: the panel shows both alike.
"""

import math
from collections.abc import Mapping
from typing import Any

from daq.app.gui.campaign_client import CampaignClient
from daq.runs.follow import FollowedCsv
from instruments.status import Status

TOLD = "as the campaign told last"
_COLUMNS = {
    "temperature": "Temperature (K)",
    "field": "Field (T)",
    "angle": "Angle (deg)",
    "helium": "Helium (percent)",
}


def campaign_state(campaign: CampaignClient, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of the station of a campaign; what nobody tells is left open.

    Parameters
    ----------
    campaign
        That the window follows.
    told
        What its station is set to, as `daq.campaign.told_state.told_state`; empty if the runner
        does not say.

    Returns
    -------
    dict
        As `daq.campaign.hands.Hands.state`.
    """
    log = campaign.cryostat
    sample = {} if log is None else _last(log)
    row = next((_last(run.csv) for run in reversed(campaign.runs) if run.csv.rows), {})
    known = {axis: sample.get(name, row.get(name)) for axis, name in _COLUMNS.items()}
    cryostat = dict(told.get("cryostat") or {})
    statuses = {f"{axis}_status": TOLD for axis in ("temperature", "field", "angle")}
    cryostat["reading"] = {**statuses, **(cryostat.get("reading") or {}), **_known(known)}
    cryostat["helium"] = known["helium"] if cryostat.get("helium") is None else cryostat["helium"]
    position = row.get("Position (m)")
    return {
        "cryostat": cryostat,
        "scanner": {"position": position, **(told.get("scanner") or {})},
        "bias": told.get("bias") or {},
        "instruments": _of_run(row, told.get("bias") or {}),
        "reading": {
            "resistance": row.get("dV/dI (ohm)", row.get("Resistance (ohm)")),
            "error": row.get("dV/dI error (ohm)"),
        },
    }


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def _last(csv: FollowedCsv) -> dict[str, float]:
    if not csv.rows:
        return {}
    return {name: float(csv.column(name)[-1]) for name in csv.columns}


def _of_run(row: Mapping[str, float], bias: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the latest row, and what was set last, tell of lock-in and source."""
    told = row.get("Status", math.nan)
    status = Status(int(told)) if math.isfinite(told) else None

    def lamp(flag: Status) -> bool | None:
        return None if status is None else bool(status & flag)

    found = {
        "lockin": {
            "x": row.get("X (V)"),
            "y": row.get("Y (V)"),
            "overload": lamp(Status.OVERLOAD),
            "reference_unlocked": lamp(Status.UNLOCKED),
            "sensitivity": bias.get("sensitivity"),
            "time_constant": bias.get("time_constant"),
            **({"voltage": bias["oscillator_rms"]} if "oscillator_rms" in bias else {}),
            "frequency": bias.get("frequency"),
        },
        "source": {
            "source_current": bias.get("current", row.get("Current (A)")),
            "source_compliance": bias.get("compliance"),
            "compliance_tripped": lamp(Status.COMPLIANCE),
        },
    }
    if "modulation_rms" in bias:
        del found["source"]  # the lock-in applies a voltage; what flows is measured
    return found
