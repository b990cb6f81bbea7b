"""The runs of a campaign as the log book shows them, whatever is left of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from daq.app.logbook.results import key_numbers
from daq.app.run_picture import picture_of
from daq.config.quantity import format_quantity
from daq.runs.files import Run, open_run
from daq.runs.names import run_names
from daq.runs.page import embedded
from instruments.errors import ColdpointError, one_line

Event = Mapping[str, Any]
_CONDITIONS = (
    ("Temperature (K)", "K", 0.05),
    ("Field (T)", "T", 2e-3),
    ("Angle (deg)", "deg", 0.5),
)
"""Column, unit, and by how much it may vary and still be told as one number."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """One run.

    Parameters
    ----------
    number
        In the campaign.
    file
        Name of its first CSV.
    procedure
        Its name.
    begun
        When, as the journal or the header tells.
    outcome
        How it ended.
    rows, bad, attempts
        How many.
    contact
        That was wired.
    settings, conditions, results
        In words.
    picture
        Source of an image; empty if it was not drawn.
    problem
        What is wrong with its files; empty as a rule.
    """

    number: int
    file: str
    procedure: str
    begun: str = ""
    outcome: str = ""
    rows: int = 0
    bad: int = 0
    attempts: int = 1
    contact: str = ""
    settings: str = ""
    conditions: str = ""
    results: str = ""
    picture: str = ""
    problem: str = ""


def shown_runs(folder: Path, events: Sequence[Event], pictures: int) -> tuple[ShownRun, ...]:
    """Return every run of a campaign.

    Parameters
    ----------
    folder
        Of the campaign.
    events
        Of its journal.
    pictures
        How many are drawn at most, spread over the runs.

    Returns
    -------
    tuple of ShownRun
        By number; those that only the journal knows too.
    """
    known = {name.number: name.procedure for name in reversed(run_names(folder))}
    lost = {
        event["run"]: event
        for event in events
        if event["event"] == "run begun" and isinstance(event.get("run"), int)
    }
    numbers = sorted(known.keys() | lost.keys())
    drawn = _spread(sorted(known), pictures)
    found = []
    for number in numbers:
        if number in known:
            found.append(_shown(folder, number, known[number], events, draw=number in drawn))
        else:
            file = str(lost[number].get("file", ""))
            problem = f"{file} is missing, and the journal says that it was begun"
            procedure = str(lost[number].get("procedure", ""))
            found.append(ShownRun(number, file, procedure, problem=problem))
    return tuple(found)


def _spread(numbers: Sequence[int], most: int) -> frozenset[int]:
    if len(numbers) <= most:
        return frozenset(numbers)
    places = np.linspace(0, len(numbers) - 1, max(0, most)).round().astype(int)
    return frozenset(numbers[place] for place in places)


def _shown(
    folder: Path, number: int, procedure: str, events: Sequence[Event], *, draw: bool
) -> ShownRun:
    """Return a run; what cannot be read of it is said."""
    shown = ShownRun(number, f"{number:04d}-{procedure}.csv", procedure)
    try:
        run = open_run(folder, number)
        shown = _from_header(shown, run)
        return _from_data(shown, run, events, draw=draw)
    except (ColdpointError, OSError, ValueError) as failure:
        return replace(shown, problem=one_line(failure))


def _from_header(shown: ShownRun, run: Run) -> ShownRun:
    told = run.metadata
    return replace(
        shown,
        file=run.path.name,
        procedure=run.procedure,
        begun=run.attempts[0].metadata.get("started", "")[:19].replace("T", " "),
        outcome=run.outcome,
        attempts=len(run.attempts),
        contact=told.get("contact", ""),
        settings=_settings(run),
    )


def _from_data(shown: ShownRun, run: Run, events: Sequence[Event], *, draw: bool) -> ShownRun:
    good = run.good_data
    torn = f"{run.torn} torn lines dropped" if run.torn else ""
    return replace(
        shown,
        rows=run.rows,
        bad=run.rows - len(good),
        conditions=", ".join(_conditions(run.data)),
        results=key_numbers(run.procedure, good),
        picture=embedded(picture_of(run, events)) if draw and run.rows > 1 else "",
        problem="; ".join(filter(None, (run.error, torn))),
    )


def _settings(run: Run) -> str:
    """Return the settings with their units, which the JSON knows and the header too."""
    said = run.document.get("settings")
    units = {
        key: setting.get("unit")
        for key, setting in (said.items() if isinstance(said, dict) else ())
        if isinstance(setting, dict)
    }
    return ", ".join(f"{key} {_value(v, units.get(key))}" for key, v in run.settings.items())


def _value(value: Any, unit: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(unit, str) and unit:
        return format_quantity(float(value), unit)
    return str(value)


def _conditions(data: pd.DataFrame) -> Iterator[str]:
    for name, unit, one in _CONDITIONS:
        if name not in data.columns:
            continue
        values = data[name].to_numpy(dtype=np.float64)
        values = values[np.isfinite(values)]
        if not len(values):
            continue
        low, high = float(np.min(values)), float(np.max(values))
        mean = float(np.mean(values))
        if high - low <= one + 0.01 * abs(mean):
            yield f"{0.0 if abs(mean) < 0.01 * one else mean:.4g} {unit}"
        else:
            yield f"{low:.4g} to {high:.4g} {unit}"
