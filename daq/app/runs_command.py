"""``coldpoint runs`` and ``coldpoint show``: what has been measured."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from daq.app.options import AS_JSON, DATA


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("runs")(runs)
    app.command("show")(show)


def runs(
    query: str = typer.Argument("", help="Words that title, sample, procedure or outcome contain."),
    data: Path = DATA,
    *,
    as_json: bool = AS_JSON,
) -> None:
    """List the runs in a data folder.

    Example: coldpoint runs bias_spectrum --data coldpoint-data
    """
    from daq.runs.catalog import Catalogue  # noqa: PLC0415 (paid for when it is used)

    with Catalogue() as catalogue:
        catalogue.rebuild(data)
        home = data.resolve()
        found = [run for run in catalogue.search(query) if Path(run.path).is_relative_to(home)]
    if as_json:
        for run in found:
            typer.echo(json.dumps(asdict(run)))
        return
    if not found:
        typer.echo(f"no runs in {data}; `coldpoint demo` makes some")
        return
    for run in found:
        path = data / Path(run.path).relative_to(home)
        typer.echo(f"{run.started[:16]}Z  {run.outcome:11s} {run.rows:6d} rows  {path}")


def show(
    run: Path = typer.Argument(..., help="A CSV of a run."),  # noqa: B008 (how typer declares)
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Show one run: settings, outcome, columns.

    Example: coldpoint show coldpoint-data/.../0003-bias_spectrum.csv
    """
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)

    opened = open_run(run)
    shown: dict[str, Any] = {
        "csv": str(opened.path),
        "procedure": opened.procedure,
        "outcome": opened.outcome,
        "error": opened.error,
        "rows": opened.rows,
        "torn": opened.torn,
        "settings": opened.settings,
        "columns": list(opened.columns),
    }
    if as_json:
        typer.echo(json.dumps(shown))
        return
    for key, value in shown.items():
        if isinstance(value, dict):
            typer.echo(f"{key}:")
            for name, setting in value.items():
                typer.echo(f"  {name}: {setting}")
        elif isinstance(value, list):
            typer.echo(f"{key}: {', '.join(value)}")
        elif value not in {"", 0}:
            typer.echo(f"{key}: {value}")
