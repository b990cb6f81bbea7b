"""``coldpoint replay``: a trace as a test of today's drivers."""

import json
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON

TRACE: Any = typer.Argument(..., help="trace.jsonl of a campaign, as `run --trace` keeps it.")
OUTPUT: Any = typer.Option(None, "--output", "-o", help="Write the test to this file, for pytest.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(trace: Path = TRACE, output: Path | None = OUTPUT, *, as_json: bool = AS_JSON) -> None:
    """Let today's drivers say again what a trace has recorded, against the recorded answers.

    Exit code 1, and the first message that differs, if they say or understand anything otherwise.
    Example: coldpoint replay coldpoint-data/2026-11-21T093000Z-night/trace.jsonl -o test_night.py
    """
    from daq.driver_replay import as_test  # noqa: PLC0415 (paid for when it is used)
    from daq.driver_replay import replay as carry_out  # noqa: PLC0415 (the same)
    from daq.runs.durability import replace  # noqa: PLC0415 (the same)
    from daq.runs.trace_file import read_trace  # noqa: PLC0415 (the same)

    content = read_trace(trace)
    found = carry_out(content)
    if output is not None:
        replace(output, as_test(found, trace.name).encode())
    if as_json:
        told = {
            "messages": len(content.exchanges),
            "replayed": len(found.cases),
            "differences": found.differences,
            "uncovered": found.uncovered,
            "others": found.others,
            "output": None if output is None else str(output),
        }
        typer.echo(json.dumps(told))
    else:
        _tell(len(content.exchanges), found, output)
    if found.differences:
        typer.echo(f"coldpoint: {trace.name}: {found.differences[0]}", err=True)
        raise typer.Exit(1)


def _tell(messages: int, found: Any, output: Path | None) -> None:
    typer.echo(f"{messages} messages; {len(found.cases)} different ones replayed")
    for name, left in found.uncovered.items():
        typer.echo(f"  {name}: {len(left)} messages of no declared property, such as {left[0]!r}")
    for resource, count in found.others.items():
        typer.echo(f"  {resource}: {count} messages, not replayed: no table of properties")
    if found.differences:
        typer.echo(f"{len(found.differences)} differ")
    if output is not None:
        typer.echo(f"{output}: run it with pytest")
