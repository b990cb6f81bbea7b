"""``coldpoint runs`` and ``coldpoint show``: what has been measured."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON, DATA
from instruments.errors import ConfigurationError

if TYPE_CHECKING:
    from daq.runs.files import Run
    from daq.runs.remarks import Remark


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("runs")(runs)
    app.command("show")(show)


def runs(
    query: str = typer.Argument(
        "", help="Words, and key:value with since, until, procedure, sample, outcome or a setting."
    ),
    data: Path = DATA,
    *,
    as_json: bool = AS_JSON,
) -> None:
    """List the runs in a data folder.

    Example: coldpoint runs "gold procedure:bias_spectrum since:2026-11-01 points:61..201"
    """
    from daq.app.run_query import find, parse_query  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.catalog import Catalogue  # noqa: PLC0415 (the same)

    wanted = parse_query(query)
    with Catalogue(refill=False) as catalogue:
        catalogue.update(data)
        home = data.resolve()
        found = find(catalogue, wanted, data)
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
    run: Path = typer.Argument(..., help="A CSV of a run, or a campaign."),  # noqa: B008 (how typer declares)
    picture: Path | None = typer.Option(  # noqa: B008 (the same)
        None, "--picture", help="Draw the run, with remarks and bad rows; nothing is overwritten."
    ),
    *,
    as_json: bool = AS_JSON,
) -> None:
    """Show one run: settings, outcome, columns; or a campaign: its runs and references.

    Example: coldpoint show coldpoint-data/.../0003-bias_spectrum.csv --picture spectrum.png
    """
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)

    if run.is_dir():
        from daq.app.campaign_report import shown_campaign  # noqa: PLC0415 (the same)

        if picture is not None:
            raise ConfigurationError("show: a campaign is drawn by `coldpoint logbook`")
        mapping, lines = shown_campaign(run)
        typer.echo(json.dumps(mapping) if as_json else "\n".join(lines))
        return
    opened = open_run(run)
    if picture is not None:
        _draw(opened, picture)
    _tell(_shown(opened), as_json=as_json)


def _shown(run: "Run") -> dict[str, Any]:
    return {
        "csv": str(run.path),
        "procedure": run.procedure,
        "outcome": run.outcome,
        "error": run.error,
        "rows": run.rows,
        "bad": int(run.bad.sum()),
        "torn": run.torn,
        "remarks": [_remark(remark) for remark in run.remarks],
        "settings": run.settings,
        "columns": list(run.columns),
    }


def _tell(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(shown))
        return
    for key, value in shown.items():
        if isinstance(value, dict):
            typer.echo(f"{key}:")
            for name, setting in value.items():
                typer.echo(f"  {name}: {setting}")
        elif isinstance(value, list):
            typer.echo(f"{key}: {', '.join(value) or 'none'}")
        elif value not in {"", 0}:
            typer.echo(f"{key}: {value}")


def _remark(remark: "Remark") -> str:
    rows = ", ".join(map(str, remark.rows)) or f"run {remark.run}"
    mark = f", marked {remark.mark}" if remark.mark else ""
    return f"{remark.utc[:16]}Z {remark.text} ({rows}{mark})"


def _draw(run: "Run", path: Path) -> None:
    from daq.app.run_picture import save_picture  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.campaign_folder import JOURNAL  # noqa: PLC0415 (the same)
    from daq.runs.salvage import salvage  # noqa: PLC0415 (the same)

    save_picture(run, salvage(run.path.parent / JOURNAL).events, path)
