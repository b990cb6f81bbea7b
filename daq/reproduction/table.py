"""The table: each row with what was recovered for it, and whether that passes."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.reproduction.measure import Done
from daq.reproduction.papers import find_recipe
from daq.reproduction.rows import Row

ENOUGH = 0.95
"""Of all pairs of row and seed that must pass."""
NOT_CARRIED_OUT = "not carried out: there is no recipe yet"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table.

    Parameters
    ----------
    row
        What the paper says.
    value, error
        As recovered, in the unit of the row; None where there is no number.
    passed
        Whether a row that is tested passes; None for the others.
    note
        Definition of the number, or why there is none.
    run
        Campaign folder, or None.
    """

    row: Row
    value: float | None = None
    error: float | None = None
    passed: bool | None = None
    note: str = ""
    run: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON can hold it."""
        row = self.row
        return {
            "row": row.id,
            "paper": row.value,
            "value": self.value,
            "error": self.error,
            "passed": self.passed,
            "status": row.status,
            "source": row.paper,
            "what": row.what,
            "expected": row.expected,
            "tolerance": row.tolerance,
            "above": row.above,
            "below": row.below,
            "unit": row.unit,
            "recipe": row.recipe,
            "note": self.note,
            "why": row.why,
            "run": None if self.run is None else str(self.run),
        }


def judge(rows: Sequence[Row], done: Sequence[Done]) -> tuple[Line, ...]:
    """Compare what was recovered with one seed with the rows.

    Parameters
    ----------
    rows
        Of the papers that were asked for.
    done
        The figures that were measured with that seed.

    Returns
    -------
    tuple of Line
        One per row.
    """
    by_recipe = {(one.task.paper, one.task.recipe): one for one in done}
    return tuple(_line(row, by_recipe) for row in rows)


def _line(row: Row, done: Mapping[tuple[str, str], Done]) -> Line:
    if row.status != "test":
        return Line(row, note=row.why)
    one = done.get((row.paper, row.recipe))
    if one is None:
        known = find_recipe(row.paper, row.recipe) is not None
        return Line(row, passed=False, note="not carried out" if known else NOT_CARRIED_OUT)
    if one.error:
        return Line(row, passed=False, note=f"not carried out: {one.error}")
    run = one.folders[0]
    found = [recovered for recovered in one.recovered if recovered.row == row.id]
    if len(found) != 1:
        words = f"recipe {row.recipe} recovers this row {len(found)} times, not once"
        return Line(row, passed=False, note=words, run=run)
    (recovered,) = found
    return Line(
        row,
        value=_finite(recovered.value),
        error=_finite(recovered.error),
        passed=row.accepts(recovered.value, recovered.error),
        note=recovered.note,
        run=run,
    )


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Table:
    """The tables of all seeds.

    Parameters
    ----------
    seeds
        In order; the first is the default one.
    lines
        One table per seed.
    done
        What was measured, all seeds together.
    """

    seeds: tuple[int, ...]
    lines: tuple[tuple[Line, ...], ...]
    done: tuple[Done, ...]

    @property
    def first(self) -> tuple[Line, ...]:
        """Return the table of the first seed."""
        return self.lines[0]

    @property
    def rates(self) -> dict[str, float]:
        """Return the fraction of the seeds with which each tested row passes."""
        passed = Counter(line.row.id for lines in self.lines for line in lines if line.passed)
        tested = [line.row.id for line in self.first if line.passed is not None]
        return {row: passed[row] / len(self.seeds) for row in tested}

    @property
    def rate(self) -> float:
        """Return the fraction of all pairs of tested row and seed that pass; 1 without any."""
        rates = self.rates
        return sum(rates.values()) / len(rates) if rates else 1.0

    @property
    def ok(self) -> bool:
        """Tell whether all tested rows pass with the first seed, and enough with all of them."""
        return all(line.passed is not False for line in self.first) and self.rate >= ENOUGH

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON can hold it."""
        told: dict[str, Any] = {
            "format": 1,
            "passed": self.ok,
            "seeds": list(self.seeds),
            "rows": [line.to_json() for line in self.first],
        }
        if len(self.seeds) > 1:
            told["pass_rate"] = self.rate
            told["pass_rates"] = self.rates
        return told


def tabulate(rows: Sequence[Row], done: Sequence[Done], seeds: Sequence[int]) -> Table:
    """Judge the figures of every seed.

    Parameters
    ----------
    rows
        Of the papers that were asked for.
    done
        What was measured with all seeds.
    seeds
        In order.

    Returns
    -------
    Table
        One table per seed.
    """
    lines = (judge(rows, [one for one in done if one.task.seed == seed]) for seed in seeds)
    return Table(tuple(seeds), tuple(lines), tuple(done))
