"""``coldpoint export``: runs in the format of another program."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from instruments.errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from daq.app.export_formats import Format
    from daq.runs.files import Run

RUNS: Any = typer.Argument(..., help="A CSV of a run, several of them, or a campaign.")
TO: Any = typer.Option(
    ..., "--to", "--format", "-f", help="dat (MultiVu), csv (plain), parquet, netcdf or nexus."
)
ALL: Any = typer.Option(False, "--all", help="dat and csv: rows that are marked bad too.")  # noqa: FBT003 (typer takes the default first)
OUTPUT: Any = typer.Option(None, "--output", "-o", help="The file; beside the run if omitted.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    runs: list[Path] = RUNS, to: str = TO, output: Path | None = OUTPUT, *, all_rows: bool = ALL
) -> None:
    """Write runs as files that another program opens; nothing is overwritten.

    Rows that `coldpoint note --bad` has marked are left out of dat and csv, and counted; in
    parquet, netcdf and nexus all rows are there, with a flag. netcdf and nexus take several runs
    into one file.

    Example: coldpoint export coldpoint-data/.../0003-bias_spectrum.csv --to nexus
    """
    for _, words in save_exports(runs, to, output, all_rows=all_rows):
        typer.echo(words)


def save_exports(
    runs: Sequence[Path], to: str, output: Path | None = None, *, all_rows: bool = False
) -> list[tuple[Path, str]]:
    """Write runs as files that another program opens.

    Parameters
    ----------
    runs
        Files of runs, or campaigns, which stand for all their runs.
    to
        The format; one that holds several runs takes all of them into one file.
    output
        The file; beside the first run if omitted.
    all_rows
        Whether rows that are marked bad are written where they are left out otherwise.

    Returns
    -------
    list
        The files, and what each holds, in words.

    Raises
    ------
    ConfigurationError
        The format is not known, or a package that it needs is not installed.
    StorageError
        A run cannot be read, or a file exists or cannot be written.
    """
    from daq.app.export_formats import FORMATS  # noqa: PLC0415 (paid for when it is used)

    if to not in FORMATS:
        raise ConfigurationError(
            f"export: the format {to!r} is not known; choose one of {', '.join(FORMATS)}"
        )
    form, opened = FORMATS[to], _opened(runs)
    if form.several or len(opened) == 1:
        return [_save(opened, form, output, all_rows=all_rows)]
    if output is not None:
        raise ConfigurationError(
            f"export: a file of the format {to} holds one run, and {len(opened)} are asked for;"
            " leave out --output, or take netcdf or nexus"
        )
    return [_save([run], form, None, all_rows=all_rows) for run in opened]


def _opened(paths: Sequence[Path]) -> "list[Run]":
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.names import csv_names  # noqa: PLC0415 (the same)

    found = []
    for path in paths:
        numbers = csv_names(str(path)) if path.is_dir() else {}
        if path.is_dir() and not numbers:
            raise StorageError(f"{path} holds no runs; give a campaign or a file of a run")
        found += [open_run(path, number) for number in numbers] or [open_run(path)]
    return found


def _save(
    runs: "Sequence[Run]", form: "Format", output: Path | None, *, all_rows: bool
) -> tuple[Path, str]:
    from daq.runs.durability import write_new  # noqa: PLC0415 (paid for when it is used)

    first = runs[0].path
    more = f"-and-{len(runs) - 1}-more" if len(runs) > 1 else ""
    path = first.with_name(f"{first.stem}{more}{form.ending}") if output is None else output
    if path.exists():  # before the work; whoever is quicker is found again by `write_new`
        raise StorageError(f"{path} exists already; remove it or give another --output")
    content = form.write(runs, all_rows)
    try:
        write_new(path, content)
    except OSError as failure:
        raise StorageError(f"{path} cannot be written: {failure}; free space") from failure
    return path, f"{path}: {_holds(runs, form, all_rows=all_rows)}"


def _holds(runs: "Sequence[Run]", form: "Format", *, all_rows: bool) -> str:
    rows, bad = sum(run.rows for run in runs), sum(int(run.bad.sum()) for run in runs)
    many = f"{len(runs)} runs, " if len(runs) > 1 else ""
    if form.flags or all_rows or not bad:
        flagged = f"; {bad} marked bad carry a flag" if bad and form.flags else ""
        return f"{many}{rows} rows{flagged}"
    return f"{many}{rows - bad} rows; {bad} marked bad are left out"
