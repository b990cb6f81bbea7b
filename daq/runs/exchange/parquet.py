"""A run as a Parquet file: a table for pandas, Polars, DuckDB and their like.

Columns keep their names. ``Time (UTC)`` and ``Bad`` are added. Each column's unit stands in its
metadata; what else is known stands as JSON in those of the table, where pandas finds it as
``frame.attrs["coldpoint"]``.
"""

import io
import json

import numpy as np

from daq.runs.exchange.exported import BAD_WORDS, Column, Exported
from daq.runs.exchange.extras import extra

FORMAT = "parquet"
UTC, BAD = "Time (UTC)", "Bad"
KEY = "coldpoint"


def to_parquet(run: Exported) -> bytes:
    """Return a run as the bytes of a Parquet file.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    bytes
        With all rows.

    Raises
    ------
    ConfigurationError
        The package that writes it is not installed.
    """
    arrow, parquet = extra("pyarrow", FORMAT), extra("pyarrow.parquet", FORMAT)
    unknown = np.isnan(run.utc)
    stamps = np.where(unknown, 0.0, 1e6 * run.utc).round().astype(np.int64)
    arrays = [arrow.array(column.values) for column in run.columns]
    arrays.append(arrow.array(stamps, type=arrow.timestamp("us", tz="UTC"), mask=unknown))
    arrays.append(arrow.array(run.bad))
    names = [column.name for column in run.columns] + [UTC, BAD]
    notes = [_notes(column) for column in run.columns]
    notes += [{"long_name": "when the row was taken"}, {"long_name": BAD_WORDS}]
    fields = [
        arrow.field(name, array.type, metadata=note)
        for name, array, note in zip(names, arrays, notes, strict=True)
    ]
    told = json.dumps(run.told, ensure_ascii=False)
    known = {KEY: told, "PANDAS_ATTRS": f'{{"{KEY}": {told}}}'}
    table = arrow.Table.from_arrays(arrays, schema=arrow.schema(fields, metadata=known))
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def _notes(column: Column) -> dict[str, str]:
    return {"long_name": column.words, "unit": column.unit}
