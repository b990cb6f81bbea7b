"""``coldpoint note`` and ``coldpoint tell``: speak to a campaign, whether it runs or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from instruments.errors import ConfigurationError

if TYPE_CHECKING:
    from daq.runs.remarks import Judgement, Rows
    from daq.runs.salvage import Salvaged

CAMPAIGN: Any = typer.Argument(..., help="A campaign folder.")
TEXT: Any = typer.Argument(..., help="The note.")
REQUEST: Any = typer.Argument(..., help="pause, go-on, skip or abort")
RUN: Any = typer.Option(None, "--run", min=1, help="Number of the run that the note is about.")
ROWS: Any = typer.Option(
    None,
    "--rows",
    help='Rows of that run, such as "120-140" or "7,120-140", counted from 1 beneath the names of'
    " the columns; over all attempts where these are joined.",
)
BEGIN: Any = typer.Option(
    None, "--from", help='Rows taken from then on: "02:10" or ISO 8601; UTC unless it says so.'
)
END: Any = typer.Option(None, "--to", help="Rows taken until then.")
BAD: Any = typer.Option(False, "--bad", help="Mark the rows bad; the data file is not changed.")  # noqa: FBT003 (typer takes the default first)
GOOD: Any = typer.Option(False, "--good", help="Take that back.")  # noqa: FBT003 (the same)


@dataclass(frozen=True, slots=True)
class Meant:
    """Which rows a person means.

    Parameters
    ----------
    run
        Number of the run.
    rows
        Their numbers, as text.
    begin, end
        The time at which they were taken, as text.
    mark
        What is said of them.
    """

    run: int | None
    rows: str | None
    begin: str | None
    end: str | None
    mark: "Judgement"

    @property
    def anything(self) -> bool:
        """Tell whether the note is about anything but the campaign."""
        rest = (self.run, self.rows, self.begin, self.end)
        return bool(self.mark) or any(each is not None for each in rest)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("note")(note)
    app.command("tell")(tell)


def note(
    campaign: Path = CAMPAIGN,
    text: str = TEXT,
    *,
    run: int | None = RUN,
    rows: str | None = ROWS,
    begin: str | None = BEGIN,
    end: str | None = END,
    bad: bool = BAD,
    good: bool = GOOD,
) -> None:
    """Write a note with its time into the journal of a campaign, while it runs or afterwards.

    With --run, --rows, --from or --to it is about rows; --bad leaves them out of fits and exports.

    Example: coldpoint note coldpoint-data/2026-11-21T093000Z-night "helium filled"

    Example: coldpoint note coldpoint-data/... "lead touched" --run 3 --rows 120-140 --bad
    """
    from daq.campaign.noting import write_note  # noqa: PLC0415 (paid for when it is used)

    if bad and good:
        raise ConfigurationError("note: found --bad and --good, expected one of them")
    if not text.strip():
        raise ConfigurationError("note: found no text, expected what is to be remembered")
    meant = Meant(run, rows, begin, end, "bad" if bad else "good" if good else "")
    found = _about(campaign, meant)
    write_note(campaign, text, found)
    if found:
        typer.echo(_told(found))


def _about(campaign: Path, meant: Meant) -> Mapping[str, Any]:
    """Return what a note is about, found in the files as they are now."""
    from daq.runs.campaign_folder import JOURNAL  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.marking import chosen_run, ranges, rows_by_number  # noqa: PLC0415 (the same)
    from daq.runs.remarks import about  # noqa: PLC0415 (the same)
    from daq.runs.salvage import salvage  # noqa: PLC0415 (the same)

    if not meant.anything:
        return {}
    timed = meant.begin is not None or meant.end is not None
    if timed and meant.rows is not None:
        raise ConfigurationError("note: found --rows and a time, expected one of them")
    if timed:
        found = _by_time(campaign, meant, salvage(campaign / JOURNAL))
        return about(meant.run, meant.mark, found)
    run = chosen_run(campaign, meant.run)
    if meant.rows is not None:
        return about(run.number, meant.mark, rows_by_number(run, ranges(meant.rows)))
    if meant.run is None:
        raise ConfigurationError(
            "note: found a mark and no rows, expected --run, --rows, --from or --to"
        )
    return about(run.number, meant.mark, rows_by_number(run, None) if meant.mark else ())


def _by_time(campaign: Path, meant: Meant, journal: "Salvaged") -> "tuple[Rows, ...]":
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.marking import chosen_run, instant, rows_by_time  # noqa: PLC0415 (the same)
    from daq.runs.names import run_names  # noqa: PLC0415 (the same)

    first = next((str(event["utc"]) for event in journal.events if "utc" in event), "")
    if not first:
        raise ConfigurationError(
            f"note: no time is known of {campaign}; give rows by their numbers with --rows"
        )
    begun = datetime.fromisoformat(first)
    begin, end = (
        None if text is None else instant(text, begun, option)
        for text, option in ((meant.begin, "--from"), (meant.end, "--to"))
    )
    if begin is not None and end is not None and end < begin:
        raise ConfigurationError(f"note: --from {meant.begin} is after --to {meant.end}; swap them")
    if meant.run is not None:
        runs = [chosen_run(campaign, meant.run)]
    else:
        numbers = sorted({name.number for name in run_names(campaign)})
        runs = [open_run(campaign, number) for number in numbers]
    return rows_by_time(runs, journal.events, begin, end)


def _told(found: Mapping[str, Any]) -> str:
    count = sum(rows["last"] - rows["first"] + 1 for rows in found["rows"])
    if not found["rows"]:
        return f"noted for run {found['run']}"
    files = ", ".join(dict.fromkeys(rows["file"] for rows in found["rows"]))
    marked = f"marked {found['mark']}" if found["mark"] else "remarked on"
    return f"{count} {'row' if count == 1 else 'rows'} of {files} {marked}"


def tell(campaign: Path = CAMPAIGN, what: str = REQUEST) -> None:
    """Ask a running campaign to pause, to go on, to skip its present step, or to abort.

    Example: coldpoint tell coldpoint-data/2026-11-21T093000Z-night pause
    """
    from daq.campaign.control_port import request  # noqa: PLC0415 (paid for when it is used)

    words = {"pause": "pause", "go-on": "go on", "skip": "skip", "abort": "abort"}
    if what not in words:
        raise ConfigurationError(f"tell: found {what!r}, expected one of {', '.join(words)}")
    if not request(campaign, words[what]):
        raise ConfigurationError(f"{campaign} is not running on this computer")
