"""Attempts at one step: each run in files of its own, going on where the one before stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daq.campaign.plan import LeafStep, PlannedStep, ProcedureStep
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.files import open_run
from daq.runs.names import run_names
from daq.runs.run_file import RunFile
from instruments.station import Station
from procedures.base import Resume, StationProcedure


@dataclass(slots=True)
class Attempts:
    """What is known of the attempts at one step of a plan.

    Parameters
    ----------
    planned
        The step.
    repeatable
        Whether it may be carried out again without asking.
    run
        Number of its run; None as long as none was begun.
    unwatched
        Whether its points are no longer judged.
    """

    planned: PlannedStep
    repeatable: bool
    run: int | None = None
    unwatched: bool = False


def may_repeat(step: LeafStep, procedures: Mapping[str, type[StationProcedure]]) -> bool:
    """Tell whether a step may be carried out again without asking."""
    if not isinstance(step, ProcedureStep):
        return True
    return procedures[step.name].resume is not Resume.ASK


def begin_attempt(
    folder: CampaignFolder,
    procedure: StationProcedure,
    station: Station,
    *,
    step: int,
    run: int | None,
) -> RunFile:
    """Make the files of the next attempt at a run.

    Parameters
    ----------
    folder
        The campaign.
    procedure
        With its settings; told which point is the first that is missing.
    station
        The open station.
    step
        Index of the step in the plan.
    run
        Number of the run of which this is another attempt; None for a new run.

    Returns
    -------
    RunFile
        The sink; its ``name`` has number and attempt.
    """
    joins = procedure.resume is Resume.CONTINUE
    if run is None or not _has_files(folder, run) or (joins and not continues(procedure)):
        return folder.begin_run(procedure, station, step=step)
    if joins:
        procedure.first = open_run(folder.path, run).rows
    return folder.begin_run(procedure, station, repeat=run, step=step, first=procedure.first)


def continues(procedure: StationProcedure) -> bool:
    """Tell whether missing points of a run can be taken by themselves."""
    return procedure.resume is Resume.CONTINUE and procedure.targets() is not None


def is_complete(procedure: StationProcedure) -> bool:
    """Tell whether every point has been taken before this attempt."""
    targets = procedure.targets()
    return targets is not None and procedure.first >= len(targets)


def where(station: Station) -> Mapping[str, Any]:
    """Return the last sample of the cryostat for a line of the journal; nothing without one."""
    if station.cryostat is None:
        return {}
    reading = station.cryostat.reading
    return {
        "temperature": reading.temperature,
        "temperature_status": reading.temperature_status.value,
        "field": reading.field,
        "field_status": reading.field_status.value,
        "angle": reading.angle,
    }


def _has_files(folder: CampaignFolder, run: int) -> bool:
    return any(name.number == run for name in run_names(folder.path))
