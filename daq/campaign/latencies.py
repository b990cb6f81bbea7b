"""How long instruments take to answer, learned from campaigns and used by the next rehearsal.

Of each instrument the median of its last questions is kept, for the last campaigns of a station, in
a file of the user's state folder. What a campaign on twins in this very process takes is the
book's, and nothing is learned from it.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import platformdirs

from daq.runs.durability import replace
from daq.runs.names import slug
from daq.runs.plain import FORMAT, to_document
from instruments.link import GuardedAdapter, Timing
from instruments.station import Station

CAMPAIGNS = 10
"""Campaigns of a station that are remembered."""
FEWEST = 20
"""Questions below which nothing is learned of an instrument."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Learned:
    """What earlier campaigns tell of a station.

    Parameters
    ----------
    seconds
        Time in s from a question to its answer, by role.
    campaigns
        How many campaigns tell so.
    """

    seconds: Mapping[str, float]
    campaigns: int = 0

    @property
    def words(self) -> str:
        """Return it in words; empty if nothing is known."""
        if not self.seconds:
            return ""
        times = ", ".join(f"{role} {1e3 * s:.3g} ms" for role, s in sorted(self.seconds.items()))
        runs = "campaign" if self.campaigns == 1 else "campaigns"
        return f"answers of instruments as learned from {self.campaigns} {runs}: {times}"


class Latencies:
    """Time every question to the instruments of a station.

    Parameters
    ----------
    station
        The open station.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self._timings: dict[str, Timing] = {}
        for role, instrument in station.instruments.items():
            adapter = getattr(instrument, "adapter", None)
            if isinstance(adapter, GuardedAdapter):
                adapter.timing = self._timings[role] = Timing(station.clock)

    def found(self) -> dict[str, dict[str, float]]:
        """Return median in s and number of the questions that it is of, by role."""
        return {
            role: {"seconds": median(timing.seconds), "questions": len(timing.seconds)}
            for role, timing in self._timings.items()
            if len(timing.seconds) >= FEWEST
        }

    def keep(self, campaign: str) -> None:
        """Remember for the next rehearsal what was found; a file that cannot be written is logged.

        Parameters
        ----------
        campaign
            Name of its folder.
        """
        found = self.found()
        if not found:
            return
        path = latency_file(self._station.name)
        campaigns = [*_campaigns(path), {"campaign": campaign, "roles": found}]
        document = {"format": FORMAT, "campaigns": campaigns[-CAMPAIGNS:]}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, to_document(document))
        except OSError as failure:
            log.warning("%s cannot be written: %s", path, failure)


def learned(station: str) -> Learned:
    """Return what earlier campaigns on a station tell; nothing if there were none.

    Parameters
    ----------
    station
        Its name.

    Returns
    -------
    Learned
        Of each role the median of its campaigns.
    """
    campaigns = _campaigns(latency_file(station))
    found: dict[str, list[float]] = {}
    for campaign in campaigns:
        for role, said in campaign["roles"].items():
            found.setdefault(role, []).append(float(said["seconds"]))
    return Learned({role: median(times) for role, times in found.items()}, len(campaigns))


def latency_file(station: str) -> Path:
    """Return where the times of a station are kept."""
    return platformdirs.user_state_path("coldpoint") / "latencies" / f"{slug(station)}.json"


def _campaigns(path: Path) -> list[dict[str, Any]]:
    try:
        said = json.loads(path.read_bytes())["campaigns"]
        for campaign in said:
            for role in campaign["roles"].values():
                float(role["seconds"])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        log.warning("%s is not used: %r", path, failure)
        return []
    return list(said)
