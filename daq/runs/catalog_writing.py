"""Write runs, their numbers and their folders into the catalogue, each in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from daq.runs.catalog_rows import Row, numbers_of
from daq.runs.catalog_table import FOLDERS, NUMBERS, RUNS, inside

BATCH = 500
"""Runs or folders that are written at a time."""


@dataclass
class Batch:
    """What is to be written next.

    Parameters
    ----------
    rows
        Runs, each in the place of the one of the same path.
    gone
        Paths of runs that are not there any more.
    stamps
        When folders were changed last, in ns.
    """

    rows: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    stamps: dict[str, int] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Tell whether it is time to write."""
        return max(len(self.rows), len(self.gone), len(self.stamps)) >= BATCH


def put(engine: sa.Engine, rows: list[Row]) -> None:
    """Write rows, each in the place of the one of the same run."""
    write(engine, Batch(rows))


def forget(engine: sa.Engine, gone: Iterable[str]) -> None:
    """Delete folders that are not there any more, and their runs."""
    for path in dict.fromkeys(gone):
        with engine.begin() as connection:
            _delete_runs(connection, inside(RUNS.c.path, path))
            connection.execute(FOLDERS.delete().where(FOLDERS.c.path == path))


def write(engine: sa.Engine, batch: Batch) -> None:
    """Write a batch, all of it or nothing."""
    gone = [*batch.gone, *(row["path"] for row in batch.rows)]
    with engine.begin() as connection:
        if gone:
            _delete_runs(connection, RUNS.c.path == sa.bindparam("gone"), gone)
        if batch.rows:
            connection.execute(RUNS.insert(), batch.rows)
            _write_numbers(connection, batch.rows)
        if batch.stamps:
            there = FOLDERS.delete().where(FOLDERS.c.path == sa.bindparam("gone"))
            connection.execute(there, [{"gone": path} for path in batch.stamps])
            stamps = [{"path": path, "stamp": stamp} for path, stamp in batch.stamps.items()]
            connection.execute(FOLDERS.insert(), stamps)


def _delete_runs(
    connection: sa.Connection, which: sa.ColumnElement[bool], gone: Sequence[str] = ()
) -> None:
    """Delete runs and their numbers; `gone` has what stands for the parameter of that name."""
    numbers = NUMBERS.delete().where(NUMBERS.c.run.in_(sa.select(RUNS.c.id).where(which)))
    for statement in (numbers, RUNS.delete().where(which)):
        connection.execute(statement, [{"gone": path} for path in gone] or None)


def _write_numbers(connection: sa.Connection, rows: Sequence[Row]) -> None:
    paths = sa.select(RUNS.c.path, RUNS.c.id).where(RUNS.c.path.in_([row["path"] for row in rows]))
    ids = {row.path: row.id for row in connection.execute(paths)}
    numbers = [
        {"name": name, "run": ids[row["path"]], "value": value}
        for row in rows
        for name, value in numbers_of(row).items()
    ]
    # A program that does not know this table leaves numbers behind, and an id is given again.
    connection.execute(NUMBERS.delete().where(NUMBERS.c.run.in_(ids.values())))
    if numbers:
        connection.execute(NUMBERS.insert(), numbers)
