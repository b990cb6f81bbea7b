"""Run a checked sequence to its end, and say where its files are."""

from pathlib import Path

from daq.campaign.prepared import Prepared
from daq.campaign.runner import run_prepared
from instruments.errors import ColdpointError


def finished(prepared: Prepared, folder: Path) -> Path:
    """Run a sequence, and insist that it finishes.

    Parameters
    ----------
    prepared
        The sequence, checked against its station.
    folder
        Of the campaigns.

    Returns
    -------
    Path
        The campaign folder.

    Raises
    ------
    ColdpointError
        It did not finish.
    """
    outcome = run_prepared(prepared, folder)
    if outcome.status != "finished":
        title = prepared.sequence.title
        raise ColdpointError(f"{title}: {outcome.status}: {outcome.error}")
    return outcome.folder
