"""What ``coldpoint fit`` answers: numbers with errors and definitions, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from daq.analysis.result import Estimate, FloatArray, NoResult

Quantity: TypeAlias = tuple[Estimate | NoResult, str]
"""A number, and its unit."""


def columns(data: pd.DataFrame, *names: str) -> tuple[FloatArray, ...]:
    """Return columns of a run.

    Parameters
    ----------
    data
        Its rows.
    *names
        Of the columns.

    Returns
    -------
    tuple of array
        One per name, shape (n,).

    Raises
    ------
    ValueError
        There is no such column.
    """
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise ValueError(f"there is no column {', '.join(missing)}")
    return tuple(data[name].to_numpy(dtype=np.float64) for name in names)


@dataclass(frozen=True, slots=True)
class Layer:
    """Data, model and what is left, for the picture.

    Parameters
    ----------
    x, y
        The data, shape (n,).
    curve
        The model at x, shape (n,), or None where there is none.
    sigma
        One sigma of each point, shape (n,), or None.
    x_label, y_label
        Quantity and unit.
    """

    x: FloatArray
    y: FloatArray
    curve: FloatArray | None
    sigma: FloatArray | None
    x_label: str
    y_label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file says.

    Parameters
    ----------
    model
        As it was asked for.
    title
        What the model is, in words.
    quantities
        By name; empty where there is no result.
    reason
        Why there is no result; empty where there is one.
    statistics
        How well the model describes the data, by name.
    notes
        What else one should know, a line each.
    warnings
        What speaks against the numbers, a line each.
    layer
        For the picture.
    """

    model: str
    title: str
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    reason: str = ""
    statistics: Mapping[str, float | str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    layer: Layer | None = None

    @property
    def found(self) -> bool:
        """Tell whether there is any number."""
        return any(isinstance(value, Estimate) for value, _ in self.quantities.values())

    def document(self, run: str) -> dict[str, Any]:
        """Return the answer for a script."""
        return {
            "run": run,
            "model": self.model,
            "result": self.found,
            "reason": self.reason or None,
            "parameters": {
                name: _document(value, unit) for name, (value, unit) in self.quantities.items()
            },
            "statistics": dict(self.statistics),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """Return the answer for a person."""
        lines = [self.title]
        if self.reason:
            lines.append(f"no result, because {self.reason}")
        for name, (value, unit) in self.quantities.items():
            if isinstance(value, NoResult):
                lines.append(f"  {name:22s} {value}")
                continue
            number = with_error(value)
            state = getattr(value, "state", "fitted")
            told = "" if state == "fitted" else f" ({state})"
            lines.append(f"  {name:22s} {number} {unit}{told}  [{value.definition}]")
        lines += [f"  {name}: {_statistic(value)}" for name, value in self.statistics.items()]
        lines += [f"  {note}" for note in self.notes]
        return lines


def with_error(value: Estimate) -> str:
    """Return a number with its error, the error to two digits."""
    if not value.error > 0.0:
        return f"{value.value:.5g}"
    exponent = _exponent(value.error)
    digits = max(0, 1 - exponent)
    size = abs(value.value)
    if digits <= 7 and size < 1e6:
        return f"{value.value:.{digits}f} +- {value.error:.{digits}f}"
    shared = _exponent(max(size, value.error))
    shown = max(0, shared - exponent + 1)
    scale = 10.0**shared
    return f"({value.value / scale:.{shown}f} +- {value.error / scale:.{shown}f})e{shared:d}"


def _exponent(number: float) -> int:
    return int(f"{number:.1e}".rsplit("e", maxsplit=1)[1])


def _statistic(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _document(value: Estimate | NoResult, unit: str) -> dict[str, Any]:
    if isinstance(value, NoResult):
        return {"value": None, "error": None, "unit": unit, "reason": value.reason}
    return {
        "value": value.value,
        "error": value.error,
        "unit": unit,
        "definition": value.definition,
        "state": getattr(value, "state", "fitted"),
    }
