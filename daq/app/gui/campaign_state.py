"""The state of a station that a campaign owns, from the files and from what its runner says.

It has the form in which a station that is held by hand tells its state: the panel shows both alike.
"""

import math
from collections.abc import Mapping
from typing import Any

from qtpy import QtCore

from daq.app.gui.campaign_client import CampaignClient
from daq.app.gui.local_request import LocalRequest, to_runner
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
        "reading": _reading(row),
    }


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


class RunnerState(QtCore.QObject):
    """What the runner of the campaign that is followed says of its station, asked again and again.

    Parameters
    ----------
    campaign
        That the window follows.
    parent
        Who owns it.
    """

    def __init__(self, campaign: CampaignClient, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._campaign = campaign
        self._told: Mapping[str, Any] = {}
        self._question: LocalRequest | None = None

    def state(self) -> dict[str, Any]:
        """Return the state of the station as far as it is known."""
        return campaign_state(self._campaign, self._told)

    def ask(self) -> None:
        """Ask the runner what the station is set to; it asks no instrument for the answer."""
        folder = self._campaign.folder
        if folder is None or (self._question is not None and not self._question.over):
            return

        def told(answer: Mapping[str, Any]) -> None:
            self._told = answer.get("state", {}) if folder == self._campaign.folder else {}

        self._question = to_runner(folder, {"do": "state"}, self)
        if self._question is None:
            told({})
        else:  # a runner that does not answer is told of on the campaign page
            self._question.then(told, lambda _: told({}))

    def forget(self) -> None:
        """Forget what was said: another station is looked at."""
        self._told = {}

    def close(self) -> None:
        """Ask no more."""
        if self._question is not None:
            self._question.close()


def _reading(row: Mapping[str, float]) -> dict[str, float | None]:
    if "dI/dV (S)" in row:
        return {"conductance": row["dI/dV (S)"], "error": row.get("dI/dV error (S)")}
    resistance = row.get("dV/dI (ohm)", row.get("Resistance (ohm)"))
    return {"resistance": resistance, "error": row.get("dV/dI error (ohm)")}


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
