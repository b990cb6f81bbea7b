"""What a fit says of a run as far as it has come, in words and as a curve over its columns."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import psutil

from daq.analysis.result import FloatArray, NoResult
from daq.app.fit_answer import Answer, Layer, Quantity, with_error
from daq.app.run_fit import not_ended
from daq.runs.files import RUNNING

BACKGROUND = frozenset({"scale", "slope", "curvature", "offset", "series"})
"""Parameters of the normal state, that nobody looks at while a run grows."""
_SIZES = {"mV": ("V", 1e-3), "uA": ("A", 1e-6)}


@dataclass(frozen=True, slots=True)
class FitLine:
    """One number of a fit.

    Parameters
    ----------
    name
        Of the quantity.
    text
        Value, error and unit; or why there is none.
    good
        Whether it is a number.
    definition
        What was computed.
    """

    name: str
    text: str
    good: bool = True
    definition: str = ""


@dataclass(frozen=True, slots=True)
class ModelCurve:
    """A model over the columns of a run.

    Parameters
    ----------
    x_column, y_column
        Columns that were fitted.
    x, y
        In the units of the columns, shape (n,).
    """

    x_column: str
    y_column: str
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, slots=True)
class RunningFit:
    """What a fit says of a run as far as it has come.

    Parameters
    ----------
    model
        Its name.
    rows
        How many rows were there.
    reason
        Why there is no result, in words; empty where there is one.
    lines
        The numbers.
    warnings
        What speaks against them.
    notes
        Under what conditions.
    curve
        The model; None where there is none.
    """

    model: str
    rows: int
    reason: str = ""
    lines: tuple[FitLine, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    curve: ModelCurve | None = None


def running_fit(answer: Answer, rows: int) -> RunningFit:
    """Return what an answer says while the run grows.

    Parameters
    ----------
    answer
        That of ``coldpoint fit`` about the rows that are there.
    rows
        How many were there.

    Returns
    -------
    RunningFit
        Without what is only of interest when the run has ended.
    """
    lines = tuple(
        _line(name, quantity)
        for name, quantity in answer.quantities.items()
        if name not in BACKGROUND
    )
    reason = answer.reason
    if not answer.found and not reason:
        reason = next((line.text for line in lines), "nothing was found")
    notes = tuple(note for note in answer.notes if note != not_ended(RUNNING))
    curve = _curve(answer.layer)
    return RunningFit(answer.model, rows, reason, lines, answer.warnings, notes, curve)


def _line(name: str, quantity: Quantity) -> FitLine:
    value, unit = quantity
    words = name.replace("_", " ")
    if isinstance(value, NoResult):
        return FitLine(words, value.reason, good=False)
    state = getattr(value, "state", "fitted")
    told = "" if state == "fitted" else f" ({state})"
    number = with_error(value).replace("+-", "±")
    return FitLine(words, f"{number} {unit}".rstrip() + told, definition=value.definition)


def _curve(layer: Layer | None) -> ModelCurve | None:
    """Return the model in the units of the file."""
    if layer is None or layer.curve is None:
        return None
    name, _, unit = layer.x_label.rpartition(" (")
    unit, size = _SIZES.get(unit.removesuffix(")"), (unit.removesuffix(")"), 1.0))
    return ModelCurve(f"{name} ({unit})", layer.y_label, np.asarray(layer.x * size), layer.curve)


def step_back() -> None:
    """Let every other process go first."""
    lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)
    with suppress(psutil.Error, OSError):
        psutil.Process().nice(lower)
