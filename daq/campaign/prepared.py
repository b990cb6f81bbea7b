"""A sequence made ready for its station: read, checked, resolved, and put into order."""

import math
from dataclasses import dataclass
from pathlib import Path

from daq.campaign.limits import effective_limits, resolve
from daq.campaign.plan import PlannedStep, Sequence, flatten
from daq.campaign.sequence import load_sequence
from daq.config.station import StationConfig, load_station
from instruments.limits import StationLimits
from procedures.catalogue import PROCEDURES

DEFAULT_STATION = "simulated"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sequence that has been checked against its station; nothing has been opened or written.

    Parameters
    ----------
    sequence
        Resolved for the station.
    station
        The station.
    limits
        Of the station, tightened by the sequence.
    steps
        In the order of execution.
    confirmed_above
        Whether a person has said that the sample may go above the station's `keep_below`.
    confirmed_up_to
        Highest setpoint in K for which that was said.
    """

    sequence: Sequence
    station: StationConfig
    limits: StationLimits
    steps: tuple[PlannedStep, ...]
    confirmed_above: bool = False
    confirmed_up_to: float = math.inf


def prepare(path: str | Path, station: str | Path | None = None, *, measure: str = "") -> Prepared:
    """Read and check a sequence.

    Parameters
    ----------
    path
        The sequence file, or the name of one in configs/sequences.
    station
        Station file or name, instead of the one that the sequence names.
    measure
        What a MultiVu sequence measures, as a step of ours.

    Returns
    -------
    Prepared
        Ready for `run_prepared`.

    Raises
    ------
    ConfigurationError
        Sequence or station is wrong, or the sequence would break a limit.
    """
    settings = {name: procedure.settings() for name, procedure in PROCEDURES.items()}
    sequence = load_sequence(path, procedures=settings, measure=measure)
    config = load_station(station or sequence.station or DEFAULT_STATION)
    resolved = resolve(sequence, config)
    limits = effective_limits(sequence, config)
    return Prepared(resolved, config, limits, flatten(resolved))
