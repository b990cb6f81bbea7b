"""``coldpoint export``: a run in the format of another program."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from instruments.errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from daq.runs.files import Run

LATER = ("parquet", "netcdf", "nexus")
RUN: Any = typer.Argument(..., help="A CSV of a run.")
TO: Any = typer.Option(..., "--to", help="dat (MultiVu) or csv (plain, one line of names).")
OUTPUT: Any = typer.Option(None, "--output", "-o", help="The file; beside the run if omitted.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(run: Path = RUN, to: str = TO, output: Path | None = OUTPUT) -> None:
    """Write a run as a file that another program opens; nothing is overwritten.

    Example: coldpoint export coldpoint-data/.../0003-bias_spectrum.csv --to dat
    """
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)

    writers: dict[str, Callable[[Run], bytes]] = {"dat": _dat, "csv": _csv}
    if to not in writers:
        missing = "is not available yet" if to in LATER else "is not known"
        raise ConfigurationError(
            f"export: the format {to!r} {missing}; choose one of {', '.join(writers)}"
        )
    opened = open_run(run)
    # A run's own file is a CSV: the plain one gets another name.
    path = opened.path.with_suffix(".dat" if to == "dat" else ".plain.csv")
    path = path if output is None else output
    content = writers[to](opened)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise StorageError(f"{path} exists already; remove it or give another --output") from None
    typer.echo(f"{path}: {opened.rows} rows")


def _dat(run: "Run") -> bytes:
    from daq.runs.multivu_data import to_multivu  # noqa: PLC0415 (paid for when it is used)

    return to_multivu(run)


def _csv(run: "Run") -> bytes:
    return run.data.to_csv(index=False, lineterminator="\n").encode()
