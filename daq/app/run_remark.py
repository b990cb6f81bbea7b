"""Remarks on a run of the data browser: read from the journal of its campaign, and added to it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from daq.campaign.noting import write_note
from daq.runs.campaign_folder import JOURNAL
from daq.runs.files import Run
from daq.runs.remarks import NOTE, about, remarks
from daq.runs.salvage import salvage


def remarks_on(run: Run) -> tuple[str, ...]:
    """Return what was noted on a run, and what was noted between its begin and that of the next.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    tuple of str
        Date, two spaces and the text; in order.
    """
    files = [attempt.path.name for attempt in run.attempts]
    found, current = [], None
    for event in salvage(run.path.parent / JOURNAL).events:
        if event.get("event") == "run begun":
            current = event.get("run")
        if event.get("event") != NOTE:
            continue
        remark = remarks([event])[0]
        anything = remark.run is not None or remark.rows
        if remark.is_about(run.number, files) or (not anything and current == run.number):
            mark = f" ({', '.join(map(str, remark.rows))}: {remark.mark})" if remark.mark else ""
            found.append(f"{_moment(remark.utc)}  {remark.text}{mark}")
    return tuple(found)


def about_run(number: int) -> dict[str, Any]:
    """Return what a remark on a whole run is about, as its runner is told."""
    return about(number, "", ())


def write_remark(campaign: Path, number: int, text: str) -> None:
    """Write a remark on a run into the journal of its campaign, while it runs or afterwards.

    Parameters
    ----------
    campaign
        Its folder.
    number
        Of the run.
    text
        The remark.

    Raises
    ------
    ColdpointError
        The journal cannot be written, or its runner refuses.
    """
    write_note(campaign, text, about_run(number))


def _moment(utc: str) -> str:
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return "----"
