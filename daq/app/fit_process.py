"""Fits in a process of its own, which the window can end: a fit that runs hears nobody.

    python -m daq.app.fit_process

Every line of the standard input is a question, and every line of the standard output its answer:
that of ``coldpoint fit``, or why there is none. The process ends when its input does.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from daq.analysis.fit_result import FittedParameter
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.app.fit_answer import Answer, Layer, Quantity
from daq.app.fit_models import Asked
from daq.app.run_fit import fit_run
from daq.app.running_fit import step_back
from instruments.errors import ColdpointError, one_line

_ARRAYS = ("x", "y", "curve", "sigma")


def question(number: int, path: Path, model: str, asked: Asked) -> dict[str, Any]:
    """Return a question: its number comes back with the answer."""
    return {"number": number, "path": str(path), "model": model, "asked": asdict(asked)}


def answered(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fit, and return the answer to a question."""
    try:
        found = fit_run(Path(said["path"]), said["model"], Asked(**said["asked"]))
    except ColdpointError as refused:
        return {"number": said["number"], "refused": one_line(refused)}
    return {"number": said["number"], "answer": to_mapping(found)}


def to_mapping(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON knows it."""
    layer = answer.layer
    return {
        "model": answer.model,
        "title": answer.title,
        "quantities": [[name, *_told(found)] for name, found in answer.quantities.items()],
        "reason": answer.reason,
        "statistics": dict(answer.statistics),
        "notes": list(answer.notes),
        "warnings": list(answer.warnings),
        "layer": None
        if layer is None
        else {
            **{name: _listed(getattr(layer, name)) for name in _ARRAYS},
            "x_label": layer.x_label,
            "y_label": layer.y_label,
        },
    }


def from_mapping(said: Mapping[str, Any]) -> Answer:
    """Return an answer that another process has written."""
    layer = said["layer"]
    return Answer(
        said["model"],
        said["title"],
        {name: (_quantity(kind, value), unit) for name, kind, value, unit in said["quantities"]},
        said["reason"],
        said["statistics"],
        tuple(said["notes"]),
        tuple(said["warnings"]),
        None if layer is None else Layer(**{**layer, **{n: _array(layer[n]) for n in _ARRAYS}}),
    )


def answer_all(questions: IO[str], answers: IO[str]) -> None:
    """Answer questions until there are no more.

    Parameters
    ----------
    questions
        A line each.
    answers
        A line each, in the same order.
    """
    for line in questions:
        answers.write(json.dumps(answered(json.loads(line))) + "\n")
        answers.flush()


def _told(quantity: Quantity) -> tuple[str, dict[str, Any], str]:
    value, unit = quantity
    if isinstance(value, NoResult):
        return "none", {"reason": value.reason}, unit
    told = {"value": value.value, "error": value.error, "definition": value.definition}
    if isinstance(value, FittedParameter):
        return "fitted", {**told, "unit": value.unit, "state": value.state}, unit
    return "estimate", told, unit


def _quantity(kind: str, value: Mapping[str, Any]) -> Estimate | NoResult:
    if kind == "none":
        return NoResult(**value)
    return FittedParameter(**value) if kind == "fitted" else Estimate(**value)


def _listed(values: FloatArray | None) -> list[float] | None:
    return None if values is None else np.asarray(values, dtype=np.float64).tolist()


def _array(values: list[float] | None) -> FloatArray | None:
    return None if values is None else np.array(values, dtype=np.float64)


if __name__ == "__main__":
    step_back()
    answers = sys.stdout
    with redirect_stdout(sys.stderr):  # what a library prints is no answer
        answer_all(sys.stdin, answers)
