"""Runs as a netCDF 4 file after the CF conventions: for xarray, Panoply, Origin and their like.

One run stands at the root; of several each has a group. Along the dimension ``row`` there is one
variable per column, ``utc`` (a time, CF 4.4) and ``bad`` (a flag, CF 3.5). What else is known is
JSON in variables of text: ``settings``, ``instruments``, ``versions`` and ``remarks``.
"""

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from daq.runs.exchange.exported import BAD_WORDS, TEXTS, Column, Exported, identifiers
from daq.runs.exchange.extras import extra
from instruments.status import Status

FORMAT = "netcdf"
CONVENTIONS = "CF-1.11"
EPOCH = "seconds since 1970-01-01 00:00:00"
STATUS = "Status"


def to_netcdf(runs: Sequence[Exported]) -> bytes:
    """Return runs as the bytes of a netCDF file.

    Parameters
    ----------
    runs
        At least one.

    Returns
    -------
    bytes
        With all rows.

    Raises
    ------
    ConfigurationError
        A package that writes it is not installed.
    """
    h5netcdf, h5py = extra("h5netcdf", FORMAT), extra("h5py", FORMAT)
    buffer = io.BytesIO()
    with h5netcdf.File(buffer, "w") as file:
        file.attrs["Conventions"] = CONVENTIONS
        file.attrs["source"] = "measured, written by Coldpoint"
        if len(runs) == 1:
            _write(file, runs[0], h5py.string_dtype())
        else:
            file.attrs["title"] = f"{len(runs)} runs"
            for name, run in zip(group_names(runs), runs, strict=True):
                _write(file.create_group(name), run, h5py.string_dtype())
    return buffer.getvalue()


def group_names(runs: Sequence[Exported]) -> list[str]:
    """Return a name for each of several runs, no two alike; the campaign is in it if needed."""
    stems = [run.stem for run in runs]
    alone = len(set(stems)) == len(stems)
    return identifiers(
        [f"run {run.stem}" if alone else f"run {run.told['campaign']} {run.stem}" for run in runs]
    )


def _write(group: Any, run: Exported, text: Any) -> None:
    group.attrs["title"] = run.title
    for name, value in run.told.items():
        if isinstance(value, (str, int)) and value != "":
            group.attrs[name] = value
    group.dimensions["row"] = run.rows
    _variable(
        group, "utc", run.utc, units=EPOCH, standard_name="time", calendar="standard",
        long_name="when the row was taken",
    )  # fmt: skip
    _variable(
        group, "bad", run.bad.astype(np.int8), long_name=BAD_WORDS,
        flag_values=np.array([0, 1], dtype=np.int8), flag_meanings="good bad",
    )  # fmt: skip
    beside = " ".join(["bad", *(c.field for c in run.columns if c.name == STATUS)])
    for column in run.columns:
        notes: dict[str, Any] = {"long_name": column.words, "column": column.name}
        if column.name == STATUS:
            notes |= _flags(column)
        else:
            notes |= {"units": column.udunit, "ancillary_variables": _beside(run, column, beside)}
        _variable(group, column.field, column.values, coordinates="utc", **notes)
    for name in TEXTS:
        said = json.dumps(run.told[name], ensure_ascii=False)
        variable = group.create_variable(name, (), dtype=text)
        variable[...] = said
        variable.attrs["long_name"] = f"{name}, as JSON"


def _variable(group: Any, name: str, values: Any, **notes: Any) -> None:
    missing = {"fillvalue": np.nan} if np.issubdtype(values.dtype, np.floating) else {}
    variable = group.create_variable(name, ("row",), dtype=values.dtype, data=values, **missing)
    for key, value in notes.items():
        variable.attrs[key] = value


def _beside(run: Exported, column: Column, others: str) -> str:
    errors = [each.field for each in run.columns if run.error_of(each) is column]
    return " ".join([*errors, others])


def _flags(column: Column) -> dict[str, Any]:
    if column.is_float:
        return {"units": "1"}
    return {
        "flag_masks": np.array([flag.value for flag in Status], dtype=np.int64),
        "flag_meanings": " ".join((flag.name or "").lower() for flag in Status),
    }
