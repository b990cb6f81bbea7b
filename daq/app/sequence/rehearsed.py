"""What a rehearsal in another process has told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daq.app.check_report import duration
from daq.config.problem import Place
from daq.config.quantity import format_quantity
from instruments.errors import ColdpointError
from instruments.limits import Limit

FloatArray = NDArray[np.float64]
ROWS = (("temperature", "K"), ("field", "T"), ("angle", "deg"))
"""What is drawn of the course, and in which unit it is told."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """How near the rehearsal came to a limit.

    Parameters
    ----------
    name
        Of the limit.
    reached, limit
        As text.
    used
        Share of the limit; 1 is all of it.
    broken
        Whether it was exceeded.
    """

    name: str
    reached: str
    limit: str
    used: float
    broken: bool


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal.

    Parameters
    ----------
    text
        What was rehearsed, verbatim.
    ok
        Whether it may be started.
    verdict
        Why not, or that it may, in one line.
    duration
        In s.
    durations
        Of every step in s, in the order of execution.
    facts
        Pairs of what and how much, in words.
    limits
        How near it came to each.
    warnings
        What was noticed.
    hours
        Of the course, shape (n,).
    course
        Temperature in K, field in T and angle in degrees by name, shape (n,) each.
    confirmation
        What a person has to confirm before it is started, in words; empty if nothing.
    """

    text: str
    ok: bool
    verdict: str
    duration: float
    durations: tuple[float, ...]
    facts: tuple[tuple[str, str], ...]
    limits: tuple[LimitRow, ...]
    warnings: tuple[str, ...]
    hours: FloatArray
    course: Mapping[str, FloatArray]
    confirmation: str = ""


def rehearsed(text: str, answer: str) -> Rehearsed:
    """Return what ``coldpoint check --json`` has printed.

    Parameters
    ----------
    text
        What was rehearsed.
    answer
        What was printed.

    Returns
    -------
    Rehearsed
        The rehearsal.

    Raises
    ------
    ColdpointError
        It is no rehearsal.
    """
    try:
        said: dict[str, Any] = json.loads(answer.strip().splitlines()[-1])
        course = said["course"]
        return Rehearsed(
            text=text,
            ok=bool(said["ok"]),
            verdict=_verdict(said),
            duration=float(said["duration_s"]),
            durations=tuple(float(step["duration_s"]) for step in said["steps"]),
            facts=tuple(_facts(said)),
            limits=tuple(_limit(said, name, row) for name, row in said["limits"].items()),
            warnings=tuple(said["warnings"]),
            hours=_numbers(course["time_s"]) / 3600.0,
            course={name: _numbers(course[f"{name}_{unit}"]) for name, unit in ROWS},
            confirmation=str(said["needs_confirmation"]),
        )
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise ColdpointError(
            f"rehearsal: found no answer ({type(problem).__name__}); rehearse again"
        ) from None


def step_times(
    durations: tuple[float, ...], places: Mapping[Place, list[int]]
) -> dict[Place, float]:
    """Return how long each step of a file takes, all its rounds together.

    Parameters
    ----------
    durations
        Of every step in s, in the order of execution.
    places
        When each is carried out; see `execution`.

    Returns
    -------
    dict
        Seconds by place.
    """
    known = len(durations)
    return {
        place: sum(durations[index] for index in indices if index < known)
        for place, indices in places.items()
    }


def _numbers(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _verdict(said: Mapping[str, Any]) -> str:
    failed = [step for step in said["steps"] if step["error"]]
    if said["error"]:
        return f"It ends early: {said['error']}"
    if said["broken_limits"]:
        return f"Limits are broken: {', '.join(said['broken_limits'])}"
    if failed:
        return f"{len(failed)} of {said['planned_steps']} steps fail: {failed[0]['error']}"
    if not said["ok"]:
        return "The disk is too small; free space or choose another folder"
    if said["needs_confirmation"]:
        return (
            f"{said['planned_steps']} steps, within the limits. To be confirmed at the start:"
            f" {said['needs_confirmation']}"
        )
    return f"{said['planned_steps']} steps, all within the limits"


def _facts(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    needed, free = said["disk"]["needed_bytes"], said["disk"]["free_bytes"]
    facts = [
        ("Duration", duration(said["duration_s"])),
        ("Points", str(said["points"])),
        ("Disk", f"{needed / 1e6:.2f} MB of {free / 1e9:.0f} GB"),
        ("Station", f"{said['station']}, rehearsed with {said['sample']}"),
        ("Begins", said["begins"]),
    ]
    if said["helium_percent_estimated"] is not None:
        facts.append(("Helium", f"{said['helium_percent_estimated']} % of the level (estimated)"))
    if said["flagged_points"]:
        flags = (f"{count} {name}" for name, count in said["flagged_points"].items())
        facts.append(("Flagged", ", ".join(flags)))
    return facts


def _limit(said: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> LimitRow:
    fraction = float(row["fraction"])
    reached = "-" if row["reached"] is None else _shown(row["reached"], row["unit"])
    limit = _shown(row["limit"], row["unit"])
    broken = name in said["broken_limits"]
    return LimitRow(name.replace("_", " "), reached, limit, fraction, broken)


def _shown(value: Limit | list[float], unit: str) -> str:
    if isinstance(value, list | tuple):
        return f"{value[0]:.4g} to {format_quantity(value[1], unit, 4)}"
    return f"{1e4 * value:.4g} Oe/s" if unit == "T/s" else format_quantity(value, unit, 4)
