"""A campaign told to people and to scripts, from its journal alone."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from daq.campaign.reference_readings import ReferenceReading, in_words, past_of
from daq.runs.campaign_folder import JOURNAL
from daq.runs.journal import read_journal


def shown_campaign(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return a campaign as JSON can hold it, and as lines.

    Parameters
    ----------
    folder
        Of the campaign; it may be running.

    Returns
    -------
    tuple
        The mapping, and the lines.

    Raises
    ------
    StorageError
        It is no campaign, or its journal cannot be read.
    """
    content = read_journal(folder / JOURNAL)
    runs = [event for event in content.events if event["event"] == "run ended"]
    ends = [event for event in content.events if event["event"] == "campaign ended"]
    references = past_of(content.events).readings
    mapping: dict[str, Any] = {
        "campaign": str(folder),
        "title": content.plan.get("title", ""),
        "outcome": ends[-1]["outcome"] if ends else "not ended",
        "error": ends[-1].get("error", "") if ends else "",
        "runs": [
            {key: event.get(key) for key in ("file", "procedure", "outcome", "rows", "error")}
            for event in runs
        ],
        "references": [asdict(reference) for reference in references],
    }
    lines = [f"{folder}: {mapping['title']}: {mapping['outcome']}"]
    lines += [f"  {run['file']}: {run['outcome']}, {run['rows']} rows" for run in mapping["runs"]]
    lines += [_line(reference) for reference in references]
    if references:
        lines.append(f"  {in_words(references)}")
    if mapping["error"]:
        lines.append(f"  {mapping['error']}")
    return mapping, lines


def _line(reference: ReferenceReading) -> str:
    mark = "  DRIFTED" if reference.drifted else ""
    when = reference.utc[:16].replace("T", " ")
    return (
        f"  reference {when}Z  before step {reference.before + 1}:"
        f" {reference.resistance:.6g} +- {reference.error:.2g} ohm,"
        f" {100.0 * reference.drift:+.3g} %{mark}"
    )
