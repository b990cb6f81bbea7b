"""A checked or rehearsed sequence, told to people and to scripts."""

import math
from datetime import timedelta
from typing import Any

from daq.campaign.closest_approach import Approach
from daq.campaign.prepared import Prepared
from daq.campaign.rehearsal_report import Course, Rehearsal
from daq.campaign.words import in_words
from daq.config.quantity import format_quantity
from instruments.limits import Limit

COURSE_POINTS = 1000
"""Most points of a course that are told."""


def listed(prepared: Prepared) -> list[str]:
    """Return the steps of a checked sequence as lines."""
    lines = [f"{prepared.sequence.title}, on station {prepared.station.name}"]
    for planned in prepared.steps:
        indent = "  " * len(planned.loops)
        lines.append(f"  {planned.index + 1:4d}  {indent}{in_words(planned.step)}")
    return [*lines, f"{len(prepared.steps)} steps, all within the limits"]


def plain_mapping(prepared: Prepared) -> dict[str, Any]:
    """Return a checked sequence as JSON can hold it."""
    steps = [{"index": s.index, "what": in_words(s.step)} for s in prepared.steps]
    return {"ok": True, "station": prepared.station.name, "steps": steps}


def rehearsed(found: Rehearsal, free: int) -> list[str]:
    """Return a rehearsal as lines.

    Parameters
    ----------
    found
        The rehearsal.
    free
        Bytes that are free where the data will be.

    Returns
    -------
    list of str
        To be printed.
    """
    lines = [
        f"{found.title}, on station {found.station}: rehearsed with {found.sample}, from"
        f" {found.begins}"
    ]
    if found.latencies:
        lines.append(found.latencies)
    for step in found.steps:
        indent = "  " * step.depth
        lines.append(f"  {step.index + 1:4d}  {duration(step.duration):>9}  {indent}{step.what}")
        if step.error:
            lines.append(f"        failed: {step.error}")
    lines += ["", f"{'limit':<18}{'reached':<20}{'of':<20}"]
    lines += [_limit_line(name, approach) for name, approach in found.limits.items()]
    lines += ["", *_needs(found, free)]
    lines += [f"note:     {text}" for text in found.warnings]
    if found.warming and found.confirmed:
        lines.append(f"confirmed: {found.warming}")
    return [*lines, _verdict(found, free)]


def as_mapping(found: Rehearsal, free: int) -> dict[str, Any]:
    """Return a rehearsal as JSON can hold it, in SI units.

    Parameters
    ----------
    found
        The rehearsal.
    free
        Bytes that are free where the data will be.

    Returns
    -------
    dict
        ``duration_s``, ``points``, ``steps``, ``limits``, ``course``, ``ok`` and more.
    """
    return {
        "ok": found.ok and found.size <= free,
        "title": found.title,
        "station": found.station,
        "sample": found.sample,
        "begins": found.begins,
        "latencies": found.latencies or "by the book",
        "duration_s": round(found.duration, 3),
        "points": found.points,
        "planned_steps": found.planned,
        "steps": [
            {
                "index": step.index,
                "what": step.what,
                "duration_s": round(step.duration, 3),
                "points": step.points,
                "error": step.error,
                "activities_s": {name: round(value, 3) for name, value in step.pace.items()},
            }
            for step in found.steps
        ],
        "limits": {name: _limit(approach) for name, approach in found.limits.items()},
        "broken_limits": list(found.broken_limits),
        "disk": {"needed_bytes": found.size, "free_bytes": free},
        "helium_percent_estimated": None if found.helium is None else round(found.helium, 2),
        "flagged_points": dict(found.flagged),
        "warnings": list(found.warnings),
        "needs_confirmation": found.warming,
        "error": found.error,
        "course": _course(found.course),
    }


def duration(seconds: float) -> str:
    """Return a time such as ``1:43:06``."""
    return str(timedelta(seconds=round(seconds)))


def _course(course: Course) -> dict[str, list[float | None]]:
    """Return where the sample was, with as many points as a picture needs."""
    every = max(1, math.ceil(course.time.size / COURSE_POINTS))
    columns = {
        "time_s": course.time - course.time[:1],
        "temperature_K": course.temperature,
        "field_T": course.field,
        "angle_deg": course.angle,
    }
    return {
        name: [round(value, 5) if math.isfinite(value) else None for value in column[::every]]
        for name, column in columns.items()
    }


def _limit(approach: Approach) -> dict[str, Any]:
    return {
        "limit": approach.limit,
        "reached": approach.reached,
        "fraction": round(approach.fraction, 6),
        "unit": approach.unit,
    }


def _limit_line(name: str, approach: Approach) -> str:
    reached = "-" if approach.reached is None else _shown(approach.reached, approach.unit)
    told = f"{name:<18}{reached:<20}{_shown(approach.limit, approach.unit):<20}"
    used = "" if approach.reached is None else f"{approach.fraction:6.1%}"
    return f"{told}{used}{'  BROKEN' if approach.broken else ''}".rstrip()


def _shown(value: Limit, unit: str) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:.4g} to {format_quantity(value[1], unit, 4)}"
    if unit == "T/s":
        return f"{1e4 * value:.4g} Oe/s"
    return format_quantity(value, unit, 4)


def _needs(found: Rehearsal, free: int) -> list[str]:
    lines = [
        f"duration: {duration(found.duration)}",
        f"points:   {found.points} in {len(found.runs)} runs",
        f"disk:     {found.size / 1e6:.2f} MB of {free / 1e9:.1f} GB free",
    ]
    if found.helium is not None:
        lines.append(f"helium:   {found.helium:.1f} % of the level (estimated)")
    if found.flagged:
        flags = ", ".join(f"{count} {name}" for name, count in found.flagged.items())
        lines.append(f"flagged:  {flags}")
    return lines


def _verdict(found: Rehearsal, free: int) -> str:
    if found.error:
        return f"NOT OK: it ends early: {found.error}"
    if found.broken_limits:
        return f"NOT OK: limits are broken: {', '.join(found.broken_limits)}"
    if found.failures:
        return f"NOT OK: {len(found.failures)} of {found.planned} steps fail and are skipped"
    if found.warming and not found.confirmed:
        return f"NOT OK: it needs --confirm-above: {found.warming}"
    if found.size > free:
        return "NOT OK: the disk is too small; free space or give another --data"
    return f"{found.planned} steps, all within the limits"
