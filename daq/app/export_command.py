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
ALL: Any = typer.Option(False, "--all", help="Rows that are marked bad too.")  # noqa: FBT003 (typer takes the default first)
OUTPUT: Any = typer.Option(None, "--output", "-o", help="The file; beside the run if omitted.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    run: Path = RUN, to: str = TO, output: Path | None = OUTPUT, *, all_rows: bool = ALL
) -> None:
    """Write a run as a file that another program opens; nothing is overwritten.

    Rows that `coldpoint note --bad` has marked are left out, and counted.

    Example: coldpoint export coldpoint-data/.../0003-bias_spectrum.csv --to dat
    """
    typer.echo(save_export(run, to, output, all_rows=all_rows)[1])


def formats() -> tuple[str, ...]:
    """Return the formats that a run can be written in."""
    return tuple(_writers())


def save_export(
    run: Path, to: str, output: Path | None = None, *, all_rows: bool = False
) -> tuple[Path, str]:
    """Write a run as a file that another program opens.

    Parameters
    ----------
    run
        A file of the run.
    to
        The format.
    output
        The file; beside the run if omitted.
    all_rows
        Whether rows that are marked bad are written too.

    Returns
    -------
    tuple
        The file, and what it holds, in words.

    Raises
    ------
    ConfigurationError
        The format is not known.
    StorageError
        The run cannot be read, or the file exists or cannot be written.
    """
    from daq.runs.files import open_run  # noqa: PLC0415 (paid for when it is used)

    writers = _writers()
    if to not in writers:
        missing = "is not available yet" if to in LATER else "is not known"
        raise ConfigurationError(
            f"export: the format {to!r} {missing}; choose one of {', '.join(writers)}"
        )
    opened = open_run(run)
    # A run's own file is a CSV: the plain one gets another name.
    path = opened.path.with_suffix(".dat" if to == "dat" else ".plain.csv")
    path = path if output is None else output
    content = writers[to](opened, all_rows)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise StorageError(f"{path} exists already; remove it or give another --output") from None
    except OSError as failure:
        raise StorageError(f"{path} cannot be written: {failure}; free space") from failure
    bad = 0 if all_rows else int(opened.bad.sum())
    left_out = f"; {bad} marked bad are left out" if bad else ""
    return path, f"{path}: {opened.rows - bad} rows{left_out}"


def _writers() -> "dict[str, Callable[[Run, bool], bytes]]":
    return {"dat": _dat, "csv": _csv}


def _dat(run: "Run", all_rows: bool) -> bytes:  # noqa: FBT001 (called by position from a table)
    from daq.runs.multivu_data import to_multivu  # noqa: PLC0415 (paid for when it is used)

    return to_multivu(run, all_rows=all_rows)


def _csv(run: "Run", all_rows: bool) -> bytes:  # noqa: FBT001 (the same)
    return (
        (run.data if all_rows else run.good_data).to_csv(index=False, lineterminator="\n").encode()
    )
