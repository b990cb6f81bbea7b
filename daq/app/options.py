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
    help="Of the resistor that stands for a sample without a model in a rehearsal.",
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


def ohms(text: str) -> float:
    """Return the resistance of the resistor that stands for a sample, in ohm."""
    from daq.config.problem import UnacceptableError  # noqa: PLC0415 (paid for when it is used)
    from daq.config.quantity import parse_quantity  # noqa: PLC0415 (paid for when it is used)
    from instruments.errors import ConfigurationError  # noqa: PLC0415 (as above)

    try:
        value = parse_quantity(text, "ohm")
    except UnacceptableError as problem:
        raise ConfigurationError(f"--resistance: {problem}") from None
    if not value > 0.0:
        raise ConfigurationError(
            f"--resistance: found {text}, expected more than 0 ohm; write a larger value"
        )
    return value
