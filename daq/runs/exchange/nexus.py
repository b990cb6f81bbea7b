"""Runs as a NeXus file: one NXentry for each, with what is plotted of it marked as the default.

The classes are those of the NeXus manual: columns in an NXdata, settings in an NXparameters, the
state of the bench as collections in an NXinstrument, the sample with its temperature, field and
angle in an NXsample, every remark in an NXnote. A last NXnote, ``coldpoint``, holds all of it as
JSON, unset values too.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from daq.runs.exchange.exported import BAD_WORDS, Exported, identifiers
from daq.runs.exchange.extras import extra
from daq.runs.exchange.netcdf import group_names

FORMAT = "nexus"
SAMPLE = {
    "Temperature (K)": "temperature",
    "Field (T)": "magnetic_field",
    "Angle (deg)": "rotation_angle",
}
"""Columns that are also the state of the sample."""
Axes = tuple[str, str]
"""The columns that are drawn along x and y."""


def to_nexus(runs: Sequence[Exported], axes: Sequence[Axes]) -> bytes:
    """Return runs as the bytes of a NeXus file.

    Parameters
    ----------
    runs
        At least one.
    axes
        For each, the names of the columns that are drawn along x and y.

    Returns
    -------
    bytes
        With all rows.

    Raises
    ------
    ConfigurationError
        The package that writes it is not installed.
    """
    h5py = extra("h5py", FORMAT)
    buffer = io.BytesIO()
    names = ["entry"] if len(runs) == 1 else group_names(runs)
    with h5py.File(buffer, "w") as file:
        file.attrs["NX_class"] = "NXroot"
        file.attrs["default"] = names[0]
        file.attrs["creator"] = "Coldpoint"
        for name, run, drawn in zip(names, runs, axes, strict=True):
            _entry(_group(file, name, "NXentry"), run, drawn)
    return buffer.getvalue()


def _entry(entry: Any, run: Exported, drawn: Axes) -> None:
    told = run.told
    entry.attrs["default"] = "data"
    entry["title"] = run.title
    entry["entry_identifier"] = run.stem
    entry["experiment_identifier"] = str(told["campaign"])
    for name, key in (("start_time", "started"), ("end_time", "ended")):
        if told[key]:
            entry[name] = str(told[key])
    entry["program_name"] = "Coldpoint"
    entry["program_name"].attrs["version"] = str(told["versions"].get("coldpoint", ""))
    _data(_group(entry, "data", "NXdata"), run, drawn)
    _sample(_group(entry, "sample", "NXsample"), run, entry["data"])
    instrument = _group(entry, "instrument", "NXinstrument")
    instrument["name"] = str(told["station"])
    _fill(instrument, told["instruments"])
    _settings(_group(entry, "settings", "NXparameters"), told["settings"])
    for number, remark in enumerate(told["remarks"], start=1):
        _remark(_group(entry, f"remark_{number:03d}", "NXnote"), remark)
    note = _group(entry, "coldpoint", "NXnote")
    note["type"] = "application/json"
    note["description"] = "all that is known of the run besides its rows"
    note["data"] = json.dumps(told, ensure_ascii=False)


def _data(data: Any, run: Exported, drawn: Axes) -> None:
    for column in run.columns:
        measured = run.error_of(column)
        name = column.field if measured is None else f"{measured.field}_errors"
        field = data.create_dataset(name, data=column.values)
        field.attrs["units"] = column.udunit
        field.attrs["long_name"] = column.name
    by_name = {column.name: column.field for column in run.columns}
    x, y = (by_name[name] for name in drawn)
    data.attrs["signal"] = y
    data.attrs["axes"] = [x]
    data.attrs[f"{x}_indices"] = 0
    data["utc"] = run.utc
    data["utc"].attrs["units"] = "s"
    data["utc"].attrs["start"] = datetime.fromtimestamp(0, UTC).isoformat()
    data["utc"].attrs["long_name"] = "when the row was taken"
    data["bad"] = run.bad.astype(np.uint8)
    data["bad"].attrs["long_name"] = BAD_WORDS


def _sample(sample: Any, run: Exported, data: Any) -> None:
    sample["name"] = str(run.told["sample"])
    if run.told["contact"]:
        sample["description"] = f"contact: {run.told['contact']}"
    for column in run.columns:
        if column.name in SAMPLE:
            field = data[column.field]
            field.attrs["target"] = field.name  # NeXus marks the first place of a link so
            sample[SAMPLE[column.name]] = field


def _settings(group: Any, settings: Mapping[str, Any]) -> None:
    for name, said in zip(identifiers(list(settings)), settings.values(), strict=True):
        if said.get("value") is not None:
            group[name] = _plain(said["value"])
            group[name].attrs["long_name"] = str(said.get("name") or name)
            if said.get("unit"):
                group[name].attrs["units"] = str(said["unit"])


def _remark(note: Any, remark: Mapping[str, Any]) -> None:
    note["date"] = remark["utc"]
    note["type"] = "text/plain"
    note["data"] = remark["text"]
    rows = ", ".join(f"{r['first']}-{r['last']} of {r['file']}" for r in remark["rows"])
    mark = f"marks as {remark['mark']}: " if remark["mark"] else ""
    note["description"] = f"{mark}rows {rows}" if rows else "a remark"


def _fill(group: Any, values: Mapping[str, Any]) -> None:
    """Write nested values; what is not set is left out, the JSON has it."""
    names = identifiers(list(values), list(group))
    for name, value in zip(names, values.values(), strict=True):
        if isinstance(value, Mapping):
            _fill(_group(group, name, "NXcollection"), value)
        elif value is not None:
            group[name] = _plain(value)


def _plain(value: Any) -> Any:
    """Return a value that HDF5 holds; lists that are no numbers as JSON."""
    if not isinstance(value, list):
        return value
    numbers = bool(value) and all(isinstance(item, (int, float)) for item in value)
    return np.array(value) if numbers else json.dumps(value, ensure_ascii=False)


def _group(parent: Any, name: str, kind: str) -> Any:
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    return group
