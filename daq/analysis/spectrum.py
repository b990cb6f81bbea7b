"""A dV/dI spectrum as arrays: conductance against bias voltage, from the columns of a run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from daq.analysis.result import FloatArray

SPOILED = 1 | 2 | 4
"""Bits of the status that make a point useless for a spectrum: overload, unlocked, compliance."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A differential conductance spectrum.

    Parameters
    ----------
    voltage
        Bias voltage in V, shape (n,): as measured where a voltmeter read it, else as integrated
        from zero current.
    current
        Dc current through the contact in A, shape (n,).
    conductance
        dI/dV in S, shape (n,).
    temperature, field
        Means over the spectrum, in K and T.
    left_out
        Points that were left out because of their status.
    """

    voltage: FloatArray
    current: FloatArray
    conductance: FloatArray
    temperature: float
    field: float
    left_out: int


def spectrum(data: pd.DataFrame) -> Spectrum:
    """Read the spectrum out of the columns of a bias spectrum.

    Parameters
    ----------
    data
        The rows of one run.

    Returns
    -------
    Spectrum
        In the order in which it was taken.

    Raises
    ------
    ValueError
        The columns are not those of a bias spectrum.
    """
    voltage_columns = [name for name in data.columns if name.startswith("Bias voltage")]
    needed = [*(voltage_columns or ["Bias voltage"]), "Current (A)", "dV/dI (ohm)", "Status"]
    missing = [name for name in needed if name not in data.columns]
    if missing:
        raise ValueError(f"this is no bias spectrum: there is no column {', '.join(missing)}")
    good = (data["Status"].to_numpy(dtype=np.int64) & SPOILED) == 0
    rows = data[good]
    resistance = rows["dV/dI (ohm)"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore"):
        conductance = 1.0 / resistance
    return Spectrum(
        voltage=_voltage(rows, sorted(voltage_columns, key=_is_measured)),
        current=rows["Current (A)"].to_numpy(dtype=np.float64),
        conductance=conductance,
        temperature=float(np.mean(rows["Temperature (K)"])) if len(rows) else float("nan"),
        field=float(np.mean(rows["Field (T)"])) if len(rows) else float("nan"),
        left_out=int(np.count_nonzero(~good)),
    )


def _is_measured(column: str) -> bool:
    return "measured" in column


def _voltage(rows: pd.DataFrame, columns: list[str]) -> FloatArray:
    """Return the last of the columns that is finite, row by row."""
    voltage = np.full(len(rows), np.nan)
    for column in columns:
        values = rows[column].to_numpy(dtype=np.float64)
        voltage = np.where(np.isfinite(values), values, voltage)
    return voltage
