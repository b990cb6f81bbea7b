"""``coldpoint convert``: a MultiVu sequence as a sequence file of ours."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON, MEASURE
from instruments.errors import StorageError

if TYPE_CHECKING:
    from daq.campaign.multivu_sequence import Converted

SEQ: Any = typer.Argument(..., help="A MultiVu sequence (.seq).")
OUTPUT: Any = typer.Option(None, "--output", "-o", help="The file; printed if omitted.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert")(convert)


def convert(
    sequence: Path = SEQ,
    measure: str = MEASURE,
    output: Path | None = OUTPUT,
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Turn a MultiVu sequence into a sequence file; lines that have no place in it are listed.

    Example: coldpoint convert night.seq --measure 'bias_spectrum {points: 201}' -o night.yaml
    """
    from daq.campaign.multivu_sequence import convert_file  # noqa: PLC0415 (paid for when used)

    converted = convert_file(sequence, measure)
    if output is not None:
        try:
            with output.open("x", encoding="utf-8") as file:
                file.write(converted.yaml)
        except FileExistsError:
            raise StorageError(f"{output} exists already; remove it or give another") from None
    if as_json:
        typer.echo(json.dumps(imports(converted) | {"yaml": converted.yaml}))
        return
    typer.echo(converted.yaml if output is None else f"{output}: written", nl=output is not None)
    for line in _lines(converted):
        typer.echo(line, err=True)


def tell_imports(sequence: str, measure: str) -> None:
    """List what of a MultiVu sequence is not imported; nothing for a sequence of ours."""
    if not sequence.lower().endswith(".seq"):
        return
    from daq.campaign.multivu_sequence import convert_file  # noqa: PLC0415 (paid for when used)

    for line in _lines(convert_file(Path(sequence), measure)):
        typer.echo(line, err=True)


def imports(converted: "Converted") -> dict[str, Any]:
    """Return as JSON what is not imported, and what is but does not do quite the same."""
    listed = {"not_imported": converted.not_imported, "different": converted.different}
    return {
        key: [{"line": u.line, "text": u.text, "reason": u.reason} for u in untold]
        for key, untold in listed.items()
    }


def _lines(converted: "Converted") -> list[str]:
    lines = [f"not imported: {untold}" for untold in converted.not_imported]
    lines += [f"different: {untold}" for untold in converted.different]
    if not converted.measurements:
        lines.append("nothing is measured: say what with --measure 'bias_spectrum {points: 201}'")
    return lines
