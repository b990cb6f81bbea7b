"""Options that several commands share."""

from pathlib import Path
from typing import Any

import typer

DATA_FOLDER = Path("coldpoint-data")

SEQUENCE: Any = typer.Argument(..., help="A sequence file, or the name of one that is shipped.")
STATION: Any = typer.Option(
    None, "--station", "-s", help="A station file or name, instead of the sequence's own."
)
DATA: Any = typer.Option(DATA_FOLDER, "--data", "-d", help="The folder of all campaigns.")
AS_JSON: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--json",
    help="Print JSON, one line for a script.",
)
NOTIFY: Any = typer.Option(
    "", "--notify", help="Environment variable that holds the address for messages (apprise)."
)
RESISTANCE: Any = typer.Option(
    "100 ohm",
    "--resistance",
    help="Of the resistor that stands for a sample without a model when the end is foreseen.",
)
MEASURE: Any = typer.Option(
    "", "--measure", help="What a MultiVu sequence (.seq) measures, as a step of ours."
)
TRACE: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--trace",
    help="Keep every message to and from the instruments in trace.jsonl of the campaign.",
)
CONFIRM_ABOVE: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--confirm-above",
    help="Confirm that the sample may go above the station's keep_below.",
)
