"""The report of a reproduction: one HTML file with the table and every figure inside."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daq.reproduction.measure import Done
from daq.reproduction.papers import PAPERS, find_recipe
from daq.reproduction.table import Line, Table
from daq.runs.page import embedded, rendered
from instruments.clock import Clock

TEMPLATE = "report.html.j2"


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the table as text.

    Parameters
    ----------
    row, what, expected, found, unit, verdict, why, note, link, rate
        What the cells say; the link is relative to the report, and empty without a run.
    """

    row: str
    what: str
    expected: str
    found: str
    unit: str
    verdict: str
    why: str
    note: str
    link: str
    rate: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure of the report.

    Parameters
    ----------
    title, note
        Above and below it.
    source
        The picture as text, or empty if there is none.
    rows
        Names of the rows it recovers.
    error
        Why there is no picture.
    """

    title: str
    note: str
    source: str
    rows: str
    error: str


@dataclass(frozen=True, slots=True)
class Section:
    """What the report says of one paper.

    Parameters
    ----------
    title
        Of the paper.
    lines
        Of the table.
    pictures
        In the order of the figures.
    passed, tested
        How many rows.
    """

    title: str
    lines: tuple[Shown, ...]
    pictures: tuple[Picture, ...]
    passed: int
    tested: int


def write_report(path: Path, table: Table, papers: Sequence[str], clock: Clock) -> Path:
    """Write the report.

    Parameters
    ----------
    path
        The HTML file; its folder is made.
    table
        What was found.
    papers
        Names of the papers, in order.
    clock
        Tells the date.

    Returns
    -------
    Path
        The file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sections = tuple(_section(paper, table, path.parent) for paper in papers)
    text = rendered(
        Path(__file__).with_name(TEMPLATE),
        sections=sections,
        date=f"{clock.utc():%Y-%m-%d %H:%M} UTC",
        ok=table.ok,
        seeds=len(table.seeds),
        rate=f"{100.0 * table.rate:.1f} %",
    )
    path.write_text(text, encoding="utf-8")
    return path


def _section(paper: str, table: Table, folder: Path) -> Section:
    lines = [line for line in table.first if line.row.paper == paper]
    done = [one for one in table.done if one.task.paper == paper]
    first = [one for one in done if one.task.seed == table.seeds[0]]
    return Section(
        title=PAPERS[paper].title,
        lines=tuple(_shown(line, table, folder) for line in lines),
        pictures=tuple(_picture(one) for one in sorted(first, key=lambda one: one.task.recipe)),
        passed=sum(line.passed is True for line in lines),
        tested=sum(line.passed is not None for line in lines),
    )


def _shown(line: Line, table: Table, folder: Path) -> Shown:
    row = line.row
    verdict = {True: "passed", False: "failed", None: row.status}[line.passed]
    rate = table.rates.get(row.id)
    many = len(table.seeds) > 1 and rate is not None
    return Shown(
        row=row.id,
        what=row.what,
        expected=row.expected,
        found=with_error(line.value, line.error),
        unit=row.unit,
        verdict=verdict,
        why=row.why if line.passed is not None else "",
        note=line.note,
        link="" if line.run is None else Path(os.path.relpath(line.run, folder)).as_posix(),
        rate=f"{100.0 * rate:.0f} %" if many and rate is not None else "",
    )


def with_error(value: float | None, error: float | None) -> str:
    """Return a number with its error, both to the digits that the error justifies.

    Parameters
    ----------
    value
        Or None where there is no result.
    error
        One sigma, 0 for a count.

    Returns
    -------
    str
        Such as ``4.51 ± 0.02``.
    """
    if value is None:
        return "no result"
    if not error:
        return f"{value:.6g}"
    digits = max(0, 1 - int(f"{error:e}".partition("e")[2]))
    return f"{value:.{digits}f} \u00b1 {error:.{digits}f}"


def _picture(one: Done) -> Picture:
    recipe = find_recipe(one.task.paper, one.task.recipe)
    source = ""
    if one.picture is not None:
        source = embedded(one.picture.read_bytes())
    return Picture(
        title=one.task.recipe if recipe is None else recipe.title,
        note="" if recipe is None else recipe.note,
        source=source,
        rows=", ".join(recovered.row for recovered in one.recovered),
        error=one.error,
    )
