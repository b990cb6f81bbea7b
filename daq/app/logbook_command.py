"""``coldpoint logbook``: a campaign as one page, for the archive and for the printer."""

from pathlib import Path
from typing import Any

import typer

PAGE = "logbook.html"
CAMPAIGN: Any = typer.Argument(..., help="A campaign folder.")
OUTPUT: Any = typer.Option(
    None, "--output", "-o", help="The HTML file; logbook.html in the campaign folder if omitted."
)
PICTURES: Any = typer.Option(
    60, "--pictures", min=0, help="How many runs are drawn at most, spread over the campaign."
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logbook")(logbook)


def logbook(
    campaign: Path = CAMPAIGN, output: Path | None = OUTPUT, *, pictures: int = PICTURES
) -> None:
    """Print a campaign as one page of HTML: what was done, what happened, and every run.

    It works while the campaign runs, and whatever is damaged or missing is said in words.

    Example: coldpoint logbook coldpoint-data/2026-11-21T093000Z-night --output night.html
    """
    from daq.app.logbook.book import write_book  # noqa: PLC0415 (paid for when it is used)
    from instruments.clock import SystemClock  # noqa: PLC0415 (the same)

    path = campaign / PAGE if output is None else output
    book = write_book(campaign, path, SystemClock(), pictures=pictures)
    typer.echo(f"{path}: {book.title}: {book.state}, {len(book.runs)} runs")
    for problem in book.problems:
        typer.echo(f"  {problem}")
