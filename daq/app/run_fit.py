"""Fit a model to a run from its files alone: what ``coldpoint fit`` and the window both ask."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from daq.analysis.shapes import SHAPES
from daq.app.fit_answer import Answer
from daq.app.fit_models import MODELS, Asked
from daq.runs.calibration import scale_error_of
from daq.runs.files import Run, open_run
from instruments.errors import ConfigurationError

WORDS = MappingProxyType(
    {
        **{name: shape.words for name, shape in SHAPES.items()},
        "transition": "resistance against temperature: Tc by every definition",
        "hall": "loop of the Hall resistance",
        "angle": "harmonics of the resistance against the angle",
    }
)
"""What the models are, by name."""
_FIRST = MappingProxyType(
    {
        "bias_spectrum": "btk",
        "tunnel_spectrum": "dynes",
        "temperature_ramp": "transition",
        "thermal_cycle": "transition",
        "field_loop": "hall",
        "angle_sweep": "angle",
    }
)


def usual_model(procedure: str) -> str | None:
    """Return the model that suits a procedure; None where nothing is known to."""
    return _FIRST.get(procedure)


def first_model(procedure: str) -> str:
    """Return the model that is asked of a procedure before anybody has chosen."""
    return usual_model(procedure) or "dynes"


def fit_run(path: Path, model: str, asked: Asked) -> Answer:
    """Fit a model to the run of a file; see `fit_opened`."""
    return fit_opened(open_run(path), model, asked)


def fit_opened(run: Run, model: str, asked: Asked) -> Answer:
    """Fit a model to a run.

    Parameters
    ----------
    run
        The run.
    model
        Its name.
    asked
        What is given beside the file.

    Returns
    -------
    Answer
        With what is wrong with the file among the notes.

    Raises
    ------
    ConfigurationError
        The run has not the columns of the model.
    StorageError
        The run cannot be read.
    """
    try:
        answer = MODELS[model](run.good_data, replace(asked, scale_error=scale_error_of(run)))
    except ValueError as refused:
        raise ConfigurationError(
            f"fit: {run.path.name} ({run.procedure}) does not go with {model}: {refused}"
        ) from None
    return replace(answer, notes=(*answer.notes, *notes_on(run)))


def notes_on(run: Run) -> tuple[str, ...]:
    """Return what is wrong with the files of a run, as far as it matters to a fit."""
    notes = []
    if run.torn:
        notes.append(f"{run.torn} torn lines of the file were dropped")
    if bad := int(run.bad.sum()):
        notes.append(f"{bad} of {run.rows} rows are marked bad and left out")
    if run.outcome != "finished":
        notes.append(not_ended(run.outcome))
    return tuple(notes)


def not_ended(outcome: str) -> str:
    """Return the note on a run that did not finish."""
    return f"the run did not end as it should: {outcome}"
