"""Run a sequence file from beginning to end: read, check, open the station, conduct, close."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daq.campaign.conductor import CampaignOutcome, Conductor
from daq.campaign.limits import effective_limits, resolve
from daq.campaign.plan import PlannedStep, Sequence, flatten
from daq.campaign.plan_json import to_mapping
from daq.campaign.sequence import load_sequence
from daq.config.station import StationConfig, load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Follower
from daq.station_file import open_configured
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
    """

    sequence: Sequence
    station: StationConfig
    limits: StationLimits
    steps: tuple[PlannedStep, ...]


def prepare(path: str | Path, station: str | Path | None = None) -> Prepared:
    """Read and check a sequence.

    Parameters
    ----------
    path
        The sequence file, or the name of one in configs/sequences.
    station
        Station file or name, instead of the one that the sequence names.

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
    sequence = load_sequence(path, procedures=settings)
    config = load_station(station or sequence.station or DEFAULT_STATION)
    resolved = resolve(sequence, config)
    limits = effective_limits(sequence, config)
    return Prepared(resolved, config, limits, flatten(resolved))


def run_prepared(
    prepared: Prepared,
    data: Path,
    *,
    stop: threading.Event | None = None,
    follower: Follower | None = None,
    announce: Callable[[int, str], None] = lambda _index, _words: None,
) -> CampaignOutcome:
    """Carry out a checked sequence in a campaign folder of its own.

    Parameters
    ----------
    prepared
        What to do.
    data
        The folder of all campaigns.
    stop
        Set by anybody to abort.
    follower
        Told of every event.
    announce
        Told in words when a step begins.

    Returns
    -------
    CampaignOutcome
        How it ended; everything is on disk and the station is closed.
    """
    station = open_configured(prepared.station, limits=prepared.limits)
    try:
        sequence = prepared.sequence
        with CampaignFolder.create(
            data,
            sequence.title,
            station.clock,
            to_mapping(sequence),
            sequence=sequence.text,
            station=prepared.station.text,
            sample=str(sequence.sample.get("name", "")),
        ) as folder:
            conductor = Conductor(
                station,
                folder,
                PROCEDURES,
                stop=threading.Event() if stop is None else stop,
                follower=follower,
                announce=announce,
            )
            return conductor.carry_out(prepared.steps, sequence.on_error)
    finally:
        station.close()
