"""How a campaign begins and how it ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from daq.campaign.plan import PlannedStep
from daq.campaign.reference_readings import ReferenceReading

Ending = Literal["finished", "aborted", "failed"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run of a campaign.

    Parameters
    ----------
    procedure
        Its name.
    outcome
        How it ended.
    csv
        Its file.
    error
        What went wrong, in one line.
    """

    procedure: str
    outcome: str
    csv: Path
    error: str = ""


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """How a campaign ended.

    Parameters
    ----------
    status
        ``finished`` only if every step was done.
    folder
        The campaign folder.
    runs
        In order.
    error
        Why it did not finish, in one line.
    skipped
        Steps that failed and were skipped, as the sequence says.
    references
        The zero-bias checks of the whole campaign, in order.
    """

    status: Ending
    folder: Path
    runs: tuple[RunSummary, ...]
    error: str = ""
    skipped: int = 0
    references: tuple[ReferenceReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Where in a plan to begin.

    Parameters
    ----------
    index
        Of the first step that is carried out.
    run
        Number of a run of that step that was begun and not ended; None if there is none.
    before
        Steps of the surroundings that are carried out first, to bring them back.
    unwatched
        Whether that step is carried out without being watched.
    """

    index: int = 0
    run: int | None = None
    before: tuple[PlannedStep, ...] = ()
    unwatched: bool = False
