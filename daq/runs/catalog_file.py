"""The file behind the catalogue: opened for several at once, and put aside when it is damaged."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from daq.runs.catalog_table import META

PATIENCE = 30.0
"""Seconds that a writer waits for another one."""
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def file_of(url: URL) -> Path | None:
    """Return the file of a database, or None if it is no file."""
    if url.drivername.startswith("sqlite") and url.database not in {None, "", ":memory:"}:
        return Path(str(url.database))
    return None


def engine_of(url: URL, file: Path | None) -> sa.Engine:
    """Return what opens the database; nobody keeps a file open for longer than a question."""
    if file is None:
        return sa.create_engine(url)
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})
    sa.event.listen(engine, "connect", _prepare)
    return engine


def make_tables(engine: sa.Engine) -> bool:
    """Make the tables that are missing; return whether there were none at all."""
    there = set(sa.inspect(engine).get_table_names())
    if there >= set(META.tables):
        return False
    try:
        META.create_all(engine)
    except DatabaseError:
        # Somebody else has made them in between; anything else goes wrong once more.
        META.create_all(engine)
    return not there


def put_aside(file: Path) -> None:
    """Give a damaged file another name: a wrong URL may have named one that is no catalogue."""
    aside = file.with_name(f"{file.name}.damaged")
    count = 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{file.name}.damaged-{count}")
    with suppress(FileNotFoundError):  # somebody else has put it aside
        file.rename(aside)


def is_damage(failure: DatabaseError) -> bool:
    """Tell whether the file is to be made anew."""
    name = getattr(failure.orig, "sqlite_errorname", "")
    # A column that is not there: an older version has made the table.
    return name.startswith(_DAMAGE) or "column" in str(failure.orig)


def _prepare(connection: Any, _record: object) -> None:
    """Let readers read while somebody writes; the index may be lost, so nothing is synced."""
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=OFF")
    finally:
        cursor.close()
