"""A run as every exchange format takes it: columns with units, times, marks and what is known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from daq.analysis.result import FloatArray
from daq.runs.campaign_folder import JOURNAL
from daq.runs.files import Run
from daq.runs.plain import plain
from daq.runs.remarks import BoolArray, Remark
from daq.runs.row_times import row_times
from daq.runs.salvage import salvage

FORMAT = 1
TEXTS = ("settings", "instruments", "versions", "remarks")
"""What else is known, as formats without nesting hold it."""
RESERVED = ("row", "utc", "bad", *TEXTS)
"""Names of what is added to the columns."""
BAD_WORDS = "1 where a person has marked the row bad; the values stand as measured"
_UDUNITS = {"deg": "degree", "": "1"}
_ERROR = " error"


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        As in the data file, with the unit in parentheses.
    field
        A name of letters, digits and underscores, unlike any other in small letters.
    words
        The name without the unit.
    unit
        As in the data file; empty for none.
    values
        Floats, not a number where nothing was measured, or integers; shape (n,).
    """

    name: str
    field: str
    words: str
    unit: str
    values: NDArray[Any]

    @property
    def udunit(self) -> str:
        """Return the unit as UDUNITS writes it, which CF and NeXus ask for."""
        return _UDUNITS.get(self.unit, self.unit)

    @property
    def is_float(self) -> bool:
        """Tell whether it holds floats."""
        return bool(np.issubdtype(self.values.dtype, np.floating))


@dataclass(frozen=True)
class Exported:
    """A run.

    Parameters
    ----------
    stem
        Name of its first data file without the ending.
    columns
        In the order of the data file.
    bad
        Rows that are marked bad, shape (n,).
    utc
        When each row was taken, in Unix time, s; not a number where nothing tells; shape (n,).
    told
        Everything else that its files and its campaign say, as JSON knows it.
    """

    stem: str
    columns: tuple[Column, ...]
    bad: BoolArray
    utc: FloatArray
    told: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Return what it is called."""
        told = self.told
        return " ".join(filter(None, (str(told["sample"]), str(told["procedure"]), self.stem)))

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.bad)

    def error_of(self, column: Column) -> Column | None:
        """Return the column that a column holds the errors of, or None if it holds none."""
        name = column.words.removesuffix(_ERROR)
        if name == column.words:
            return None
        return next((each for each in self.columns if each.words == name), None)


def exported(run: Run) -> Exported:
    """Return a run with all its rows, those that are marked bad among them.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    Exported
        Nothing in it depends on a format.

    Raises
    ------
    StorageError
        The run cannot be read.
    """
    data, bad = run.data, run.bad
    events = salvage(run.path.parent / JOURNAL).events
    times = [row_times(attempt, events) for attempt in run.counted]
    return Exported(
        run.path.stem,
        _columns(data),
        bad,
        np.concatenate([np.zeros(0), *times]),
        _told(run),
    )


def _columns(data: pd.DataFrame) -> tuple[Column, ...]:
    fields = identifiers([_split(name)[0] for name in data.columns], RESERVED)
    return tuple(
        Column(name, field, *_split(name), _values(data[name]))
        for name, field in zip(data.columns, fields, strict=True)
    )


def identifiers(names: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return names of letters, digits and underscores, no two alike in small letters.

    Parameters
    ----------
    names
        Any texts.
    taken
        Names that must not be used.

    Returns
    -------
    list of str
        One for each, in order.
    """
    used = {name.lower() for name in taken}
    found = []
    for name in names:
        plain_name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "column"
        plain_name = plain_name if plain_name[0].isalpha() else f"n_{plain_name}"
        unused, count = plain_name, 1
        while unused.lower() in used:
            count += 1
            unused = f"{plain_name}_{count}"
        used.add(unused.lower())
        found.append(unused)
    return found


def _split(column: str) -> tuple[str, str]:
    """Return name and unit of a column."""
    name, bracket, rest = column.rpartition(" (")
    return (name, rest[:-1]) if bracket and rest.endswith(")") else (column, "")


def _values(column: "pd.Series[Any]") -> NDArray[Any]:
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.to_numpy(dtype=np.int64)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)


def _told(run: Run) -> dict[str, Any]:
    document, metadata = run.document, run.metadata
    told: dict[str, Any] = {
        "format": FORMAT,
        "run": run.number,
        "campaign": run.path.absolute().parent.name,
        "procedure": run.procedure,
        "sample": metadata.get("sample", ""),
        "contact": metadata.get("contact", ""),
        "station": metadata.get("station", ""),
        "started": metadata.get("started", ""),
        "ended": document.get("ended", ""),
        "outcome": run.outcome,
        "error": run.error,
        "files": [attempt.path.name for attempt in run.attempts],
        "torn_lines": run.torn,
        "settings": _settings(run),
        "instruments": document.get("snapshot", {}),
        "versions": document.get("versions", {}),
        "remarks": [_remark(remark) for remark in run.remarks],
    }
    found = plain(told)
    assert isinstance(found, dict)  # noqa: S101 (a mapping stays one)
    return found


def _settings(run: Run) -> Mapping[str, Any]:
    """Return the settings by keyword, each with its name for people, value and unit."""
    described = run.document.get("settings")
    if isinstance(described, Mapping):
        return described
    return {key: {"name": key, "value": value, "unit": None} for key, value in run.settings.items()}


def _remark(remark: Remark) -> dict[str, Any]:
    return {
        "text": remark.text,
        "utc": remark.utc,
        "run": remark.run,
        "mark": remark.mark,
        "rows": [rows.to_mapping() for rows in remark.rows],
    }
