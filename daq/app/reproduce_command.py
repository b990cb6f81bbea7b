"""``coldpoint reproduce``: measure the papers again on virtual samples, and compare row by row."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON, DATA
from instruments.errors import ConfigurationError

if TYPE_CHECKING:
    from daq.reproduction.measure import Done
    from daq.reproduction.table import Table

FAILED = 1
MOST_SEEDS = 1000
FOLDER = "reproduction"
ALL = "all"
PAPER: Any = typer.Argument(..., help="le2020, yi2024, lin2022, or all.")
SEEDS: Any = typer.Option(
    1, "--seeds", min=1, max=MOST_SEEDS, help="How many seeds of the noise; the rates are told."
)
FIGURE: Any = typer.Option(
    None, "--figure", "-f", help="Only this figure, such as fig1de; again for another one."
)
REPORT: Any = typer.Option(
    None, "--report", "-r", help="The HTML report; in the folder of the reproduction if omitted."
)
WORKERS: Any = typer.Option(2, "--workers", min=1, max=64, help="Figures measured side by side.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reproduce")(reproduce)


def reproduce(
    paper: str = PAPER,
    data: Path = DATA,
    *,
    seeds: int = SEEDS,
    figure: list[str] | None = FIGURE,
    report: Path | None = REPORT,
    workers: int = WORKERS,
    as_json: bool = AS_JSON,
) -> None:
    """Measure the figures of a paper on simulated stations and recover its numbers from the files.

    The exit code is 0 only if every row that is tested passes, and with several seeds at least
    95 % of all rows. The report is one HTML file with the table and every figure.

    Example: coldpoint reproduce le2020 --report le2020.html
    """
    from daq.reproduction.measure import Task, carry_out_all  # noqa: PLC0415 (paid for when used)
    from daq.reproduction.report import write_report  # noqa: PLC0415 (paid for when used)
    from daq.reproduction.rows import load_rows  # noqa: PLC0415 (paid for when used)
    from daq.reproduction.table import tabulate  # noqa: PLC0415 (paid for when used)
    from instruments.clock import SystemClock  # noqa: PLC0415 (paid for when used)

    chosen = _figures(paper, figure or [])
    papers = list(dict.fromkeys(name for name, _ in chosen)) if figure else _papers(paper)
    folder = data / FOLDER
    numbers = range(1, seeds + 1)
    tasks = [Task(name, recipe, seed, folder) for seed in numbers for name, recipe in chosen]
    rows = [row for row in load_rows() if row.paper in papers]
    if figure:
        rows = [row for row in rows if (row.paper, row.recipe) in chosen]
    done: list[Done] = []
    for one in carry_out_all(tasks, min(workers, max(1, len(tasks)))):
        done.append(one)
        _tell_progress(one, len(done), len(tasks))
    table = tabulate(rows, done, numbers)
    written = write_report(report or folder / f"{paper}.html", table, papers, SystemClock())
    if as_json:
        typer.echo(json.dumps({**table.to_json(), "report": str(written)}, allow_nan=False))
    else:
        typer.echo("\n".join([*_listed(table), f"report: {written}"]))
    if not table.ok:
        raise typer.Exit(FAILED)


def _papers(paper: str) -> list[str]:
    from daq.reproduction.papers import PAPERS  # noqa: PLC0415 (paid for when used)

    if paper == ALL:
        return list(PAPERS)
    if paper not in PAPERS:
        known = ", ".join([*PAPERS, ALL])
        raise ConfigurationError(f"reproduce: found paper {paper!r}, expected one of {known}")
    return [paper]


def _figures(paper: str, wanted: list[str]) -> list[tuple[str, str]]:
    """Return papers and recipes that are to be measured."""
    from daq.reproduction.papers import PAPERS  # noqa: PLC0415 (paid for when used)

    known = [(name, recipe.name) for name in _papers(paper) for recipe in PAPERS[name].recipes]
    if not wanted:
        return known
    names = [recipe for _, recipe in known]
    for figure in wanted:
        if figure not in names:
            told = ", ".join(sorted(names)) or "none yet"
            raise ConfigurationError(
                f"reproduce: found no figure {figure!r} of {paper}, expected one of {told}"
            )
    return [pair for pair in known if pair[1] in wanted]


def _tell_progress(one: "Done", count: int, total: int) -> None:
    words = f"failed: {one.error}" if one.error else f"{len(one.recovered)} rows"
    where = f"{one.task.paper} {one.task.recipe}, seed {one.task.seed}"
    typer.echo(f"[{count}/{total}] {where}: {words} ({one.seconds:.0f} s)", err=True)


def _listed(table: "Table") -> list[str]:
    """Return the table for a terminal."""
    from daq.reproduction.report import with_error  # noqa: PLC0415 (paid for when used)

    lines = ["SIMULATED stations: no instrument was touched."]
    many = len(table.seeds) > 1
    for line in table.first:
        if line.passed is None:
            lines.append(f"{line.row.id:6} {line.row.status:6}  {line.row.what}: {line.row.why}")
            continue
        verdict = "passed" if line.passed else "FAILED"
        found = with_error(line.value, line.error)
        rate = f"  {100.0 * table.rates[line.row.id]:3.0f} % of seeds" if many else ""
        reason = "" if line.passed or line.value is not None else f" ({line.note})"
        unit = f" {line.row.unit}" if line.row.unit else ""
        lines.append(
            f"{line.row.id:6} {verdict:6}  {found:>20} for {line.row.expected}{unit}{rate}"
            f"  {line.row.what}{reason}"
        )
    passed = sum(line.passed is True for line in table.first)
    tested = sum(line.passed is not None for line in table.first)
    return [*lines, f"{passed} of {tested} rows that are tested pass"]
