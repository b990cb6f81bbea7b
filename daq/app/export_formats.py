"""The formats in which runs are passed on, and which of them hold several runs in one file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from daq.app.gui.quantities import Quantity, first_choice, quantities
from daq.runs.exchange.exported import exported
from daq.runs.exchange.netcdf import to_netcdf
from daq.runs.exchange.nexus import to_nexus
from daq.runs.exchange.parquet import to_parquet
from daq.runs.files import Run
from daq.runs.multivu_data import to_multivu
from instruments.errors import StorageError

Runs = Sequence[Run]


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Parameters
    ----------
    ending
        Of its files.
    words
        What it is called.
    write
        Makes a file of runs, given whether the rows that are marked bad are wanted.
    several
        Whether a file holds more than one run.
    flags
        Whether rows that are marked bad are always there, with a flag.
    """

    ending: str
    words: str
    write: Callable[[Runs, bool], bytes]
    several: bool = False
    flags: bool = False


def _dat(runs: Runs, all_rows: bool) -> bytes:  # noqa: FBT001 (called by position from a table)
    return to_multivu(runs[0], all_rows=all_rows)


def _csv(runs: Runs, all_rows: bool) -> bytes:  # noqa: FBT001 (the same)
    data = runs[0].data if all_rows else runs[0].good_data
    return data.to_csv(index=False, lineterminator="\n").encode()


def _parquet(runs: Runs, _all_rows: bool) -> bytes:  # noqa: FBT001 (the same)
    return to_parquet(exported(runs[0]))


def _netcdf(runs: Runs, _all_rows: bool) -> bytes:  # noqa: FBT001 (the same)
    return to_netcdf([exported(run) for run in runs])


def _nexus(runs: Runs, _all_rows: bool) -> bytes:  # noqa: FBT001 (the same)
    return to_nexus([exported(run) for run in runs], [axes_of(run) for run in runs])


FORMATS = {
    "dat": Format(".dat", "MultiVu (.dat)", _dat),
    # A run's own file is a CSV: the plain one gets another name.
    "csv": Format(".plain.csv", "plain table (.csv)", _csv),
    "parquet": Format(".parquet", "Parquet (.parquet)", _parquet, flags=True),
    "netcdf": Format(".nc", "netCDF (.nc)", _netcdf, several=True, flags=True),
    "nexus": Format(".nxs", "NeXus (.nxs)", _nexus, several=True, flags=True),
}
"""By the name that the command line takes."""


def axes_of(run: Run) -> tuple[str, str]:
    """Return the columns along which a run of its procedure is looked at.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    tuple of str
        Along x and along y.

    Raises
    ------
    StorageError
        It has no columns.
    """
    known = quantities(run.columns)
    if not known:
        raise StorageError(f"{run.path}: there are no columns; leave it out")
    data = run.data
    x, y = first_choice(run.procedure, known)
    return _column(x, data), _column(y, data)


def _column(quantity: Quantity, data: pd.DataFrame) -> str:
    there = [name for name in quantity.columns if name in data.columns]
    filled = (n for n in there if np.isfinite(pd.to_numeric(data[n], errors="coerce")).any())
    return next(filled, there[0])
